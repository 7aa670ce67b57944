/** What every command does that asks at a terminal. */
import { assertEquals } from "@std/assert";
import { command as join } from "../../commands/join.ts";
import { command as key } from "../../commands/key.ts";
import { command as register } from "../../commands/register.ts";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import type { Command } from "../../lib/cli/command.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { run } from "./run_command.ts";

const KEY = "k".repeat(43);

for (
  const [what, command, args, typed] of [
    ["the name", join, [], "9x\ralice\r"],
    ["the key", key, ["import", "alice"], `${KEY}\r`],
    ["a new passphrase", register, ["alice", "--passphrase"], "open sesame\ropen sesame\r"],
    ["the passphrase of before", register, ["alice", "--change"], "open sesame\r"],
    ["yes or no", key, ["forget", "alice"], "yes\r"],
  ] satisfies [string, Command, string[], string][]
) {
  Deno.test(`where ${what} is asked: what is typed after the answer is left to the shell`, () =>
    withTempDir(async (home) => {
      const env = { XDG_CONFIG_HOME: home };
      const server = ["--server", "127.0.0.1:1"];
      if (what === "yes or no") await run(key, ["import", "alice", ...server], { env, stdin: KEY });
      let wasRead = false;
      const keys = new ReadableStream<Uint8Array<ArrayBuffer>>({
        start: (controller) => controller.enqueue(encodeUtf8(typed)),
        pull: () => void (wasRead = true),
      }, { highWaterMark: 0 });
      const { code, err } = await run(command, [...args, ...server], { env, typed: keys, terminal: true });
      assertEquals([wasRead, keys.locked, code], [false, false, command === key ? 0 : 69], err);
    }));
}

/** A signal while a server is silent ends a command at once, with its exit code: nobody waits for the answer. */
import { assertEquals } from "@std/assert";
import { command as list } from "../../commands/list.ts";
import { command as logs } from "../../commands/logs.ts";
import { command as register } from "../../commands/register.ts";
import { command as send } from "../../commands/send.ts";
import { command as unregister } from "../../commands/unregister.ts";
import type { Command } from "../../lib/cli/command.ts";
import { FakeIo } from "../cli/fake_io.ts";
import { FakeServer, OUR_CAPS } from "../client/fake_server.ts";
import { withTempDir } from "../support/temp_dir.ts";

const CAPS = [...OUR_CAPS, "draft/account-registration"];

for (
  const [command, args, asked] of [
    [logs, [], /CHATHISTORY/],
    [logs, ["--follow"], /FOLLOW/],
    [list, [], /WHO/],
    [list, ["--watch"], /WHO/],
    [send, ["bob", "hi"], /PRIVMSG/],
    [send, ["bob", "hi", "--retry", "1m"], /PRIVMSG/],
    [register, ["alice"], /REGISTER/],
    [unregister, ["alice", "--yes"], /UNREGISTER/],
  ] satisfies [Command, string[], RegExp][]
) {
  for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    Deno.test(`${[command.name, ...args].join(" ")}: ${signal} while the server is silent: ${code}`, () =>
      withTempDir(async (home) => {
        const env = { XDG_CONFIG_HOME: home, XDG_STATE_HOME: home, USER: "tester" };
        let parting: string[] = [];
        {
          const io = new FakeIo({ env, stdin: "" });
          await using server = new FakeServer(async (peer) => {
            await peer.welcome(CAPS);
            await peer.until(asked);
            const before = peer.heard.length;
            io.interrupt(signal);
            await peer.gone();
            parting = peer.heard.slice(before);
          });
          if (command === unregister) {
            await Deno.mkdir(`${home}/chatterbox/keys/localhost_${server.port}`, { recursive: true });
            const key = `${home}/chatterbox/keys/localhost_${server.port}/alice`;
            await Deno.writeTextFile(key, `${"k".repeat(43)}\n`, { mode: 0o600 });
          }
          const outcome = await server.run(command.run([...args, "--server", server.url], io));
          await io.flush();
          assertEquals([outcome, io.out], [code, ""], io.err);
        }
        // Who waited for the answer would say goodbye then.
        if (!args.includes("--watch") && !args.includes("--follow")) assertEquals(parting, []);
      }));
  }
}

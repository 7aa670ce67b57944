/** Files that are named on the command line, or are ours: a secret that others can reach is refused, one without end is not read. */
import { assertEquals, assertMatch } from "@std/assert";
import { command as join } from "../../commands/join.ts";
import { command as key } from "../../commands/key.ts";
import { command as list } from "../../commands/list.ts";
import { command as logs } from "../../commands/logs.ts";
import { command as register } from "../../commands/register.ts";
import { command as send } from "../../commands/send.ts";
import { command as serve } from "../../commands/serve.ts";
import { command as token } from "../../commands/token.ts";
import { command as unregister } from "../../commands/unregister.ts";
import type { Command } from "../../lib/cli/command.ts";
import { selfSigned } from "../support/certificates.ts";
import { FakeIo } from "../cli/fake_io.ts";
import { POSIX } from "../support/test.ts";
import { program, programTest } from "./program.ts";

/** Nothing listens there. */
const SERVER = ["--server", "irc://127.0.0.1:1"];
const KEY = "k".repeat(43);

async function run(
  command: Command,
  args: readonly string[],
  home: string,
): Promise<{ code: number; err: string }> {
  const io = new FakeIo({ env: { XDG_CONFIG_HOME: home, XDG_STATE_HOME: home, USER: "tester" } });
  const code = await command.run([...args], io);
  await io.flush();
  return { code, err: io.err };
}

/** A file that all may read. */
async function exposed(path: string, text: string): Promise<string> {
  await Deno.writeTextFile(path, text);
  await Deno.chmod(path, 0o644);
  return path;
}

async function assertRefused(
  command: Command,
  args: readonly string[],
  home: string,
  path: string,
): Promise<void> {
  const { code, err } = await run(command, args, home);
  assertEquals(code, 78, `${command.name} ${args.join(" ")}: ${err}`);
  assertMatch(err, /other users can read or change it \(mode 0644\); to protect it: chmod 600 /);
  assertEquals(err.includes(path), true, err);
}

programTest(
  "exposed files: a password that others can read is refused by every command, with what to do",
  POSIX,
  async (home) => {
    const path = await exposed(`${home}/pw`, "sesame 1\n");
    const flags = [...SERVER, "--password-file", path];
    await assertRefused(send, ["bob", "hi", ...flags], home, path);
    for (const command of [join, list, logs]) await assertRefused(command, flags, home, path);
    for (const command of [register, unregister]) {
      await assertRefused(command, ["alice", ...flags], home, path);
    }
    await assertRefused(token, ["list", "--name", "alice", ...flags], home, path);
    await assertRefused(
      serve,
      ["--listen", "127.0.0.1:0", "--data-dir", `${home}/data`, "--password-file", path],
      home,
      path,
    );
    const passphrase = [...SERVER, "--passphrase-file", path];
    await assertRefused(send, ["bob", "hi", ...passphrase], home, path);
    await assertRefused(register, ["alice", ...passphrase], home, path);
  },
);

programTest(
  "exposed files: a password in config.json counts; a config.json without one may be read",
  POSIX,
  async (home) => {
    await Deno.mkdir(`${home}/chatterbox`);
    const path = await exposed(`${home}/chatterbox/config.json`, '{"password": "sesame"}');
    await assertRefused(send, ["bob", "hi", ...SERVER], home, path);
    await exposed(path, '{"name": "carol"}');
    assertEquals((await run(send, ["bob", "hi", ...SERVER], home)).code, 69);
  },
);

programTest(
  "exposed files: a key that others can read is not used; it can be forgotten, and its path is shown",
  POSIX,
  async (home) => {
    const folder = `${home}/chatterbox/keys/127.0.0.1_1`.replace("127.0.0.1", "localhost");
    await Deno.mkdir(folder, { recursive: true });
    const path = await exposed(`${folder}/alice`, KEY + "\n");
    await assertRefused(send, ["bob", "hi", "--from", "alice", ...SERVER], home, path);
    await assertRefused(key, ["show", "alice", ...SERVER], home, path);
    await assertRefused(key, ["export", "alice", ...SERVER], home, path);
    const brought = await exposed(`${home}/brought`, KEY + "\n");
    await assertRefused(key, ["import", "carol", brought, ...SERVER], home, brought);
    assertEquals((await run(key, ["forget", "alice", "--yes", ...SERVER], home)).code, 0);
    assertEquals(await Deno.stat(path).catch((error: Error) => error.name), "NotFound");
  },
);

programTest("exposed files: a TLS key that others can read is refused", POSIX, async (home) => {
  const { cert, key } = await selfSigned();
  await Deno.writeTextFile(`${home}/cert`, cert);
  const path = await exposed(`${home}/key`, key);
  const flags = [
    "--tls",
    "127.0.0.1:0",
    "--tls-cert",
    `${home}/cert`,
    "--tls-key",
    path,
    "--data-dir",
    `${home}/data`,
  ];
  await assertRefused(serve, flags, home, path);
});

programTest(
  "exposed files: a device without end in the place of any file is told to be too large",
  POSIX,
  async (home) => {
    const data = ["--listen", "127.0.0.1:0", "--data-dir", `${home}/data`];
    const cases: (readonly [Command, string[], number])[] = [
      [serve, ["--motd-file", "/dev/zero", ...data], 74],
      [serve, ["--config", "/dev/zero", ...data], 78],
      [serve, ["--password-file", "/dev/zero", ...data], 78],
      [serve, ["--tls", "127.0.0.1:0", "--tls-cert", "/dev/zero", "--tls-key", "/dev/zero", ...data], 74],
      [send, ["bob", "hi", "--password-file", "/dev/zero", ...SERVER], 78],
      [send, ["bob", "hi", "--passphrase-file", "/dev/zero", ...SERVER], 78],
      [send, ["bob", "hi", "--server", "ircs://127.0.0.1:1", "--ca", "/dev/zero"], 78],
      [key, ["import", "alice", "/dev/zero", ...SERVER], 74],
      [logs, ["--file", "/dev/zero"], 74],
      [logs, ["--verify", "--file", "/dev/zero"], 74],
    ];
    for (const [command, args, expected] of cases) {
      const { code, err } = await run(command, args, home);
      assertEquals(code, expected, `${command.name} ${args.join(" ")}: ${err}`);
      assertMatch(err, /larger than \d+ bytes|too long for one secret|not a regular file/);
    }
  },
);

programTest(
  "exposed files: a key that is printed into a file that others can read is warned of",
  POSIX,
  async (home) => {
    const given = `${home}/given`;
    await Deno.writeTextFile(given, `${KEY}\n`, { mode: 0o600 });
    assertEquals((await program(["key", "import", "alice", given], home)).code, 0);
    const exportInto = (file: string, umask: string, ...args: readonly string[]) =>
      program(["key", ...args], home, { within: ["sh", "-c", `umask ${umask}; exec "$@" >"$0"`, file] });
    const warning = "chatterbox: other users can read the key in that file (mode 0644): " +
      "chmod 600 it, or write it after umask 077\n";
    const open = `${home}/open`;
    assertEquals(await exportInto(open, "022", "export", "alice"), { code: 0, out: "", err: warning });
    assertEquals(await Deno.readTextFile(open), `${KEY}\n`);
    assertEquals((await exportInto(open, "022", "show", "alice", "--secret")).err, warning);
    assertEquals((await exportInto(open, "022", "show", "alice")).err, "");
    assertEquals((await exportInto(`${home}/own`, "077", "export", "alice")).err, "");
    assertEquals((await program(["key", "export", "alice"], home)).err, "", "a pipe");
  },
);

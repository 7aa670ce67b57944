/** What client commands ask at a terminal while they connect: the server's password, and a certificate that is not known. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { command as join } from "../../commands/join.ts";
import { command as list } from "../../commands/list.ts";
import { command as logs } from "../../commands/logs.ts";
import { command as send } from "../../commands/send.ts";
import { command as token } from "../../commands/token.ts";
import type { Command } from "../../lib/cli/command.ts";
import { FakeServer } from "../client/fake_server.ts";
import type { Peer } from "../client/fake_server.ts";
import { selfSigned } from "../support/certificates.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { needs } from "../tools.ts";
import { program, programTest, Server } from "./program.ts";
import { Pty } from "./pty.ts";
import { run } from "./run_command.ts";

const KEY = "k".repeat(43);
const TERMINAL = { columns: 100, rows: 30 };

/** A server that wants the password "sesame". `passwords`: those that it was sent. */
async function askForPassword(peer: Peer, passwords: string[]): Promise<void> {
  await peer.until(/^USER/);
  const sent = peer.heard.find((line) => line.startsWith("PASS ")) ?? "PASS";
  passwords.push(sent);
  if (sent !== "PASS sesame") return await peer.send(":fake 464 * :Password incorrect");
  await peer.send("ERROR :Closing Link: enough");
}

for (
  const [name, command, args] of [
    ["list", list, []],
    ["list --watch", list, ["--watch"]],
    ["logs", logs, []],
    ["logs -f", logs, ["-f"]],
    ["send", send, ["#tea", "hello", "--from", "alice"]],
    ["token", token, ["list", "--name", "alice"]],
  ] satisfies [string, Command, string[]][]
) {
  Deno.test(`${name} at a terminal asks for the server's password, and in a script it is an error`, () =>
    withTempDir(async (home) => {
      const passwords: string[] = [];
      await using server = new FakeServer((peer) => askForPassword(peer, passwords));
      const all = [...args, "--server", server.url];
      const env = { CHATTERBOX_KEY: command === token ? KEY : "", XDG_CONFIG_HOME: home, PAGER: "cat" };
      const typed = "guess\r";
      const asked = await server.run(run(command, all, { typed, terminal: true, env }));
      assertStringIncludes(asked.out, `127.0.0.1:${server.port} asks for a password\n`);
      assertEquals(passwords.slice(0, 2), ["PASS", "PASS guess"]);
      assertStringIncludes(asked.out, `wrong password for 127.0.0.1:${server.port}\n`);
      assertEquals([asked.code, /guess/.test(asked.out)], [77, false], "there is no second answer");
      const count = passwords.length;
      const script = await server.run(run(command, all, { stdin: "", env }));
      assertEquals([script.code, script.out, passwords.length], [77, "", count + 1]);
      assertMatch(
        script.err,
        /requires a password: give it with --password-file FILE or CHATTERBOX_PASSWORD/,
      );
    }));
}

Deno.test("join --plain asks nothing, also at a terminal", async () => {
  const passwords: string[] = [];
  await using server = new FakeServer((peer) => askForPassword(peer, passwords));
  const args = ["alice", "--plain", "--server", server.url];
  const { code, out, err } = await server.run(run(join, args, { typed: "guess\r", terminal: true }));
  assertEquals([code, out, passwords], [77, "", ["PASS"]]);
  assertMatch(err, /requires a password: give it with --password-file FILE or CHATTERBOX_PASSWORD/);
});

Deno.test("send --quiet asks and prints nothing, also at a terminal", async () => {
  const passwords: string[] = [];
  await using server = new FakeServer((peer) => askForPassword(peer, passwords));
  const args = ["#lobby", "hi", "--quiet", "--from", "alice", "--server", server.url];
  const sent = await server.run(run(send, args, { typed: "guess\r", terminal: true }));
  assertEquals([sent, passwords], [{ code: 77, out: "", err: "" }, ["PASS"]]);
});

/** At a terminal, with a configuration folder that is `server`'s. */
function atTerminal(server: Server, args: string[], url = server.url): Pty {
  const env = { XDG_CONFIG_HOME: server.home, XDG_STATE_HOME: server.home, USER: "tester", NO_COLOR: "1" };
  return new Pty([...args, "--server", url], env, undefined, TERMINAL);
}

const QUESTION = "? Password of ";

programTest(
  "the server's password at a real terminal: not shown, asked again, and once for all connections of a command",
  needs("script"),
  async (home) => {
    await Deno.writeTextFile(`${home}/password`, "sesame\n", { mode: 0o600 });
    await using server = await Server.start(home, "--password-file", `${home}/password`);
    await using register = atTerminal(server, ["register", "alice"]);
    await register.shows((lines) => lines.some((line) => line.startsWith(QUESTION)));
    register.press("guess\r");
    await register.shows((lines) =>
      lines.some((line) => line.startsWith("wrong password")) &&
      lines.some((line) => line.startsWith(QUESTION))
    );
    register.press("sesame\r");
    await register.line(/^alice is yours on /);
    assertEquals([await register.end(), /guess|sesame/.test(register.raw)], [
      { code: 0, restored: true },
      false,
    ]);

    await using sent = atTerminal(server, ["send", "#lobby", "hello", "--from", "alice"]);
    await sent.shows((lines) => lines.some((line) => line.startsWith(QUESTION)));
    sent.press("sesame\r");
    assertEquals(await sent.end(), { code: 0, restored: true });

    await using shown = atTerminal(server, ["logs"]);
    await shown.shows((lines) => lines.some((line) => line.startsWith(QUESTION)));
    shown.press("sesame\r");
    await shown.line(/ alice: hello$/);
    assertEquals(await shown.end(), { code: 0, restored: true });

    await using gone = atTerminal(server, ["list"]);
    await gone.shows((lines) => lines.some((line) => line.startsWith(QUESTION)));
    gone.press("\x03");
    assertEquals(await gone.end(), { code: 130, restored: true });

    // The password, then the confirmation.
    await using ended = atTerminal(server, ["unregister", "alice"]);
    await ended.shows((lines) => lines.some((line) => line.startsWith(QUESTION)));
    ended.press("sesame\r");
    await ended.shows((lines) => lines.some((line) => line.startsWith("? Delete the account alice")));
    ended.press("yes\r");
    await ended.line(/^alice is free on /);
    assertEquals(await ended.end(), { code: 0, restored: true });
  },
);

programTest(
  "a certificate that is not known: asked at a terminal, with the fingerprint in full; no answer is no",
  needs("script"),
  async (home) => {
    const identity = await selfSigned();
    const said: string[] = [];
    await using server = new FakeServer(async (peer) => {
      const line = await peer.next();
      if (line === undefined) return;
      said.push(line);
      await peer.send("ERROR :Closing Link: enough");
    }, identity);
    const url = `ircs://127.0.0.1:${server.port}`;
    const env = { XDG_CONFIG_HOME: home, XDG_STATE_HOME: home, USER: "tester", NO_COLOR: "1" };
    const args = ["list", "--server", url];
    const ask = () => new Pty(args, env, undefined, TERMINAL);
    const asks = "? Accept it, now and from now on? (y/N)";
    for (const [answer, code] of [["\r", 77], ["no\r", 77], ["\x04", 77], ["\x03", 130]] as const) {
      await using pty = ask();
      await pty.shows((lines) => lines.some((line) => line.startsWith(asks)));
      assertMatch(pty.raw, /^ircs:\/\/\S+ is not known here, and no authority vouches for its certificate/m);
      assertMatch(pty.raw, /^SHA256:(?:[0-9A-F]{2}:){31}[0-9A-F]{2}\r?$/m);
      pty.press(answer);
      assertEquals(await pty.end(), { code, restored: true }, JSON.stringify(answer));
    }
    const script = await program(args, home);
    assertEquals([script.code, said], [77, []], "nothing was said to that server");
    await using pty = ask();
    await pty.shows((lines) => lines.some((line) => line.startsWith(asks)));
    pty.press("yes\r");
    assertEquals(await pty.end(), { code: 77, restored: true });
    assertEquals(said.length, 1);
    await pty.line(/closed the connection: /);
    const [pin = ""] = Array.from(Deno.readDirSync(`${home}/chatterbox/pins`), ({ name }) => name);
    assertMatch(Deno.readTextFileSync(`${home}/chatterbox/pins/${pin}`), /^SHA256:(?:[0-9A-F]{2}:?){32}\n$/);
    assertEquals((await program(args, home)).code, 77, "the server's own refusal");
    assertEquals(said.length, 2);
  },
);

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { command as join } from "../../commands/join.ts";
import { command as send } from "../../commands/send.ts";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { FakeServer } from "../client/fake_server.ts";
import { runServer } from "../support/chat_server.ts";
import { comesTrue, endOf, inTime } from "../support/guard.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { needs } from "../tools.ts";
import { linesOf, program, Server, start } from "./program.ts";
import { Pty, TELLING_PID, tellingCode } from "./pty.ts";
import { run } from "./run_command.ts";

/** A terminal for `args`, on `server`, with a configuration of its own (and so another person than elsewhere). */
function terminal(server: Server, person: string, ...args: string[]): Pty {
  return new Pty(["join", ...args, "--server", server.url], {
    XDG_CONFIG_HOME: `${server.home}/${person}`,
    XDG_STATE_HOME: `${server.home}/${person}`,
    USER: person,
  });
}

/** The line on which one types. */
const typing = (line: string) => (lines: string[]) => lines.at(-1) === line;

/** A row at a terminal, with its time or without. */
const said = (text: string) => new RegExp(`^(?:\\d\\d:\\d\\d| {5}) {2}${text}$`);

Deno.test({
  name: "join at a terminal: a message that arrives leaves the half-typed line alone",
  ...needs("script"),
  async fn() {
    await using server = await Server.start();
    await using alice = terminal(server, "alice", "alice");
    await alice.line(/··· 1 person in #lobby: alice$/);
    const half = "a line that is half typed, long enough for a second row of it";
    alice.press(half + "\x1b[D\x1b[D");
    // Two rows: the second one is indented as far as the prompt.
    const rows = ["#lobby> a line that is half typed, long enough for a second", "        row of it"];
    await alice.shows((lines) => lines.slice(-2).join() === rows.join());
    const script = await program(["join", "bob", "--server", server.url], `${server.home}/bob`, {
      stdin: "from a script\n",
    });
    assertEquals(script.code, 0);
    await alice.line(said("··· bob left"));
    await alice.shows((lines) => lines.slice(-2).join() === rows.join());
    alice.press("X\r");
    await alice.line(said("alice  a line that is half typed, long enough for a"));
    const lines = await alice.shows((lines) =>
      lines.at(-2) === "           second row of Xit" && typing("#lobby>")(lines)
    );
    assertEquals(lines.filter((line) => said("bob  from a script").test(line)).length, 1);
    assertEquals(lines.filter((line) => line.startsWith("#lobby>")), ["#lobby>"]);
    alice.press("\x04");
    assertEquals(await alice.end(), { code: 0, restored: true });
  },
});

Deno.test({
  name: "join at a terminal: asks for the name, and again when it is taken; Ctrl-C gives the terminal back",
  ...needs("script"),
  async fn() {
    await using server = await Server.start();
    await using alice = terminal(server, "alice", "alice");
    await alice.line(/··· 1 person in #lobby: alice$/);
    await using bob = terminal(server, "bob");
    await bob.shows(typing("? Your name (bob)"));
    bob.press("alice\r");
    await bob.shows(typing("? Passphrase of alice (Enter: choose another name)"));
    await bob.shows((lines) => lines.join(" ").includes("the name alice is registered on"));
    bob.press("\r");
    await bob.shows(typing("? Your name"));
    bob.press("bob\r");
    await bob.line(/··· 2 people in #lobby: alice, bob$/);
    bob.press("ali\t");
    await bob.shows(typing("#lobby> alice:"));
    bob.press("hi\r/me waves\r/msg alice psst\r");
    for (const line of ["bob  >>> alice: hi", "\\* bob waves"]) await alice.line(said(line));
    await alice.shows(typing("#lobby [@bob 1!]>"));
    await bob.line(said("\\[bob -> alice\\] psst"));
    bob.press("\x1b[A\x1b[A\x1b[A");
    await bob.shows(typing("#lobby> alice: hi"));
    bob.press("\x03");
    await bob.shows(typing("#lobby>"));
    bob.press("\x03");
    await bob.shows(typing("Ctrl-C again leaves"));
    bob.press("\x03");
    assertEquals(await bob.end(), { code: 130, restored: true });
    alice.press("/quit\r");
    assertEquals(await alice.end(), { code: 0, restored: true });
  },
});

/** A server that asks for a password, which is "sesame". */
async function passwordServer(): Promise<Server> {
  const home = await Deno.makeTempDir();
  await Deno.writeTextFile(`${home}/password`, "sesame\n", { mode: 0o600 });
  return await Server.start(home, "--password-file", `${home}/password`);
}

Deno.test({
  name: "join at a terminal: the server's password is asked for, unseen, and again when it is wrong",
  ...needs("script"),
  async fn() {
    await using server = await passwordServer();
    const where = server.url.replace("irc://", "");
    await using alice = terminal(server, "alice", "alice");
    await alice.shows((lines) =>
      lines.includes(`${where} asks for a password`) && typing(`? Password of ${where}`)(lines)
    );
    alice.press("guess\r");
    await alice.shows((lines) =>
      lines.includes(`wrong password for ${where}`) && typing(`? Password of ${where}`)(lines)
    );
    alice.press("sesame\r");
    await alice.line(/··· 1 person in #lobby: alice$/);
    assertEquals(/guess|sesame/.test(alice.raw), false);
    alice.press("/quit\r");
    assertEquals(await alice.end(), { code: 0, restored: true });
    await using bob = terminal(server, "bob", "bob");
    await bob.shows(typing(`? Password of ${where}`));
    bob.press("\x03");
    assertEquals(await bob.end(), { code: 130, restored: true });
    await using carol = terminal(server, "carol", "carol");
    await carol.shows(typing(`? Password of ${where}`));
    carol.press("\x04");
    assertEquals(await carol.end(), { code: 77, restored: true });
  },
});

Deno.test("join at a terminal: a password that is pasted with its newline is asked for again, not sent", async () => {
  const said: string[] = [];
  await using server = new FakeServer(async (peer) => {
    await peer.until(/^USER/);
    said.push(...peer.heard.filter((line) => line.startsWith("PASS")));
    await peer.send(":fake 464 * :Password incorrect");
  });
  const typed = "\x1b[200~sesame\n\x1b[201~\rsesame\r\x03";
  const args = ["alice", "--server", server.url];
  const { code, out } = await server.run(run(join, args, { typed, terminal: true }));
  assertEquals([code, said], [130, ["PASS sesame"]]);
  assertStringIncludes(out, "> A password is one line.");
});

Deno.test({
  name: "without a terminal a password that is missing, and one that is wrong, are 77, each with its words",
  async fn() {
    await using server = await passwordServer();
    for (const args of [["join", "bot"], ["send", "#lobby", "hi"], ["list"], ["logs"], ["logs", "-f"]]) {
      const run = (password: string) =>
        program([...args, "--server", server.url], `${server.home}/bot`, {
          stdin: "",
          env: { CHATTERBOX_PASSWORD: password },
        });
      const missing = await run("");
      assertEquals([missing.code, missing.out], [77, ""], args.join(" "));
      assertMatch(missing.err, /^chatterbox: \S+ requires a password: give it with --password-file FILE or /);
      const wrong = await run("open");
      assertEquals([wrong.code, wrong.out], [77, ""], args.join(" "));
      assertMatch(wrong.err, /^chatterbox: \S+ does not accept the password \(/);
    }
  },
});

Deno.test({
  name: "join at a terminal: SIGHUP, SIGQUIT and SIGTERM give the terminal back, too",
  ...needs("script"),
  async fn() {
    await using server = await Server.start();
    for (const [signal, code] of [["SIGHUP", 129], ["SIGQUIT", 131], ["SIGTERM", 143]] as const) {
      const folder = `${server.home}/alice`;
      const env = { XDG_CONFIG_HOME: folder, XDG_STATE_HOME: folder };
      await using alice = new Pty(["join", "alice", "--server", server.url], env, TELLING_PID);
      await alice.line(/··· 1 person in #lobby: alice$/);
      await alice.signal(signal);
      assertEquals(await alice.end(), { code, restored: true }, signal);
    }
  },
});

Deno.test({
  name: "a terminal that is closed ends the chat and a question: 129",
  ...needs("script"),
  async fn() {
    await using server = await Server.start();
    const runs = [["chat", "alice", /··· 1 person in #lobby: alice$/], [
      "question",
      "",
      /^\? Your name/,
    ]] as const;
    for (const [what, name, line] of runs) {
      const folder = `${server.home}/${what}`;
      const env = { XDG_CONFIG_HOME: folder, XDG_STATE_HOME: folder };
      const args = ["join", ...name === "" ? [] : [name], "--server", server.url];
      await using pty = new Pty(args, env, tellingCode(`${server.home}/${what}.code`));
      await pty.line(line);
      await pty.closeTerminal();
      const code = await comesTrue(`the exit code of the ${what}`, () => {
        const file = `${server.home}/${what}.code`;
        return Deno.readTextFile(file).then((text) => text === "" ? false : text, () => false as const);
      });
      assertEquals(code, "129\n", what);
    }
  },
});

Deno.test({
  name: "a signal at a question gives the terminal back, whatever asks: 129, 131, 143",
  ...needs("script"),
  fn: () =>
    withTempDir(async (home) => {
      const env = { XDG_CONFIG_HOME: home, XDG_STATE_HOME: home };
      const questions = [["SIGHUP", 129, ["join"], "? Your name ("], [
        "SIGTERM",
        143,
        ["join"],
        "? Your name (",
      ], [
        "SIGQUIT",
        131,
        ["key", "import", "alice"],
        "? Key of alice",
      ], ["SIGTERM", 143, ["register", "alice", "--passphrase"], "? New passphrase of alice on "]] as const;
      for (const [signal, code, args, question] of questions) {
        await using pty = new Pty([...args, "--server", "127.0.0.1:1"], env, TELLING_PID);
        await pty.shows((lines) => lines.at(-1)?.startsWith(question) === true);
        await pty.signal(signal);
        assertEquals(await pty.end(), { code, restored: true }, `${signal} at ${question}`);
      }
    }),
});

Deno.test({
  name: "join at a terminal: a server that was killed and comes back finds what was typed meanwhile",
  ...needs("script"),
  async fn() {
    const home = await Deno.makeTempDir();
    const flags = ["--unix", `${home}/socket`];
    const first = await Server.start(home, ...flags);
    await using alice = new Pty(["join", "alice", "--server", `unix:${home}/socket`], {
      XDG_CONFIG_HOME: `${home}/alice`,
      XDG_STATE_HOME: `${home}/alice`,
    });
    await alice.line(/··· 1 person in #lobby: alice$/);
    alice.press("before\r");
    await alice.line(said("alice  before"));
    await first.stop("SIGKILL");
    await alice.line(/^#lobby \[reconnecting \(1 s\)\]>$/);
    alice.press("kept 1\rkept 2\r");
    await alice.line(said("··· queued for #lobby until connected: kept 2"));
    await alice.line(/^#lobby \[(?:connecting…|reconnecting \(\d+ s\)), 2 unsent\]>$/);
    await using _second = await Server.start(home, ...flags);
    const lines = await alice.line(said("alice  kept 2"));
    assertEquals(lines.map((line) => line.slice(7)).filter((line) => line.startsWith("alice  ")), [
      "alice  before",
      "alice  kept 1",
      "alice  kept 2",
    ]);
  },
});

Deno.test({
  name: "join at a terminal: what was typed and not sent outlives a kill of the program, and is said once",
  ...needs("script"),
  async fn() {
    const home = await Deno.makeTempDir();
    const flags = ["--unix", `${home}/socket`];
    const env = { XDG_CONFIG_HOME: `${home}/alice`, XDG_STATE_HOME: `${home}/alice` };
    const args = ["join", "alice", "--server", `unix:${home}/socket`];
    const first = await Server.start(home, ...flags);
    {
      await using alice = new Pty(args, env, TELLING_PID);
      await alice.line(/··· 1 person in #lobby: alice$/);
      alice.press("before\r");
      await alice.line(said("alice  before"));
      await first.stop("SIGKILL");
      await alice.line(/^#lobby \[reconnecting/);
      alice.press("kept 1\r/me keeps 2\r");
      await alice.line(said("··· queued for #lobby until connected: keeps 2"));
      await alice.signal("SIGKILL");
      await alice.line(/\[code 137\]$/);
    }
    await using _second = await Server.start(home, ...flags);
    await using alice = new Pty(args, env);
    const lines = await alice.line(said("\\* alice keeps 2"));
    assertEquals(lines.filter((line) => /last time|kept|keeps/.test(line)).map((line) => line.slice(7)), [
      "··· 2 messages were not sent last time; sending them",
      "alice  kept 1",
      "* alice keeps 2",
    ]);
    await _second.stop("SIGKILL");
    await alice.line(/^#lobby \[reconnecting/);
    alice.press("for tomorrow\r/quit\r");
    assertEquals(await alice.end(), { code: 75, restored: true });
    assertMatch(
      alice.raw,
      /1 of your messages was not sent; it is kept, and sent the next time you join as alice/,
    );
    await using again = new Pty(args, env);
    assertEquals((await again.end()).code, 69);
    assertMatch(
      again.raw,
      /is a server running\?[^]*\nchatterbox: 1 message is kept, and is sent when you join the/,
    );
  },
});

Deno.test({
  name: "join at a terminal: where nothing can be kept, that is said, and one can talk",
  ...needs("script"),
  async fn() {
    await using server = await Server.start();
    await using alice = new Pty(["join", "alice", "--server", server.url], {
      XDG_CONFIG_HOME: `${server.home}/alice`,
      XDG_STATE_HOME: server.logFile, // no folder
    });
    await alice.line(/··· 1 person in #lobby: alice$/);
    assertMatch(alice.raw, /chatterbox: unsent messages will not outlive this run: .*: /);
    alice.press("hello\r");
    await alice.line(said("alice  hello"));
    assertEquals(alice.raw.includes("!!!"), false);
  },
});

Deno.test({
  name: "join on a terminal that cannot move its cursor: plain lines, as with --plain",
  ...needs("script"),
  async fn() {
    await using server = await Server.start();
    await using alice = new Pty(["join", "alice", "--server", server.url], {
      XDG_CONFIG_HOME: `${server.home}/alice`,
      XDG_STATE_HOME: `${server.home}/alice`,
      TERM: "dumb",
    });
    await alice.line("note 1 person in #lobby: alice");
    alice.press("hello\n/topic tea\n");
    await alice.line(/^\d\d:\d\d alice set the topic of #lobby: tea$/);
    assertEquals([alice.raw.includes("\x1b"), /alice: hello/.test(alice.raw)], [false, false]);
    alice.press("\x04");
    assertEquals(await alice.end(), { code: 0, restored: true });
  },
});

Deno.test({
  name: "join without a terminal: one line in, one line out, and all is acknowledged at the end",
  async fn() {
    await using server = await Server.start();
    const stdin = Array.from({ length: 300 }, (_, n) => `line ${n}\n`).join("") +
      "/me waves\n//slash\nno newline at the end";
    const args = ["join", "bot", "--server", server.url, "--commands"];
    const { code, out, err } = await program(args, `${server.home}/bot`, { stdin });
    assertEquals({ code, err }, { code: 0, err: "" });
    assertEquals(out.trimEnd().split("\n").map((line) => line.slice(6)), [
      "--- 1 person in #lobby: bot",
      ...Array.from({ length: 300 }, (_, n) => `<bot> line ${n}`),
      "* bot waves",
      "<bot> /slash",
      "<bot> no newline at the end",
    ]);
    assertEquals(/\x1b/.test(out), false);
  },
});

Deno.test({
  name: "join without a terminal: what comes through a pipe is text, also where it begins with a slash",
  async fn() {
    await using server = await Server.start();
    const lines = ["make: start", "/usr/lib/x.so: not found", "/topics", "//", "// /quit", "/", "last"];
    const { code, out, err } = await program(
      ["join", "builder", "--server", server.url],
      `${server.home}/builder`,
      { stdin: lines.map((line) => `${line}\n`).join("") },
    );
    assertEquals({ code, err }, { code: 0, err: "" });
    assertEquals(out.trimEnd().split("\n").map((line) => line.slice(6)), [
      "--- 1 person in #lobby: builder",
      ...lines.map((line) => `<builder> ${line}`),
    ]);
  },
});

Deno.test({
  name: "join without a terminal: a line of a pipe that would be a command is neither said nor carried out",
  async fn() {
    await using server = await Server.start();
    const lines = ["hello", "/quit", "/Topic owned", "last"];
    const { code, out } = await program(
      ["join", "builder", "--server", server.url],
      `${server.home}/builder`,
      { stdin: lines.map((line) => `${line}\n`).join("") },
    );
    const shown = out.trimEnd().split("\n").map((line) => line.slice(6)).sort();
    assertEquals([code, shown], [77, [
      "!!! not sent: /Topic owned (with --commands /Topic is a command, and //Topic is text)",
      "!!! not sent: /quit (with --commands /quit is a command, and //quit is text)",
      "--- 1 person in #lobby: builder",
      "<builder> hello",
      "<builder> last",
    ]]);
  },
});

Deno.test({
  name: "join without a terminal: a command behind /join is about the room that is being entered",
  async fn() {
    await using server = await Server.start();
    for (const stdin of ["/join ops\n/topic tea at four\nhello\n", "/join ops\n/topic\n"]) {
      const args = ["join", "bot", "--server", server.url, "--commands"];
      const { code, out } = await program(args, `${server.home}/bot`, { stdin });
      assertEquals([code, out.includes("!!!"), out.includes("tea at four")], [0, false, true], out);
    }
  },
});

Deno.test({
  name: "join without a terminal: the exit code tells what went wrong",
  async fn() {
    await using server = await Server.start();
    const join = (args: string[], person = "bot", stdin = "", env = {}) =>
      program(["join", ...args, "--server", server.url], `${server.home}/${person}`, { stdin, env });
    const refused = await join(["bot", "--commands"], "bot", "/msg nobody hi\nhello\n/quit\nnever said\n");
    assertEquals(refused.code, 77);
    for (const line of ["/nonsense", "/nick 9x", "/kick", "/topic #nowhere x", "/join #,"]) {
      const { code, out } = await join(["bot", "--commands"], "bot", `${line}\n`);
      assertEquals([code, /!!! /.test(out)], [77, true], line);
    }
    assertMatch(refused.out, /!!! no user called nobody is online; not delivered: hi\n.*<bot> hello\n$/s);
    assertEquals((await join([], "bot", "", { USER: "zoe" })).out.includes("in #lobby: zoe"), true);
    assertEquals((await join(["two", "names"])).code, 64);
    assertEquals((await join(["9x"])).code, 64);
    assertEquals((await join(["#lobby"], "bot", "", { USER: "zoe" })).out.includes("in #lobby: zoe"), true);
    const nobody = await program(["join", "bot", "--server", "127.0.0.1:1"], server.home, { stdin: "" });
    assertEquals([nobody.code, nobody.out], [69, ""]);
  },
});

Deno.test({
  name: "join without a terminal: a taken name is refused, a signal ends in order",
  ignore: Deno.build.os === "windows", // no SIGTERM there
  async fn() {
    await using server = await Server.start();
    const child = start(["join", "alice", "--server", server.url], `${server.home}/alice`, { stdin: "" });
    const lines = linesOf(child.stdout);
    await lines.next();
    const taken = await program(["join", "alice", "--server", server.url], `${server.home}/mallory`, {
      stdin: "",
    });
    assertEquals(taken.code, 77);
    assertMatch(taken.err, /the name alice is registered on/);
    child.kill("SIGTERM");
    assertEquals((await endOf(child)).code, 143);
    await child.stdin.abort().catch(() => {}); // closed with the process
    await child.stderr.cancel();
    for await (const _ of lines);
  },
});

Deno.test("join at a terminal: the words of /quit are those that the others read", async () => {
  let parting = "";
  await using server = new FakeServer(async (peer) => {
    await peer.welcome();
    [parting] = await peer.until(/^QUIT.*/);
  });
  const args = ["alice", "--server", server.url];
  const { code } = await server.run(run(join, args, { typed: "/quit so long\r", terminal: true }));
  assertEquals([code, parting], [0, "QUIT :so long"]);
});

Deno.test("join without a terminal: a reader of its output that has gone leaves a message unsent: 75, and it is told", async () => {
  await using server = new FakeServer(async (peer) => {
    await peer.welcome(["message-tags", "batch", "labeled-response", "echo-message"]);
    const [, label] = await peer.until(/^@label=(\S+) JOIN/);
    await peer.send(`@label=${label} :alice!a@h JOIN #lobby`);
    await peer.until(/ PRIVMSG #lobby :?unanswered$/);
    await peer.send(":bob!b@h PRIVMSG #lobby :hi");
    await peer.gone();
  });
  const outcome = await server.run(run(join, ["alice", "--server", server.url], {
    stdin: "unanswered\n",
    onStdout: (text) => {
      if (text.includes("<bob>")) throw new Deno.errors.BrokenPipe("nobody reads");
    },
  }));
  assertEquals(outcome.code, 75);
  assertMatch(outcome.err, /^chatterbox: not sent: 1 of your messages\n$/m);
});

Deno.test("join at a terminal: what was shown last is marked as read when one leaves", async () => {
  const server = await runServer();
  const where = ["--server", `127.0.0.1:${(server.address as { port: number }).port}`];
  const homes = [await Deno.makeTempDir(), await Deno.makeTempDir()] as const;
  let keys: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
  const typed = new ReadableStream<Uint8Array<ArrayBuffer>>({ start: (each) => void (keys = each) });
  const isIn = Promise.withResolvers<void>();
  const alice = run(join, ["alice", ...where], {
    typed,
    terminal: true,
    env: { XDG_CONFIG_HOME: homes[0] },
    onStdout: (text) => {
      if (text.includes("1 person in #lobby")) isIn.resolve();
      if (text.includes("@bob 1!")) keys?.enqueue(encodeUtf8("\x1ba")); // shows the conversation
      if (text.includes("second")) keys?.enqueue(encodeUtf8("\x04"));
    },
  });
  await inTime("alice in the lobby", isIn.promise);
  for (const text of ["first", "second"]) { // the first is marked at once, others only so often
    const args = ["alice", text, "--from", "bob", "--wait", "read", "--timeout", "1m", ...where];
    assertEquals((await run(send, args, { env: { XDG_CONFIG_HOME: homes[1] } })).code, 0, text);
  }
  assertEquals((await alice).code, 0);
  await server.stop();
  for (const home of homes) await Deno.remove(home, { recursive: true });
});

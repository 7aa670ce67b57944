/** Exit codes that no other test provokes, one row for each place that gives one (tests/cli/exit_places_test.ts). */
import { assertEquals, assertMatch } from "@std/assert";
import { command as join } from "../../commands/join.ts";
import { command as key } from "../../commands/key.ts";
import { command as list } from "../../commands/list.ts";
import { command as logs } from "../../commands/logs.ts";
import { command as register } from "../../commands/register.ts";
import { command as send } from "../../commands/send.ts";
import { command as serve } from "../../commands/serve.ts";
import { command as unregister } from "../../commands/unregister.ts";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import type { Command } from "../../lib/cli/command.ts";
import { MAX_UNSENT } from "../../lib/client/sending/outbox_store.ts";
import { openLog } from "../../lib/store/ring_file/open_log.ts";
import { startSync } from "../../lib/store/sync/sync_task.ts";
import { FakeServer, OUR_CAPS } from "../client/fake_server.ts";
import type { Peer, Script } from "../client/fake_server.ts";
import { FakeIo } from "../cli/fake_io.ts";
import type { FakeIoOptions } from "../cli/fake_io.ts";
import { Serve } from "../server/serve_process.ts";
import { runServer } from "../support/chat_server.ts";
import { FaultProxy } from "../support/fault_proxy.ts";
import { inTime, outputOf } from "../support/guard.ts";
import { START, TestHub } from "../support/hub.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { needs } from "../tools.ts";
import { start } from "./program.ts";
import { run } from "./run_command.ts";

interface Row {
  /** The file, and the name of the code. */
  readonly place: string;
  readonly why: string;
  readonly command: Command;
  readonly args: readonly string[];
  readonly code: number;
  readonly words: RegExp;
  /** Where there is a server: what it does. */
  readonly script?: Script;
  readonly options?: FakeIoOptions;
  /** Not on Windows. */
  readonly posix?: boolean;
  /** Readies `home`, the folder of the configuration, for the server at `url`. */
  readonly prepare?: (home: string, url: string) => Promise<void>;
}

const REGISTRATION = "draft/account-registration";
const UNREADABLE: FakeIoOptions = {
  input: new ReadableStream({ start: (controller) => controller.error(new Error("input/output error")) }),
};

/** Lets the client in, and goes when it asks for something that matches. */
function goesAt(asked: RegExp, caps: readonly string[] = OUR_CAPS): Script {
  return async (peer) => {
    await peer.welcome(caps);
    await peer.until(asked);
    peer.close();
  };
}

/** Lets the client in, and answers what matches by `answer`. */
function answers(asked: RegExp, caps: readonly string[], ...answer: string[]): Script {
  return async (peer) => {
    const nick = await peer.welcome(caps);
    await peer.until(asked);
    const [, token] = await peer.until(/^PING (\S+)$/);
    await peer.send(...answer.map((line) => line.replace("<nick>", nick)), `:fake PONG fake :${token}`);
    await peer.gone();
  };
}

/** A server that takes REGISTER before one is in, and refuses it. */
async function refusesName(peer: Peer): Promise<void> {
  await peer.until(/^CAP LS 302$/);
  await peer.until(/^USER /);
  await peer.send(`:fake CAP * LS :batch ${REGISTRATION}=before-connect`);
  const [, wanted] = await peer.until(/^CAP REQ :(.*)$/);
  await peer.send(`:fake CAP * ACK :${wanted}`);
  for (let line = await peer.next(); line !== undefined; line = await peer.next()) {
    const [word, token] = line.split(" ");
    if (word === "REGISTER") await peer.send(":fake FAIL REGISTER BAD_ACCOUNT_NAME alice :not this one");
    if (word === "CAP") await peer.send(":fake 001 alice :Welcome");
    if (word === "PING") await peer.send(`:fake PONG fake :${token}`);
    if (word === "QUIT") return;
  }
}

/** A server that can do nothing but IRC, and goes at the first message. */
async function plain(peer: Peer): Promise<void> {
  const nick = await peer.welcome();
  for (let line = await peer.next(); line !== undefined; line = await peer.next()) {
    const [word, about] = line.split(" ");
    if (word === "PRIVMSG") return peer.close();
    if (word === "JOIN") await peer.send(`:${nick}!u@h JOIN ${about}`, `:fake 366 ${nick} ${about} :End`);
    if (word === "PING") await peer.send(`:fake PONG fake :${about}`);
    if (word === "QUIT") return;
  }
}

const LABEL = /^@label=(\S+) /;

/** Refuses what it is asked for by a label. */
function refusesAsked(failure: string): Script {
  return async (peer) => {
    await peer.welcome(OUR_CAPS);
    const [, label] = await peer.until(LABEL);
    await peer.send(`@label=${label} :fake ${failure}`);
    await peer.gone();
  };
}

/** Imports a key of alice for the server at `url`; the file in which it is kept. */
async function keyFile(home: string, url: string): Promise<string> {
  const options = { env: { XDG_CONFIG_HOME: home }, stdin: `${"k".repeat(43)}\n` };
  const { out } = await run(key, ["import", "alice", "--server", url], options);
  return / (\/\S+)\n$/.exec(out)![1]!;
}

const OFFLINE = ["--server", "127.0.0.1:1"];

const ROWS: readonly Row[] = [
  {
    place: "commands/join/login_prompt.ts interrupted",
    why: "Ctrl-C where the name is asked",
    command: join,
    args: [...OFFLINE],
    options: { typed: "\x03", terminal: true, env: { USER: "" } },
    code: 130,
    words: /^$/,
  },
  {
    place: "commands/join/login_prompt.ts ok",
    why: "the terminal closed where the name is asked",
    command: join,
    args: [...OFFLINE],
    options: { typed: "", terminal: true, env: { USER: "" } },
    code: 0,
    words: /^$/,
  },
  {
    place: "commands/join/join_run.ts ioError",
    why: "standard input that cannot be read",
    command: join,
    args: ["alice"],
    options: UNREADABLE,
    script: plain,
    code: 74,
    words: /cannot read standard input/,
  },
  {
    place: "commands/join/join_run.ts tryAgain",
    why: "an answer that is lost on a server that would not know the message again",
    command: join,
    args: ["alice"],
    options: { stdin: "once\n" },
    script: plain,
    code: 75,
    words: /^$/,
  },
  {
    place: "commands/join/join_run.ts tryAgain",
    why: "a person who leaves with a message that could not be kept, nor sent",
    command: join,
    args: ["alice"],
    options: { typed: "hello\r", terminal: true },
    posix: true,
    prepare: async (home) => {
      await Deno.mkdir(`${home}/chatterbox`, { recursive: true });
      await Deno.writeTextFile(`${home}/chatterbox/outbox`, "");
    },
    script: async (peer) => {
      await peer.welcome(OUR_CAPS);
      await peer.gone();
    },
    code: 75,
    words: /not sent: 1 of your messages/,
  },
  {
    place: "commands/key.ts ioError",
    why: "import where a folder lies in the place of the key",
    command: key,
    args: ["import", "alice", ...OFFLINE],
    prepare: async (home, url) => {
      const path = await keyFile(home, url);
      await Deno.remove(path);
      await Deno.mkdir(path);
    },
    options: { stdin: `${"j".repeat(43)}\n` },
    code: 74,
    words: /alice: /,
  },
  {
    place: "commands/key.ts ioError",
    why: "export where a folder lies in the place of the key",
    command: key,
    args: ["export", "alice", ...OFFLINE],
    prepare: async (home, url) => {
      const path = await keyFile(home, url);
      await Deno.remove(path);
      await Deno.mkdir(path);
    },
    options: { stdin: "" },
    code: 74,
    words: /alice: /,
  },
  {
    place: "commands/key.ts ioError",
    why: "list where a link that leads to itself lies in the place of the keys",
    command: key,
    args: ["list"],
    posix: true,
    prepare: async (home) => {
      await Deno.mkdir(`${home}/chatterbox`);
      await Deno.symlink(`${home}/chatterbox/keys`, `${home}/chatterbox/keys`);
    },
    code: 74,
    words: /keys: /,
  },
  {
    place: "commands/key.ts interrupted",
    why: "Ctrl-C where the key is asked",
    command: key,
    args: ["import", "alice", ...OFFLINE],
    options: { typed: "\x03", terminal: true },
    code: 130,
    words: /^$/,
  },
  {
    place: "commands/key.ts interrupted",
    why: "Ctrl-D where the key is asked",
    command: key,
    args: ["import", "alice", ...OFFLINE],
    options: { typed: "\x04", terminal: true },
    code: 130,
    words: /^$/,
  },
  {
    place: "lib/tui/terminal/confirmation.ts interrupted",
    why: "a question that is answered by no",
    command: key,
    args: ["forget", "alice", ...OFFLINE],
    prepare: async (home, url) => void await keyFile(home, url),
    options: { typed: "no\r", terminal: true },
    code: 130,
    words: /^$/,
  },
  {
    place: "lib/tui/terminal/confirmation.ts ok",
    why: "a question that is answered by yes",
    command: key,
    args: ["forget", "alice", ...OFFLINE],
    prepare: async (home, url) => void await keyFile(home, url),
    options: { typed: "yes\r", terminal: true },
    code: 0,
    words: /^$/,
  },
  {
    place: "commands/list.ts tryAgain",
    why: "a connection that is lost before the answer",
    command: list,
    args: [],
    script: goesAt(/WHO/),
    code: 75,
    words: /the connection was lost: /,
  },
  {
    place: "commands/logs/server_history.ts refused",
    why: "history that is not shown",
    command: logs,
    args: ["--room", "#ops"],
    script: refusesAsked("FAIL CHATHISTORY INVALID_PARAMS LATEST #ops :not yours"),
    code: 77,
    words: /cannot read the history of #ops: not yours/,
  },
  {
    place: "commands/logs/server_history.ts tryAgain",
    why: "history that cannot be read now",
    command: logs,
    args: ["--room", "#ops"],
    script: refusesAsked("FAIL CHATHISTORY MESSAGE_ERROR LATEST #ops :Not at the moment"),
    code: 75,
    words: /cannot read the history of #ops: Not at the moment/,
  },
  {
    place: "commands/logs/server_history.ts tryAgain",
    why: "a connection that is lost before the answer",
    command: logs,
    args: [],
    script: goesAt(LABEL),
    code: 75,
    words: /the connection was lost: /,
  },
  {
    place: "commands/register.ts badConfig",
    why: "no folder for keys",
    command: register,
    args: ["alice", ...OFFLINE],
    options: { env: { XDG_CONFIG_HOME: "" } },
    code: 78,
    words: /there is no key to register the name with/,
  },
  {
    place: "commands/register.ts interrupted",
    why: "Ctrl-C where the passphrase is asked",
    command: register,
    args: ["alice", "--passphrase", ...OFFLINE],
    options: { typed: "\x03", terminal: true },
    code: 130,
    words: /^$/,
  },
  {
    place: "commands/register/new_passphrase.ts interrupted",
    why: "Ctrl-D where the passphrase is asked",
    command: register,
    args: ["alice", "--passphrase", ...OFFLINE],
    options: { typed: "\x04", terminal: true },
    code: 130,
    words: /^$/,
  },
  {
    place: "commands/register/change.ts interrupted",
    why: "Ctrl-C where the passphrase of before is asked",
    command: register,
    args: ["alice", "--change", ...OFFLINE],
    options: { typed: "\x03", terminal: true },
    code: 130,
    words: /^$/,
  },
  {
    place: "commands/register/change.ts interrupted",
    why: "Ctrl-D where the passphrase of before is asked",
    command: register,
    args: ["alice", "--change", ...OFFLINE],
    options: { typed: "\x04", terminal: true },
    code: 130,
    words: /^$/,
  },
  {
    place: "commands/support/client_login.ts badConfig",
    why: "a file with a key that is not there",
    command: send,
    args: ["#lobby", "hi", "--from", "alice", "--key-file", "<home>/none", ...OFFLINE],
    code: 78,
    words: /none: /,
  },
  {
    place: "commands/register.ts refused",
    why: "a name that the server does not give before one is in",
    command: register,
    args: ["alice"],
    script: refusesName,
    code: 77,
    words: /does not give the name alice|not this one/,
  },
  {
    place: "commands/register.ts tryAgain",
    why: "a connection that is lost before the answer",
    command: register,
    args: ["alice"],
    script: goesAt(/^REGISTER /, ["batch", REGISTRATION]),
    code: 75,
    words: /did not answer; it is unknown whether alice is registered/,
  },
  {
    place: "commands/register.ts tryAgain",
    why: "a server that cannot now",
    command: register,
    args: ["alice"],
    script: answers(
      /^REGISTER /,
      ["batch", REGISTRATION],
      ":fake FAIL REGISTER TEMPORARILY_UNAVAILABLE alice :later",
    ),
    code: 75,
    words: /refuses to register alice: later/,
  },
  {
    place: "commands/register.ts refused",
    why: "a server that does not want to",
    command: register,
    args: ["alice"],
    script: answers(/^REGISTER /, ["batch", REGISTRATION], ":fake FAIL REGISTER ACCOUNT_EXISTS alice :gone"),
    code: 77,
    words: /refuses to register alice: gone/,
  },
  {
    place: "commands/register.ts refused",
    why: "a server that wants to verify",
    command: register,
    args: ["alice"],
    script: answers(
      /^REGISTER /,
      ["batch", REGISTRATION],
      ":fake REGISTER VERIFICATION_REQUIRED alice :look at your mail",
    ),
    code: 77,
    words: /requires another step to register alice: look at your mail/,
  },
  {
    place: "commands/send.ts ioError",
    why: "standard input that cannot be read",
    command: send,
    args: ["#lobby", "-", ...OFFLINE],
    options: UNREADABLE,
    code: 74,
    words: /input/,
  },
  {
    place: "commands/serve.ts cannotCreate",
    why: "a key of cloaks that cannot be made",
    command: serve,
    args: ["--listen", "127.0.0.1:0", "--data-dir", "<deep>"],
    posix: true,
    code: 73,
    words: /cloak\.key: .*too long/i,
  },
  {
    place: "commands/unregister.ts tryAgain",
    why: "a connection that is lost before the answer",
    command: unregister,
    args: ["alice", "--yes"],
    prepare: async (home, url) => void await keyFile(home, url),
    script: goesAt(/UNREGISTER/),
    code: 75,
    words: /did not answer; it is unknown whether alice is deleted/,
  },
  {
    place: "commands/unregister.ts unreachable",
    why: "a server that knows no such command",
    command: unregister,
    args: ["alice", "--yes"],
    prepare: async (home, url) => void await keyFile(home, url),
    script: refusesAsked("421 alice UNREGISTER :Unknown command"),
    code: 69,
    words: /does not delete the account: /,
  },
  {
    place: "commands/support/client_options.ts badConfig",
    why: "--ca without a certificate",
    command: list,
    args: ["--server", "ircs://127.0.0.1:1", "--ca", "<home>/ca"],
    prepare: (home) => Deno.writeTextFile(`${home}/ca`, "nothing"),
    code: 78,
    words: /ca: there is no PEM certificate in it/,
  },
  {
    place: "commands/logs/cursor_output.ts ioError",
    why: "a cursor file that cannot be read",
    command: logs,
    args: ["--cursor-file", "<home>/cursor", ...OFFLINE],
    prepare: (home) => Deno.mkdir(`${home}/cursor`),
    code: 74,
    words: /cannot (read|write) the cursor file/,
  },
];

/** Bytes of a path with its NUL (limits.h): of Linux, and of the BSDs and macOS. */
const PATH_MAX = Deno.build.os === "linux" ? 4096 : 1024;

/**
 * A folder in `home` whose path is so long that the data folder's files fit behind it ({@link PATH_MAX}), and
 * the draft of a small file, whose name is longer, does not.
 */
function deepFolder(home: string): string {
  const length = PATH_MAX - "/.new-".length - crypto.randomUUID().length;
  return home + `/${"d".repeat(200)}`.repeat(Math.ceil(length / 201)).slice(0, length - home.length);
}

for (const { place, why, command, args, code, words, script, options = {}, prepare, posix } of ROWS) {
  Deno.test({
    name: `exit codes: ${place}: ${why}: ${code}`,
    ignore: posix === true && Deno.build.os === "windows",
    async fn() {
      const home = await Deno.makeTempDir();
      await using server = script && new FakeServer(script);
      try {
        await prepare?.(home, server?.url ?? "127.0.0.1:1");
        const given = args.map((arg) => arg.replace("<home>", home).replace("<deep>", deepFolder(home)));
        const env = { XDG_CONFIG_HOME: home, XDG_STATE_HOME: home, USER: "tester", ...options.env };
        const where = server === undefined ? [] : ["--server", server.url];
        const ran = run(command, [...given, ...where], { ...options, env });
        const outcome = await (server === undefined ? ran : server.run(ran));
        assertEquals(outcome.code, code, outcome.err);
        assertMatch(outcome.err, words);
      } finally {
        await Deno.remove(home, { recursive: true });
      }
    },
  });
}

Deno.test({
  name:
    "exit codes: commands/list.ts tryAgain, commands/logs/server_history.ts tryAgain: servers that do not answer: 75",
  permissions: { net: true, read: true, write: true },
  async fn() {
    await using server = new FakeServer(async (peer) => {
      await peer.welcome(OUR_CAPS);
      await peer.gone();
    });
    const asked = [list, logs].map((command) => run(command, ["--server", server.url]));
    const outcomes = await server.run(Promise.all(asked));
    const err = "chatterbox: the server did not answer in time\n";
    assertEquals(outcomes, [list, logs].map(() => ({ code: 75, out: "", err })));
  },
});

Deno.test({
  name: "exit codes: commands/serve.ts bug: an error that nothing expects stops the server: 70",
  ignore: Deno.build.os === "windows", // signals
  fn: () =>
    withTempDir(async (home) => {
      const serve = await Serve.start(home, [], "", "tests/server/program_buggy_hub.ts");
      const alice = await serve.enter("alice");
      await alice.send("PRIVMSG #lobby :bug");
      assertMatch(
        await inTime("its last words", serve.stderr),
        /a bug in ChatterBox stopped the server: .*a bug/,
      );
      assertEquals((await serve.child.status).code, 70);
      await serve.kill().catch(() => {}); // it has ended: its log is read
      alice.close();
    }),
});

Deno.test({
  name:
    "exit codes: commands/serve.ts bug: a broken invariant stops the server before anything more is in the log: 70",
  ignore: Deno.build.os === "windows", // signals
  fn: () =>
    withTempDir(async (home) => {
      const serve = await Serve.start(home, [], "", "tests/server/program_buggy_hub.ts");
      const alice = await serve.enter("alice");
      await alice.send("PRIVMSG #lobby :said before");
      await alice.barrier();
      await alice.send("PRIVMSG #lobby :corrupt\r\nPART #lobby\r\nPRIVMSG alice :said after");
      assertMatch(
        await inTime("its last words", serve.stderr),
        /a bug in ChatterBox stopped the server: AssertionFailure: a channel and its member hold the same membership/,
      );
      assertEquals((await serve.child.status).code, 70);
      await serve.kill().catch(() => {}); // it has ended: its log is read
      alice.close();
      const files = Array.from(Deno.readDirSync(`${home}/data`), ({ name }) => `${home}/data/${name}`);
      const texts = files.map((path) => new TextDecoder("latin1").decode(Deno.readFileSync(path)));
      assertEquals(texts.some((text) => text.includes("said before")), true);
      assertEquals(texts.some((text) => text.includes("said after")), false);
    }),
});

Deno.test({
  name: "exit codes: main.ts ioError: standard output that takes nothing: 74",
  ignore: Deno.build.os !== "linux" || needs("sh").ignore,
  async fn() {
    const within = ["sh", "-c", 'exec "$@" >/dev/full', "sh"];
    const child = start(["--help"], "/nonexistent", { within });
    const [err, { code }] = await Promise.all([
      new Response(child.stderr).text(),
      inTime("the end of --help", child.status),
      child.stdout.cancel(),
    ]);
    assertEquals([code, err.startsWith("chatterbox: cannot write to standard output: ")], [74, true], err);
  },
});

/** Runs `body` while the disk refuses `call`. */
async function refusing<T>(call: "mkdirSync" | "remove" | "rename", body: () => Promise<T>): Promise<T> {
  const kept = Deno[call];
  Deno[call] = () => {
    throw new Deno.errors.PermissionDenied("the disk refuses");
  };
  try {
    return await body();
  } finally {
    Object.assign(Deno, { [call]: kept });
  }
}

Deno.test({
  name: "exit codes: commands/key.ts ioError: forget where the key cannot be removed: 74",
  fn: () =>
    withTempDir(async (home) => {
      await keyFile(home, "127.0.0.1:1");
      const io = new FakeIo({ env: { XDG_CONFIG_HOME: home }, stdin: "" });
      assertEquals(await refusing("remove", () => key.run(["forget", "alice", "--yes", ...OFFLINE], io)), 74);
    }),
});

Deno.test({
  name: "exit codes: commands/register.ts ioError: a key that cannot be put aside: 74",
  ignore: Deno.build.os === "windows", // which does not reach itself by 0.0.0.0
  fn: () =>
    withTempDir(async (home) => {
      const env = { XDG_CONFIG_HOME: home, USER: "tester" };
      const [first, second] = [await runServer(), await runServer()];
      await using wire = new FaultProxy(first.address);
      const again = async () => {
        const io = new FakeIo({ env, stdin: "" });
        // By an address of which nobody can say who listens there.
        const code = await register.run(["alice", "--server", `0.0.0.0:${wire.address.port}`], io);
        await io.flush();
        return [code, io.err];
      };
      assertEquals(await again(), [0, ""]);
      wire.upstream = second.address; // set up anew: it knows no account
      const [code, err] = await refusing("rename", again);
      assertEquals([code, String(err).includes("the disk refuses")], [74, true], String(err));
      await first.stop();
      await second.stop();
    }),
});

Deno.test({
  name: "exit codes: commands/register/change.ts ioError: a new key that cannot be kept: 74",
  fn: () =>
    withTempDir(async (home) => {
      const server = await runServer();
      const { port } = server.address as { port: number };
      const where = ["alice", "--server", `127.0.0.1:${port}`];
      const io = new FakeIo({ env: { XDG_CONFIG_HOME: home, USER: "tester" }, stdin: "" });
      assertEquals(await register.run(where, io), 0);
      const changed = refusing("rename", () => register.run([...where, "--change"], io));
      assertEquals(await changed, 74);
      await io.flush();
      assertMatch(io.err, /the key of alice: .*the disk refuses/);
      await server.stop();
    }),
});

for (const [typed, code, name] of [["\x03", 130, "interrupted"], ["", 0, "ok"]] as const) {
  Deno.test({
    name:
      `exit codes: commands/join/login_prompt.ts ${name}: where the passphrase of a name is asked: ${code}`,
    async fn() {
      const server = await runServer();
      const { port } = server.address as { port: number };
      const args = ["alice", "--server", `127.0.0.1:${port}`];
      assertEquals((await run(register, args)).code, 0);
      const outcome = await run(join, args, { typed, terminal: true });
      assertEquals(outcome.code, code, outcome.err);
      assertMatch(outcome.out, /the name alice is registered on/);
      await server.stop();
    },
  });
}

Deno.test({
  name:
    "exit codes: commands/logs/cursor_output.ts ioError: a cursor that cannot be brought up to what was shown: 74",
  fn: () =>
    withTempDir(async (home) => {
      await Deno.mkdir(`${home}/cursor`);
      const server = await runServer();
      const { port } = server.address as { port: number };
      const where = ["--server", `127.0.0.1:${port}`];
      assertEquals((await run(send, ["#lobby", "hi", ...where])).code, 0);
      const { code, err } = await run(logs, ["--cursor-file", `${home}/cursor/file`, ...where], {
        onStdout: () => Deno.removeSync(`${home}/cursor`, { recursive: true }),
      });
      assertEquals(code, 74, err);
      assertMatch(err, /cannot write the cursor file .*; the next run repeats what this one showed/);
      await server.stop();
    }),
});

for (const [typed, code, name] of [["\x03", 130, "interrupted"], ["", 77, "refused"]] as const) {
  Deno.test({
    name: `exit codes: commands/join.ts ${name}: where the server's password is asked: ${code}`,
    async fn() {
      const server = await runServer({ config: { password: "open sesame" } });
      const { port } = server.address as { port: number };
      const outcome = await run(join, ["alice", "--server", `127.0.0.1:${port}`], { typed, terminal: true });
      assertEquals(outcome.code, code, outcome.err);
      await server.stop();
    },
  });
}

/** What `send --outbox` to a server that is not there comes to, with its folder of state. */
async function sendKept(home: string, id: string): Promise<[code: number, err: string]> {
  const io = new FakeIo({ env: { XDG_CONFIG_HOME: home, XDG_STATE_HOME: home, USER: "tester" }, stdin: "" });
  const code = await send.run(["#lobby", "hi", "--outbox", "--id", id, ...OFFLINE], io);
  await io.flush();
  return [code, io.err];
}

Deno.test({
  name: "exit codes: commands/send/outbox.ts cannotCreate: an outbox that is full: 73",
  fn: () =>
    withTempDir(async (home) => {
      assertEquals((await sendKept(home, "first"))[0], 75);
      const folder = `${home}/chatterbox/outbox/localhost_1/tester`;
      for (let n = 1; n < MAX_UNSENT; n++) {
        const message = { id: `id${n}`, target: "bob", text: "x", manner: "said", at: n };
        const name = `${String(n).padStart(16, "0")}-${encodeUtf8(message.id).toHex()}.json`;
        await Deno.writeTextFile(`${folder}/${name}`, JSON.stringify(message), { mode: 0o600 });
      }
      const [code, err] = await sendKept(home, "more");
      assertEquals(code, 73, err);
      assertMatch(err, /not kept in the outbox: 1000 messages wait in /);
    }),
});

Deno.test({
  name: "exit codes: commands/send/outbox.ts ioError: an outbox that cannot be written: 74",
  fn: () =>
    withTempDir(async (home) => {
      const [code, err] = await refusing("mkdirSync", () => sendKept(home, "first"));
      assertEquals(code, 74, err);
      assertMatch(err, /not kept in the outbox: .*the disk refuses/);
    }),
});

/** A data folder whose log holds `count` messages. */
async function logOf(home: string, count: number): Promise<string> {
  const log = openLog({ dir: home, capacityBytes: 1 << 20, now: Date.now() });
  if (log.kind !== "ok") throw new Error(JSON.stringify(log));
  const chat = new TestHub({}, log.ring);
  const alice = chat.enter("alice");
  chat.say(alice, "JOIN #lobby");
  for (let n = 0; n < count; n++) chat.say(alice, `PRIVMSG #lobby :message ${n}`);
  const onError = () => {};
  await startSync({ ring: log.ring, path: log.path, intervalMs: 1000, lockName: home, onError }).stop();
  return log.path;
}

Deno.test({
  name: "exit codes: commands/logs/log_file_reader.ts ok: a file that is shown: 0",
  fn: () =>
    withTempDir(async (home) => {
      const { code, out, err } = await run(logs, ["--file", await logOf(home, 2)]);
      assertEquals([code, out.trimEnd().split("\n").length], [0, 2], err);
    }),
});

Deno.test({
  name:
    "exit codes: commands/logs/log_file_reader.ts ok: a reader that goes away in the middle of a file: 0, and no more is read",
  fn: () =>
    withTempDir(async (home) => {
      let written = 0;
      const now = START + 60_000;
      const { code, err } = await run(logs, ["--since", "1h", "--file", await logOf(home, 2500)], {
        now,
        onStdout: (text) => {
          written += text.length;
          throw new Deno.errors.BrokenPipe("nobody reads");
        },
      });
      assertEquals([code, err], [0, ""]);
      assertEquals(written > 0, true);
    }),
});

Deno.test({
  name: "exit codes: main.ts bug: an error that no command expects: 70",
  async fn() {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-q", "-A", "--no-check", new URL("./program_bug.ts", import.meta.url).href, "list"],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const err = "chatterbox: this is a bug, please report it: TypeError: a bug\n";
    assertEquals(await outputOf("a command with a bug", child), { code: 70, out: "", err });
  },
});

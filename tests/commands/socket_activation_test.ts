/** `serve` with sockets that systemd-socket-activate has opened, as a socket unit of systemd does. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { writeAll } from "../../lib/net/conn.ts";
import { comesTrue, endOf, inTime, outputOf } from "../support/guard.ts";
import { LineClient } from "../support/line_client.ts";
import { needs } from "../tools.ts";
import { HOME_ENVIRONMENT, linesOf, program, programTest, start } from "./program.ts";

const TOOLS = needs("systemd-socket-activate", "bash");

/**
 * Holds the sockets, as systemd does, and starts the program once for each line of its input; each process is told that
 * the sockets are for it.
 */
const HOLDER = `while read -r _; do
  (export LISTEN_PID=$BASHPID; exec "$@" </dev/null)
  echo "ended with $?"
done`;

/** CHATHISTORY answers with as many at most. */
const HISTORY_LINES = 1000;
/** Together some 3 MB, below the bound of a send queue. */
const REQUESTS = 10;
const MIN_HISTORY_BYTES = 3_000_000;
const READ_BYTES = 16 * 1024;
/** Open files of a server that runs out of them. */
const HANDLES = 80;

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** What runs `serve` with the listening sockets `ports`, by their names. */
function activated(home: string, ports: Readonly<Record<string, number>>): string[] {
  const env = { ...HOME_ENVIRONMENT, XDG_CONFIG_HOME: home, XDG_STATE_HOME: home };
  return [
    "systemd-socket-activate",
    ...Object.values(ports).flatMap((port) => ["--listen", `127.0.0.1:${port}`]),
    ...Object.entries(env).map(([name, value]) => `--setenv=${name}=${value}`),
    `--setenv=PATH=${Deno.env.get("PATH")}`,
    `--fdname=${Object.keys(ports).join(":")}`,
  ];
}

/** A holder of the sockets, and what the servers that it starts have said. */
class Holder implements AsyncDisposable {
  readonly said: string[] = [];
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #read: Promise<void>;
  #starts = 0;

  constructor(home: string, ports: Readonly<Record<string, number>>, flags: readonly string[] = []) {
    const within = [...activated(home, ports), "bash", "-c", HOLDER, "bash"];
    this.#child = start(["serve", "--data-dir", `${home}/data`, ...flags], home, { within, stdin: "" });
    this.#child.stderr.pipeTo(new WritableStream());
    this.#input = this.#child.stdin.getWriter();
    this.#read = this.#keepLines();
  }

  async #keepLines(): Promise<void> {
    for await (const line of linesOf(this.#child.stdout, "unguarded")) this.said.push(line);
  }

  /** Has the holder start the server, once a client connects for the first time. */
  async startServer(): Promise<void> {
    this.#starts++;
    await this.#input.write(new TextEncoder().encode("\n"));
  }

  /** Ends the running server, and resolves with its exit code. */
  async stopServer(): Promise<number> {
    await this.#endServer();
    const ends = () => this.said.flatMap((line) => /^ended with (\d+)$/.exec(line)?.[1] ?? []);
    await comesTrue("the server ends", () => ends().length === this.#starts, { heard: () => this.said });
    return Number(ends().at(-1));
  }

  /** The server is the only child of the holder. */
  async #endServer(): Promise<void> {
    const shell = `for pid in $(ps -o pid= --ppid ${this.#child.pid}); do kill -TERM "$pid"; done`;
    const child = new Deno.Command("sh", { args: ["-c", shell], stdout: "piped", stderr: "piped" }).spawn();
    await outputOf("kill", child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input.close();
    await this.#endServer();
    await endOf(this.#child);
    await this.#read;
  }
}

async function readUntil(conn: Deno.Conn, end: string): Promise<string> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(READ_BYTES);
  const parts: string[] = [];
  for (let length; (length = await conn.read(buffer)) !== null;) {
    parts.push(decoder.decode(buffer.subarray(0, length), { stream: true }));
    if (parts.slice(-2).join("").includes(end)) break;
  }
  return parts.join("");
}

/** Connects once the activator listens: it does not tell when. */
async function enter(port: number, nick: string, heard: string[] = []): Promise<LineClient> {
  const address = { kind: "tcp", host: "127.0.0.1", port } as const;
  return await comesTrue(`${nick} connects`, async () => {
    try {
      return await LineClient.enter({
        address,
        nick,
        onMessage: ({ params }) => heard.push(params.at(-1) ?? ""),
      });
    } catch (error) {
      if (error instanceof Deno.errors.ConnectionRefused) return false;
      throw error;
    }
  });
}

programTest(
  "serve takes a passed socket: two clients talk, a connection made while it restarts is served, and SIGTERM ends it",
  TOOLS,
  async (home) => {
    const port = freePort();
    await using holder = new Holder(home, { irc: port });
    await holder.startServer();
    const heard: string[] = [];
    const alice = await enter(port, "alice", heard);
    const bob = await enter(port, "bob");
    alice.send("JOIN #room");
    await alice.barrier();
    bob.send("JOIN #room", "PRIVMSG #room :hello from bob");
    await comesTrue("alice hears bob", () => heard.includes("hello from bob"));
    assertEquals(await holder.stopServer(), 0);
    await Promise.all([alice.ended, bob.ended]);
    assertStringIncludes(heard.at(-1)!, "Server shutting down");
    const waiting = enter(port, "carol"); // the socket is open, and no server accepts
    await holder.startServer();
    const carol = await waiting;
    assertEquals(await carol.barrier(), true);
    const own = holder.said.filter((line) => line.endsWith(`listening on 127.0.0.1:${port}`));
    assertEquals(own.length, 2);
    assertEquals(await holder.stopServer(), 0);
    await carol.ended;
  },
);

programTest(
  "a client of a passed socket that reads nothing holds up no other, and then gets megabytes of history in order",
  TOOLS,
  async (home) => {
    const port = freePort();
    await using holder = new Holder(home, { irc: port });
    await holder.startServer();
    const talker = await enter(port, "talker");
    talker.send("JOIN #room");
    for (let n = 0; n < HISTORY_LINES; n++) talker.send(`PRIVMSG #room :${n} ${"x".repeat(400)}`);
    await talker.barrier();
    using slow = await Deno.connect({ hostname: "127.0.0.1", port });
    const lines = ["NICK slow", "USER slow 0 * :slow", "JOIN #room"];
    for (let n = 0; n < REQUESTS; n++) lines.push(`CHATHISTORY LATEST #room * ${HISTORY_LINES}`);
    await writeAll(slow, new TextEncoder().encode([...lines, "PING end", ""].join("\r\n")));
    assertEquals(await talker.barrier(), true);
    const text = await inTime("the history", readUntil(slow, "PONG chatterbox.local :end"));
    const numbers = Array.from(
      text.matchAll(/ PRIVMSG #room :(\d+) x{400}\r\n/g),
      ([, number]) => Number(number),
    );
    // The bound of an answer leaves the same last lines of each.
    const [first = HISTORY_LINES] = numbers;
    const answer = Array.from({ length: HISTORY_LINES - first }, (_, n) => first + n);
    assertEquals(numbers, Array.from({ length: REQUESTS }, () => answer).flat());
    assertEquals(text.length > MIN_HISTORY_BYTES, true);
    talker.close();
    assertEquals(await holder.stopServer(), 0);
  },
);

programTest("each name of a passed socket has its protocol: irc, ircs, web", TOOLS, async (home) => {
  const ports = { irc: freePort(), ircs: freePort(), web: freePort() };
  const flags = [
    "--listen",
    "127.0.0.1:0",
    "--tls",
    "127.0.0.1:0",
    "--tls-self-signed",
    "--web",
    "127.0.0.1:0",
  ];
  await using holder = new Holder(home, ports, flags);
  await holder.startServer();
  const alice = await enter(ports.irc, "alice");
  const url = `ircs://127.0.0.1:${ports.ircs}`;
  const listed = await program(["list", "--server", url], home, { env: { CHATTERBOX_TRUST_FIRST_USE: "1" } });
  assertMatch(listed.out, /^alice\b/m, listed.err);
  const health = await fetch(`http://127.0.0.1:${ports.web}/healthz`);
  assertEquals([health.status, (await health.text()).trim()], [200, "ok"]);
  const open = holder.said.flatMap((line) => / listening on (.*)$/.exec(line)?.[1] ?? []);
  assertEquals(open, [`127.0.0.1:${ports.irc}`, url, `http://127.0.0.1:${ports.web}`]);
  alice.close();
  assertEquals(await holder.stopServer(), 0);
});

programTest("a server without free file handles takes connections from a passed socket once it has some", {
  ignore: TOOLS.ignore || Deno.build.os !== "linux",
}, async (home) => {
  const port = freePort();
  const within = ["bash", "-c", `ulimit -n ${HANDLES}; exec "$@"`, "bash", ...activated(home, { irc: port })];
  const child = start(["serve", "--data-dir", `${home}/data`], home, { within });
  child.stderr.pipeTo(new WritableStream());
  const said: string[] = [];
  const read = (async () => {
    for await (const line of linesOf(child.stdout, "unguarded")) said.push(line);
  })();
  const first = await enter(port, "first");
  const crowd = await Promise.all(
    Array.from({ length: HANDLES }, () => Deno.connect({ hostname: "127.0.0.1", port })),
  );
  const count = {
    args: ["-c", `ls /proc/${child.pid}/fd | wc -l`],
    stdout: "piped",
    stderr: "piped",
  } satisfies Deno.CommandOptions;
  await comesTrue("all file handles are in use", async () => {
    const { out } = await outputOf("ls", new Deno.Command("sh", count).spawn());
    return Number(out) >= HANDLES;
  }, { heard: () => said });
  for (const conn of crowd) conn.close();
  const late = await enter(port, "late");
  assertEquals(await late.barrier(), true);
  for (const client of [first, late]) client.close();
  child.kill("SIGTERM");
  assertEquals((await endOf(child)).code, 0);
  await read;
});

programTest("sockets that the server cannot use end it with what to do", {
  ignore: Deno.build.os === "windows",
}, async (home) => {
  const within = ["bash", "-c", 'LISTEN_PID=$$ exec "$@" 3</dev/null', "bash"];
  const serve = (names: string) =>
    program(["serve", "--data-dir", `${home}/data`], home, {
      within,
      env: { LISTEN_FDS: "1", LISTEN_FDNAMES: names },
    });
  const { code, err } = await serve("chatterbox.socket");
  assertEquals(
    [code, err],
    [
      78,
      'chatterbox: sockets of systemd: the name "chatterbox.socket" is not known; ' +
      "FileDescriptorName= of the socket unit must be irc, ircs or web\n",
    ],
  );
  const file = await serve("irc");
  assertEquals(file.code, 73);
  assertMatch(file.err, /^chatterbox: the socket of systemd with the number 3: .+\n$/);
});

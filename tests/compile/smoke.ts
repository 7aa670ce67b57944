/**
 * Tries a compiled binary as a user would: a server, a message sent, the history, the names, an orderly end,
 * and the ring file that is left.
 *
 *     deno run … tests/compile/smoke.ts BINARY
 *
 * One line a check, and `N passed, N failed` as the last one.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import facts from "../../deno.json" with { type: "json" };

/** No process of a smoke test outlives this, whatever it waits for. */
const DEADLINE_MS = 60_000;
const TEXT = "hello from the smoke test";
const CALENDAR = `BEGIN:VCALENDAR
VERSION:2.0
PRODID:smoke
BEGIN:VEVENT
UID:1
DTSTAMP:20260101T000000Z
DTSTART:20260101T000000Z
DURATION:P1D
SUMMARY:alice
END:VEVENT
END:VCALENDAR
`;

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** A binary on a home, a configuration and a data folder of its own. */
class Trial {
  readonly data: string;
  readonly env: Record<string, string>;
  server: Deno.ChildProcess | undefined;
  url = "";
  /** What the server has said so far. */
  said = "";

  constructor(readonly binary: string, readonly folder: string) {
    this.data = `${folder}/data`;
    this.env = {
      HOME: folder,
      XDG_CONFIG_HOME: `${folder}/config`,
      XDG_STATE_HOME: `${folder}/state`,
      APPDATA: folder,
      LOCALAPPDATA: folder,
      NO_COLOR: "1",
    };
  }

  command(args: string[]): Deno.Command {
    const signal = AbortSignal.timeout(DEADLINE_MS);
    const streams = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
    return new Deno.Command(this.binary, { args, env: this.env, signal, ...streams });
  }

  async run(...args: string[]): Promise<Outcome> {
    const { code, stdout, stderr } = await this.command(args).output();
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  }

  /** Runs a client command against the trial's server; anything but exit 0 and silence on standard error is a failure. */
  async ask(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args, "--server", this.url);
    assertEquals([code, stderr], [0, ""], `exit code and standard error of ${args[0]}`);
    return stdout;
  }

  /** Runs a command on a pseudo-terminal and presses `keys` once it has said `question`. */
  async atTerminal(command: string, question: string, keys: string): Promise<[said: string, code: number]> {
    const child = new Deno.Command("script", {
      args: ["-qec", `${this.binary} ${command}`, "/dev/null"],
      env: { ...this.env, TERM: "xterm" },
      signal: AbortSignal.timeout(DEADLINE_MS),
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    let said = "";
    let pressed = false;
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      said += text;
      if (!pressed && said.includes(question)) {
        pressed = true;
        await writer.write(new TextEncoder().encode(keys));
      }
    }
    const { code } = await child.status;
    await writer.close().catch(() => {}); // it has gone with the process
    return [said, code];
  }

  /** Starts the server and waits for the line that says where it listens. */
  async serve(): Promise<void> {
    const server = this.command([
      "serve",
      "--listen",
      "127.0.0.1:0",
      "--web",
      "127.0.0.1:0",
      "--data-dir",
      this.data,
      "--sync",
      "always",
    ]).spawn();
    this.server = server;
    const listens = Promise.withResolvers<number>();
    const ended = Promise.all(
      [server.stdout, server.stderr].map((stream) => this.hear(stream, listens.resolve)),
    );
    ended.then(() => listens.reject(new Error(`the server ended: ${this.said}`)));
    this.url = `irc://127.0.0.1:${await listens.promise}`;
  }

  private async hear(stream: ReadableStream<Uint8Array<ArrayBuffer>>, listens: (port: number) => void) {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      this.said += text;
      const port = /127\.0\.0\.1:(\d+)/.exec(this.said)?.[1];
      if (port !== undefined && this.said.endsWith("\n")) listens(Number(port));
    }
  }

  /** Signals the server and waits for its end; answers its exit code. */
  async stop(signal: Deno.Signal): Promise<number> {
    const server = this.server!;
    this.server = undefined;
    server.kill(signal); // throws when it has ended by itself, which is a failure too
    return (await server.status).code;
  }
}

type Check = [what: string, check: (trial: Trial) => Promise<void>];

const CHECKS: Check[] = [
  ["--version names the version", async (trial) => {
    const { code, stdout } = await trial.run("--version");
    assertEquals(code, 0);
    assert(stdout.includes(facts.version), stdout);
  }],
  ["an unknown command is a usage error", async (trial) => {
    assertEquals((await trial.run("sned")).code, 64);
  }],
  ["serve listens", (trial) => trial.serve()],
  ["send is acknowledged", async (trial) => {
    await trial.ask("send", "#lobby", TEXT, "--from", "smoke");
  }],
  ["bench load: its receivers are a worker", async (trial) => {
    const small = ["--seconds", "1", "--members", "6", "--senders", "1", "--rate", "20"];
    const { code, stderr } = await trial.run("bench", "load", ...small, "--server", trial.url);
    assertEquals(code, 0, stderr);
  }],
  ["bench ipc: the binary starts itself", async (trial) => {
    const few = ["--no-kill", "--count", "10", "--sizes", "64"];
    const only = Deno.build.os === "linux" ? "tcp,ring" : "threads"; // elsewhere it may start no process
    const { code, stderr } = await trial.run("bench", "ipc", "--only", only, ...few);
    assertEquals(code, 0, stderr);
  }],
  ["logs shows what was sent", async (trial) => {
    assertMatch(await trial.ask("logs", "-n", "10"), new RegExp(`smoke.*${TEXT}`));
  }],
  ["list answers", async (trial) => {
    const { code, stdout, stderr } = await trial.run("list", "--server", trial.url);
    assertEquals([code, stdout, stderr], [0, "", "chatterbox: no users are online\n"]);
  }],
  ["man writes its pages", async (trial) => {
    const { code, stderr } = await trial.run("man", "--dir", `${trial.folder}/man`);
    assertEquals(code, 0, stderr);
    assertMatch(await Deno.readTextFile(`${trial.folder}/man/chatterbox-send.1`), /^\.SH "EXAMPLES"$/m);
  }],
  ["completion: the scripts of the shells, and the rooms of the server", async (trial) => {
    for (const shell of ["bash", "zsh", "fish"]) {
      const { code, stdout, stderr } = await trial.run("completion", shell);
      assertEquals(code, 0, stderr);
      assertMatch(stdout, new RegExp(`made by: chatterbox completion ${shell}$`, "m"));
    }
    const line = ["chatterbox", "logs", "--server", trial.url, "#l"];
    const { stdout } = await trial.run("completion", "candidates", "rooms", ...line);
    assertEquals(stdout, "#lobby\n");
  }],
  ["a calendar of duties is read: its reader is a worker", async (trial) => {
    const path = `${trial.folder}/rota.ics`;
    await Deno.writeTextFile(path, CALENDAR);
    const save = ["oncall", "calendar", "duty", path, "--name", "alice"];
    const steps = [["register", "alice"], ["join", "alice", "#duty"], save];
    for (const words of steps) {
      const { code, stdout, stderr } = await trial.run(...words, "--server", trial.url);
      assertEquals(code, 0, stderr);
      if (words === save) assertMatch(stdout, /^calendar duty: 1 event, /);
    }
  }],
  ["a question is asked at a terminal", async (trial) => {
    if (Deno.build.os !== "linux") return; // elsewhere `script` takes other flags, or there is none
    const [said, code] = await trial.atTerminal("key import alice", "Key of alice", "\x03");
    assertEquals(code, 130, said);
  }],
  ["SIGTERM ends the server in order", async (trial) => {
    const code = await trial.stop("SIGTERM");
    // Windows has no SIGTERM: there the server is ended, and what the last sync covered is what is left.
    if (Deno.build.os !== "windows") assertEquals(code, 0, trial.said);
  }],
  ["the ring file holds what was sent", async (trial) => {
    const { code, stdout, stderr } = await trial.run("logs", "--file", `${trial.data}/log.ring`);
    assertEquals(code, 0, stderr);
    assertMatch(stdout, new RegExp(TEXT));
  }],
];

async function smoke(binary: string): Promise<{ passed: number; failed: number }> {
  const folder = await Deno.makeTempDir({ prefix: "chatterbox-smoke-" });
  const trial = new Trial(binary, folder);
  const count = { passed: 0, failed: 0 };
  try {
    for (const [what, check] of CHECKS) {
      try {
        await check(trial);
        count.passed++;
        console.log(`ok      ${what}`);
      } catch (error) {
        count.failed++;
        console.log(`FAILED  ${what}: ${error instanceof Error ? error.message : error}`);
      }
    }
  } finally {
    if (trial.server !== undefined) await trial.stop("SIGKILL").catch(() => {}); // it has ended already
    await Deno.remove(folder, { recursive: true });
  }
  return count;
}

const [binary] = Deno.args;
if (binary === undefined) {
  console.error("usage: smoke.ts BINARY");
  Deno.exitCode = 64;
} else {
  const { passed, failed } = await smoke(await Deno.realPath(binary));
  console.log(`${passed} passed, ${failed} failed`);
  if (failed > 0) Deno.exitCode = 1;
}

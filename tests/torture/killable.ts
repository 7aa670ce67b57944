/**
 * Processes that can be killed (`kill -9`) and started again, for the torture of `ask` and of `page`: a server on one port,
 * people at `join`, and the program that waits for them.
 */
import type { Random } from "../irc/property.ts";
import { linesOf, start } from "../commands/program.ts";
import { endOf, inTime } from "../support/guard.ts";

/** Between two attempts of a person to join, ms. */
const AGAIN_MS = 100;
/** Lines that a fault quotes. */
const MAX_HEARD_LINES = 12;
/** Most that are killed in one round. */
const MAX_KILLS = 3;
/** Longest time before a kill, ms, one of these: an answer takes some milliseconds, and a program 200 ms to start. */
const MAX_PAUSES_MS = [60, 250, 900];
/** Longest time for which the server is not there, ms. */
const MAX_DOWN_MS = 300;
/** Exit code of a program that could not reach the server. */
const NOT_REACHED = 69;

const encoder = new TextEncoder();

export class KillableServer {
  readonly #home: string;
  #child: Deno.ChildProcess | undefined;
  /** Of the first start; 0 before that. */
  #port = 0;

  constructor(home: string) {
    this.#home = home;
  }

  get url(): string {
    return `irc://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    const args = ["serve", "--listen", `127.0.0.1:${this.#port}`, "--data-dir", `${this.#home}/data`];
    const child = start(args, this.#home);
    this.#child = child;
    void child.stderr.pipeTo(new WritableStream());
    const listening = Promise.withResolvers<number>();
    void (async () => {
      for await (const line of linesOf(child.stdout, "unguarded")) {
        const [, port] = /listening on 127\.0\.0\.1:(\d+)/.exec(line) ?? [];
        if (port !== undefined) listening.resolve(Number(port));
      }
      listening.resolve(0);
    })();
    this.#port = await inTime("the server listens", listening.promise) || this.#port;
  }

  async kill(): Promise<void> {
    await killOf(this.#child);
  }
}

/** One person at `join`, who reacts to what they are shown. */
export abstract class KillablePerson {
  readonly name: string;
  /** The last lines that they have been shown. */
  readonly heard: string[] = [];
  /** Resolves once they have been in the lobby, and so have an account. */
  readonly registered: Promise<void>;
  readonly #registered = Promise.withResolvers<void>();
  readonly #home: string;
  #child: Deno.ChildProcess | undefined;
  #input: WritableStreamDefaultWriter<Uint8Array> | undefined;

  constructor(name: string, home: string) {
    this.name = name;
    this.registered = this.#registered.promise;
    this.#home = home;
  }

  /** Handles a line that they are shown; `say` types one into the `join` that has shown it. */
  protected abstract handle(line: string, say: (line: string) => void): void;

  /** Types a line. */
  say(line: string): void {
    this.#input?.write(encoder.encode(`${line}\n`)).catch(() => {});
  }

  start(url: string): void {
    const args = ["join", this.name, "--server", url, "--commands"];
    const child = start(args, this.#home, { stdin: "" });
    this.#child = child;
    this.#input = child.stdin.getWriter();
    this.#input.closed.catch(() => {}); // it was killed
    void child.stderr.pipeTo(new WritableStream());
    void this.#read(child);
    void this.#startAgain(child, url);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    await killOf(child);
  }

  /** A `join` that cannot reach the server at first ends, and the person tries again. */
  async #startAgain(child: Deno.ChildProcess, url: string): Promise<void> {
    await child.status;
    if (child !== this.#child) return;
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    if (child === this.#child) this.start(url);
  }

  async #read(child: Deno.ChildProcess): Promise<void> {
    for await (const line of linesOf(child.stdout, "unguarded")) {
      this.heard.push(line);
      if (this.heard.length > MAX_HEARD_LINES) this.heard.shift();
      if (line.includes("in #lobby")) this.#registered.resolve();
      this.handle(line, (text) => {
        if (child === this.#child) this.say(text);
      });
    }
  }
}

export interface RunEnd {
  readonly code: number;
  /** The lines that it printed. */
  readonly lines: readonly string[];
  readonly err: string;
}

/** One run of the program. */
export class KillableRun {
  readonly ended: Promise<RunEnd>;
  readonly #child: Deno.ChildProcess;
  readonly #lines: string[] = [];

  constructor(args: readonly string[], home: string) {
    const child = start(args, home);
    this.#child = child;
    this.ended = this.#run(child);
  }

  async kill(): Promise<RunEnd> {
    await killOf(this.#child);
    return await this.ended;
  }

  async #run(child: Deno.ChildProcess): Promise<RunEnd> {
    const err = new Response(child.stderr).text();
    for await (const line of linesOf(child.stdout, "unguarded")) this.#lines.push(line);
    const { code } = await endOf(child);
    return { code, lines: this.#lines, err: await err };
  }
}

/** The end of what `first` began: a program that could not reach the server is called again, as a script does. */
export async function takeUp(first: KillableRun, again: () => KillableRun): Promise<RunEnd> {
  for (let run = first;; run = again()) {
    const end = await run.ended;
    if (end.code !== NOT_REACHED) return end;
    await pause(AGAIN_MS);
  }
}

/** Kills up to {@link MAX_KILLS} times, each time one of `kills`, and counts that in `tally`. Returns what was killed. */
export async function killAtRandom<Kind extends string>(
  random: Random,
  kills: Readonly<Record<Kind, () => Promise<void>>>,
  tally: Record<Kind, number>,
): Promise<Kind[]> {
  const killed: Kind[] = [];
  for (let left = random.below(MAX_KILLS + 1); left > 0; left--) {
    await pause(random.below(random.pick(MAX_PAUSES_MS)));
    const what = random.pick(Object.keys(kills) as Kind[]);
    tally[what]++;
    killed.push(what);
    await kills[what]();
  }
  return killed;
}

/** The server is not there for a moment. */
export async function restart(server: KillableServer, random: Random): Promise<void> {
  await server.kill();
  await pause(random.below(MAX_DOWN_MS));
  await server.start();
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function killOf(child: Deno.ChildProcess | undefined): Promise<void> {
  if (child === undefined) return;
  try {
    child.kill("SIGKILL");
  } catch {
    // it has ended by itself
  }
  await endOf(child);
}

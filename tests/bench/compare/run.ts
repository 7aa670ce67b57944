/** One run: a fresh server in a fresh folder, the load generator beside it, and nothing of either left behind. */
import { LOAD, programPath, ROOT, type ServerKind } from "./servers.ts";
import { delay } from "../../../lib/base/delay.ts";
import type { Trial } from "./trials.ts";

const START_MS = 30_000;
export const SETTLE_MS = 1000;
const STOP_MS = 5000;
/** Beyond the seconds of the run: registering thousands takes its time. */
const LOAD_EXTRA_MS = 600_000;

/** What the load generator printed. */
export type Outcome =
  | {
    readonly kind: "figures";
    readonly figures: Readonly<Record<string, unknown>>;
    readonly faults: string[];
  }
  | { readonly kind: "unsupported"; readonly why: string }
  | { readonly kind: "failed"; readonly why: string };

/** The generator's names for what should not have happened. */
const FAULTS = ["lost", "extra", "outOfOrder", "twice", "malformed", "wrong", "dropped"];

const TASKSET = programPath("taskset");
/** The server has a core, the generator has another. */
export const PINNED = TASKSET !== undefined && navigator.hardwareConcurrency > 1;

export function pinned(core: number, command: readonly string[]): string[] {
  return PINNED ? [TASKSET!, "--cpu-list", String(core), ...command] : [...command];
}

/** A port that nobody has right now. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

/** A server that runs until `stop`. */
export class RunningServer {
  /** The end of what it has printed. */
  #printed = "";
  readonly #printing: Promise<unknown>;
  readonly #onPrint: Set<() => void> = new Set();
  #ended = false;

  private constructor(readonly child: Deno.ChildProcess, readonly port: number) {
    this.#printing = Promise.all([this.#collect(child.stdout), this.#collect(child.stderr)]);
    void child.status.then(() => {
      this.#ended = true;
      for (const heard of this.#onPrint) heard();
    });
  }

  static start(command: readonly string[], port: number): RunningServer {
    const [program, ...args] = pinned(0, command);
    const child = new Deno.Command(program!, {
      args,
      cwd: ROOT,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    return new RunningServer(child, port);
  }

  get pid(): number {
    return this.child.pid;
  }

  get printed(): string {
    return this.#printed;
  }

  /** Resolves when it accepts connections. */
  async listening(): Promise<void> {
    for (const end = performance.now() + START_MS; performance.now() < end;) {
      try {
        (await Deno.connect({ hostname: "127.0.0.1", port: this.port })).close();
        return;
      } catch {
        if (this.#ended) break;
        await delay(50);
      }
    }
    throw new Error(`did not start: ${this.#printed.trim()}`);
  }

  /** Resolves when it has printed `text`. */
  prints(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (this.#printed.includes(text)) resolve();
        else if (this.#ended) reject(new Error(`ended before it printed "${text}": ${this.#printed.trim()}`));
      };
      this.#onPrint.add(look);
      look();
    });
  }

  async stop(): Promise<void> {
    const kill = (signal: Deno.Signal) => {
      try {
        this.child.kill(signal);
      } catch {
        // it has ended
      }
    };
    kill("SIGTERM");
    const timer = setTimeout(() => kill("SIGKILL"), STOP_MS);
    await this.child.status;
    clearTimeout(timer);
    await this.#printing;
  }

  async #collect(stream: ReadableStream<Uint8Array>): Promise<void> {
    // Where the types of browsers are loaded as well, theirs differ from those of the platform.
    const decoder = new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>;
    for await (const text of stream.pipeThrough(decoder)) {
      this.#printed = (this.#printed + text).slice(-4000);
      for (const heard of this.#onPrint) heard();
    }
  }
}

/** A new folder, gone when `use` is over. */
export async function withFolder<T>(use: (dir: string) => Promise<T>): Promise<T> {
  const dir = await Deno.makeTempDir({ prefix: "chatterbox-compare-" });
  try {
    return await use(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** One run; when `signal` is aborted it is cut short, and still nothing stays behind. */
export function runTrial(
  trial: Trial,
  kind: ServerKind,
  secs: number,
  signal: AbortSignal,
): Promise<Outcome> {
  return withFolder(async (dir) => {
    const port = freePort();
    const server = RunningServer.start(await kind.command(dir, port), port);
    try {
      await server.listening();
      await delay(SETTLE_MS);
      return await runGenerator(trial, kind, server, secs, signal);
    } catch (error) {
      return { kind: "failed", why: error instanceof Error ? error.message : String(error) };
    } finally {
      await server.stop();
    }
  });
}

/** The load generator on a server that listens; when `interrupted` is aborted it is cut short. */
export async function runGenerator(
  trial: Pick<Trial, "args">,
  kind: Pick<ServerKind, "atOnce">,
  server: RunningServer,
  secs: number,
  interrupted: AbortSignal,
): Promise<Outcome> {
  const [program, ...args] = pinned(1, [
    Deno.execPath(),
    ...["run", "-q", "--allow-net", "--allow-read", "--allow-run=cat", LOAD, ...trial.args],
    `--secs=${secs}`,
    `--server=127.0.0.1:${server.port}`,
    `--pid=${server.pid}`,
    `--at-once=${kind.atOnce}`,
  ]);
  const signal = AbortSignal.any([interrupted, AbortSignal.timeout(secs * 5000 + LOAD_EXTRA_MS)]);
  const output = await new Deno.Command(program!, { args, cwd: ROOT, stdin: "null", signal }).output();
  const [stdout, stderr] = [output.stdout, output.stderr].map((bytes) => new TextDecoder().decode(bytes));
  let figures: Record<string, unknown>;
  try {
    figures = JSON.parse(stdout!);
  } catch {
    return {
      kind: "failed",
      why: (stderr! || stdout! || "the load generator was stopped").trim().slice(-500),
    };
  }
  if (typeof figures.unsupported === "string") return { kind: "unsupported", why: figures.unsupported };
  if (typeof figures.error === "string") return { kind: "failed", why: figures.error };
  const faults = FAULTS.filter((name) => (figures[name] ?? 0) !== 0).map((name) =>
    `${name} ${figures[name]}`
  );
  return { kind: "figures", figures, faults };
}

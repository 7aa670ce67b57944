/** The program as a process, and a server of ours for its clients. */
import { endOf, inTime, outputOf } from "../support/guard.ts";
import { tempDirTest, type TestOptions } from "../support/test.ts";

const ROOT = `${import.meta.dirname}/../../`;

/** Runs from source with the permissions of deno.json, as `deno task start` does. */
export const DENO_ARGS = ["run", "-q", "-P", `--config=${ROOT}deno.json`, `${ROOT}main.ts`];

/** Nothing of this machine's reaches the program. */
export const HOME_ENVIRONMENT = {
  USER: "tester",
  CHATTERBOX_SERVER: "",
  CHATTERBOX_NAME: "",
  CHATTERBOX_PASSWORD: "",
  CHATTERBOX_CA: "",
  CHATTERBOX_PROFILE: "",
  CHATTERBOX_KEY: "",
};

/** A test that runs the program as a process, with a folder of its own; it has all permissions of the suite. */
export function programTest(
  name: string,
  { ignore = false }: Pick<TestOptions, "ignore">,
  fn: (home: string) => Promise<void>,
): void {
  tempDirTest(name, { ignore, permissions: "inherit" }, fn);
}

export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly env?: Record<string, string>;
  readonly stdin?: string;
  /** Words in front of the command: what runs it elsewhere. */
  readonly within?: readonly string[];
  /** `serve` listens where it does by default; otherwise for HTTP only if `args` ask for it. */
  readonly hasDefaultWeb?: boolean;
}

/** `args` without the default listener for HTTP, which is on one port for all servers of this machine. */
export function withoutDefaultWeb(args: readonly string[]): string[] {
  const mayListen = args[0] === "serve" && !args.some((word) => /^--(?:web|no-web|config|help)\b/.test(word));
  return mayListen ? [...args, "--no-web"] : [...args];
}

/** Starts the program; its configuration is in `home` and nothing of this machine's reaches it. */
export function start(
  args: readonly string[],
  home: string,
  { env = {}, stdin, within = [], hasDefaultWeb = false }: RunOptions = {},
): Deno.ChildProcess {
  const own = hasDefaultWeb ? args : withoutDefaultWeb(args);
  const [command, ...words] = [...within, Deno.execPath(), ...DENO_ARGS, ...own];
  return new Deno.Command(command!, {
    args: words,
    env: {
      XDG_CONFIG_HOME: home,
      XDG_STATE_HOME: home,
      ...HOME_ENVIRONMENT,
      ...env,
    },
    stdin: stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs the program to its end. */
export async function program(args: readonly string[], home: string, options: RunOptions = {}): Promise<Run> {
  const child = start(args, home, options);
  if (options.stdin !== undefined) {
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(options.stdin));
    await writer.close();
  }
  return await outputOf(`chatterbox ${args.join(" ")}`, child);
}

/**
 * Lines of a stream as they come. A wait for the next one is guarded, unless it is `unguarded`: for one that reads in the
 * background what may be silent for long.
 */
export async function* linesOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  guard: "guarded" | "unguarded" = "guarded",
): AsyncGenerator<string> {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let heard = "";
  let rest = "";
  try {
    for (;;) {
      const read = reader.read();
      const next = guard === "unguarded"
        ? await read
        : await inTime("a line of output", read, { heard: () => heard.split("\n") });
      if (next.done) break;
      heard = (heard + next.value).slice(-1000);
      const lines = (rest + next.value).split("\n");
      rest = lines.pop()!;
      yield* lines;
    }
  } finally {
    await reader.cancel(); // closes the stream where its lines are read no further
  }
  if (rest !== "") yield rest;
}

/** `chatterbox serve` on a free port, with its data in a folder of its own. */
export class Server {
  readonly #child: Deno.ChildProcess;

  private constructor(child: Deno.ChildProcess, readonly home: string, readonly url: string) {
    this.#child = child;
  }

  static async start(home?: string, ...flags: string[]): Promise<Server> {
    const folder = home ?? await Deno.makeTempDir();
    const child = start(
      ["serve", "--listen", "127.0.0.1:0", "--data-dir", `${folder}/data`, ...flags],
      folder,
    );
    child.stderr.pipeTo(new WritableStream()); // read, so that it cannot fill up
    const lines = linesOf(child.stdout, "unguarded");
    const next = () => inTime("serve listens", lines.next());
    for (let line = await next(); !line.done; line = await next()) {
      const [, port] = /listening on 127\.0\.0\.1:(\d+)/.exec(line.value) ?? [];
      if (port === undefined) continue;
      drain(lines);
      return new Server(child, folder, `irc://127.0.0.1:${port}`);
    }
    throw new Error(`serve ended with ${(await endOf(child)).code} before it listened`);
  }

  get pid(): number {
    return this.#child.pid;
  }

  get logFile(): string {
    return `${this.home}/data/log.ring`;
  }

  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Ends the server and waits for it; its folder stays. */
  async stop(signal: Deno.Signal = "SIGTERM"): Promise<void> {
    try {
      this.#child.kill(signal);
    } catch {
      // ended already
    }
    await endOf(this.#child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await Deno.remove(this.home, { recursive: true });
  }
}

async function drain(lines: AsyncGenerator<string>): Promise<void> {
  for await (const _ of lines);
}

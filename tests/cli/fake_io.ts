/** An {@link Io} without a process: what a command writes is kept, what it reads is given. */
import type { CaughtSignal, Command, Io, Permission } from "../../lib/cli/command.ts";
import type { StopReason } from "../../lib/cli/exit_codes.ts";
import { QueuedOutput } from "../../lib/cli/standard_streams.ts";

export interface FakeIoOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Bytes (or text) on standard input; undefined: standard input is a terminal. */
  readonly stdin?: string | Uint8Array<ArrayBuffer>;
  /** In place of `stdin`: what comes in time. */
  readonly input?: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly terminal?: boolean;
  /** Of the terminal; left out: it does not tell. */
  readonly size?: () => { columns: number; rows: number };
  /** In place of `stdin`: what a person types at a terminal, who then closes it. */
  readonly typed?: string | ReadableStream<Uint8Array<ArrayBuffer>>;
  /** The user's name in the user database; left out: there is none. */
  readonly systemName?: string;
  readonly now?: number;
  /** Of the file that standard output is, which other users can read; left out: it is no such file. */
  readonly exposedMode?: number;
  /** All commands of the program; left out: none. */
  readonly commands?: readonly Command[];
  /** Called with each piece written to standard output; may throw as a closed pipe does. */
  readonly onStdout?: (text: string) => void;
}

export class FakeIo implements Io {
  readonly stdin;
  readonly stdout: QueuedOutput;
  readonly stderr: QueuedOutput;
  readonly clock;
  readonly commands: () => Promise<readonly Command[]>;
  out = "";
  err = "";
  readonly #env: Readonly<Record<string, string>>;
  readonly #systemName: string | undefined;
  readonly #interrupt = new AbortController();

  constructor(options: FakeIoOptions = {}) {
    const { env = {}, stdin, input, terminal = false, typed, systemName, now, onStdout, size, exposedMode } =
      options;
    const { commands = [] } = options;
    this.commands = () => Promise.resolve(commands);
    this.#env = env;
    this.#systemName = systemName;
    this.clock = { now: () => now ?? Date.now() };
    this.stdin = {
      isTerminal: stdin === undefined && input === undefined,
      readable: input ??
        (typed instanceof ReadableStream ? typed : ReadableStream.from(bytesOf(stdin ?? typed))),
      setRaw: () => {},
    };
    this.stdout = new QueuedOutput(
      sink((text) => {
        onStdout?.(text);
        this.out += text;
      }),
      terminal,
      size,
      undefined,
      () => exposedMode,
    );
    this.stderr = new QueuedOutput(sink((text) => this.err += text), terminal);
  }

  get signal(): AbortSignal {
    return this.#interrupt.signal;
  }

  readonly env = (name: string): string | undefined => this.#env[name] || undefined;

  readonly systemName = (): Promise<string | undefined> => Promise.resolve(this.#systemName);

  /** What was given up. */
  readonly revoked: Permission[] = [];

  readonly revoke = (permissions: readonly Permission[]): void => void this.revoked.push(...permissions);

  readonly #hangUps = new Set<() => void>();
  readonly #resizes = new Set<() => void>();
  readonly #continues = new Set<() => void>();

  /** SIGINT and the like: {@link interrupt} is what a test sends. */
  readonly #ends = new Set<() => void>();

  readonly onSignal = (name: CaughtSignal, handler: () => void): () => void => {
    const known = { SIGHUP: this.#hangUps, SIGWINCH: this.#resizes, SIGCONT: this.#continues };
    const handlers = name in known ? known[name as keyof typeof known] : this.#ends;
    handlers.add(handler);
    return () => void handlers.delete(handler);
  };

  /** A SIGWINCH. */
  resize(): void {
    this.#resizes.forEach((handler) => handler());
  }

  /** A SIGHUP; false: nothing handles it, and the process would end at once. */
  hangUp(): boolean {
    this.#hangUps.forEach((handler) => handler());
    return this.#hangUps.size > 0;
  }

  interrupt(why: "SIGINT" | "SIGTERM" = "SIGINT"): void {
    this.#interrupt.abort({ why } satisfies StopReason);
  }

  async flush(): Promise<void> {
    await this.stdout.flush();
    await this.stderr.flush();
  }
}

function bytesOf(given: string | Uint8Array<ArrayBuffer> | undefined): Uint8Array<ArrayBuffer>[] {
  if (given === undefined) return [];
  return [typeof given === "string" ? new TextEncoder().encode(given) : given];
}

function sink(take: (text: string) => void) {
  const decoder = new TextDecoder();
  return {
    write(bytes: Uint8Array): Promise<number> {
      take(decoder.decode(bytes, { stream: true }));
      return Promise.resolve(bytes.length);
    },
  };
}

/**
 * A client at a pseudo-terminal (`script`, as in tests/commands/pty.ts), without an emulator: what comes is looked at as it
 * arrives, and nothing else is done in the time that is measured.
 */
import { endOf, inTime } from "../../support/guard.ts";
import { PlainText } from "./plain_text.ts";

/** Characters of the text since the last key that are looked through. */
const MAX_RECENT_CHARACTERS = 16_384;
/** How long a client may take to end after it was told to, ms. */
const LEAVING_MS = 5000;
/** Longest wait for what comes, ms: a client that a flood has left far behind still shows the rest of it. */
const GUARD_MS = 120_000;
const SIZE = { columns: 80, rows: 24 };
const PID = /\[pid (\d+)\]\r?\n/;

export class ClientTerminal implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #keys: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #plain = new PlainText();
  readonly #ended: Promise<void>;
  #recent = "";
  #awaited: { isThere: (text: string) => boolean; resolve: (atMs: number) => void } | undefined;
  #letters: Set<string> | undefined;
  /** Bytes that it has written. */
  bytes = 0;
  /** Of the client. 0 before {@link open} has resolved. */
  pid = 0;
  /** When the client's program took the place of the shell, by `performance.now()`. */
  startMs = 0;

  private constructor(command: readonly string[], env: Readonly<Record<string, string>>) {
    const words = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
    const script = `stty cols ${SIZE.columns} rows ${SIZE.rows}; echo "[pid $$]"; exec ${words}`;
    this.#child = new Deno.Command("script", {
      args: Deno.build.os === "linux"
        ? ["-q", "-c", script, "/dev/null"]
        : ["-q", "/dev/null", "sh", "-c", script],
      clearEnv: true,
      env: { ...env, TERM: "xterm-256color" },
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#keys = this.#child.stdin.getWriter();
    this.#ended = this.#read();
  }

  /** Starts `command` with `env` and nothing else of this environment. */
  static async open(
    command: readonly string[],
    env: Readonly<Record<string, string>>,
  ): Promise<ClientTerminal> {
    const terminal = new ClientTerminal(command, env);
    terminal.startMs = await terminal.comes("its process", (text) => {
      terminal.pid = Number(PID.exec(text)?.[1] ?? 0);
      return terminal.pid !== 0;
    });
    return terminal;
  }

  /** Writes `keys` to the terminal; what came before is forgotten. Answers when, by `performance.now()`. */
  press(keys: string): number {
    this.#recent = "";
    const atMs = performance.now();
    this.#keys.write(new TextEncoder().encode(keys)).catch(() => {}); // it has ended; comes() tells
    return atMs;
  }

  /**
   * When text that `isThere` holds of has come since the last key, by `performance.now()`.
   * @throws after `guardMs`, as `inTime` does.
   */
  async comes(what: string, isThere: (text: string) => boolean, guardMs = GUARD_MS): Promise<number> {
    if (isThere(this.#recent)) return performance.now();
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#awaited = { isThere, resolve };
    const gone = this.#ended.then(() => Promise.reject(new Error(`the client has ended before ${what}`)));
    try {
      return await inTime(what, Promise.race([promise, gone]), {
        heard: () => this.#recent.split(/[\r\n]+/),
        guardMs,
      });
    } finally {
      this.#awaited = undefined;
    }
  }

  /** Begins to note the capital letters that come. The returned function ends it, and answers them. */
  noteLetters(): () => ReadonlySet<string> {
    const letters = this.#letters = new Set(this.#recent.match(/[A-Z]/g) ?? []);
    return () => {
      this.#letters = undefined;
      return letters;
    };
  }

  /** Types `quit`, and waits for the end of the client; closes its terminal where it does not end. */
  async leave(quit: string): Promise<void> {
    this.press(quit);
    const timer = setTimeout(() => this.#kill(), LEAVING_MS);
    await this.#ended;
    clearTimeout(timer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#kill();
    await endOf(this.#child);
    await this.#ended;
    await this.#keys.abort().catch(() => {}); // closed with the process
  }

  #kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // ended already
    }
  }

  async #read(): Promise<void> {
    for await (const chunk of this.#child.stdout) {
      const atMs = performance.now();
      this.bytes += chunk.length;
      const text = this.#plain.add(chunk);
      this.#recent += text;
      if (this.#letters !== undefined) {
        for (const [letter] of text.matchAll(/[A-Z]/g)) this.#letters.add(letter);
      }
      if (this.#awaited?.isThere(this.#recent)) {
        this.#awaited.resolve(atMs);
        this.#awaited = undefined;
      }
      this.#recent = this.#recent.slice(-MAX_RECENT_CHARACTERS);
    }
  }
}

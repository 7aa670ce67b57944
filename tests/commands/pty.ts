/**
 * The program at a real terminal: a pseudo-terminal made by `script` (util-linux on Linux, BSD's on macOS; Windows has none), its
 * screen on an xterm.js. When the program has ended, its exit code and the terminal's modes are written below.
 */
import { endOf, inTime } from "../support/guard.ts";
import { Xterm } from "../tui/xterm.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** From source with the permissions of deno.json. */
export const CHATTERBOX = [Deno.execPath(), "run", "-q", "-P", `--config=${ROOT}deno.json`, `${ROOT}main.ts`];

/** The same, which writes its exit code to `file`: the shell outlives the terminal, the program need not. */
export function tellingCode(file: string): string[] {
  return ["sh", "-c", `trap : HUP; "$@"; echo $? >'${file}'`, "sh", ...CHATTERBOX];
}

/** The same, so that it can be signalled ({@link Pty.signal}). */
export const TELLING_PID = ["sh", "-c", 'echo "[pid $$]"; exec "$@"', "sh", ...CHATTERBOX];

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export class Pty {
  readonly #child: Deno.ChildProcess;
  readonly #keys: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #screen: Xterm;
  /** All bytes received, as text. */
  raw = "";
  #ended = false;
  #look: () => void = () => {};

  /** Runs `chatterbox` (or another `program`) with `args` on a terminal. */
  constructor(
    args: readonly string[],
    env: Record<string, string>,
    program: readonly string[] = CHATTERBOX,
    { columns, rows }: TerminalSize = { columns: 60, rows: 20 },
  ) {
    const words = [...program, ...args].map(quote).join(" ");
    // Ctrl-C is for the program: the shell, which gets the signal, too, is to go on and tell the exit code.
    const script = `trap : INT; stty cols ${columns} rows ${rows}; ${words}; echo "[code $?]"; stty -a`;
    const linux = Deno.build.os === "linux";
    this.#child = new Deno.Command("script", {
      args: linux ? ["-q", "-c", script, "/dev/null"] : ["-q", "/dev/null", "sh", "-c", script],
      env: {
        TERM: "xterm",
        CHATTERBOX_SERVER: "",
        CHATTERBOX_NAME: "",
        CHATTERBOX_PASSWORD: "",
        INIT_CWD: "",
        ...env,
      },
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#keys = this.#child.stdin.getWriter();
    this.#screen = new Xterm(columns, rows, (text) => this.press(text));
    this.#read();
  }

  /** Signals the program, which is one of {@link TELLING_PID}. */
  async signal(name: "SIGHUP" | "SIGKILL" | "SIGQUIT" | "SIGTERM"): Promise<void> {
    const [, pid] = /\[pid (\d+)\]/.exec(this.raw)!;
    await new Deno.Command("sh", { args: ["-c", `kill -${name.slice(3)} ${pid}`] }).output();
  }

  /** Closes the terminal while the program runs on it. */
  async closeTerminal(): Promise<void> {
    this.#child.kill("SIGKILL");
    await endOf(this.#child);
  }

  press(text: string): void {
    this.#keys.write(new TextEncoder().encode(text)).catch(() => {}); // it has ended; shows() tells
  }

  /**
   * Waits until `seen` holds of the screen's lines; throws when the program ends before. The terminal may hand on what the program
   * wrote at once in several parts, and this looks after each: all that is to be there together belongs into one `seen`.
   */
  async shows(seen: (lines: string[]) => boolean, wanted = String(seen)): Promise<string[]> {
    const come = async () => {
      while (!seen(this.#screen.lines())) {
        if (this.#ended) throw new Error(`ended without it: ${JSON.stringify(this.#screen.lines())}`);
        await new Promise<void>((resolve) => this.#look = resolve);
      }
    };
    await inTime(`a screen with ${wanted}`, come(), { heard: () => this.#screen.lines() });
    return this.#screen.lines();
  }

  /** As {@link shows}, for a line that is there as a whole. */
  line(expected: string | RegExp): Promise<string[]> {
    return this.shows(
      (lines) => lines.some((line) => typeof expected === "string" ? line === expected : expected.test(line)),
      String(expected),
    );
  }

  /** The exit code of the program, once it has ended, and whether the terminal is as it was. */
  async end(): Promise<{ code: number; restored: boolean }> {
    const lines = await this.shows((lines) =>
      / echo\b/.test(lines.join(" ")) && lines.some((line) => line.startsWith("[code "))
    );
    const code = Number(/\[code (\d+)\]/.exec(lines.join("\n"))?.[1]);
    const modes = lines.slice(lines.findIndex((line) => line.startsWith("[code "))).join(" ");
    return { code, restored: / icanon\b/.test(modes) && !/-echo\b/.test(modes) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // ended already
    }
    await endOf(this.#child);
    await this.#keys.abort().catch(() => {}); // closed with the process
    this.#screen.dispose();
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.#child.stdout) {
      this.raw += decoder.decode(chunk, { stream: true });
      await this.#screen.write(chunk);
      this.#look();
    }
    this.#ended = true;
    this.#look();
  }
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

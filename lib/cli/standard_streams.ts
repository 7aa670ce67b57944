/** The standard streams of a command, and the choice of colours. */
import { toPrintable } from "../base/printable_text.ts";
import type { StopReason } from "./exit_codes.ts";

/** Standard input. */
export interface InputStream {
  readonly isTerminal: boolean;
  /** The bytes, read from standard input only on demand. One reader at a time. */
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Switches the raw mode of a terminal on or off. */
  setRaw(on: boolean): void;
}

/**
 * Standard output or standard error. Writes keep their order; a reader that has closed its end is not an
 * error.
 */
export interface OutputStream {
  readonly isTerminal: boolean;
  /** Queues `text`. Never fails: once {@link closedSignal} is aborted, text is dropped. */
  write(text: string): void;
  /**
   * Resolves when all queued text is written or dropped. Callers await it between batches of output to bound
   * the queue.
   */
  flush(): Promise<void>;
  /** Aborted with a `StopReason` when the reader has closed its end, or a write has failed. */
  readonly closedSignal: AbortSignal;
  /**
   * From now on {@link closedSignal} is aborted as soon as the reader closes its end, if the platform can
   * detect that; otherwise at the next write. For commands that may have nothing to write for a long time.
   */
  watchForClose(): void;
  /** The mode of the file that is written, where that lets other users read it; undefined: they cannot, or it is no file. */
  exposedMode(): number | undefined;
  /** Columns and rows of the terminal; undefined if the stream is not a terminal. */
  size(): { columns: number; rows: number } | undefined;
  /**
   * Writes `begin`, which changes the state of the terminal, and makes sure that `end` is written, too: by the function
   * returned, which does nothing the second time, or by {@link restore}.
   */
  changeTerminal(begin: string, end: string): () => void;
  /** Before the process ends, however it ends: writes what restores the terminal. */
  restore(): void;
}

/** The destination of a {@link QueuedOutput}: `Deno.stdout`, or a list in a test. */
export interface ByteSink {
  write(bytes: Uint8Array): Promise<number>;
}

const encoder = new TextEncoder();

/** An {@link OutputStream} to a sink: one write at a time; text queued meanwhile is the next write. */
export class QueuedOutput implements OutputStream {
  #queued = "";
  /** What restores the terminal, the last change first. */
  readonly #ends: string[] = [];
  #pumping: Promise<void> | undefined;
  readonly #gone = new AbortController();

  constructor(
    readonly sink: ByteSink,
    readonly isTerminal: boolean,
    readonly size: () => { columns: number; rows: number } | undefined = () => undefined,
    /** Calls `onGone` once the reader has closed its end. */
    readonly watch: (onGone: () => void) => void = () => {},
    readonly exposedMode: () => number | undefined = () => undefined,
  ) {}

  get closedSignal(): AbortSignal {
    return this.#gone.signal;
  }

  write(text: string): void {
    if (this.#gone.signal.aborted) return;
    this.#queued += text;
    this.#pumping ??= this.#pump();
  }

  flush(): Promise<void> {
    return this.#pumping ?? Promise.resolve();
  }

  watchForClose(): void {
    if (!this.isTerminal) this.watch(() => this.#lost({ why: "reader_gone" }));
  }

  changeTerminal(begin: string, end: string): () => void {
    this.write(begin);
    this.#ends.unshift(end);
    let isOn = true;
    return () => {
      const at = isOn ? this.#ends.indexOf(end) : -1;
      isOn = false;
      if (at >= 0) this.write(this.#ends.splice(at, 1)[0]!);
    };
  }

  restore(): void {
    for (const end of this.#ends.splice(0)) this.write(end);
  }

  async #pump(): Promise<void> {
    await Promise.resolve(); // texts of the same turn of the event loop are one write
    try {
      while (this.#queued !== "") {
        const bytes = encoder.encode(this.#queued);
        this.#queued = "";
        for (let sent = 0; sent < bytes.length;) sent += await this.sink.write(bytes.subarray(sent));
      }
    } catch (error) {
      this.#lost(
        error instanceof Deno.errors.BrokenPipe ? { why: "reader_gone" } : this.isTerminal // it was closed
          ? { why: "SIGHUP" }
          : { why: "write_failed", text: error instanceof Error ? error.message : String(error) },
      );
    } finally {
      this.#pumping = undefined;
    }
  }

  #lost(why: StopReason): void {
    this.#queued = "";
    this.#gone.abort(why);
  }
}

/**
 * Whether to use colours: on a terminal only, and not with `--no-color`, `NO_COLOR` (https://no-color.org,
 * any value except the empty one) or `TERM=dumb`.
 */
export function wantsColor(
  output: OutputStream,
  env: (name: string) => string | undefined,
  noColorFlag: boolean,
): boolean {
  return output.isTerminal && !noColorFlag && env("NO_COLOR") === undefined && env("TERM") !== "dumb";
}

type Paint = (text: string) => string;

/** Styles by their meaning, not by their colour. Without colours, text is returned unchanged. */
export interface Palette {
  /** Times and details. */
  readonly dim: Paint;
  /** A name; the same name has the same colour everywhere. */
  readonly name: Paint;
  /** A channel. */
  readonly channel: Paint;
  /** A direct message. */
  readonly direct: Paint;
  /** Errors and warnings. */
  readonly alarm: Paint;
  readonly bold: Paint;
}

const plain: Paint = (text) => text;
const PLAIN: Palette = { dim: plain, name: plain, channel: plain, direct: plain, alarm: plain, bold: plain };

/** The palette, with colours if `on`: only then is the colour library loaded. */
export async function loadPalette(on: boolean): Promise<Palette> {
  if (!on) return PLAIN;
  const colors = await import("@std/fmt/colors") as Record<string, Paint>;
  const paint = (style: string): Paint => colors[style] ?? plain;
  const names = ["red", "green", "yellow", "blue", "magenta", "cyan", "brightGreen", "brightBlue"].map(paint);
  return {
    dim: paint("dim"),
    name: (text) => names[hashName(text) % names.length]!(text),
    channel: paint("cyan"),
    direct: paint("magenta"),
    alarm: paint("red"),
    bold: paint("bold"),
  };
}

function hashName(text: string): number {
  let sum = 0;
  for (let i = 0; i < text.length; i++) sum = (sum * 31 + text.charCodeAt(i)) >>> 0;
  return sum;
}

/**
 * Writes `chatterbox: text`, made printable, to standard error. Returns `code`, so that it can be the last
 * statement of a failed command.
 */
export function reportFailure<Code extends number>(
  io: { readonly stderr: OutputStream },
  code: Code,
  text: string,
): Code {
  io.stderr.write(`chatterbox: ${toPrintable(text)}\n`);
  return code;
}

/** Says on standard error that other users can read `what`, a secret, in the file that standard output is. */
export function warnOfReaders(
  io: { readonly stdout: OutputStream; readonly stderr: OutputStream },
  what: string,
): void {
  const mode = io.stdout.exposedMode();
  if (mode === undefined) return;
  const text = `other users can read ${what} in that file (mode ${mode.toString(8).padStart(4, "0")}): ` +
    "chmod 600 it, or write it after umask 077";
  io.stderr.write(`chatterbox: ${text}\n`);
}

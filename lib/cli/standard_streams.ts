/** Standard streams as the commands see them, and the decision on colour. */
import { toPrintable } from "../base/printable_text.ts";
import type { StopReason } from "./exit_codes.ts";

/** Standard input. */
export interface InputStream {
  readonly isTerminal: boolean;
  /** The bytes, read from the process only as they are asked for. One reader at a time. */
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Raw mode of a terminal on or off. */
  setRaw(on: boolean): void;
}

/** Standard output or error. Writes keep their order; a reader that has gone is no error. */
export interface OutputStream {
  readonly isTerminal: boolean;
  /** Queues `text`. Never fails: once {@link closedSignal} is aborted, text is dropped. */
  write(text: string): void;
  /** Resolves when all that was queued is written (or dropped). Await it between batches of output to bound the queue. */
  flush(): Promise<void>;
  /** Aborted (with an `Interruption`) when the reader has closed its end, or nothing more can be written. */
  readonly closedSignal: AbortSignal;
  /**
   * From now on {@link closedSignal} is aborted as soon as the reader closes its end, where the platform can tell; else when something is
   * written next. For commands that may have nothing to write for long.
   */
  watchForClose(): void;
  /** Columns and rows of the terminal; undefined when it is none. */
  size(): { columns: number; rows: number } | undefined;
}

/** Where an {@link QueuedOutput} sends its bytes: `Deno.stdout`, or a test's list. */
export interface ByteSink {
  write(bytes: Uint8Array): Promise<number>;
}

const encoder = new TextEncoder();

/** An {@link OutputStream} over a sink: at most one write under way, what comes meanwhile goes out as the next one. */
export class QueuedOutput implements OutputStream {
  #queued = "";
  #pumping: Promise<void> | undefined;
  readonly #gone = new AbortController();

  constructor(
    readonly sink: ByteSink,
    readonly isTerminal: boolean,
    readonly size: () => { columns: number; rows: number } | undefined = () => undefined,
    /** Calls `onGone` once the reader has closed its end. */
    readonly watch: (onGone: () => void) => void = () => {},
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

  async #pump(): Promise<void> {
    await Promise.resolve(); // what the same turn writes goes out together
    try {
      while (this.#queued !== "") {
        const bytes = encoder.encode(this.#queued);
        this.#queued = "";
        for (let sent = 0; sent < bytes.length;) sent += await this.sink.write(bytes.subarray(sent));
      }
    } catch (error) {
      this.#lost(
        error instanceof Deno.errors.BrokenPipe
          ? { why: "reader_gone" }
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
 * Colour only for a person who can see it: on a terminal, without `--no-color`, `NO_COLOR` (https://no-color.org,
 * any value but the empty one) and `TERM=dumb`.
 */
export function wantsColor(
  output: OutputStream,
  env: (name: string) => string | undefined,
  noColorFlag: boolean,
): boolean {
  return output.isTerminal && !noColorFlag && env("NO_COLOR") === undefined && env("TERM") !== "dumb";
}

type Paint = (text: string) => string;

/** Styles by what they mean here, not by their colour. Plain text comes back unchanged when colour is off. */
export interface Palette {
  /** Times and other small print. */
  readonly dim: Paint;
  /** A name; the same name has the same colour everywhere. */
  readonly name: Paint;
  /** A channel. */
  readonly channel: Paint;
  /** A direct message. */
  readonly direct: Paint;
  /** What went wrong. */
  readonly alarm: Paint;
  readonly bold: Paint;
}

const plain: Paint = (text) => text;
const PLAIN: Palette = { dim: plain, name: plain, channel: plain, direct: plain, alarm: plain, bold: plain };

/** The palette to write with; the colour library is loaded only when it is on. */
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

/** Writes `chatterbox: text` to standard error, safe to show, and answers `code`: the last statement of a command that failed. */
export function reportFailure<Code extends number>(
  io: { readonly stderr: OutputStream },
  code: Code,
  text: string,
): Code {
  io.stderr.write(`chatterbox: ${toPrintable(text)}\n`);
  return code;
}

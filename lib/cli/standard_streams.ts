/** The standard streams of a command, and the choice of colours. */
import { unreachable } from "../base/assert.ts";
import { toPrintable } from "../base/printable_text.ts";
import type { StopReason } from "./exit_codes.ts";
import { NAME_COLOR_INDEXES, NAME_COLORS, pickNameColor } from "./name_colors.ts";

/** Standard input. */
export interface InputStream {
  readonly isTerminal: boolean;
  /** The bytes, read from standard input only on demand. One reader at a time. */
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Switches the raw mode of a terminal on or off. */
  setRaw(on: boolean): void;
  /**
   * Of a terminal: remembers its mode for as long as another process uses it, without echo meanwhile. The function
   * returned sets the mode again.
   */
  readonly holdMode?: () => () => void;
}

/**
 * Standard output or standard error. Writes keep their order; a reader that has closed its end is not an
 * error.
 */
export interface OutputStream {
  readonly isTerminal: boolean;
  /** Queues `text`. Never fails: once {@link closedSignal} is aborted, text is dropped. */
  write(text: string): void;
  /** Writes `bytes` as they are, behind what is queued. Resolves when they are written or dropped; one call at a time. */
  writeBytes(bytes: Uint8Array): Promise<void>;
  /**
   * Resolves when all queued text is written or dropped. Callers await it between batches of output to bound
   * the queue.
   */
  flush(): Promise<void>;
  /**
   * The reader takes nothing, or is too slow: more than {@link MAX_QUEUED_UNITS} wait. Callers that run on hold back
   * what they have until {@link flush} has resolved.
   */
  readonly isBacklogged: boolean;
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
  /**
   * Before the process ends, however it ends: writes what restores the terminal. What is written later is dropped: the
   * program may go on for a moment, and the terminal is no longer its own.
   */
  restore(): void;
}

/** The destination of a {@link QueuedOutput}: `Deno.stdout`, or a list in a test. */
export interface ByteSink {
  write(bytes: Uint8Array): Promise<number>;
}

/** Text that waits for the reader, in UTF-16 code units; behind it a caller holds back. */
export const MAX_QUEUED_UNITS = 64 * 1024;

const encoder = new TextEncoder();

/** Longest wait for a terminal at the end of a program that a signal ends: it may take nothing. */
export const MAX_LAST_FLUSH_MS = 2000;

/** Waits until `output` is written; where a signal ends the program, not for ever. */
export async function flushLast(output: OutputStream, isSignalled: boolean): Promise<void> {
  if (!isSignalled || !output.isTerminal) return await output.flush();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => timer = setTimeout(resolve, MAX_LAST_FLUSH_MS));
  await Promise.race([output.flush(), late]);
  clearTimeout(timer);
}

/** An {@link OutputStream} to a sink: one write at a time; text queued meanwhile is the next write. */
export class QueuedOutput implements OutputStream {
  #queued = "";
  /** Units that are being written. */
  #unitsInFlight = 0;
  /** What restores the terminal, the last change first. */
  readonly #ends: string[] = [];
  #isRestored = false;
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
    if (this.#gone.signal.aborted || this.#isRestored) return;
    this.#queued += text;
    this.#pumping ??= this.#pump();
  }

  async writeBytes(bytes: Uint8Array): Promise<void> {
    await this.flush();
    if (!this.#gone.signal.aborted) await (this.#pumping = this.#pump(bytes));
  }

  get isBacklogged(): boolean {
    return this.#queued.length + this.#unitsInFlight > MAX_QUEUED_UNITS;
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
    this.#isRestored = true;
  }

  /** Writes `first`, and what is queued. */
  async #pump(first?: Uint8Array): Promise<void> {
    await Promise.resolve(); // texts of the same turn of the event loop are one write
    try {
      if (first !== undefined) await this.#writeAll(first);
      while (this.#queued !== "") {
        const bytes = encoder.encode(this.#queued);
        this.#unitsInFlight = this.#queued.length;
        this.#queued = "";
        await this.#writeAll(bytes);
      }
    } catch (error) {
      this.#lost(
        error instanceof Deno.errors.BrokenPipe ? { why: "reader_gone" } : this.isTerminal // it was closed
          ? { why: "SIGHUP" }
          : { why: "write_failed", text: error instanceof Error ? error.message : String(error) },
      );
    } finally {
      this.#pumping = undefined;
      this.#unitsInFlight = 0;
    }
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    for (let sent = 0; sent < bytes.length;) sent += await this.sink.write(bytes.subarray(sent));
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

/** How many colours a terminal has: 16, 256 (xterm's), or all (SGR 38;2). */
export type ColorDepth = "16" | "256" | "all";
/** What text may be styled with; "monochrome": bold, dim and underlines, but no colour. */
export type ColorLevel = "none" | "monochrome" | ColorDepth;

/** The number of colours, as the terminal tells it by COLORTERM and TERM. */
export function readColorDepth(env: (name: string) => string | undefined): ColorDepth {
  if (/^(?:truecolor|24bit)$/i.test(env("COLORTERM") ?? "")) return "all";
  return /256color|kitty|alacritty|ghostty|foot/.test(env("TERM") ?? "") ? "256" : "16";
}

/** For a chat: as {@link wantsColor}, but where a person wants no colours, the other styles stay. */
export function readColorLevel(
  output: OutputStream,
  env: (name: string) => string | undefined,
  noColorFlag: boolean,
): ColorLevel {
  if (wantsColor(output, env, noColorFlag)) return readColorDepth(env);
  return output.isTerminal && env("TERM") !== "dumb" ? "monochrome" : "none";
}

/** Terminals that are known to follow links, as TERM_PROGRAM tells them. */
const LINKING_PROGRAMS: ReadonlySet<string> = new Set([
  "iTerm.app",
  "WezTerm",
  "vscode",
  "ghostty",
  "rio",
  "Tabby",
]);
/** The same by TERM. */
const LINKING_TERMS = /^(?:xterm-kitty|xterm-ghostty|alacritty|foot|wezterm)(?:-|$)/;
/** The first version of VTE (GNOME's terminals) that follows links without a fault. */
const LEAST_LINKING_VTE = 5000;

/**
 * Whether the terminal is known to follow links (OSC 8). Others may show their addresses as text. Not within tmux and
 * screen: what they run in is unknown, and old ones pass nothing on.
 */
export function followsLinks(env: (name: string) => string | undefined): boolean {
  const term = env("TERM") ?? "";
  if (env("TMUX") !== undefined || env("STY") !== undefined || /^(?:screen|tmux|linux|dumb)/.test(term)) {
    return false;
  }
  return LINKING_PROGRAMS.has(env("TERM_PROGRAM") ?? "") || LINKING_TERMS.test(term) ||
    Number(env("VTE_VERSION")) >= LEAST_LINKING_VTE ||
    env("WT_SESSION") !== undefined || env("KONSOLE_VERSION") !== undefined;
}

type Paint = (text: string) => string;

/** Styles by their meaning, not by their colour. Without styles, text is returned unchanged. */
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
  /** Text with SGR parameters of its own (ECMA-48 section 8.3.117), such as `1;31`. */
  readonly sgr: (text: string, parameters: string) => string;
  /** Text that leads to `url`, which is printable ASCII (OSC 8), where the terminal is known to follow it. */
  readonly link: (text: string, url: string) => string;
}

const plain: Paint = (text) => text;
const PLAIN: Palette = {
  dim: plain,
  name: plain,
  channel: plain,
  direct: plain,
  alarm: plain,
  bold: plain,
  sgr: plain,
  link: plain,
};

const bold = paint("1", "22");
const dim = paint("2", "22");

/** The palette for a level; true: 16 colours, false: none. `hasLinks`: the terminal follows links. */
export function loadPalette(level: ColorLevel | boolean, hasLinks = false): Palette {
  if (level === false || level === "none") return PLAIN;
  const style = { dim, bold, sgr: paintSgr, link: hasLinks ? paintLink : plain };
  if (level === "monochrome") {
    const sgr: Palette["sgr"] = (text, parameters) => paintSgr(text, dropColors(parameters));
    return { ...style, name: bold, channel: plain, direct: plain, alarm: bold, sgr };
  }
  const colors = { channel: paint("36", "39"), direct: paint("35", "39"), alarm: paint("31", "39") };
  return { ...style, ...colors, name: makeNamePaint(level === true ? "16" : level) };
}

function makeNamePaint(depth: ColorDepth): Paint {
  switch (depth) {
    case "16":
      return bold;
    case "256":
      return (text) => paint(`38;5;${pickNameColor(text, NAME_COLOR_INDEXES)}`, "39")(text);
    case "all":
      return (text) => paint(`38;2;${pickNameColor(text, NAME_COLORS).join(";")}`, "39")(text);
    default:
      return unreachable(depth);
  }
}

/** Puts text between SGR parameters (ECMA-48 section 8.3.117). */
function paint(begin: string, end: string): Paint {
  return (text) => text === "" ? "" : `\x1b[${begin}m${text}\x1b[${end}m`;
}

function paintLink(text: string, url: string): string {
  return `\x1b]8;;${url}\x1b\\${text}\x1b]8;;\x1b\\`;
}

function paintSgr(text: string, parameters: string): string {
  return parameters === "" || text === "" ? text : `\x1b[${parameters}m${text}\x1b[0m`;
}

/** Of SGR parameters those that are no colours: 38 and 48 take further ones, 5;N or 2;R;G;B. */
function dropColors(parameters: string): string {
  return parameters.replace(/(?:^|;)(?:[34]8;(?:5;\d+|2;\d+;\d+;\d+)|[34]\d|9\d|10\d)(?=;|$)/g, "")
    .replace(/^;/, "");
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

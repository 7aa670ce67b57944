/**
 * Reads the keys of a terminal. There is one reader for the whole program, so that no key is lost between a
 * prompt and the chat. Raw mode is on only while keys are read; at other times Ctrl-C raises SIGINT as usual.
 */
import { callAfter as callLater } from "../../base/deadlines.ts";
import type { InputStream } from "../../cli/standard_streams.ts";
import { KeyDecoder } from "./keys.ts";
import type { TerminalKey } from "./keys.ts";

/** A terminal sends a paste without a pause; after this silence its end mark will not come. */
const PASTE_SILENCE_MS = 1000;
/** It also sends a sequence at once, but for a network between; after this silence ESC was the Escape key. */
const ESCAPE_SILENCE_MS = 250;

type Chunk = ReadableStreamReadResult<Uint8Array>;

export class Keyboard {
  readonly #input: InputStream;
  readonly #later: typeof callLater;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new KeyDecoder();
  #ahead: TerminalKey[] = [];
  /** The pending read, which a silence does not end. */
  #reading: Promise<Chunk> | undefined;
  #isGone = false;
  /** The users that have not closed it. */
  #users = 1;

  /** `later` calls a function after some milliseconds; the function returned cancels it. */
  constructor(input: InputStream, later: typeof callLater = callLater) {
    this.#input = input;
    this.#later = later;
    this.#reader = input.readable.getReader();
  }

  /** Switches raw mode on or off. */
  set raw(on: boolean) {
    this.#input.setRaw(on);
  }

  /** The next key; undefined: end of input, or {@link close} was called. */
  async next(): Promise<TerminalKey | undefined> {
    while (this.#ahead.length === 0) {
      this.#reading ??= this.#read();
      const { waitsFor } = this.#decoder;
      const chunk = waitsFor === undefined ? await this.#reading : await this.#readOrSilence(
        this.#reading,
        waitsFor === "paste" ? PASTE_SILENCE_MS : ESCAPE_SILENCE_MS,
      );
      if (chunk === "silence") {
        this.#ahead = this.#decoder.endWait();
        continue;
      }
      this.#reading = undefined;
      if (chunk.done) return undefined;
      this.#ahead = this.#decoder.push(chunk.value);
    }
    return this.#ahead.shift();
  }

  /** The terminal was closed: reading it fails (EIO), and no further key comes. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** A further key is decoded already, so the caller need not redraw before it. */
  get hasMore(): boolean {
    return this.#ahead.length > 0;
  }

  get isOpen(): boolean {
    return this.#users > 0;
  }

  /** The same keyboard for another user, which closes it, too. */
  share(): this {
    this.#users++;
    return this;
  }

  /** Restores the terminal. When the last user has closed it, keys are left to the next reader of the input. */
  close(): void {
    this.raw = false;
    if (this.#users === 0 || --this.#users > 0) return;
    if (this.#reading === undefined) this.#reader.releaseLock();
    else this.#reader.cancel().catch(() => {}); // closed already
  }

  async #read(): Promise<Chunk> {
    try {
      return await this.#reader.read();
    } catch {
      this.#isGone = true;
      return { done: true };
    }
  }

  async #readOrSilence(reading: Promise<Chunk>, silenceMs: number): Promise<Chunk | "silence"> {
    const silence = Promise.withResolvers<"silence">();
    const stop = this.#later(silenceMs, () => silence.resolve("silence"));
    try {
      return await Promise.race([reading, silence.promise]);
    } finally {
      stop();
    }
  }
}

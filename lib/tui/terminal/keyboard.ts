/**
 * A terminal's keys as they come. One reader for the whole time, so that no key is lost between a question and the chat. Raw mode
 * is on only while somebody listens: in between, Ctrl-C is the signal that it is everywhere else.
 */
import { callAfter as callLater } from "../../base/deadlines.ts";
import type { InputStream } from "../../cli/standard_streams.ts";
import { KeyDecoder } from "./keys.ts";
import type { TerminalKey } from "./keys.ts";

/** A terminal sends a paste without a pause: after this much silence the end of one that has begun will not come. */
const PASTE_SILENCE_MS = 1000;

type Chunk = ReadableStreamReadResult<Uint8Array>;

export class Keyboard {
  readonly #input: InputStream;
  readonly #later: typeof callLater;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new KeyDecoder();
  #ahead: TerminalKey[] = [];
  /** The read under way, which a silence does not end. */
  #reading: Promise<Chunk> | undefined;

  /** `later` calls a function after so many milliseconds, unless what it returns is called before. */
  constructor(input: InputStream, later: typeof callLater = callLater) {
    this.#input = input;
    this.#later = later;
    this.#reader = input.readable.getReader();
  }

  /** Raw mode on or off. */
  set raw(on: boolean) {
    this.#input.setRaw(on);
  }

  /** The next key; undefined: the terminal is gone, or {@link close} was called. */
  async next(): Promise<TerminalKey | undefined> {
    while (this.#ahead.length === 0) {
      this.#reading ??= this.#reader.read();
      const chunk = this.#decoder.pasting ? await this.#readOrSilence(this.#reading) : await this.#reading;
      if (chunk === "silence") {
        this.#ahead = this.#decoder.endPaste();
        continue;
      }
      this.#reading = undefined;
      if (chunk.done) return undefined;
      this.#ahead = this.#decoder.push(chunk.value);
    }
    return this.#ahead.shift();
  }

  /** True when a key has come that nobody has asked for yet: no need to redraw before it. */
  get hasMore(): boolean {
    return this.#ahead.length > 0;
  }

  /** Gives the terminal back. */
  close(): void {
    this.raw = false;
    this.#reader.cancel().catch(() => {}); // gone already
  }

  async #readOrSilence(reading: Promise<Chunk>): Promise<Chunk | "silence"> {
    const silence = Promise.withResolvers<"silence">();
    const stop = this.#later(PASTE_SILENCE_MS, () => silence.resolve("silence"));
    try {
      return await Promise.race([reading, silence.promise]);
    } finally {
      stop();
    }
  }
}

/**
 * A terminal's keys as they come. One reader for the whole time, so that no key is lost between a question and the chat. Raw mode
 * is on only while somebody listens: in between, Ctrl-C is the signal that it is everywhere else.
 */
import type { Input } from "../cli/output.ts";
import { KeyDecoder } from "./keys.ts";
import type { Key } from "./keys.ts";

export class Keyboard {
  readonly #input: Input;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new KeyDecoder();
  #ahead: Key[] = [];

  constructor(input: Input) {
    this.#input = input;
    this.#reader = input.readable.getReader();
  }

  /** Raw mode on or off. */
  set raw(on: boolean) {
    this.#input.setRaw(on);
  }

  /** The next key; undefined: the terminal is gone, or {@link close} was called. */
  async next(): Promise<Key | undefined> {
    while (this.#ahead.length === 0) {
      const { value, done } = await this.#reader.read();
      if (done) return undefined;
      this.#ahead = this.#decoder.push(value);
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
}

/**
 * Lines that wait to be said: of more than fit one message, the first and the last are kept, and the others are counted.
 * Pure.
 */
import { utf8Length } from "../../base/bytes.ts";
import { LINE_END, MULTILINE_MAX_BYTES, MULTILINE_MAX_LINES } from "../../irc/multiline.ts";
import { truncateText } from "../../irc/text_splitter.ts";

/** Longest line of {@link LineFolder.take} that counts lines left out, in bytes, and that of a line that is cut. */
const NOTE_BYTES = 64;

/** Most bytes and lines of the first lines, and again of the last: all together fit a message of several lines. */
export const FOLD_HALF_BYTES = (MULTILINE_MAX_BYTES - NOTE_BYTES) / 2;
export const FOLD_HALF_LINES = MULTILINE_MAX_LINES / 2 - 5;

interface WaitingLine {
  readonly text: string;
  /** With its line end. */
  readonly bytes: number;
}

export class LineFolder {
  readonly #first: WaitingLine[] = [];
  #firstBytes = 0;
  readonly #last: WaitingLine[] = [];
  #lastBytes = 0;
  #left = 0;
  #leftInAll = 0;

  /** Number of lines that wait, with those that are left out. */
  get waiting(): number {
    return this.#first.length + this.#last.length + this.#left;
  }

  /** Number of lines that were left out of texts so far. */
  get leftOut(): number {
    return this.#leftInAll;
  }

  add(line: string): void {
    const added = makeWaitingLine(line);
    const isFirst = this.#last.length === 0 && this.#left === 0 && this.#first.length < FOLD_HALF_LINES &&
      this.#firstBytes + added.bytes <= FOLD_HALF_BYTES;
    if (isFirst) {
      this.#first.push(added);
      this.#firstBytes += added.bytes;
      return;
    }
    this.#last.push(added);
    this.#lastBytes += added.bytes;
    while (this.#last.length > FOLD_HALF_LINES || this.#lastBytes > FOLD_HALF_BYTES) {
      this.#lastBytes -= this.#last.shift()!.bytes;
      this.#left++;
    }
  }

  /** The next text: the first line if at most `single` wait, else all of them; undefined: none waits. */
  take(single: number): string | undefined {
    const [first] = this.#first;
    if (first === undefined) return undefined;
    if (this.waiting <= single) {
      this.#first.shift();
      this.#firstBytes -= first.bytes;
      if (this.#first.length === 0) this.#promoteLast();
      return first.text;
    }
    const note = this.#left === 0 ? [] : [`… ${this.#left} more line${this.#left === 1 ? "" : "s"}`];
    const text = [...this.#first.map(textOf), ...note, ...this.#last.map(textOf)].join(LINE_END);
    this.#leftInAll += this.#left;
    this.#first.length =
      this.#last.length =
      this.#left =
      this.#firstBytes =
      this.#lastBytes =
        0;
    return text;
  }

  /** After the first lines have been taken one by one. */
  #promoteLast(): void {
    this.#first.push(...this.#last.splice(0));
    this.#firstBytes = this.#lastBytes;
    this.#lastBytes = 0;
  }
}

const textOf = ({ text }: WaitingLine) => text;

/** A line that is too long is cut, and says by how much. */
function makeWaitingLine(line: string): WaitingLine {
  const bytes = utf8Length(line) + 1;
  if (bytes <= FOLD_HALF_BYTES) return { text: line, bytes };
  const kept = truncateText(line, FOLD_HALF_BYTES - NOTE_BYTES);
  const text = `${kept} … (${utf8Length(line) - utf8Length(kept)} more bytes)`;
  return { text, bytes: utf8Length(text) + 1 };
}

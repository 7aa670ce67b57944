/** Counts the messages that one connection gets, at the cost of a few comparisons a read. */
import { joinBytes } from "./joined_bytes.ts";
import { splitLines } from "./load_client.ts";

const LF = 0x0a;
const NOTHING = new Uint8Array();
const decoder = new TextDecoder("latin1");

/**
 * While a run lasts all lines have one length, so what is read is divided by it. Where the ends of lines are in other
 * places (the length has changed, by a longer message id, or there is a PING in between), the read is cut into lines.
 */
export class LineCounter {
  /** Lines with PRIVMSG so far. */
  count = 0;
  /** Length of a line with its end; 0: none has come. */
  #lineBytes = 0;
  /** The start of a line that has come in part. */
  #rest: Uint8Array = NOTHING;

  /** `onOther` gets the lines that are no messages. */
  constructor(readonly onOther: (line: string) => void) {}

  take(buffer: Uint8Array, length: number): void {
    const size = this.#lineBytes;
    const before = this.#rest.length;
    const lines = size === 0 ? 0 : Math.floor((before + length) / size);
    const end = lines * size - before;
    if (lines > 0 && buffer[size - before - 1] === LF && buffer[end - 1] === LF) {
      this.count += lines;
      this.#rest = end === length ? NOTHING : buffer.slice(end, length);
    } else this.#takeSlowly(buffer.subarray(0, length));
  }

  #takeSlowly(chunk: Uint8Array): void {
    const bytes = joinBytes(this.#rest, chunk);
    const end = bytes.lastIndexOf(LF) + 1;
    this.#rest = bytes.slice(end);
    for (const line of splitLines(decoder.decode(bytes.subarray(0, end)))) {
      if (line.includes(" PRIVMSG ")) {
        this.count++;
        this.#lineBytes = line.length + 2;
      } else this.onOther(line);
    }
  }
}

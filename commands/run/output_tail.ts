/** The last lines of a program's output, as a terminal shows them in the end. */
import { dropOverwritten, PipedTextDecoder } from "../../lib/cli/piped_text_decoder.ts";
import { truncateText } from "../../lib/irc/text_splitter.ts";

/** Most lines that are kept. */
export const MAX_TAIL_LINES = 50;
/** Longest line of {@link OutputTail.read}, in bytes. */
export const MAX_TAIL_LINE_BYTES = 200;
/** Of a line that does not end, so many of its last characters are kept. */
const MAX_OPEN_LINE = 16 * 1024;

/** Control sequences of ECMA-48 (CSI, OSC and other strings, two-character escapes), and controls but tab and line ends. */
const CONTROL =
  /\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]|[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g;

export class OutputTail {
  readonly #count: number;
  readonly #decoder = new PipedTextDecoder();
  readonly #lines: string[] = [];
  #open = "";

  /** Keeps the last `count` lines. */
  constructor(count: number) {
    this.#count = count;
  }

  add(bytes: Uint8Array): void {
    const lines = (this.#open + this.#decoder.decode(bytes)).split("\n");
    this.#open = lines.pop()!.slice(-MAX_OPEN_LINE);
    this.#lines.push(...lines.slice(-this.#count - 1).map((line) => line.slice(-MAX_OPEN_LINE)));
    this.#lines.splice(0, this.#lines.length - this.#count);
  }

  /** The last lines so far, without control sequences; blank lines at the end are left out. */
  read(): string[] {
    if (this.#count === 0) return [];
    const lines = [...this.#lines, this.#open].map(cleanLine);
    while (lines.at(-1) === "") lines.pop();
    return lines.slice(-this.#count);
  }
}

function cleanLine(line: string): string {
  const text = dropOverwritten(line.replace(CONTROL, "")).replaceAll("\t", "    ").trimEnd().toWellFormed();
  const kept = truncateText(text, MAX_TAIL_LINE_BYTES);
  return kept === text ? text : `${kept} …`;
}

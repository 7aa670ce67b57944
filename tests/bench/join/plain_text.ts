/**
 * Control sequences of ECMA-48: CSI, OSC, the other strings, and escapes of a few bytes. ESC is written by its code: as a control
 * character in a regular expression it looks like a mistake.
 */
const ESC = String.fromCharCode(0x1b);
const BEL = String.fromCharCode(0x07);
const SEQUENCES = new RegExp(
  `${ESC}(?:\\[[0-?]*[ -/]*[@-~]|\\][^${BEL}${ESC}]*(?:${BEL}|${ESC}\\\\)|[PX^_][^${ESC}]*${ESC}\\\\|[ -/]*[0-~])`,
  "g",
);
/** One that goes on in the next chunk. */
const UNFINISHED = new RegExp(`${ESC}(?:\\[[0-?]*[ -/]*|[\\]PX^_][^${BEL}${ESC}]*${ESC}?|[ -/]*)$`);

/** What a program has written to a terminal, without its control sequences, chunk by chunk. */
export class PlainText {
  readonly #decoder = new TextDecoder();
  #rest = "";

  /** The text of the next chunk. */
  add(chunk: Uint8Array): string {
    const text = this.#rest + this.#decoder.decode(chunk, { stream: true });
    this.#rest = UNFINISHED.exec(text)?.[0] ?? "";
    return text.slice(0, text.length - this.#rest.length).replace(SEQUENCES, "");
  }
}

/** User interface without a terminal, or for one that cannot move its cursor: one line in, one line out. */
import type { InputStream, OutputStream, Palette } from "../cli/standard_streams.ts";
import { dropOverwritten, PipedTextDecoder } from "../cli/piped_text_decoder.ts";
import type { ChatInput, ChatUi, InputEnd } from "./ui.ts";
import { formatAnsi } from "./view/styled_line.ts";
import type { StyledSpan } from "./view/styled_line.ts";

/** Longest line of input; the rest becomes a line of its own. Far above a message, far below memory. */
const MAX_LINE_UNITS = 64 * 1024;

export class PlainUi implements ChatUi {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #output: OutputStream;
  readonly #palette: Palette;
  readonly #onReplaced: () => void;

  /** `onReplaced` is called once, when input was not UTF-8. */
  constructor(input: InputStream, output: OutputStream, palette: Palette, onReplaced: () => void = () => {}) {
    this.#reader = input.readable.getReader();
    this.#output = output;
    this.#palette = palette;
    this.#onReplaced = onReplaced;
  }

  show(lines: readonly (readonly StyledSpan[])[]): void {
    for (const line of lines) this.#output.write(formatAnsi(line, this.#palette) + "\n");
  }

  prompt(): void {}

  async run({ take }: ChatInput): Promise<InputEnd> {
    const piped = new PipedTextDecoder();
    let isReported = false;
    let rest = "";
    for (;;) {
      const read = await this.#reader.read().catch(() => undefined);
      if (read === undefined) return "unreadable";
      const { value, done } = read;
      rest += piped.decode(value);
      if (piped.hasReplacements && !isReported) this.#onReplaced();
      isReported = piped.hasReplacements;
      const lines = rest.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) await take(dropOverwritten(line));
      while (rest.length > MAX_LINE_UNITS) {
        await take(rest.slice(0, MAX_LINE_UNITS));
        rest = rest.slice(MAX_LINE_UNITS);
      }
      if (!done) continue;
      if (rest !== "") await take(dropOverwritten(rest));
      return "end";
    }
  }

  close(): void {
    this.#reader.cancel().catch(() => {}); // closed already
  }
}

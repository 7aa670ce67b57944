/** What is at work, on standard error: one line that is replaced on a terminal, a line for each part elsewhere. */
import type { OutputStream } from "../../lib/cli/standard_streams.ts";

/** Erase the line (ECMA-48 EL) from its start. */
const ERASE_LINE = "\r\x1b[K";

export class ProgressLine {
  readonly #output: OutputStream;

  constructor(output: OutputStream) {
    this.#output = output;
  }

  show(text: string): void {
    this.#output.write(this.#output.isTerminal ? ERASE_LINE + text : `# ${text}\n`);
  }

  /** Resolves when the line is gone, so that standard output may go on in its place. */
  async clear(): Promise<void> {
    if (this.#output.isTerminal) this.#output.write(ERASE_LINE);
    await this.#output.flush();
  }
}

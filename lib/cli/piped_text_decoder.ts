/** Text that comes through a pipe or from a file: any program's output, which is not always UTF-8, nor always meant to be kept. */

/** Told once, when bytes were replaced. */
export const REPLACEMENT_WARNING =
  "standard input is not all UTF-8: each wrong byte sequence is sent as U+FFFD";

/** Decodes UTF-8 that comes in chunks; what is not UTF-8 becomes U+FFFD. */
export class PipedTextDecoder {
  readonly #lenient = new TextDecoder();
  /** Throws where {@link #lenient} replaces. */
  #strict: TextDecoder | undefined = new TextDecoder("utf-8", { fatal: true });

  /** Something that came was not UTF-8. */
  get hasReplacements(): boolean {
    return this.#strict === undefined;
  }

  /** The text of `chunk`, as far as its characters are complete; without a chunk, what is left at the end. */
  decode(chunk?: Uint8Array): string {
    const stream = chunk !== undefined;
    try {
      this.#strict?.decode(chunk, { stream });
    } catch {
      this.#strict = undefined;
    }
    return this.#lenient.decode(chunk, { stream });
  }
}

/**
 * What a terminal shows of one line at its end: what stands behind its last carriage return, which overwrites what stood before,
 * as a progress bar does.
 */
export function dropOverwritten(line: string): string {
  const parts = line.split("\r");
  return parts.findLast((part) => part !== "") ?? "";
}

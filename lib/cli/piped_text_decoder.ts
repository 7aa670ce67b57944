/**
 * Text from a pipe or a file: output of any program, which may not be UTF-8, and may overwrite itself like a
 * progress bar.
 */

/** Printed once if bytes were replaced. */
export const REPLACEMENT_WARNING = "standard input is not all UTF-8: invalid bytes are sent as U+FFFD";

/** Decodes UTF-8 that arrives in chunks; invalid bytes become U+FFFD. */
export class PipedTextDecoder {
  readonly #lenient = new TextDecoder();
  /** Throws where {@link #lenient} replaces bytes. Undefined once that has happened. */
  #strict: TextDecoder | undefined = new TextDecoder("utf-8", { fatal: true });

  /** Some of the input was not UTF-8. */
  get hasReplacements(): boolean {
    return this.#strict === undefined;
  }

  /**
   * The text of `chunk` up to its last complete character; without a chunk, the rest at the end of the input.
   */
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
 * The part of a line that a terminal shows in the end: the text after the last carriage return, as of a
 * progress bar.
 */
export function dropOverwritten(line: string): string {
  const parts = line.split("\r");
  return parts.findLast((part) => part !== "") ?? "";
}

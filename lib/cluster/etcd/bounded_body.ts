/** Bodies of responses, read up to a bound. */
import { concatBytes } from "../../base/bytes.ts";

/** More than the bound. */
export class TooManyBytes extends Error {
  override readonly name = "TooManyBytes";
}

/**
 * The whole body.
 * @throws TooManyBytes, and what reading throws.
 */
export async function readBody(response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > maxBytes) throw new TooManyBytes(`an answer of more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return new TextDecoder().decode(concatBytes(chunks));
}

/** Splits a stream of bytes into lines. */
export class LineAssembler {
  #chunks: Uint8Array[] = [];
  #length = 0;

  constructor(readonly maxBytes: number) {}

  /**
   * The lines that end in `chunk`, without the empty ones.
   * @throws TooManyBytes if one is longer than the bound.
   */
  *take(chunk: Uint8Array): Iterable<string> {
    let start = 0;
    for (let end; (end = chunk.indexOf(0x0a, start)) >= 0; start = end + 1) {
      this.#add(chunk.subarray(start, end));
      const line = new TextDecoder().decode(concatBytes(this.#chunks));
      [this.#chunks, this.#length] = [[], 0];
      if (line.trim() !== "") yield line;
    }
    this.#add(chunk.slice(start));
  }

  #add(part: Uint8Array): void {
    this.#length += part.length;
    if (this.#length > this.maxBytes) throw new TooManyBytes(`a line of more than ${this.maxBytes} bytes`);
    if (part.length > 0) this.#chunks.push(part);
  }
}

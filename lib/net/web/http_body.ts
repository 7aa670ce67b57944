/** The body of an HTTP request (RFC 9112 §6 and §7): where it ends, and its bytes. */
import type { HttpRequest, HttpResponse } from "./http_request.ts";
import type { HttpInput } from "./http_input.ts";

/** Far above any message and the usual webhook; a body is held in memory by what reads it. */
export const MAX_BODY_BYTES = 1024 * 1024;
/** Size line of a chunk, with extensions that are ignored. */
export const MAX_CHUNK_LINE_BYTES = 256;
/** Trailer lines, which are ignored. */
export const MAX_TRAILER_LINES = 16;

const CR = 0x0d;
const LF = 0x0a;
const latin1 = new TextDecoder("latin1");

export type BodyFraming =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly bytes: number }
  | { readonly kind: "chunked" }
  | { readonly kind: "bad"; readonly answer: HttpResponse };

const NO_BODY: BodyFraming = { kind: "none" };
export const BODY_TOO_LARGE_RESPONSE: HttpResponse = {
  status: 413,
  text: `The body of a request has at most ${MAX_BODY_BYTES} bytes.`,
};

/**
 * How the body of `request` is framed. Requests that two readers could frame differently are refused, because what
 * follows the body on this connection would be in doubt.
 */
export function bodyFraming({ minor, headers }: HttpRequest, maxBytes = MAX_BODY_BYTES): BodyFraming {
  const encoding = headers.get("transfer-encoding");
  const length = headers.get("content-length");
  if (encoding !== undefined) {
    if (length !== undefined || minor === 0) {
      return refuse(400, "Transfer-Encoding contradicts Content-Length or the version of HTTP.");
    }
    if (encoding.toLowerCase() !== "chunked") {
      return refuse(501, "The only transfer coding that this server supports is chunked.");
    }
    return { kind: "chunked" };
  }
  if (length === undefined) return NO_BODY;
  if (!/^\d{1,15}$/.test(length)) return refuse(400, "Content-Length is not a number.");
  const bytes = Number(length);
  if (bytes > maxBytes) return { kind: "bad", answer: BODY_TOO_LARGE_RESPONSE };
  return bytes === 0 ? NO_BODY : { kind: "length", bytes };
}

function refuse(status: number, text: string): BodyFraming {
  return { kind: "bad", answer: { status, text } };
}

/** The body is malformed, too large or incomplete; `answer`: the response that says so. */
export class BodyError extends Error {
  override readonly name = "BodyError";

  constructor(readonly answer: HttpResponse) {
    super(answer.text);
  }
}

/** Reads the body of one request from the input of its connection. */
export class BodyReader {
  /** Set when {@link read} has thrown. */
  fault: BodyError | undefined;
  readonly #input: HttpInput;
  readonly #isChunked: boolean;
  readonly #maxBytes: number;
  /** Missing bytes of the body, or of the current chunk. */
  #left: number;
  #bytes = 0;
  #isFirstChunk = true;
  #isComplete: boolean;

  constructor(input: HttpInput, framing: Exclude<BodyFraming, { kind: "bad" }>, maxBytes = MAX_BODY_BYTES) {
    this.#input = input;
    this.#isChunked = framing.kind === "chunked";
    this.#left = framing.kind === "length" ? framing.bytes : 0;
    this.#isComplete = framing.kind === "none";
    this.#maxBytes = maxBytes;
  }

  /** Whether the whole body has been read. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /**
   * The next bytes; undefined at the end.
   * @throws BodyError
   */
  async read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (this.fault !== undefined) throw this.fault;
    if (this.#isComplete) return undefined;
    try {
      if (this.#isChunked && this.#left === 0) await this.#beginChunk();
      if (this.#isComplete) return undefined;
      return await this.#readData();
    } catch (error) {
      if (error instanceof BodyError) this.fault = error;
      throw error;
    }
  }

  async #readData(): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#input.available.length === 0) await this.#needMore();
    const data = this.#input.available.subarray(0, this.#left);
    this.#input.skip(data.length);
    this.#left -= data.length;
    if (this.#left === 0 && !this.#isChunked) this.#isComplete = true;
    return data;
  }

  /** Reads up to the data of the next chunk, or to the end of the body. */
  async #beginChunk(): Promise<void> {
    if (!this.#isFirstChunk && await this.#readLine() !== "") {
      throw badBody("A chunk is longer than its size.");
    }
    this.#isFirstChunk = false;
    const [, size] = /^([0-9A-Fa-f]{1,8})[ \t]*(?:;.*)?$/s.exec(await this.#readLine()) ?? [];
    if (size === undefined) throw badBody("The size of a chunk is malformed.");
    this.#left = parseInt(size, 16);
    this.#bytes += this.#left;
    if (this.#bytes > this.#maxBytes) throw new BodyError(BODY_TOO_LARGE_RESPONSE);
    if (this.#left > 0) return;
    for (let lines = 0; await this.#readLine() !== ""; lines++) {
      if (lines === MAX_TRAILER_LINES) throw badBody("The body has too many trailers.");
    }
    this.#isComplete = true;
  }

  /** A line, without the CR LF that ends it. */
  async #readLine(): Promise<string> {
    for (;;) {
      const bytes = this.#input.available;
      const end = bytes.indexOf(LF);
      if ((end < 0 ? bytes.length : end) > MAX_CHUNK_LINE_BYTES) {
        throw badBody("A line of the body is too long.");
      }
      if (end >= 0) {
        if (bytes[end - 1] !== CR) throw badBody("A line of the body does not end with CR LF.");
        const line = latin1.decode(bytes.subarray(0, end - 1));
        this.#input.skip(end + 1);
        return line;
      }
      await this.#needMore();
    }
  }

  async #needMore(): Promise<void> {
    if (!await this.#input.readMore()) throw badBody("The body is incomplete.");
  }
}

function badBody(text: string): BodyError {
  return new BodyError({ status: 400, text });
}

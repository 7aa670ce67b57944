/** Transport of SASL responses: base64 in `AUTHENTICATE` lines (https://ircv3.net/specs/extensions/sasl-3.1). */
import { encodeUtf8 } from "../../base/bytes.ts";

/** Base64 characters in one line; a line with fewer is the last one. */
export const SASL_CHUNK_LENGTH = 400;

/** Parameter that stands for an empty chunk. */
const EMPTY_CHUNK = "+";

/** Parameters of the AUTHENTICATE lines that transmit `text`. */
export function encodeSaslChunks(text: string): string[] {
  const encoded = encodeUtf8(text).toBase64();
  const pieces: string[] = [];
  for (let at = 0; at < encoded.length; at += SASL_CHUNK_LENGTH) {
    pieces.push(encoded.slice(at, at + SASL_CHUNK_LENGTH));
  }
  if (encoded.length % SASL_CHUNK_LENGTH === 0) pieces.push(EMPTY_CHUNK);
  return pieces;
}

export type SaslChunkOutcome =
  /** The response is complete. */
  | { readonly kind: "whole"; readonly text: string }
  /** More chunks follow. */
  | { readonly kind: "more" }
  /** `too_long`: longer than agreed. `bad`: not base64 of UTF-8. */
  | { readonly kind: "too_long" | "bad" };

/** Assembles a response from its chunks. */
export class SaslChunkDecoder {
  #base64 = "";

  /** Accepts at most `maxLength` base64 characters. */
  constructor(readonly maxLength: number) {}

  /** Takes the parameter of one AUTHENTICATE line. After every outcome except `more` another response begins. */
  push(piece: string): SaslChunkOutcome {
    if (piece !== EMPTY_CHUNK) this.#base64 += piece;
    const tooLong = piece.length > SASL_CHUNK_LENGTH || this.#base64.length > this.maxLength;
    if (piece.length === SASL_CHUNK_LENGTH && !tooLong) return { kind: "more" };
    const base64 = this.#base64;
    this.#base64 = "";
    if (tooLong) return { kind: "too_long" };
    const text = decodeBase64Text(base64);
    return text === undefined ? { kind: "bad" } : { kind: "whole", text };
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decodeBase64Text(base64: string): string | undefined {
  try {
    return decoder.decode(Uint8Array.fromBase64(base64, { lastChunkHandling: "strict" }));
  } catch {
    return undefined;
  }
}

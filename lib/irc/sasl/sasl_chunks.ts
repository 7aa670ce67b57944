/** How the responses of SASL travel: base64 in lines of `AUTHENTICATE` (https://ircv3.net/specs/extensions/sasl-3.1). */
import { encodeUtf8 } from "../../base/bytes.ts";

/** Characters of base64 in one line; a line with fewer is the last one. */
export const SASL_CHUNK_LENGTH = 400;

/** What stands for an empty piece. */
const EMPTY_CHUNK = "+";

/** The parameters of the AUTHENTICATE lines that say `text`. */
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
  /** The response is whole. */
  | { readonly kind: "whole"; readonly text: string }
  /** More pieces belong to it. */
  | { readonly kind: "more" }
  /** It is longer than was agreed, or no base64 of UTF-8. */
  | { readonly kind: "too_long" | "bad" };

/** A response put together from its pieces. */
export class SaslChunkDecoder {
  #base64 = "";

  /** At most `maxLength` characters of base64 are taken. */
  constructor(readonly maxLength: number) {}

  /** Takes the parameter of one AUTHENTICATE line. After all but `more` another response begins. */
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

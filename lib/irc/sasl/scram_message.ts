/**
 * What both sides of SCRAM-SHA-256 (RFC 5802, RFC 7677) share: the syntax of messages, names and passwords. Without
 * -PLUS: its channel binding needs data of the TLS connection that the platform does not provide.
 */
import { encodeUtf8 } from "../../base/bytes.ts";

/** As in AUTHENTICATE and in the value of the capability `sasl`. */
export const SCRAM_SHA_256 = "SCRAM-SHA-256";

/**
 * A channel binding of ChatterBox's own (RFC 5802 section 6, with the mechanism's plain name): the client signs the
 * address it connects to, in the form of `net/endpoint.ts`. So a server cannot use the proof to log in elsewhere.
 */
export const ENDPOINT_BINDING = "p=chatterbox-endpoint,";

/** RFC 7677 section 4: the minimum. */
export const MIN_SCRAM_ITERATIONS = 4096;

/** Bytes of SHA-256, and so of every key, proof and signature. */
export const SCRAM_KEY_BYTES = 32;

/** One attribute of a message (RFC 5802 section 5): `n=user`. */
export interface ScramAttribute {
  /** One letter. */
  readonly name: string;
  readonly value: string;
}

/** Attributes of `message` in order; undefined if it is malformed. */
export function parseScramAttributes(message: string): ScramAttribute[] | undefined {
  const attributes: ScramAttribute[] = [];
  for (const part of message.split(",")) {
    if (!/^[A-Za-z]=[^\0]/.test(part)) return undefined;
    attributes.push({ name: part[0]!, value: part.slice(2) });
  }
  return attributes;
}

/** A nonce (section 5.1): printable ASCII without the comma. */
export function isScramNonce(text: string): boolean {
  return /^[\x21-\x2b\x2d-\x7e]+$/.test(text);
}

/** Formats a `saslname` (section 5.1): comma and equals sign become `=2C` and `=3D`. */
export function escapeSaslName(name: string): string {
  return name.replaceAll("=", "=3D").replaceAll(",", "=2C");
}

/** Parses a `saslname`; undefined if it is empty or has another `=`. */
export function unescapeSaslName(text: string): string | undefined {
  if (text === "" || /=(?!2C|3D)/.test(text)) return undefined;
  return text.replaceAll("=2C", ",").replaceAll("=3D", "=");
}

/** Decodes standard base64 with padding; undefined if `text` is something else. */
export function decodeStrictBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.fromBase64(text, { lastChunkHandling: "strict" });
  } catch {
    return undefined;
  }
}

/** Spaces beyond ASCII, which SASLprep maps to the space (RFC 3454 table C.1.2). */
const NON_ASCII_SPACES = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/g;
/** Characters that SASLprep removes (RFC 3454 table B.1). */
const DROPPED_BY_SASLPREP = /[\u00ad\u034f\u1806\u180b-\u180d\u200c\u200d\u2060\ufe00-\ufe0f\ufeff]/g;

/**
 * Bytes of a password as they are hashed (RFC 5802 section 2.2, RFC 4013): passwords that look the same are the same,
 * whatever keyboard they were typed on. Characters that SASLprep prohibits are accepted; they do no harm.
 */
export function preparePassword(password: string): Uint8Array<ArrayBuffer> {
  return encodeUtf8(
    password.replace(NON_ASCII_SPACES, " ").replace(DROPPED_BY_SASLPREP, "").normalize("NFKC"),
  );
}

/**
 * SaltedPassword (RFC 5802 section 3): PBKDF2 with HMAC-SHA-256, computed off this thread. About 100 ns per
 * iteration.
 */
export async function computeSaltedPassword(
  password: string,
  salt: Uint8Array,
  iterations: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const key = await crypto.subtle.importKey("raw", preparePassword(password), "PBKDF2", false, [
    "deriveBits",
  ]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: new Uint8Array(salt), iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, SCRAM_KEY_BYTES * 8));
}

/**
 * The one-time code by which the key of a name comes to another client (docs/protocol/keyshare.md). The code is known
 * to the two clients alone: of it and of the name both derive the id under which the server keeps the parcel, and the
 * key of its encryption, from which the server can find neither (HKDF, RFC 5869).
 *
 *     code     80 random bits, 16 digits of Crockford's base32, of which people may write groups: 7ZQK-…
 *     derived  HKDF-SHA-256 of the ten bytes of the code, with the folded name as salt
 *     id       16 bytes in base64url, by the info "chatterbox key share: id"
 *     parcel   base64url of a nonce of 12 bytes and the AES-256-GCM encryption of the key (43 characters);
 *              by the info "chatterbox key share: parcel"
 */
import { concatBytes, encodeUtf8 } from "../base/bytes.ts";
import { casefold } from "./names/casemap.ts";

/** Most characters of a parcel; a key of 43 characters makes one of 95. */
export const MAX_KEY_PARCEL_LENGTH = 256;

const CODE_BYTES = 10;
const CODE_LENGTH = 16;
const CODE_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const NONCE_BYTES = 12;
const BASE64URL = { alphabet: "base64url", omitPadding: true } as const;

/** A key of a name: 32 bytes in base64url (docs/protocol/claim.md). */
const KEY = /^[A-Za-z0-9_-]{43}$/;
const PARCEL_ID = /^[A-Za-z0-9_-]{22}$/;

/** What is left at the server. */
export interface KeyParcelParts {
  readonly id: string;
  readonly parcel: string;
}

export function isKeyParcelId(text: string): boolean {
  return PARCEL_ID.test(text);
}

export function isKeyParcel(text: string): boolean {
  return text.length <= MAX_KEY_PARCEL_LENGTH && /^[\w-]+$/.test(text);
}

/** A random code, in the form of {@link parseShareCode}. */
export function makeShareCode(): string {
  // 256 is a multiple of 32: each digit is as likely as any other.
  const bytes = crypto.getRandomValues(new Uint8Array(CODE_LENGTH));
  return Array.from(bytes, (byte) => CODE_DIGITS[byte % 32]).join("");
}

/** `code` in groups of four. */
export function formatShareCode(code: string): string {
  return code.replace(/.{4}(?=.)/g, "$&-");
}

/**
 * The code that a person has typed: either case, with any spaces and dashes, O for 0, I and L for 1
 * (https://www.crockford.com/base32.html). Undefined: it is none.
 */
export function parseShareCode(text: string): string | undefined {
  const code = text.toUpperCase().replace(/[\s-]/g, "").replaceAll("O", "0").replace(/[IL]/g, "1");
  return code.length === CODE_LENGTH && Array.from(code).every((digit) => CODE_DIGITS.includes(digit))
    ? code
    : undefined;
}

/** The parcel with `key`, for `code` and `name`. `nonce` is for tests. */
export async function sealKey(
  code: string,
  name: string,
  key: string,
  nonce: Uint8Array<ArrayBuffer> = crypto.getRandomValues(new Uint8Array(NONCE_BYTES)),
): Promise<KeyParcelParts> {
  const { id, encryption } = await derive(code, name);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, encryption, encodeUtf8(key));
  return { id, parcel: concatBytes([nonce, new Uint8Array(sealed)]).toBase64(BASE64URL) };
}

/** The id of the parcel for `code` and `name`. */
export async function deriveParcelId(code: string, name: string): Promise<string> {
  return (await derive(code, name)).id;
}

/** The key in `parcel`; undefined: the parcel was made with another code or for another name, or was changed. */
export async function openParcel(code: string, name: string, parcel: string): Promise<string | undefined> {
  try {
    const bytes = Uint8Array.fromBase64(parcel, { alphabet: "base64url" });
    const { encryption } = await derive(code, name);
    const iv = bytes.subarray(0, NONCE_BYTES);
    const opened = await crypto.subtle.decrypt(
      { name: "AES-GCM", iv },
      encryption,
      bytes.subarray(NONCE_BYTES),
    );
    const key = new TextDecoder().decode(opened);
    return KEY.test(key) ? key : undefined;
  } catch {
    return undefined;
  }
}

async function derive(code: string, name: string): Promise<{ id: string; encryption: CryptoKey }> {
  const material = await crypto.subtle.importKey("raw", decodeCode(code), "HKDF", false, [
    "deriveBits",
    "deriveKey",
  ]);
  const parameters = (purpose: string) => ({
    name: "HKDF",
    hash: "SHA-256",
    salt: encodeUtf8(casefold(name)),
    info: encodeUtf8(`chatterbox key share: ${purpose}`),
  });
  const id = new Uint8Array(await crypto.subtle.deriveBits(parameters("id"), material, 128));
  const aes = { name: "AES-GCM", length: 256 };
  const encryption = await crypto.subtle.deriveKey(parameters("parcel"), material, aes, false, [
    "encrypt",
    "decrypt",
  ]);
  return { id: id.toBase64(BASE64URL), encryption };
}

/** The bytes of `code`: five bits for each digit, the highest first. */
function decodeCode(code: string): Uint8Array<ArrayBuffer> {
  const bits = Array.from(code, (digit) => CODE_DIGITS.indexOf(digit).toString(2).padStart(5, "0")).join("");
  return Uint8Array.from({ length: CODE_BYTES }, (_, nth) => parseInt(bits.slice(nth * 8, nth * 8 + 8), 2));
}

/**
 * Ids that clients give their messages (docs/protocol/sender_id.md). A text that needs several messages has the ids
 * `KEY~HASH`, `KEY~HASH.1`, … for its parts, with a hash of the whole text. The first of them stands for KEY, so that KEY
 * is not used for another text.
 */

/** Longest sender id, in bytes. */
export const MAX_SENDER_ID_BYTES = 64;

/** A sender id is printable ASCII without spaces. */
const SENDER_ID_PATTERN = /^[!-~]+$/;

/** Characters of the hash in the id of a part: base64url. */
export const PART_HASH_LENGTH = 8;

export function isSenderId(text: string): boolean {
  return text.length <= MAX_SENDER_ID_BYTES && SENDER_ID_PATTERN.test(text);
}

/** Whether `id` is one that people and programs may choose: not that of a part. */
export function isSenderKey(id: string): boolean {
  return isSenderId(id) && !isFirstPartId(id.replace(/\.\d+$/, ""));
}

/** What {@link isSenderKey} wants, for an error text behind "is not". */
export const SENDER_KEY_RULE = `1 to ${MAX_SENDER_ID_BYTES} printable ASCII characters without spaces, ` +
  `and without ~ and ${PART_HASH_LENGTH} more at the end`;

/** Whether `id` is that of the first part of a text: `KEY~HASH`. */
export function isFirstPartId(id: string): boolean {
  return senderKeyOf(id) !== id;
}

/** The key in `id`: KEY of `KEY~HASH`, else `id` itself. */
export function senderKeyOf(id: string): string {
  return id.slice(0, senderKeyLength(id.length, (index) => id.charCodeAt(index)));
}

/** The length of that key, for an id or a field of `length` of which `at` gives the character codes. */
export function senderKeyLength(length: number, at: (index: number) => number | undefined): number {
  const key = length - PART_HASH_LENGTH - 1;
  if (key < 1 || at(key) !== 0x7e) return length;
  for (let index = key + 1; index < length; index++) {
    const code = at(index)!;
    const isDigitOrLetter = code >= 0x30 && code <= 0x39 || (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
    if (!isDigitOrLetter && code !== 0x2d && code !== 0x5f) return length;
  }
  return key;
}

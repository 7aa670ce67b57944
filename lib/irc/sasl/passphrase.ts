/** Rules for the passphrase of an account. */
import { utf8Length } from "../../base/bytes.ts";

/** Minimum for a new account, unless the server is configured otherwise. */
export const PASSPHRASE_MIN_BYTES = 8;
/**
 * Values that the server's minimum may have. A lower one allows guessing; a higher one refuses the keys of
 * ChatterBox's clients (43 characters).
 */
export const PASSPHRASE_MIN_RANGE = { min: 4, max: 43 };
/** "300 bytes should be a safe reasonable limit" (https://ircv3.net/specs/extensions/account-registration). */
export const PASSPHRASE_MAX_BYTES = 300;

/** Fault of `text`, as one sentence; undefined if it is acceptable. */
export function passphraseFault(text: string): string | undefined {
  const bytes = utf8Length(text);
  // The server decides on its minimum; this is below every minimum that it may have.
  if (bytes < PASSPHRASE_MIN_RANGE.min) {
    return `A passphrase has at least ${PASSPHRASE_MIN_BYTES} bytes, unless the server is configured otherwise`;
  }
  if (bytes > PASSPHRASE_MAX_BYTES) return `A passphrase has at most ${PASSPHRASE_MAX_BYTES} bytes`;
  if (/[\r\n\0]/.test(text)) return "A passphrase is one line";
  return undefined;
}

/** What the password of an account may be. */
import { utf8Length } from "../../base/bytes.ts";

/** Of a new account, unless the server is told otherwise. */
export const PASSPHRASE_MIN_BYTES = 8;
/** What a server may be told to ask for: below, any guess fits; above, the keys of our clients (43 characters) would be refused. */
export const PASSPHRASE_MIN_RANGE = { min: 4, max: 43 };
/** "300 bytes should be a safe reasonable limit" (https://ircv3.net/specs/extensions/account-registration). */
export const PASSPHRASE_MAX_BYTES = 300;

/** What is wrong with `text`, as one sentence; undefined: it will do. */
export function passphraseFault(text: string): string | undefined {
  const bytes = utf8Length(text);
  // How many the server wants is for the server to say: this is too short for all of them.
  if (bytes < PASSPHRASE_MIN_RANGE.min) {
    return `A passphrase has at least ${PASSPHRASE_MIN_BYTES} bytes, unless the server is told otherwise`;
  }
  if (bytes > PASSPHRASE_MAX_BYTES) return `A passphrase has at most ${PASSPHRASE_MAX_BYTES} bytes`;
  if (/[\r\n\0]/.test(text)) return "A passphrase is one line";
  return undefined;
}

/**
 * Rules for passwords, and the decoy credentials of names without an account.
 *
 *     fact secret, `decoys`: { bytes }   32 random bytes in base64, kept since the first account
 */
import { nodeModules } from "../../../base/platform/node_modules.ts";
import { encodeUtf8, utf8Length } from "../../../base/bytes.ts";
import { casefold } from "../../../irc/names/casemap.ts";
import { PASSPHRASE_MAX_BYTES, PASSPHRASE_MIN_BYTES } from "../../../irc/sasl/passphrase.ts";
import type { ScramCredentials } from "../../../irc/sasl/scram_server.ts";
import type { HashRefusal } from "../../model/state/async_job.ts";
import { readMember } from "../../log/facts.ts";
import type { FactBuffer } from "../../log/facts.ts";

export const SALT_BYTES = 16;

/**
 * Iteration count of every password (RFC 7677 section 4 asks for at least 4096), which makes guessing a passphrase
 * more expensive. A key of 256 random bits would not need it; but SCRAM discloses the count to every client, and a
 * lower count for keys would show which accounts have a passphrase that is worth guessing.
 */
export const PASSWORD_ITERATIONS = 200_000;

export type PasswordFault = {
  readonly code: "WEAK_PASSWORD" | "UNACCEPTABLE_PASSWORD";
  readonly text: string;
};

/** Fault of `password` as the password of a new account with at least `minBytes` bytes; undefined: it is acceptable. */
export function passwordFault(
  password: string,
  name: string,
  minBytes = PASSPHRASE_MIN_BYTES,
): PasswordFault | undefined {
  const bytes = utf8Length(password);
  if (bytes > PASSPHRASE_MAX_BYTES) {
    return { code: "UNACCEPTABLE_PASSWORD", text: `A passphrase has at most ${PASSPHRASE_MAX_BYTES} bytes` };
  }
  if (bytes < minBytes || password.toLowerCase() === name.toLowerCase()) {
    return {
      code: "WEAK_PASSWORD",
      text: `A passphrase has at least ${minBytes} bytes and differs from the name`,
    };
  }
  return undefined;
}

/** Longer waits are rounded up to a multiple of this, so that concurrent refusals have the same text. */
const RETRY_ROUNDING_SECONDS = 30;

/** Reason why a password was not checked, as the second half of a sentence. */
export function hashRefusalText({ kind, waitMs }: HashRefusal): string {
  const what = kind === "attempts" ? "too many attempts" : "too many passwords are being checked";
  return `${what}; ${retryText(waitMs)}`;
}

/** Tells when to try again. ChatterBox's clients recognise this text (`RETRY_LATER_PATTERN`). */
export function retryText(waitMs: number): string {
  const seconds = Math.ceil(waitMs / 1000);
  const told = seconds <= RETRY_ROUNDING_SECONDS
    ? seconds
    : Math.ceil(seconds / RETRY_ROUNDING_SECONDS) * RETRY_ROUNDING_SECONDS;
  return `try again in ${told} s`;
}

/** Bytes of the secret from which decoys are made: the length of a SHA-256. */
export const DECOY_SECRET_BYTES = 32;

/**
 * Decoy credentials for names without an account: no password matches them. Like those of an account they are the
 * same each time, in whatever case the name is written, and after a restart. Nothing is saved while there is no
 * account, because a database would be created for it.
 */
export class DecoyCredentials {
  readonly #facts: FactBuffer;
  #secret: Uint8Array;
  #isKept = false;

  /** `secret`: {@link DECOY_SECRET_BYTES} random bytes, used unless a saved secret is restored. */
  constructor(facts: FactBuffer, secret: Uint8Array) {
    this.#facts = facts;
    this.#secret = secret;
  }

  forName(name: string): ScramCredentials {
    const folded = casefold(name);
    const hash = (what: string) =>
      new Uint8Array(
        nodeModules.crypto.createHash("sha256").update(this.#secret).update(encodeUtf8(`${what}\0${folded}`))
          .digest(),
      );
    return {
      salt: hash("salt").subarray(0, SALT_BYTES),
      iterations: PASSWORD_ITERATIONS,
      storedKey: hash("stored"),
      serverKey: hash("server"),
    };
  }

  /** Saves the secret when the first account exists: from then on decoys must not change. */
  persist(): void {
    if (this.#isKept) return;
    this.#isKept = true;
    this.#facts.put("secret", "decoys", { bytes: this.#secret.toBase64() });
  }

  /** Restores the fact `secret`; throws where the value is not one. */
  restore(value: unknown): void {
    const bytes = Uint8Array.fromBase64(readMember(value, "bytes", "string"));
    if (bytes.length !== DECOY_SECRET_BYTES) throw new RangeError(`a secret has ${DECOY_SECRET_BYTES} bytes`);
    this.#secret = bytes;
    this.#isKept = true;
  }
}

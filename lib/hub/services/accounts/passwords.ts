/**
 * How passwords are judged and hashed.
 *
 *     fact secret, `decoys`: { bytes }   32 random bytes in base64, kept since the first account
 */
import { createHash } from "node:crypto";
import { encodeUtf8, utf8Length } from "../../../base/bytes.ts";
import { casefold } from "../../../irc/names/casemap.ts";
import { PASSPHRASE_MAX_BYTES, PASSPHRASE_MIN_BYTES } from "../../../irc/sasl/passphrase.ts";
import type { ScramCredentials } from "../../../irc/sasl/scram_server.ts";
import type { HashRefusal } from "../../model/state/async_job.ts";
import { readMember } from "../../log/facts.ts";
import type { FactBuffer } from "../../log/facts.ts";

export const SALT_BYTES = 16;

/**
 * How often every password is hashed (RFC 7677 section 4 wants 4096 at least), which makes a guess at what a person has thought of
 * dearer. A key of 256 random bits would not need it; but SCRAM tells the count to anyone who asks, and a lower one for keys would
 * tell which accounts have a passphrase that is worth guessing.
 */
export const PASSWORD_ITERATIONS = 200_000;

export type PasswordFault = {
  readonly code: "WEAK_PASSWORD" | "UNACCEPTABLE_PASSWORD";
  readonly text: string;
};

/** What is wrong with `password` for a new account, which has `minBytes` at least; undefined: it will do. */
export function passwordFault(
  password: string,
  name: string,
  minBytes = PASSPHRASE_MIN_BYTES,
): PasswordFault | undefined {
  const bytes = utf8Length(password);
  if (bytes > PASSPHRASE_MAX_BYTES) {
    return { code: "UNACCEPTABLE_PASSWORD", text: `A password has at most ${PASSPHRASE_MAX_BYTES} bytes` };
  }
  if (bytes < minBytes || password.toLowerCase() === name.toLowerCase()) {
    return {
      code: "WEAK_PASSWORD",
      text: `A password has at least ${minBytes} bytes, and is not the name`,
    };
  }
  return undefined;
}

/** Longer waits are told as a multiple of this: many that are refused at the same time get the same words. */
const RETRY_ROUNDING_SECONDS = 30;

/** Why a password was not looked at, as the second half of a sentence. */
export function hashRefusalText({ kind, waitMs }: HashRefusal): string {
  const what = kind === "attempts" ? "too many attempts" : "too many passwords are being checked";
  return `${what}; ${retryText(waitMs)}`;
}

/** When to try again; our clients look for these words. */
export function retryText(waitMs: number): string {
  const seconds = Math.ceil(waitMs / 1000);
  const told = seconds <= RETRY_ROUNDING_SECONDS
    ? seconds
    : Math.ceil(seconds / RETRY_ROUNDING_SECONDS) * RETRY_ROUNDING_SECONDS;
  return `try again in ${told} s`;
}

/** Of what decoys are made; as long as SHA-256 is. */
export const DECOY_SECRET_BYTES = 32;

/**
 * Credentials that no password has, for names without an account: the same each time, in whatever case the name is written, and after
 * a restart too, as those of an account are. As long as there is no account, nothing is kept: a database would be made for it.
 */
export class DecoyCredentials {
  readonly #facts: FactBuffer;
  #secret: Uint8Array;
  #isKept = false;

  /** `secret`: {@link DECOY_SECRET_BYTES} random ones, in use unless others were kept. */
  constructor(facts: FactBuffer, secret: Uint8Array) {
    this.#facts = facts;
    this.#secret = secret;
  }

  forName(name: string): ScramCredentials {
    const folded = casefold(name);
    const hash = (what: string) =>
      new Uint8Array(
        createHash("sha256").update(this.#secret).update(encodeUtf8(`${what}\0${folded}`)).digest(),
      );
    return {
      salt: hash("salt").subarray(0, SALT_BYTES),
      iterations: PASSWORD_ITERATIONS,
      storedKey: hash("stored"),
      serverKey: hash("server"),
    };
  }

  /** There is an account: from now on decoys are not to change. */
  persist(): void {
    if (this.#isKept) return;
    this.#isKept = true;
    this.#facts.put("secret", "decoys", { bytes: this.#secret.toBase64() });
  }

  /** Takes in the fact `secret`; throws where it is none. */
  restore(value: unknown): void {
    const bytes = Uint8Array.fromBase64(readMember(value, "bytes", "string"));
    if (bytes.length !== DECOY_SECRET_BYTES) throw new RangeError(`a secret has ${DECOY_SECRET_BYTES} bytes`);
    this.#secret = bytes;
    this.#isKept = true;
  }
}

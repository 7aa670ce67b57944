/** How passwords are judged and hashed. */
import { createHash } from "node:crypto";
import { utf8, utf8Length } from "../base/bytes.ts";
import { PASSPHRASE_MAX_BYTES, PASSPHRASE_MIN_BYTES } from "../irc/passphrase.ts";
import type { ScramCredentials } from "../irc/scram.ts";
import type { HashRefusal } from "./errands.ts";

export const SALT_BYTES = 16;

/** RFC 7677 section 4: at least 4096. More is of no use to a key of 256 random bits … */
export const KEY_ITERATIONS = 4096;
/** … and makes a guess at what a person has thought of dearer. */
export const PASSPHRASE_ITERATIONS = 200_000;

/** 32 random bytes in base64url, as our clients make them. */
const RANDOM_KEY = /^[A-Za-z0-9_-]{43}$/;

export type PasswordFault = {
  readonly code: "WEAK_PASSWORD" | "UNACCEPTABLE_PASSWORD";
  readonly text: string;
};

/** What is wrong with `password` for a new account; undefined: it will do. */
export function passwordFault(password: string, name: string): PasswordFault | undefined {
  const bytes = utf8Length(password);
  if (bytes > PASSPHRASE_MAX_BYTES) {
    return { code: "UNACCEPTABLE_PASSWORD", text: `A password has at most ${PASSPHRASE_MAX_BYTES} bytes` };
  }
  if (bytes < PASSPHRASE_MIN_BYTES || password.toLowerCase() === name.toLowerCase()) {
    return {
      code: "WEAK_PASSWORD",
      text: `A password has at least ${PASSPHRASE_MIN_BYTES} bytes, and is not the name`,
    };
  }
  return undefined;
}

/** Why a password was not looked at, as the second half of a sentence. */
export function refusalWords({ kind, waitMs }: HashRefusal): string {
  const what = kind === "attempts" ? "too many attempts" : "too many passwords are being checked";
  return `${what}; try again in ${Math.ceil(waitMs / 1000)} s`;
}

/** How often `password` is to be hashed. */
export function iterationsFor(password: string): number {
  return RANDOM_KEY.test(password) ? KEY_ITERATIONS : PASSPHRASE_ITERATIONS;
}

/** Credentials that nobody has, the same each time for one name. */
export function decoyCredentials(secret: Uint8Array, name: string): ScramCredentials {
  const hash = (what: string) =>
    new Uint8Array(createHash("sha256").update(secret).update(utf8(`${what}\0${name}`)).digest());
  return {
    salt: hash("salt").subarray(0, SALT_BYTES),
    iterations: KEY_ITERATIONS,
    storedKey: hash("stored"),
    serverKey: hash("server"),
  };
}

/**
 * Files with one secret: a password, a passphrase, a key. The secret is the one line of the file, in UTF-8,
 * without its line end. No secret is taken from the command line, which all users of the machine can read.
 */
import { concatBytes } from "../../base/bytes.ts";
import type { Io } from "../command.ts";
import { decodeFile, describeReadError, readProgramFile, readSmallFile } from "./small_file.ts";
import type { SmallFileFault, SmallFileOutcome } from "./small_file.ts";

/** Maximum size of a file that holds one secret. */
const MAX_SECRET_FILE_BYTES = 4096;

export type SecretOutcome =
  | { readonly kind: "ok"; readonly secret: string }
  /** `why` in a few words, which contain nothing of the file. `not_a_line`: the file was read, and is not one line. */
  | { readonly kind: "bad"; readonly fault: SmallFileFault | "not_a_line"; readonly why: string };

const TOO_LONG = { kind: "bad", fault: "too_large", why: "is too long for one secret" } as const;

/** The secret in the file at `path`, which only its owner may be able to read; `-` is standard input. */
export async function readSecret(path: string, io: Io): Promise<SecretOutcome> {
  return path === "-" ? await readInput(io) : await readSecretFile(path);
}

/** The `path` of {@link readSecret} as a message names it. */
export function describeSecretPath(path: string): string {
  return path === "-" ? "standard input" : path;
}

/** As {@link readSecret}, without standard input. */
export async function readSecretFile(path: string): Promise<SecretOutcome> {
  return toSecret(await readSmallFile(path, MAX_SECRET_FILE_BYTES, true));
}

/** As {@link readSecretFile}, from a file that the program itself writes. */
export function readProgramSecret(path: string): SecretOutcome {
  return toSecret(readProgramFile(path, MAX_SECRET_FILE_BYTES, true));
}

/** Why `text` cannot be a secret, in a few words; undefined: it can. */
export function secretFault(text: string): string | undefined {
  if (text === "") return "is empty";
  if (text.includes("\ufffd")) return "is not UTF-8";
  return /[\r\n\0]/.test(text) ? "has more than one line" : undefined;
}

function toSecret(read: SmallFileOutcome): SecretOutcome {
  if (read.kind === "bad") return read.fault === "too_large" ? TOO_LONG : read;
  const secret = read.text.replace(/\r?\n$/, "");
  const why = secretFault(secret);
  return why === undefined ? { kind: "ok", secret } : { kind: "bad", fault: "not_a_line", why };
}

async function readInput(io: Io): Promise<SecretOutcome> {
  try {
    const bytes = await readAtMost(io.stdin.readable, MAX_SECRET_FILE_BYTES + 1);
    return bytes.length > MAX_SECRET_FILE_BYTES
      ? TOO_LONG
      : toSecret({ kind: "ok", text: decodeFile(bytes) });
  } catch (error) {
    return { kind: "bad", fault: "unreadable", why: describeReadError(error) };
  }
}

/** The first `length` bytes of `stream`, or all if it has fewer. */
async function readAtMost(stream: ReadableStream<Uint8Array>, length: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let missing = length;
  for await (const chunk of stream) {
    chunks.push(chunk.subarray(0, missing));
    missing -= chunk.length;
    if (missing <= 0) break;
  }
  return concatBytes(chunks);
}

/** Files with one secret: a password, a passphrase, a key. A secret never comes by the command line, which everybody can see. */
import { concatBytes } from "../../base/bytes.ts";
import type { Io } from "../command.ts";
import { decodeFile, describeReadError, readSmallFile } from "./small_file.ts";

/** Most of a file that holds one secret. */
export const MAX_SECRET_FILE_BYTES = 4096;

export type SecretOutcome =
  | { readonly kind: "ok"; readonly secret: string }
  /** `why` in a few words; nothing of what was read is in it. `exposed`: others can reach the file. */
  | { readonly kind: "bad"; readonly why: string; readonly exposed: boolean };

/** The one line in the file at `path`, without its end; `-` is standard input. The file must be its owner's alone. */
export async function readSecret(path: string, io: Io): Promise<SecretOutcome> {
  if (path === "-") return await readInput(io);
  const read = await readSmallFile(path, MAX_SECRET_FILE_BYTES, true);
  if (read.kind === "ok") return checkSecret(read.text);
  const why = read.fault === "too_large" ? TOO_LONG_TEXT : read.why;
  return { kind: "bad", why, exposed: read.fault === "exposed" };
}

const TOO_LONG_TEXT = "is too long for one secret";

async function readInput(io: Io): Promise<SecretOutcome> {
  try {
    const bytes = await readAtMost(io.stdin.readable, MAX_SECRET_FILE_BYTES + 1);
    if (bytes.length > MAX_SECRET_FILE_BYTES) return badSecret(TOO_LONG_TEXT);
    return checkSecret(decodeFile(bytes));
  } catch (error) {
    return badSecret(describeReadError(error));
  }
}

function checkSecret(read: string): SecretOutcome {
  const text = read.replace(/\r?\n$/, "");
  if (text === "") return badSecret("is empty");
  if (text.includes("\ufffd")) return badSecret("is not UTF-8");
  if (/[\r\n\0]/.test(text)) return badSecret("has more than one line");
  return { kind: "ok", secret: text };
}

function badSecret(why: string): SecretOutcome {
  return { kind: "bad", why, exposed: false };
}

/** The first `length` bytes of `stream`, or all where it has fewer. */
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

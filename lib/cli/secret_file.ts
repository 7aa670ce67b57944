/** Files with one secret: a password, a passphrase, a key. A secret never comes by the command line, which everybody can see. */
import { concat } from "../base/bytes.ts";
import type { Io } from "./command.ts";
import { decodeFile, readSmallFile, whyUnreadable } from "./small_file.ts";

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
  if (read.kind === "ok") return judged(read.text);
  const why = read.fault === "too_large" ? TOO_LONG : read.why;
  return { kind: "bad", why, exposed: read.fault === "exposed" };
}

const TOO_LONG = "is too long for one secret";

async function readInput(io: Io): Promise<SecretOutcome> {
  try {
    const bytes = await atMost(io.stdin.readable, MAX_SECRET_FILE_BYTES + 1);
    if (bytes.length > MAX_SECRET_FILE_BYTES) return bad(TOO_LONG);
    return judged(decodeFile(bytes));
  } catch (error) {
    return bad(whyUnreadable(error));
  }
}

function judged(read: string): SecretOutcome {
  const text = read.replace(/\r?\n$/, "");
  if (text === "") return bad("is empty");
  if (text.includes("\ufffd")) return bad("is not UTF-8");
  if (/[\r\n\0]/.test(text)) return bad("has more than one line");
  return { kind: "ok", secret: text };
}

function bad(why: string): SecretOutcome {
  return { kind: "bad", why, exposed: false };
}

/** The first `length` bytes of `stream`, or all where it has fewer. */
async function atMost(stream: ReadableStream<Uint8Array>, length: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let missing = length;
  for await (const chunk of stream) {
    chunks.push(chunk.subarray(0, missing));
    missing -= chunk.length;
    if (missing <= 0) break;
  }
  return concat(chunks);
}

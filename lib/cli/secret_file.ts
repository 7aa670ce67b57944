/** Files with one secret: a password, a passphrase, a key. A secret never comes by the command line, which everybody can see. */
import { concat } from "../base/bytes.ts";
import type { Io } from "./command.ts";

/** Most of a file that holds one secret. */
const MAX_SECRET_FILE_BYTES = 4096;

export type SecretOutcome =
  | { readonly kind: "ok"; readonly secret: string }
  /** `why` in a few words; nothing of what was read is in it. */
  | { readonly kind: "bad"; readonly why: string };

/** The one line in the file at `path`, without its end; `-` is standard input. */
export async function readSecret(path: string, io: Io): Promise<SecretOutcome> {
  let bytes: Uint8Array;
  try {
    const stream = path === "-" ? io.stdin.readable : (await Deno.open(path)).readable;
    bytes = await atMost(stream, MAX_SECRET_FILE_BYTES + 1);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { kind: "bad", why: "no such file" };
    if (error instanceof Deno.errors.PermissionDenied) return { kind: "bad", why: "may not be read" };
    if (error instanceof Deno.errors.IsADirectory) return { kind: "bad", why: "is a folder, not a file" };
    return { kind: "bad", why: error instanceof Error ? error.message : String(error) };
  }
  if (bytes.length > MAX_SECRET_FILE_BYTES) return { kind: "bad", why: "is too long for one secret" };
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes).replace(/\r?\n$/, "");
    if (text === "") return { kind: "bad", why: "is empty" };
    if (/[\r\n\0]/.test(text)) return { kind: "bad", why: "has more than one line" };
    return { kind: "ok", secret: text };
  } catch {
    return { kind: "bad", why: "is not UTF-8" };
  }
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

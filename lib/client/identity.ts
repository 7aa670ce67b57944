/**
 * Claim keys: 32 random bytes per server and name, made at first use, so that a name stays its owner's. A server hears its own
 * key only; another server could not use it.
 *
 *     <config dir>/keys/<server>/<name>     43 characters base64url and a newline; file 0600, folders 0700
 */
import { casefold } from "../irc/casemap.ts";
import type { Address } from "../net/address.ts";

export type KeyOutcome =
  | { readonly kind: "ok"; readonly key: string; readonly path: string; readonly created: boolean }
  /** No key: none is there and none was to be made, or no folder is known to keep it in. */
  | { readonly kind: "none" }
  /** The key cannot be kept or read; `why` in a few words. */
  | { readonly kind: "bad"; readonly path: string; readonly why: string };

const KEY_BYTES = 32;
const KEY = /^[A-Za-z0-9_-]{43}\n?$/;
/** File names may have 255 bytes on every file system in use. */
const MAX_FILE_NAME_LENGTH = 200;

/** The key of `name` at `address`; made if there is none and `create` says so. `dir` is the configuration's folder. */
export async function claimKey(
  dir: string | undefined,
  address: Address,
  name: string,
  create: boolean,
): Promise<KeyOutcome> {
  if (dir === undefined) return { kind: "none" };
  const folder = `${dir}/keys/${serverFolder(address)}`;
  const path = `${folder}/${fileOfName(name)}`;
  try {
    const found = await readKey(path);
    if (found !== undefined) return found;
    if (!create) return { kind: "none" };
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    return await createKey(folder, path);
  } catch (error) {
    return { kind: "bad", path, why: error instanceof Error ? error.message : String(error) };
  }
}

async function readKey(path: string): Promise<KeyOutcome | undefined> {
  try {
    const text = await Deno.readTextFile(path);
    if (!KEY.test(text)) {
      return { kind: "bad", path, why: "this is no claim key (43 characters of base64url)" };
    }
    return { kind: "ok", key: text.trimEnd(), path, created: false };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Of two processes that make the key in the same instant, one wins, and the other uses the winner's. */
async function createKey(folder: string, path: string): Promise<KeyOutcome> {
  const key = crypto.getRandomValues(new Uint8Array(KEY_BYTES)).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
  const draft = `${folder}/.new-${crypto.randomUUID()}`;
  await Deno.writeTextFile(draft, key + "\n", { createNew: true, mode: 0o600 });
  try {
    await Deno.link(draft, path); // unlike a rename, it fails where the name is there, and the file is whole from the start
    return { kind: "ok", key, path, created: true };
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    return await readKey(path) ?? { kind: "none" };
  } finally {
    await Deno.remove(draft);
  }
}

/** One server, one folder: the names of this machine's loopback are the same place. */
export function serverFolder(address: Address): string {
  if (address.kind === "unix") return folderName(`unix_${address.path}`);
  const host = casefold(address.host).replace(/^(?:127\.0\.0\.1|::1)$/, "localhost");
  return folderName(`${host}_${address.port}`);
}

/** One name, one file, in whatever letter case it is written. */
export function fileOfName(name: string): string {
  return encodeURIComponent(casefold(name));
}

function folderName(text: string): string {
  return encodeURIComponent(text).slice(-MAX_FILE_NAME_LENGTH);
}

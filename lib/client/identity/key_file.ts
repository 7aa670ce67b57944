/**
 * Keys: 32 random bytes per server and name, made at the first use of the name. On a server with accounts the key is
 * the password of the account; on others it claims the name. Each server gets its own key only, so that no server can
 * use the key of another one.
 *
 *     <config dir>/keys/<server>/<name>                  43 characters base64url and a newline; file 0600, folders 0700
 *     <config dir>/keys/<server>/<name>+registered       what is known of it: see `keyring.ts`
 *     <config dir>/keys/<server>/<name>+salted           what SCRAM makes of it for that server: see `keyring.ts`; 0600
 *     <config dir>/keys/<server>/<name>+next-<id>        a key that the account is being given: see `next_key.ts`; 0600
 *     <config dir>/keys/<server>/<name>+before-<time>    a key that was an account's, and that another has replaced
 */
import { encodeUtf8 } from "../../base/bytes.ts";
import { readProgramSecret } from "../../cli/files/secret_file.ts";
import { readProgramFile } from "../../cli/files/small_file.ts";
import type { Address } from "../../net/address.ts";
import { createFile, DRAFT_PREFIX, replaceFile, writeNewFile } from "../../store/disk/atomic_file.ts";
import { decodeFileName, encodeFileName, serverFolderName } from "./file_names.ts";

export type KeyReadOutcome =
  | { readonly kind: "ok"; readonly key: string; readonly path: string; readonly created: boolean }
  /** There is no key and none was to be made, or there is no configuration folder. */
  | { readonly kind: "none" }
  /** The key cannot be written or read. */
  | { readonly kind: "bad"; readonly path: string; readonly why: string }
  /** Other users can read the key; `why` says what to do. */
  | { readonly kind: "exposed"; readonly path: string; readonly why: string };

const KEY_BYTES = 32;
/** Suffixes of the files beside a key. The file name of a user name has no plus sign. */
const REGISTERED_SUFFIX = "+registered";
const SALTED_SUFFIX = "+salted";
/** Earlier versions kept at most one such key, without an id. */
export const NEXT_KEY_SUFFIX = "+next";
const PREVIOUS_KEY_SUFFIX = "+before-";
/** Maximum size of a file beside a key. */
const MAX_COMPANION_FILE_BYTES = 4096;
const KEY_PATTERN = /^[A-Za-z0-9_-]{43}$/;
/** The key of `name` at `address`; with `create` made if there is none. `dir`: the configuration folder. */
export async function readOrCreateKey(
  dir: string | undefined,
  address: Address,
  name: string,
  create: boolean,
): Promise<KeyReadOutcome> {
  if (dir === undefined) return { kind: "none" };
  const { folder, path } = resolveKeyPath(dir, address, name);
  try {
    const found = readKey(path);
    if (found !== undefined) return found;
    if (!create) return { kind: "none" };
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    return createKey(path, generateKey());
  } catch (error) {
    return { kind: "bad", path, why: describeFileError(error) };
  }
}

/** Whether `text` (without newline) is a key. */
export function isKey(text: string): boolean {
  return KEY_PATTERN.test(text);
}

export type KeyStoreOutcome =
  /** The key is stored; `replaced`: in place of another one. */
  | { readonly kind: "stored"; readonly path: string; readonly replaced: boolean }
  /** The key was stored already. */
  | { readonly kind: "same"; readonly path: string }
  /** Another key is stored, which was not to be replaced. */
  | { readonly kind: "other"; readonly path: string }
  | { readonly kind: "bad"; readonly path: string; readonly why: string };

/**
 * Stores `key`, which comes from another machine, for `name` at `address`; with `replace` in place of another
 * one.
 */
export async function storeKey(
  dir: string,
  address: Address,
  name: string,
  key: string,
  replace: boolean,
): Promise<KeyStoreOutcome> {
  const { folder, path } = resolveKeyPath(dir, address, name);
  try {
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    const found = await createKey(path, key);
    if (found.kind === "ok" && found.created) return { kind: "stored", path, replaced: false };
    if (found.kind === "ok" && found.key === key) return { kind: "same", path };
    if (!replace && (found.kind === "bad" || found.kind === "exposed")) return { ...found, kind: "bad" };
    if (!replace) return { kind: "other", path };
    replaceFile(path, `${key}\n`);
    return { kind: "stored", path, replaced: true };
  } catch (error) {
    return { kind: "bad", path, why: describeFileError(error) };
  }
}

/**
 * Whether {@link storeKey} can store a key that is still to come. `ready`: no other key is there, or it is to be
 * replaced, and the disk has taken a file of the size of a key.
 */
export async function checkKeyStore(
  dir: string,
  address: Address,
  name: string,
  replace: boolean,
): Promise<{ readonly kind: "ready" } | KeyStoreOutcome & { kind: "other" | "bad" }> {
  const { folder, path } = resolveKeyPath(dir, address, name);
  try {
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    const found = replace ? undefined : readKey(path);
    if (found?.kind === "bad" || found?.kind === "exposed") return { ...found, kind: "bad" };
    if (found !== undefined) return { kind: "other", path };
    const trial = `${folder}/${DRAFT_PREFIX}${crypto.randomUUID()}`;
    writeNewFile(trial, `${generateKey()}\n`);
    await Deno.remove(trial);
    return { kind: "ready" };
  } catch (error) {
    return { kind: "bad", path, why: describeFileError(error) };
  }
}

/**
 * Removes the key of `name` at `address`. Returns its path; undefined: there was none. Throws disk errors.
 */
export async function removeKey(dir: string, address: Address, name: string): Promise<string | undefined> {
  const { path } = resolveKeyPath(dir, address, name);
  try {
    await Deno.remove(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  await removeCompanionFiles(path);
  return path;
}

/**
 * Removes the key of `name` at `address` if it is `key` and has no mark. Throws the errors of the disk.
 *
 * Another process may store another key there meanwhile, or register a name with this one. So the key is
 * moved away and examined again. If it has to stay it is moved back; if a third key is there by then, it is
 * kept as a previous key. A process that registers writes the mark first and then checks that the key is
 * there, so at least one of the two processes sees the other.
 */
export async function removeUnmarkedKey(
  dir: string,
  address: Address,
  name: string,
  key: string,
): Promise<void> {
  const { folder, path } = resolveKeyPath(dir, address, name);
  const mayGo = (place: string) => {
    const found = readKey(place);
    return found?.kind === "ok" && found.key === key &&
      readCompanionFile(path, REGISTERED_SUFFIX) === undefined;
  };
  if (!mayGo(path)) return;
  const aside = `${folder}/.old-${crypto.randomUUID()}`;
  await Deno.rename(path, aside);
  if (!mayGo(aside)) {
    await Deno.link(aside, path).catch(async () => {
      if (!isSameKey(aside, path)) await Deno.link(aside, `${path}${PREVIOUS_KEY_SUFFIX}${Date.now()}`);
    });
  }
  await Deno.remove(aside);
}

function isSameKey(path: string, otherPath: string): boolean {
  const [one, other] = [readKey(path), readKey(otherPath)];
  return one?.kind === "ok" && other?.kind === "ok" && one.key === other.key;
}

/** Most keys have no such files. */
async function removeCompanionFiles(path: string): Promise<void> {
  for (const suffix of [REGISTERED_SUFFIX, SALTED_SUFFIX]) await Deno.remove(path + suffix).catch(() => {});
}

/** The marks of the key of `name` at `address`; undefined: none. */
export function readKeyMarks(dir: string, address: Address, name: string): string | undefined {
  return readCompanionFile(resolveKeyPath(dir, address, name).path, REGISTERED_SUFFIX);
}

/** The text that {@link writeSaltedPassword} has written; undefined: none. */
export function readSaltedPassword(dir: string, address: Address, name: string): string | undefined {
  return readCompanionFile(resolveKeyPath(dir, address, name).path, SALTED_SUFFIX);
}

function readCompanionFile(path: string, suffix: string): string | undefined {
  const read = readProgramFile(path + suffix, MAX_COMPANION_FILE_BYTES);
  return read.kind === "ok" ? read.text : undefined;
}

/**
 * Writes `text`, which is as secret as the key, beside it. If that fails, it is computed again the next time.
 */
export function writeSaltedPassword(dir: string, address: Address, name: string, text: string): void {
  const { path } = resolveKeyPath(dir, address, name);
  try {
    replaceFile(path + SALTED_SUFFIX, `${text}\n`);
  } catch {
    // the folder is gone, or the disk is full
  }
}

/** Writes the marks of the key; undefined: removes them. Errors are ignored. */
export function writeKeyMarks(dir: string, address: Address, name: string, text: string | undefined): void {
  const path = resolveKeyPath(dir, address, name).path + REGISTERED_SUFFIX;
  try {
    if (text === undefined) Deno.removeSync(path);
    else replaceFile(path, text);
  } catch {
    // the folder is gone, or there was no mark
  }
}

/**
 * Copies the key of `name` at `address` to a previous key, before it is replaced. Returns the path. Throws
 * disk errors.
 */
export async function copyPreviousKey(dir: string, address: Address, name: string): Promise<string> {
  const { path } = resolveKeyPath(dir, address, name);
  const before = await findPreviousKeyPath(path);
  await Deno.link(path, before);
  return before;
}

/** Moves the key to a previous key: the name has no key then. Returns the path. Throws disk errors. */
export async function movePreviousKey(dir: string, address: Address, name: string): Promise<string> {
  const { path } = resolveKeyPath(dir, address, name);
  const before = await findPreviousKeyPath(path);
  await Deno.rename(path, before); // not copied and removed: another process may store another key in between
  await removeCompanionFiles(path);
  return before;
}

/** An unused path for a previous key that was at `path`. */
export async function findPreviousKeyPath(path: string): Promise<string> {
  let at = Date.now();
  while (await Deno.lstat(`${path}${PREVIOUS_KEY_SUFFIX}${at}`).catch(ifMissing) !== undefined) at++;
  return `${path}${PREVIOUS_KEY_SUFFIX}${at}`;
}

/** A key that is kept for another address. */
export interface OtherAddressKey {
  readonly key: string;
  /** Its marks, as they are written. */
  readonly mark: string;
  /** Milliseconds since the epoch. */
  readonly madeAt: number;
}

/** The marked keys of `name` that are kept for other addresses than `address`. Throws disk errors. */
export async function listOtherAddressKeys(
  dir: string,
  address: Address,
  name: string,
): Promise<OtherAddressKey[]> {
  const found: OtherAddressKey[] = [];
  const [here, file] = [serverFolderName(address), encodeFileName(name)];
  for (const folder of await listNames(`${dir}/keys`)) {
    if (folder === here) continue;
    const path = `${dir}/keys/${folder}/${file}`;
    const mark = readCompanionFile(path, REGISTERED_SUFFIX);
    const read = mark === undefined ? undefined : readKey(path);
    if (mark === undefined || read?.kind !== "ok") continue;
    const { mtime } = await Deno.stat(path);
    found.push({ key: read.key, mark, madeAt: mtime?.getTime() ?? 0 });
  }
  return found;
}

/** All keys in `dir`, by server and name. Unknown folders are left out. Throws disk errors. */
export async function listKeys(dir: string): Promise<{ server: string; name: string; path: string }[]> {
  const found = [];
  for (const folder of await listNames(`${dir}/keys`)) {
    const seen = new Set<string>();
    for (const file of (await listNames(`${dir}/keys/${folder}`)).sort()) { // a key sorts before the files beside it
      const [key = "", beside] = file.split("+");
      if (key === "" || key.startsWith(".")) continue;
      // An interrupted change may have left only the new key.
      if (beside !== undefined && (!`+${beside}`.startsWith(NEXT_KEY_SUFFIX) || seen.has(key))) continue;
      seen.add(key);
      const server = decodeFileName(folder)?.replace(/_(?=\d+$)/, ":").replace(/^unix_/, "unix:");
      const name = decodeFileName(key);
      if (server === undefined || name === undefined) continue;
      found.push({ server, name, path: `${dir}/keys/${folder}/${file}` });
    }
  }
  return found.sort((a, b) => a.server.localeCompare(b.server) || a.name.localeCompare(b.name));
}

/** Text by which people can compare two keys without seeing them: `SHA256:<43 characters>`. */
export async function fingerprint(key: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", encodeUtf8(`chatterbox key ${key}`));
  return `SHA256:${new Uint8Array(hash).toBase64({ omitPadding: true })}`;
}

/** The folder of the keys for `address`, and the file of the key of `name`. */
export function resolveKeyPath(
  dir: string,
  address: Address,
  name: string,
): { folder: string; path: string } {
  const folder = `${dir}/keys/${serverFolderName(address)}`;
  return { folder, path: `${folder}/${encodeFileName(name)}` };
}

/** A random key. */
export function generateKey(): string {
  return crypto.getRandomValues(new Uint8Array(KEY_BYTES)).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
}

/** Names of the files in `folder`; none if there is no such folder. */
export async function listNames(folder: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return [];
    throw error;
  }
}

function describeFileError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The key in the file `path`; undefined: there is none. */
export function readKey(path: string): KeyReadOutcome | undefined {
  const read = readProgramSecret(path);
  if (read.kind === "ok" && isKey(read.secret)) return { kind: "ok", key: read.secret, path, created: false };
  if (read.kind === "bad" && read.fault === "missing") return undefined;
  if (read.kind === "bad" && read.fault === "exposed") return { kind: "exposed", path, why: read.why };
  const isRead = read.kind === "ok" || read.fault === "not_a_line";
  return { kind: "bad", path, why: isRead ? "this is no claim key (43 characters of base64url)" : read.why };
}

function ifMissing(error: unknown): undefined {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

/** Of two processes that make the key at the same moment, both use the key of the first. */
function createKey(path: string, key: string): KeyReadOutcome {
  if (createFile(path, `${key}\n`)) return { kind: "ok", key, path, created: true };
  return readKey(path) ?? { kind: "none" };
}

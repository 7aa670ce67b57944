/**
 * Next keys: keys that an account is being given (`secret_change.ts`). Each has a file of its own beside the key:
 *
 *     <config dir>/keys/<server>/<name>+next-<uuid>    as a key; file 0600
 *     <config dir>/keys/<server>/<name>+lock           empty: locked by the process that changes the key of the name
 *
 * A server may accept such a key later than the client can learn of it. Therefore none is overwritten, and none becomes
 * a previous key before the account is known to have another one and enough time has passed.
 */
import type { Address } from "../../net/address.ts";
import { createFile } from "../../store/disk/atomic_file.ts";
import {
  copyPreviousKey,
  findPreviousKeyPath,
  generateKey,
  listNames,
  NEXT_KEY_SUFFIX,
  readKey,
  readOrCreateKey,
  resolveKeyPath,
} from "./key_file.ts";
import type { KeyReadOutcome } from "./key_file.ts";

const LOCK_SUFFIX = "+lock";
/**
 * Keys of unanswered changes that are kept and tried. Each wrong one counts as a failed login, of which a
 * server allows about ten, together with the keys of other addresses (`keyring.ts`).
 */
export const MAX_NEXT_KEYS = 3;
/**
 * Time for a server to carry out a request after the connection was lost: far longer than it delays a line.
 */
export const NEXT_KEY_DOUBT_MS = 600_000;

export interface NextKey {
  readonly key: string;
  readonly path: string;
  /** Milliseconds since the epoch. */
  readonly madeAt: number;
}

/**
 * The lock of the process that changes the key of `name` at `address`, held until it is disposed of or the
 * process ends. Undefined: another process holds it. Throws disk errors.
 */
export async function lockKey(dir: string, address: Address, name: string): Promise<Disposable | undefined> {
  const { folder, path } = resolveKeyPath(dir, address, name);
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  const file = await Deno.open(path + LOCK_SUFFIX, { read: true, write: true, create: true, mode: 0o600 });
  try {
    if (await file.tryLock(true)) return file; // closing it releases the lock
  } catch (error) {
    file.close();
    throw error;
  }
  file.close();
  return undefined;
}

/** A new key, stored beside that of `name` at `address`. Throws disk errors. */
export function makeNextKey(dir: string, address: Address, name: string): Promise<NextKey> {
  return storeNextKey(dir, address, name, generateKey());
}

/** Stores `key`, which may be that of the account, to be tried. Throws disk errors. */
export async function storeNextKey(
  dir: string,
  address: Address,
  name: string,
  key: string,
): Promise<NextKey> {
  const place = resolveKeyPath(dir, address, name);
  await Deno.mkdir(place.folder, { recursive: true, mode: 0o700 });
  const path = `${place.path}${NEXT_KEY_SUFFIX}-${crypto.randomUUID()}`;
  createFile(path, `${key}\n`);
  return { key, path, madeAt: Date.now() };
}

/** The readable next keys, the newest first. Throws disk errors. */
export async function listNextKeys(dir: string, address: Address, name: string): Promise<NextKey[]> {
  const found: NextKey[] = [];
  for (const path of await listNextKeyPaths(dir, address, name)) {
    const read = readKey(path);
    const info = await Deno.stat(path).catch(() => undefined); // another process may have moved it
    if (read?.kind !== "ok" || info === undefined) continue;
    found.push({ key: read.key, path, madeAt: info.mtime?.getTime() ?? 0 });
  }
  return found.sort((a, b) => b.madeAt - a.madeAt);
}

async function listNextKeyPaths(dir: string, address: Address, name: string): Promise<string[]> {
  const { folder, path } = resolveKeyPath(dir, address, name);
  const files = await listNames(folder);
  return files.map((file) => `${folder}/${file}`).filter((file) =>
    file.startsWith(`${path}${NEXT_KEY_SUFFIX}`)
  );
}

/**
 * The key of `name` at `address`; after an interrupted change that has left none, the newest next key; with
 * `create` made if there is neither.
 */
export async function findOrCreateKey(
  dir: string | undefined,
  address: Address,
  name: string,
  create: boolean,
): Promise<{ readonly found: KeyReadOutcome; readonly isNext: boolean }> {
  const found = await readOrCreateKey(dir, address, name, false);
  if (found.kind !== "none" || dir === undefined) return { found, isNext: false };
  const [next] = await listNextKeys(dir, address, name).catch(() => []);
  if (next === undefined) return { found: await readOrCreateKey(dir, address, name, create), isNext: false };
  const { key, path } = next;
  return { found: { kind: "ok", key, path, created: false }, isNext: true };
}

/** Makes `next` a previous key of `name` at `address`. Returns its path. Throws disk errors. */
export async function setKeyAside(
  dir: string,
  address: Address,
  name: string,
  next: NextKey,
): Promise<string> {
  const before = await findPreviousKeyPath(resolveKeyPath(dir, address, name).path);
  await Deno.rename(next.path, before);
  return before;
}

/**
 * Makes `next` the key of `name` at `address`. `before`: path of the previous key, if there was one. Throws
 * disk errors.
 */
export async function promoteNextKey(
  dir: string,
  address: Address,
  name: string,
  next: NextKey,
): Promise<{ path: string; before: string | undefined }> {
  const { path } = resolveKeyPath(dir, address, name);
  const before = await copyPreviousKey(dir, address, name).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return undefined;
  });
  await Deno.rename(next.path, path); // the name has a key at every moment
  return { path, before };
}

/** Removes a key that the server has refused. */
export async function removeNextKey({ path }: NextKey): Promise<void> {
  await Deno.remove(path).catch(() => {}); // it stays, and is tried in vain
}

/** Removes all next keys of `name` at `address`. Throws disk errors. */
export async function removeNextKeys(dir: string, address: Address, name: string): Promise<void> {
  for (const path of await listNextKeyPaths(dir, address, name)) await Deno.remove(path);
}

/**
 * Tidies the next keys after a login with `proved`. One that is `proved` is removed if the key of the name is
 * the same; others that the server would have accepted by now become previous keys. Returns the rest. Throws
 * disk errors.
 */
export async function resolveNextKeys(
  dir: string,
  address: Address,
  name: string,
  proved: string,
): Promise<NextKey[]> {
  const { path } = resolveKeyPath(dir, address, name);
  const kept = readKey(path);
  const left: NextKey[] = [];
  for (const next of await listNextKeys(dir, address, name)) {
    if (next.key === proved && kept?.kind === "ok" && kept.key === proved) await Deno.remove(next.path);
    else if (next.key !== proved && Date.now() - next.madeAt > NEXT_KEY_DOUBT_MS) {
      await setKeyAside(dir, address, name, next);
    } else left.push(next);
  }
  return left;
}

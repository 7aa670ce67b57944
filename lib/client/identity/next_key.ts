/**
 * Keys that an account is being given (`secret_change.ts`). Each is in a file of its own beside the key of the name:
 *
 *     <config dir>/keys/<server>/<name>+next-<uuid>    as a key; file 0600
 *     <config dir>/keys/<server>/<name>+lock           empty: locked by the process that changes which key is the name's
 *
 * A server may take such a key later than the client that has said it can hear of it. So none is overwritten, and none is put away
 * before the account is known to have another one and this one has been left for long enough.
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
 * Keys of unanswered changes that are kept and tried at most. Each that is wrong counts as a failure at the server, which bears ten or
 * so, with those that are kept for other addresses (`keyring.ts`).
 */
export const MAX_NEXT_KEYS = 3;
/** How long a server may take for what it was asked before the connection was lost: far longer than it keeps a line waiting. */
export const NEXT_KEY_DOUBT_MS = 600_000;

export interface NextKey {
  readonly key: string;
  readonly path: string;
  /** Milliseconds since the epoch. */
  readonly madeAt: number;
}

/**
 * Held by the one process that changes which key is that of `name` at `address`, until it is disposed of or the process ends; undefined:
 * another one holds it. Throws what the disk does.
 */
export async function lockKey(dir: string, address: Address, name: string): Promise<Disposable | undefined> {
  const { folder, path } = resolveKeyPath(dir, address, name);
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  const file = await Deno.open(path + LOCK_SUFFIX, { read: true, write: true, create: true, mode: 0o600 });
  try {
    if (await file.tryLock(true)) return file; // closing it lets go of the lock
  } catch (error) {
    file.close();
    throw error;
  }
  file.close();
  return undefined;
}

/** A new key, kept beside that of `name` at `address`. Throws what the disk does. */
export function makeNextKey(dir: string, address: Address, name: string): Promise<NextKey> {
  return storeNextKey(dir, address, name, generateKey());
}

/** `key`, which may be the account's, is kept to be tried. Throws what the disk does. */
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

/** Those that can be read, the newest first. Throws what the disk does. */
export async function listNextKeys(dir: string, address: Address, name: string): Promise<NextKey[]> {
  const found: NextKey[] = [];
  for (const path of await listNextKeyPaths(dir, address, name)) {
    const read = readKey(path);
    const info = await Deno.stat(path).catch(() => undefined); // another process may have put it away just now
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
 * The key of `name` at `address`; where a change that was cut off has left none, the newest that it was being given; made if there is
 * neither and `create` says so.
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

/** `next` is kept among the keys of before of `name` at `address`. Its path there. Throws what the disk does. */
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

/** `next` takes the place of the key of `name` at `address`. Where the one of before is kept, if there was one. Throws what the disk does. */
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

/** The server has said that it does not take it. */
export async function removeNextKey({ path }: NextKey): Promise<void> {
  await Deno.remove(path).catch(() => {}); // it stays, and is tried for nothing
}

/** All of `name` at `address`. Throws what the disk does. */
export async function removeNextKeys(dir: string, address: Address, name: string): Promise<void> {
  for (const path of await listNextKeyPaths(dir, address, name)) await Deno.remove(path);
}

/**
 * The account has the key or passphrase `proved`. What is as `proved` goes if it is in its place, and the others, which the server would
 * have taken by now, are kept among the keys of before. Those that are left. Throws what the disk does.
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

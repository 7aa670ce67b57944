/** Listening sockets: TCP, also where TLS is to be spoken, and Unix, with errors that say what to do. */
import { dirname } from "node:path";
import { type Address, formatAddress } from "./address.ts";

/** A listener that ran out of file handles waits this long before it accepts again. */
const ACCEPT_PAUSE_MS = 100;
/** How often is told that connections can't be accepted. */
const TROUBLE_REPEAT_MS = 60_000;

/** Taking the place of a dead server takes a millisecond; a lock that is held longer is another program's, and not waited for. */
const LOCK_TRIES = 100;
const LOCK_PAUSE_MS = 10;

export type ListenOutcome =
  | { kind: "listening"; listener: Deno.Listener; address: Address }
  | { kind: "failed"; why: string };

/**
 * Listens at `address`. A Unix socket that a dead server left behind is replaced; one that answers is not. `flag` is what would
 * name another address.
 */
export async function listen(
  address: Address,
  flag = address.kind === "tls" ? "--tls" : "--listen",
): Promise<ListenOutcome> {
  try {
    if (address.kind === "unix") return await listenUnix(address.path);
    const listener = Deno.listen({ hostname: address.host, port: address.port });
    const { port } = listener.addr as Deno.NetAddr;
    return { kind: "listening", listener, address: { ...address, port } };
  } catch (error) {
    return { kind: "failed", why: explain(error, address, flag) };
  }
}

async function listenUnix(path: string): Promise<ListenOutcome> {
  const opened = openUnix(path);
  if (opened !== undefined) return opened;
  using _folder = await lockFolder(dirname(path));
  const there = await removeDead(path);
  if (there === "no_socket") {
    return { kind: "failed", why: `${path} is there, and is no socket; choose another path` };
  }
  return (there === "removed" ? openUnix(path) : undefined) ??
    { kind: "failed", why: `${path} is in use by another server` };
}

/**
 * Held while one server takes the place of a dead one, so that servers that start at the same moment do it one after the other.
 * Undefined where the folder cannot be opened.
 */
async function lockFolder(path: string): Promise<Deno.FsFile | undefined> {
  let folder: Deno.FsFile | undefined;
  try {
    folder = await Deno.open(path, { read: true });
    for (let tries = 0; tries < LOCK_TRIES; tries++) {
      if (await folder.tryLock(true)) break; // closing it lets go of the lock
      await new Promise((resolve) => setTimeout(resolve, LOCK_PAUSE_MS));
    }
    return folder;
  } catch {
    folder?.close();
    return undefined;
  }
}

/** Undefined: something is there already. */
function openUnix(path: string): ListenOutcome | undefined {
  try {
    const listener = Deno.listen({ transport: "unix", path });
    return { kind: "listening", listener, address: { kind: "unix", path } };
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return undefined;
    throw error;
  }
}

/**
 * Removes the socket that a dead server has left at `path`, if what is there is one. It is moved away first, and looked at
 * again: of several servers that find it dead at the same moment none removes what another one listens on by then.
 */
async function removeDead(path: string): Promise<"removed" | "answered" | "no_socket"> {
  try {
    const found = await Deno.lstat(path);
    if (!found.isSocket) return "no_socket";
    if (await isAnswered(path)) return "answered";
    const aside = `${path}.${crypto.randomUUID()}`;
    await Deno.rename(path, aside);
    const moved = await Deno.lstat(aside);
    const isDead = moved.ino === found.ino && moved.mtime?.getTime() === found.mtime?.getTime();
    if (!isDead) await Deno.link(aside, path).catch(() => {}); // a third server was there first
    await Deno.remove(aside);
    return isDead ? "removed" : "answered";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "removed"; // by another server
    throw error;
  }
}

async function isAnswered(path: string): Promise<boolean> {
  try {
    (await Deno.connect({ transport: "unix", path })).close();
    return true;
  } catch {
    return false;
  }
}

function explain(error: unknown, address: Address, flag: string): string {
  const where = formatAddress(address);
  if (error instanceof Deno.errors.AddrInUse) {
    return `${where} is in use by another program; choose another with ${flag}`;
  }
  if (error instanceof Deno.errors.AddrNotAvailable) return `${where} is not an address of this machine`;
  if (error instanceof Deno.errors.PermissionDenied) {
    return `${where}: permission denied; ports below 1024 belong to root`;
  }
  return `${where}: ${error instanceof Error ? error.message : String(error)}`;
}

/**
 * Hands every connection to `accept` until the listener is closed. Out of file handles it pauses: whoever connects waits
 * in the system's queue and is let in when others leave. `onTrouble` is told what is wrong, once a minute at most, which
 * `now` (milliseconds) measures.
 */
export async function acceptAll(
  listener: Deno.Listener,
  accept: (conn: Deno.Conn) => void,
  onTrouble: (why: string) => void,
  now: () => number = () => performance.now(),
): Promise<void> {
  let toldAt = -Infinity;
  for (;;) {
    try {
      accept(await listener.accept());
    } catch (error) {
      if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) return;
      if (now() - toldAt >= TROUBLE_REPEAT_MS) {
        toldAt = now();
        onTrouble(explainRefusal(error));
      }
      await new Promise((resolve) => setTimeout(resolve, ACCEPT_PAUSE_MS));
    }
  }
}

/** Out of file handles: of this process's, of the machine's. */
const NO_HANDLE = /os error (24|23|10024)\b/;

function explainRefusal(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  if (!NO_HANDLE.test(said)) return `a connection could not be accepted: ${said}`;
  return `new connections wait until others leave: ${said}; a higher limit (ulimit -n) lets more in`;
}

/** Listening sockets: TCP, also where TLS is to be spoken, and Unix, with errors that say what to do. */
import { dirname } from "node:path";
import { type Address, formatAddress, WILDCARD_HOST } from "./address.ts";

/** A listener that ran out of file handles, or of memory for sockets, waits this long before it accepts again. */
const ACCEPT_PAUSE_MS = 100;
/** After so many failures of another kind other work goes first; a timer for each would take 1 ms and more. */
const FAILURES_BEFORE_PAUSE = 50;
/** How often is told that connections can't be accepted. */
const TROUBLE_REPEAT_MS = 60_000;

/** Taking the place of a dead server takes a millisecond; a lock that is held longer is another program's, and not waited for. */
const LOCK_TRIES = 100;
const LOCK_PAUSE_MS = 10;

/** Who of the machine may connect to a Unix socket. */
export interface UnixAccess {
  /** POSIX mode bits; connecting takes the right to write. */
  readonly mode: number;
  /** The group's number; left out: that of the process. */
  readonly group?: number;
}

/** The server's user, and a group that may be given it; others of the machine may be strangers. */
const DEFAULT_UNIX_MODE = 0o660;
/** For its owner alone: what a socket is until it has its group. */
const OWNER_MODE = 0o600;

export type ListenOutcome =
  /** `other`: a second one, where it takes two to hear every address. */
  | { kind: "listening"; listener: Deno.Listener; other?: Deno.Listener; address: Address }
  /** `inUse`: something listens there. */
  | { kind: "failed"; why: string; inUse?: true };

/**
 * Listens at `address`. A Unix socket that a dead server left behind is replaced; one that answers is not. `flag` is what would
 * name another address.
 */
export async function listen(
  address: Address,
  flag = address.kind === "tls" ? "--tls" : "--listen",
  access: Partial<UnixAccess> = {},
): Promise<ListenOutcome> {
  try {
    if (address.kind === "unix") {
      return await listenUnix(address.path, { mode: DEFAULT_UNIX_MODE, ...access });
    }
    const listeners = address.host === WILDCARD_HOST
      ? listenOnWildcard(address.port)
      : { listener: Deno.listen({ hostname: address.host, port: address.port }) };
    const { port } = listeners.listener.addr as Deno.NetAddr;
    return { kind: "listening", ...listeners, address: { ...address, port } };
  } catch (error) {
    const why = describeListenError(error, address, flag);
    return error instanceof Deno.errors.AddrInUse
      ? { kind: "failed", why, inUse: true }
      : { kind: "failed", why };
  }
}

/**
 * At every address, of IPv6 and of IPv4. A socket of IPv6 hears IPv4 too where the system has it so (Linux, macOS: IPV6_V6ONLY
 * is off), and then a second one finds its address in use; where it has not, or has no IPv6, it takes one for each.
 */
function listenOnWildcard(port: number): { listener: Deno.Listener; other?: Deno.Listener } {
  let listener: Deno.TcpListener;
  try {
    listener = Deno.listen({ hostname: "::", port });
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse || error instanceof Deno.errors.PermissionDenied) throw error;
    return { listener: Deno.listen({ hostname: "0.0.0.0", port }) };
  }
  try {
    return { listener, other: Deno.listen({ hostname: "0.0.0.0", port: listener.addr.port }) };
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse && Deno.build.os !== "windows") return { listener };
    listener.close();
    throw error;
  }
}

async function listenUnix(path: string, access: UnixAccess): Promise<ListenOutcome> {
  const opened = openUnix(path, access);
  if (opened !== undefined) return opened;
  using _folder = await lockFolder(dirname(path));
  const there = await removeStaleSocket(path);
  if (there === "no_socket") {
    return { kind: "failed", why: `${path} is there, and is no socket; choose another path` };
  }
  return (there === "removed" ? openUnix(path, access) : undefined) ??
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
function openUnix(path: string, { mode, group }: UnixAccess): ListenOutcome | undefined {
  let listener: Deno.UnixListener;
  try {
    listener = bindUnix(path, group === undefined ? mode : OWNER_MODE);
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return undefined;
    throw error;
  }
  if (group !== undefined) {
    try {
      Deno.chownSync(path, null, group);
      Deno.chmodSync(path, mode);
    } catch (error) {
      listener.close();
      return { kind: "failed", why: `--unix-group ${group}: ${describeGroupError(error)}` };
    }
  }
  return { kind: "listening", listener, address: { kind: "unix", path } };
}

/**
 * The socket has `mode` from its first moment on: the process's mask is set for that moment. A file that the sync worker makes
 * meanwhile is its owner's alone (0600) as always.
 */
function bindUnix(path: string, mode: number): Deno.UnixListener {
  const before = Deno.umask(0o777 & ~mode);
  try {
    return Deno.listen({ transport: "unix", path });
  } finally {
    Deno.umask(before);
  }
}

function describeGroupError(error: unknown): string {
  if (error instanceof Deno.errors.PermissionDenied) {
    return "the socket cannot be given to it; only root can, or a user who is in that group";
  }
  return error instanceof Error ? error.message : String(error);
}

/**
 * Removes the socket that a dead server has left at `path`, if what is there is one. It is moved away first, and looked at
 * again: of several servers that find it dead at the same moment none removes what another one listens on by then.
 */
async function removeStaleSocket(path: string): Promise<"removed" | "answered" | "no_socket"> {
  try {
    const found = await Deno.lstat(path);
    if (!found.isSocket) return "no_socket";
    if (await isServerListening(path)) return "answered";
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

async function isServerListening(path: string): Promise<boolean> {
  try {
    (await Deno.connect({ transport: "unix", path })).close();
    return true;
  } catch {
    return false;
  }
}

function describeListenError(error: unknown, address: Address, flag: string): string {
  const where = formatAddress(address);
  if (error instanceof Deno.errors.AddrInUse) {
    return `${where} is in use by another program; choose another with ${flag}`;
  }
  if (error instanceof Deno.errors.AddrNotAvailable) return `${where} is not an address of this machine`;
  if (error instanceof Deno.errors.PermissionDenied) {
    return address.kind === "unix"
      ? `${where}: permission denied; choose a folder in which this user may make files`
      : `${where}: permission denied; ports below 1024 belong to root`;
  }
  if (error instanceof Deno.errors.NotFound) return `${where}: there is no such folder`;
  if (error instanceof Deno.errors.NotCapable && !error.message.includes("umask")) {
    return `${where}: it is the system's own folder; choose another path`;
  }
  if (error instanceof URIError) return `${where} is neither an address nor the name of a host`;
  const said = error instanceof Error ? error.message : String(error);
  if (/SUN_LEN/.test(said)) {
    return `${where}: the path is too long for a socket (108 bytes at most); choose another one`;
  }
  return `${where}: ${said}`;
}

/**
 * Hands every connection to `accept` until the listener is closed. Out of file handles it pauses: a client that connects waits
 * in the system's queue and is let in when others leave. A connection that its peer has ended before it is accepted delays no other
 * one. `onTrouble` is told what is wrong, once a minute at most, which `now` (milliseconds) measures.
 */
export async function acceptConnections(
  listener: Deno.Listener,
  accept: (conn: Deno.Conn) => void,
  onTrouble: (why: string) => void,
  now: () => number = () => performance.now(),
  pause: (ms: number) => Promise<void> = sleep,
): Promise<void> {
  let toldAt = -Infinity;
  let failures = 0;
  for (;;) {
    try {
      accept(await listener.accept());
    } catch (error) {
      if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) return;
      if (now() - toldAt >= TROUBLE_REPEAT_MS) {
        toldAt = now();
        onTrouble(describeAcceptError(error));
      }
      if (isOutOfResources(error)) await pause(ACCEPT_PAUSE_MS);
      else if (++failures % FAILURES_BEFORE_PAUSE === 0) await pause(0);
    }
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Out of file handles: of this process's, of the machine's (EMFILE, ENFILE, WSAEMFILE). */
const NO_HANDLE = /os error (24|23|10024)\b/;
/** Out of memory for sockets: ENOMEM; ENOBUFS of Linux, of macOS and BSD, of Windows. */
const NO_MEMORY = /os error (12|105|55|10055)\b/;

/** The machine or the process has no space for a further connection. */
function isOutOfResources(error: unknown): boolean {
  const said = systemErrorText(error);
  return NO_HANDLE.test(said) || NO_MEMORY.test(said);
}

function systemErrorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function describeAcceptError(error: unknown): string {
  const said = systemErrorText(error);
  if (!NO_HANDLE.test(said)) return `a connection could not be accepted: ${said}`;
  return `new connections wait until others leave: ${said}; a higher limit (ulimit -n) lets more in`;
}

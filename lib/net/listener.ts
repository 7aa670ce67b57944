/** Listening sockets, TCP (also under TLS) and Unix, with errors that say what to do. */
import { type Address, formatAddress, WILDCARD_HOST } from "./address.ts";
import type { SocketListener } from "./conn.ts";

/** Pause of a listener that ran out of file handles or of memory for sockets. */
const ACCEPT_PAUSE_MS = 100;
/** Failures of another kind after which other work gets a turn; a timer for each would take 1 ms or more. */
const FAILURES_BEFORE_PAUSE = 50;
/** Least time between two reports of failing accepts. */
const TROUBLE_REPEAT_MS = 60_000;

/**
 * Replacing the socket of a dead server takes a millisecond; a lock held for longer belongs to another program and is
 * ignored.
 */
const LOCK_TRIES = 100;
const LOCK_PAUSE_MS = 10;

/** Random characters behind the name of a socket that is set aside: its path is still short enough for a socket. */
const ASIDE_LENGTH = 8;

/** Access of local users to a Unix socket. */
export interface UnixAccess {
  /** POSIX mode bits; connecting needs the write permission. */
  readonly mode: number;
  /** Group id; absent: the group of the process. */
  readonly group?: number;
}

/** The server's user, and a group if one is configured; other local users are not trusted. */
const DEFAULT_UNIX_MODE = 0o660;
/** Owner only: the mode of a socket until its group is set. */
const OWNER_MODE = 0o600;

export type ListenOutcome =
  /** `other`: a second listener, if every address needs two. */
  | { kind: "listening"; listener: SocketListener; other?: SocketListener; address: Address }
  /** `inUse`: the address is in use. */
  | { kind: "failed"; why: string; inUse?: true };

/**
 * Listens at `address`. A Unix socket that a dead server left behind is replaced; one with a live server is not.
 * `flag`: the option that would choose another address. `sharing`: other processes listen there, too.
 */
export async function listen(
  address: Address,
  flag = address.kind === "tls" ? "--tls" : "--listen",
  access: Partial<UnixAccess> = {},
  sharing?: PortSharing,
): Promise<ListenOutcome> {
  try {
    if (address.kind === "unix") {
      return await listenUnix(address.path, { mode: DEFAULT_UNIX_MODE, ...access });
    }
    if (address.fd !== undefined) {
      const { listenOnPassed } = await import("./passed_listener.ts");
      const { listener, host, port } = await listenOnPassed(address.fd);
      return { kind: "listening", listener, address: { kind: address.kind, host, port } };
    }
    const { host, port: wanted } = address;
    const listeners = sharing !== undefined
      ? { listener: listenOnSharedPort(host, wanted, sharing) }
      : host === WILDCARD_HOST
      ? listenOnWildcard(wanted)
      : { listener: Deno.listen({ hostname: host, port: wanted }) };
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
 * A port that several processes of this user listen on; Linux deals connections out to them (SO_REUSEPORT, socket(7)).
 * `first`: no other process of this server has it yet, so that one that listens there is another program.
 */
export type PortSharing = "first" | "further";

function listenOnSharedPort(host: string, wanted: number, sharing: PortSharing): Deno.TcpListener {
  const open = (hostname: string) => {
    let port = wanted;
    if (sharing === "first") {
      const tried = Deno.listen({ hostname, port });
      ({ port } = tried.addr);
      tried.close();
    }
    return Deno.listen({ hostname, port, reusePort: true });
  };
  if (host !== WILDCARD_HOST) return open(host);
  try {
    return open("::"); // Linux accepts IPv4 there, too: see below
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse || error instanceof Deno.errors.PermissionDenied) throw error;
    return open("0.0.0.0");
  }
}

/**
 * Listens at every IPv6 and IPv4 address. Where the system allows it (Linux, macOS: IPV6_V6ONLY is off), an IPv6
 * socket accepts IPv4 too, and a second socket finds its address in use; other systems need one for each, and systems
 * without IPv6 one for IPv4.
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
  using _folder = await lockFolder(path.slice(0, path.lastIndexOf("/") + 1) || ".");
  const there = await removeStaleSocket(path);
  if (there === "no_socket") {
    return { kind: "failed", why: `${path} exists and is not a socket; choose another path` };
  }
  return (there === "removed" ? openUnix(path, access) : undefined) ??
    { kind: "failed", why: `${path} is in use by another server` };
}

/**
 * Lock held while the socket of a dead server is replaced, so that servers that start at the same moment do so one
 * after the other. Undefined if the folder cannot be opened.
 */
async function lockFolder(path: string): Promise<Deno.FsFile | undefined> {
  let folder: Deno.FsFile | undefined;
  try {
    folder = await Deno.open(path, { read: true });
    for (let tries = 0; tries < LOCK_TRIES; tries++) {
      if (await folder.tryLock(true)) break; // closing the folder releases the lock
      await new Promise((resolve) => setTimeout(resolve, LOCK_PAUSE_MS));
    }
    return folder;
  } catch {
    folder?.close();
    return undefined;
  }
}

/** Undefined if the path exists. */
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
 * Creates the socket with `mode` from its first moment, by setting the process's umask for that moment. A file that
 * the sync worker creates meanwhile is still private to its owner (0600).
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
    return "the socket cannot be assigned to it; only root or a member of that group can do so";
  }
  return error instanceof Error ? error.message : String(error);
}

/**
 * Removes the socket that a dead server left at `path`, if there is one. It is first renamed and then checked again:
 * if several servers find it dead at the same moment, none of them removes the new socket of another. A live server
 * answers under the other name, too. The file alone does not tell: ext4 gives a new one the inode number of the one that
 * was just removed, and both may have been made at the same time.
 */
async function removeStaleSocket(path: string): Promise<"removed" | "answered" | "no_socket"> {
  try {
    const found = await Deno.lstat(path);
    if (!found.isSocket) return "no_socket";
    if (await isServerListening(path)) return "answered";
    const aside = `${path}.${crypto.randomUUID().slice(0, ASIDE_LENGTH)}`;
    await Deno.rename(path, aside);
    const moved = await Deno.lstat(aside);
    const isSame = moved.ino === found.ino && moved.mtime?.getTime() === found.mtime?.getTime();
    const isDead = isSame && !await isServerListening(aside);
    if (!isDead) await Deno.link(aside, path).catch(() => {}); // a third server was first
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
  if (address.kind !== "unix" && address.fd !== undefined) {
    return `the socket of systemd with the number ${address.fd}: ${systemErrorText(error)}`;
  }
  const where = formatAddress(address);
  if (error instanceof Deno.errors.AddrInUse) {
    return `${where} is in use by another program; choose another with ${flag}`;
  }
  if (error instanceof Deno.errors.AddrNotAvailable) return `${where} is not an address of this machine`;
  if (error instanceof Deno.errors.PermissionDenied) {
    return address.kind === "unix"
      ? `${where}: permission denied; choose a folder in which this user may create files`
      : `${where}: permission denied; ports below 1024 are reserved for root`;
  }
  if (error instanceof Deno.errors.NotFound) return `${where}: there is no such folder`;
  if (error instanceof Deno.errors.NotCapable && !error.message.includes("umask")) {
    return `${where}: the folder belongs to the system; choose another path`;
  }
  if (error instanceof URIError) return `${where} is neither an address nor a host name`;
  const said = error instanceof Error ? error.message : String(error);
  if (/SUN_LEN/.test(said)) {
    return `${where}: the path is too long for a socket (108 bytes at most); choose another one`;
  }
  return `${where}: ${said}`;
}

/**
 * Passes every connection to `accept` until the listener is closed. Pauses while file handles are exhausted: new
 * clients wait in the system's queue until others close. A connection that its peer closed before it was accepted
 * delays no other. `onTrouble` gets the reason of failures, at most once a minute by `now` (milliseconds).
 */
export async function acceptConnections<C>(
  listener: { accept(): Promise<C> },
  accept: (conn: C) => void,
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

/** Out of file handles, in this process or on the machine (EMFILE, ENFILE, WSAEMFILE). */
const NO_HANDLE = /os error (24|23|10024)\b/;
/** Out of memory for sockets: ENOMEM; ENOBUFS on Linux, on macOS and BSD, and on Windows. */
const NO_MEMORY = /os error (12|105|55|10055)\b/;

/** Whether the machine or the process cannot hold another connection. */
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
  return `new connections wait until others close: ${said}; a higher limit (ulimit -n) allows more`;
}

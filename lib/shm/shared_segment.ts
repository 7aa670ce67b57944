/**
 * The segment of a server: a file in `/dev/shm` (POSIX shared memory) with a header page (segment_header.ts) and the
 * ring, mapped into the server and into each process that reads it. It is named after the data folder, 0600, and
 * locked (flock) by its server as long as that lives.
 *
 * The caller of {@link createSegment} holds the lock of the data folder, so a segment that is there was left by a
 * crash: it is marked as ended, for its readers, and a new one takes its name. Folders of one path, as containers that
 * share /dev/shm have them, are told apart by the lock of the segment: only a server that holds it removes the name.
 */
import { nodeModules } from "../base/platform/node_modules.ts";
import {
  EEXIST,
  EINVAL,
  ELOOP,
  ENOENT,
  errorText,
  type FileStatus,
  type Libc,
  LOCK_EX,
  LOCK_NB,
  LOCK_SH,
  LOCK_UN,
  O_CREAT,
  O_EXCL,
  O_RDWR,
  PAGE_BYTES,
} from "./libc.ts";
import {
  ENDED,
  readSegmentHeader,
  RUNNING,
  SEGMENT_HEADER_BYTES,
  SEGMENT_HEADER_USED_BYTES,
  SEGMENT_VERSION,
  type SegmentHeaderOutcome,
  type SegmentInfo,
  STATE_OFFSET,
  writeSegmentHeader,
} from "./segment_header.ts";

/** A segment is for its owner alone. */
const SEGMENT_MODE = 0o600;
const OTHERS_MODE_BITS = 0o077;
const NAME_HEX_DIGITS = 32;
const TAKEN = "another server has just taken the name";
/** Meanings of errors where a file is to be made. */
const CREATE_FAULTS: Readonly<Record<number, string>> = {
  [ENOENT]: "there is no /dev/shm",
  [EEXIST]: TAKEN,
};
/** Errors of opening what is no regular file: a folder, a symbolic link. */
const IN_THE_WAY: ReadonlySet<number> = new Set([EINVAL, ELOOP]);
const STATE_WORD = STATE_OFFSET / 4;

export interface RefusedSegment {
  readonly kind: "refused";
  /** What is wrong, as a clause that names the file. */
  readonly why: string;
}

export type SegmentCreateOutcome =
  | { readonly kind: "ok"; readonly segment: ServerSegment }
  | RefusedSegment;

export type SegmentOpenOutcome =
  | { readonly kind: "ok"; readonly segment: MappedSegment }
  /** There is none, or none that is complete. */
  | { readonly kind: "none" }
  | RefusedSegment;

/** Name of the segment of the data folder with this real path (without symbolic links). */
export function segmentName(dataDir: string): string {
  return `chatterbox-${
    nodeModules.crypto.createHash("sha256").update(dataDir).digest("hex").slice(0, NAME_HEX_DIGITS)
  }`;
}

/** Name of the segment that holds the inbox of the same server. */
export function inboxSegmentName(dataDir: string): string {
  return `${segmentName(dataDir)}-inbox`;
}

export function segmentPath(name: string): string {
  return `/dev/shm/${name}`;
}

/** A segment as its server has it. */
export class ServerSegment {
  /** Zeros at first. At least as long as the ring. */
  readonly buffer: SharedArrayBuffer;
  readonly #libc: Libc;
  readonly #name: string;
  readonly #fd: number;
  readonly #page: Int32Array<SharedArrayBuffer>;

  constructor(libc: Libc, name: string, fd: number, page: SharedArrayBuffer, ring: SharedArrayBuffer) {
    this.#libc = libc;
    this.#name = name;
    this.#fd = fd;
    this.#page = new Int32Array(page);
    this.buffer = ring;
  }

  /** The ring is complete: readers may read it. */
  publish(): void {
    Atomics.store(this.#page, STATE_WORD, RUNNING);
  }

  /**
   * Tells the readers that nothing more is coming, and removes the file; not one that another server has made in its
   * place after it was removed. The buffer stays usable.
   */
  close(): void {
    Atomics.store(this.#page, STATE_WORD, ENDED);
    if (isNamed(this.#libc, this.#name, this.#fd)) this.#libc.shmUnlink(this.#name);
    this.#libc.close(this.#fd);
  }
}

/** Makes the segment `name`, and removes the one that a crash has left. */
export function createSegment(libc: Libc, name: string, info: SegmentInfo): SegmentCreateOutcome {
  const fault = removeLeftSegment(libc, name);
  if (fault !== undefined) return refused(name, fault);
  const fd = libc.shmOpen(name, O_RDWR | O_CREAT | O_EXCL, SEGMENT_MODE);
  if (fd < 0) return refused(name, CREATE_FAULTS[-fd] ?? errorText(fd));
  if (libc.lock(fd, LOCK_EX | LOCK_NB) < 0 || !isNamed(libc, name, fd)) {
    libc.close(fd);
    return refused(name, TAKEN);
  }
  const giveUp = (result: number) => {
    libc.shmUnlink(name);
    libc.close(fd);
    return refused(name, `${errorText(result)}; it needs ${info.ringBytes} bytes there`);
  };
  const ringBytes = roundUp(info.ringBytes);
  const allocated = libc.allocate(fd, SEGMENT_HEADER_BYTES + ringBytes);
  if (allocated < 0) return giveUp(allocated);
  const page = libc.map(fd, 0, SEGMENT_HEADER_BYTES, "write");
  if (typeof page === "number") return giveUp(page);
  const ring = libc.map(fd, SEGMENT_HEADER_BYTES, ringBytes, "write");
  if (typeof ring === "number") return giveUp(ring);
  writeSegmentHeader(page, info);
  return { kind: "ok", segment: new ServerSegment(libc, name, fd, page, ring) };
}

/** Removes what an earlier server has left under `name`; returns why it must stay. */
function removeLeftSegment(libc: Libc, name: string): string | undefined {
  const fd = libc.shmOpen(name, O_RDWR);
  if (fd === -ENOENT) return undefined;
  if (fd < 0) return openFault(fd);
  try {
    const status = libc.status(fd);
    const fault = typeof status === "number" ? errorText(status) : findOwnerFault(libc, status);
    if (fault !== undefined) return fault;
    const header = readHeader(libc, fd);
    if (header.kind === "foreign") return "it is not a segment of ChatterBox; remove it";
    // Shared if need be: a reader that asks whether the server lives has it for a moment, or is stopped there.
    if (libc.lock(fd, LOCK_EX | LOCK_NB) < 0 && libc.lock(fd, LOCK_SH | LOCK_NB) < 0) {
      const by = header.kind === "ok" ? ` (process ${header.info.pid})` : "";
      return `another server${by} is using it, with a data folder of the same path`;
    }
    if (!isNamed(libc, name, fd)) return TAKEN;
    if (header.kind !== "unmade") {
      libc.writeAt(fd, STATE_OFFSET, new Uint8Array(Uint32Array.of(ENDED).buffer));
    }
    const removed = libc.shmUnlink(name);
    return removed < 0 && removed !== -ENOENT ? errorText(removed) : undefined;
  } finally {
    libc.close(fd);
  }
}

/** Whether `name` is still that of the open file `fd`. */
function isNamed(libc: Libc, name: string, fd: number): boolean {
  const current = libc.shmOpen(name, 0);
  if (current < 0) return false;
  const [own, named] = [libc.status(fd), libc.status(current)];
  libc.close(current);
  return typeof own !== "number" && typeof named !== "number" && own.identity === named.identity;
}

/** The segment of a server as another process has it. Writing to one that is mapped for reading ends the process. */
export class MappedSegment {
  readonly info: SegmentInfo;
  /** Holds the ring, or the inbox. */
  readonly buffer: SharedArrayBuffer;
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #page: Int32Array<SharedArrayBuffer>;

  constructor(libc: Libc, fd: number, info: SegmentInfo, page: SharedArrayBuffer, ring: SharedArrayBuffer) {
    this.info = info;
    this.#libc = libc;
    this.#fd = fd;
    this.#page = new Int32Array(page);
    this.buffer = ring;
  }

  /**
   * Whether the server of this segment is alive, also while it is stopped (SIGSTOP). Its lock tells, because a process
   * id may be reused.
   */
  isRunning(): boolean {
    if (Atomics.load(this.#page, STATE_WORD) !== RUNNING) return false;
    if (this.#libc.lock(this.#fd, LOCK_SH | LOCK_NB) < 0) return true;
    this.#libc.lock(this.#fd, LOCK_UN);
    return false;
  }

  /** Closes the file; what is mapped stays readable. */
  close(): void {
    this.#libc.close(this.#fd);
  }
}

/** Maps the segment `name`; its header page for reading. */
export function openSegment(libc: Libc, name: string, access: "read" | "write" = "read"): SegmentOpenOutcome {
  const fd = libc.shmOpen(name, access === "read" ? 0 : O_RDWR);
  if (fd === -ENOENT) return { kind: "none" };
  if (fd < 0) return refused(name, openFault(fd));
  const outcome = mapSegment(libc, name, fd, access);
  if (outcome.kind !== "ok") libc.close(fd);
  return outcome;
}

function mapSegment(libc: Libc, name: string, fd: number, access: "read" | "write"): SegmentOpenOutcome {
  const header = readHeader(libc, fd); // before the size, which is final once the segment is published
  const status = libc.status(fd);
  if (typeof status === "number") return refused(name, errorText(status));
  const fault = findOwnerFault(libc, status) ?? findModeFault(status);
  if (fault !== undefined) return refused(name, fault);
  if (header.kind === "unmade") return { kind: "none" };
  const checked = checkHeader(header, status.bytes);
  if (typeof checked === "string") return refused(name, checked);
  const page = libc.map(fd, 0, SEGMENT_HEADER_BYTES, "read");
  if (typeof page === "number") return refused(name, errorText(page));
  const ring = libc.map(fd, SEGMENT_HEADER_BYTES, roundUp(checked.ringBytes), access);
  if (typeof ring === "number") return refused(name, errorText(ring));
  return { kind: "ok", segment: new MappedSegment(libc, fd, checked, page, ring) };
}

/** The facts in a header of a file of `fileBytes`, or why they cannot be used. */
export function checkHeader(header: SegmentHeaderOutcome, fileBytes: number): SegmentInfo | string {
  switch (header.kind) {
    case "unmade":
    case "foreign":
      return "it is not a segment of ChatterBox";
    case "wrong_version":
      return `it has version ${header.version}; this program reads ${SEGMENT_VERSION}`;
    case "ok":
      return fileBytes === SEGMENT_HEADER_BYTES + roundUp(header.info.ringBytes)
        ? header.info
        : `it has ${fileBytes} bytes, which is not the size that its header states`;
  }
}

function readHeader(libc: Libc, fd: number): SegmentHeaderOutcome {
  const bytes = new Uint8Array(SEGMENT_HEADER_USED_BYTES);
  libc.readAt(fd, 0, bytes); // a shorter file leaves zeros
  return readSegmentHeader(bytes);
}

function openFault(result: number): string {
  return errorText(result) + (IN_THE_WAY.has(-result) ? "; remove it" : "");
}

function findOwnerFault(libc: Libc, { isRegular, uid }: FileStatus): string | undefined {
  if (!isRegular) return "it is not a regular file; remove it";
  return uid === libc.userId() ? undefined : `it belongs to another user (uid ${uid})`;
}

function findModeFault({ mode }: FileStatus): string | undefined {
  return (mode & OTHERS_MODE_BITS) === 0
    ? undefined
    : `other users have access to it (mode ${mode.toString(8)})`;
}

function refused(name: string, why: string): RefusedSegment {
  return { kind: "refused", why: `${segmentPath(name)}: ${why}` };
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
}

/**
 * The calls of the C library (Linux, glibc 2.34 or newer) that shared memory needs. As in the kernel's own interface a
 * negative result is an error: the number of `errno.h`, negated.
 *
 * Addresses are passed as views of memory and never read by pointer, so that the permission for the library's path is
 * enough; and calls keep working after the permission has been revoked.
 */
import { openCLibrary } from "../base/platform/c_library.ts";

const SYMBOLS = {
  shm_open: { parameters: ["buffer", "i32", "u32"], result: "i32" },
  shm_unlink: { parameters: ["buffer"], result: "i32" },
  statx: { parameters: ["i32", "buffer", "i32", "u32", "buffer"], result: "i32" },
  ftruncate: { parameters: ["i32", "i64"], result: "i32" },
  posix_fallocate: { parameters: ["i32", "i64", "i64"], result: "i32" },
  mmap: { parameters: ["buffer", "usize", "i32", "i32", "i32", "i64"], result: "isize" },
  pread: { parameters: ["i32", "buffer", "usize", "i64"], result: "isize" },
  pwrite: { parameters: ["i32", "buffer", "usize", "i64"], result: "isize" },
  flock: { parameters: ["i32", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  getrlimit: { parameters: ["i32", "buffer"], result: "i32" },
  geteuid: { parameters: [], result: "u32" },
  memcpy: { parameters: ["buffer", "pointer", "usize"], result: "pointer" },
  __errno_location: { parameters: [], result: "pointer" },
} as const;

/** Values of Linux on all architectures that Deno runs on (fcntl.h, sys/mman.h, sys/file.h, sys/resource.h, linux/stat.h). */
export const O_RDWR = 0o2, O_CREAT = 0o100, O_EXCL = 0o200;
const O_NONBLOCK = 0o4000;
export const LOCK_SH = 1, LOCK_EX = 2, LOCK_NB = 4, LOCK_UN = 8;
const PROT_READ = 1, PROT_WRITE = 2;
const MAP_SHARED = 0x01, MAP_FIXED = 0x10;
const AT_EMPTY_PATH = 0x1000, STATX_BASIC_STATS = 0x7ff;
const RLIMIT_FSIZE = 1;
const S_IFMT = 0o170000, S_IFREG = 0o100000;
/** errno.h. */
export const ENOENT = 2, EINTR = 4, ENOMEM = 12, EEXIST = 17, EINVAL = 22, ELOOP = 40;
const EFBIG = 27;

const ERROR_TEXTS: Readonly<Record<number, string>> = {
  1: "operation not permitted",
  2: "there is no such file",
  5: "input or output failed",
  12: "out of memory",
  13: "permission denied",
  17: "the file exists",
  22: "it is not a file", // EINVAL: glibc gives it for a folder
  23: "too many open files in the whole system",
  24: "too many open files",
  27: "this process may not make a file of that size (ulimit -f)",
  28: "no space left in /dev/shm",
  30: "/dev/shm is read-only",
  38: "the system lacks a call that is needed",
  40: "it is a symbolic link",
  95: "the file system at /dev/shm lacks a call that is needed",
  122: "the quota in /dev/shm is used up",
};

/** The size of a page of WebAssembly memory, a multiple of the page of every platform. */
export const PAGE_BYTES = 64 * 1024;

export interface FileStatus {
  /** Device and inode, which name a file. */
  readonly identity: string;
  readonly isRegular: boolean;
  /** User id of the owner. */
  readonly uid: number;
  /** The permission bits. */
  readonly mode: number;
  readonly bytes: number;
}

/** What the error `result` (negative) of a call means, as a clause. */
export function errorText(result: number): string {
  return ERROR_TEXTS[-result] ?? `error ${-result} of the system`;
}

export class Libc {
  readonly #calls: Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

  private constructor(library: Deno.DynamicLibrary<typeof SYMBOLS>) {
    this.#calls = library.symbols;
  }

  /** Undefined: another platform, another C library, or FFI is not permitted. */
  static load(): Libc | undefined {
    const library = Deno.build.os === "linux" ? openCLibrary(SYMBOLS) : undefined;
    return library && new Libc(library);
  }

  /**
   * Opens `/dev/shm/<name>` and returns its file descriptor. Follows no symbolic link, waits for no other end of a
   * pipe; children do not inherit it.
   */
  shmOpen(name: string, flags: number, mode = 0): number {
    return this.#result(this.#calls.shm_open(cString(`/${name}`), flags | O_NONBLOCK, mode));
  }

  shmUnlink(name: string): number {
    return this.#result(this.#calls.shm_unlink(cString(`/${name}`)));
  }

  /** Status of an open file. */
  status(fd: number): FileStatus | number {
    const bytes = new Uint8Array(256); // struct statx
    const result = this.#result(
      this.#calls.statx(fd, cString(""), AT_EMPTY_PATH, STATX_BASIC_STATS, bytes),
    );
    if (result < 0) return result;
    const view = new DataView(bytes.buffer);
    const mode = view.getUint16(28, true);
    return {
      identity: `${view.getUint32(136, true)}:${view.getUint32(140, true)}:${view.getBigUint64(32, true)}`,
      isRegular: (mode & S_IFMT) === S_IFREG,
      uid: view.getUint32(20, true),
      mode: mode & 0o7777,
      bytes: Number(view.getBigUint64(40, true)),
    };
  }

  /**
   * Gives an open file `bytes`, all of them allocated: a mapping of a file without its space would be ended by SIGBUS
   * when the memory runs out. Beyond the limit for files (RLIMIT_FSIZE) the call itself would end it, by SIGXFSZ.
   */
  allocate(fd: number, bytes: number): number {
    if (BigInt(bytes) > this.#maxFileBytes()) return -EFBIG;
    const sized = this.#result(this.#calls.ftruncate(fd, BigInt(bytes)));
    if (sized < 0) return sized;
    for (;;) {
      const result = -this.#calls.posix_fallocate(fd, 0n, BigInt(bytes)); // it returns the error itself
      if (result !== -EINTR) return result;
    }
  }

  /**
   * Maps `bytes` of the file from `offset` on, both multiples of {@link PAGE_BYTES}. They stay mapped as long as the
   * buffer is reachable.
   */
  map(fd: number, offset: number, bytes: number, access: "read" | "write"): SharedArrayBuffer | number {
    const buffer = allocatePages(bytes / PAGE_BYTES);
    if (buffer === undefined) return -ENOMEM;
    const protection = access === "read" ? PROT_READ : PROT_READ | PROT_WRITE;
    const result = this.#calls.mmap(
      new Uint8Array(buffer) as unknown as Uint8Array<ArrayBuffer>, // its address is passed
      BigInt(bytes),
      protection,
      MAP_SHARED | MAP_FIXED,
      fd,
      BigInt(offset),
    );
    return result === -1n ? -this.#errno() : buffer;
  }

  /** Number of bytes read. */
  readAt(fd: number, offset: number, into: Uint8Array<ArrayBuffer>): number {
    return this.#result(Number(this.#calls.pread(fd, into, BigInt(into.length), BigInt(offset))));
  }

  /** Number of bytes written. */
  writeAt(fd: number, offset: number, bytes: Uint8Array<ArrayBuffer>): number {
    return this.#result(Number(this.#calls.pwrite(fd, bytes, BigInt(bytes.length), BigInt(offset))));
  }

  /** Takes or gives back the lock of an open file. The system gives it back when the process ends, however it ends. */
  lock(fd: number, operation: number): number {
    return this.#result(this.#calls.flock(fd, operation));
  }

  close(fd: number): void {
    this.#calls.close(fd);
  }

  /** User id that the process acts as. */
  userId(): number {
    return this.#calls.geteuid();
  }

  #result(result: number): number {
    return result === -1 ? -this.#errno() : result;
  }

  #maxFileBytes(): bigint {
    const limits = new BigUint64Array(2); // soft, hard; RLIM_INFINITY is the largest number
    return this.#calls.getrlimit(RLIMIT_FSIZE, new Uint8Array(limits.buffer)) === 0 ? limits[0]! : 2n ** 63n;
  }

  #errno(): number {
    const number = new Int32Array(1);
    this.#calls.memcpy(number, this.#calls.__errno_location(), 4n);
    return number[0]!;
  }
}

/** Undefined: the process may not have that many, or the engine has none of that size. */
function allocatePages(pages: number): SharedArrayBuffer | undefined {
  try {
    const { buffer } = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    return buffer as unknown as SharedArrayBuffer;
  } catch {
    return undefined;
  }
}

function cString(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${text}\0`);
}

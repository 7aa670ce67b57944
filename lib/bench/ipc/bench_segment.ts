/**
 * A file in /dev/shm of a writer and a reader (Linux): the reader creates it, the writer opens it and removes its name,
 * so that nothing is left when both have ended.
 */
import { errorText, Libc, O_CREAT, O_EXCL, O_RDWR, PAGE_BYTES } from "../../shm/libc.ts";

const FILE_MODE = 0o600;

export class BenchSegment {
  readonly #libc: Libc;
  readonly #fd: number;

  private constructor(libc: Libc, fd: number, readonly name: string) {
    this.#libc = libc;
    this.#fd = fd;
  }

  /** Creates the segment `name` with `bytes` zeros, or a little more. */
  static create(name: string, bytes: number): BenchSegment {
    const libc = loadLibc();
    const fd = check(name, libc.shmOpen(name, O_RDWR | O_CREAT | O_EXCL, FILE_MODE));
    check(name, libc.allocate(fd, roundUp(bytes)));
    return new BenchSegment(libc, fd, name);
  }

  /** Opens the segment `name`, which {@link create} has made, and removes its name. */
  static take(name: string): BenchSegment {
    const libc = loadLibc();
    const fd = check(name, libc.shmOpen(name, O_RDWR));
    libc.shmUnlink(name);
    return new BenchSegment(libc, fd, name);
  }

  /** Removes the name, if it is still there. */
  static remove(name: string): void {
    Libc.load()?.shmUnlink(name);
  }

  /** The memory of the file, at least `bytes`, under a SharedArrayBuffer. */
  map(bytes: number): SharedArrayBuffer {
    const buffer = this.#libc.map(this.#fd, 0, roundUp(bytes), "write");
    if (typeof buffer === "number") throw failure(this.name, buffer);
    return buffer;
  }

  /** Number of bytes read. */
  readAt(offset: number, into: Uint8Array<ArrayBuffer>): number {
    return check(this.name, this.#libc.readAt(this.#fd, offset, into));
  }

  /** Number of bytes written. */
  writeAt(offset: number, bytes: Uint8Array<ArrayBuffer>): number {
    return check(this.name, this.#libc.writeAt(this.#fd, offset, bytes));
  }
}

function loadLibc(): Libc {
  const libc = Libc.load();
  if (libc === undefined) throw new Error("the C library (glibc) cannot be called");
  return libc;
}

/** The result of a call, unless it is an error. */
function check(name: string, result: number): number {
  if (result < 0) throw failure(name, result);
  return result;
}

function failure(name: string, result: number): Error {
  return new Error(`/dev/shm/${name}: ${errorText(result)}`);
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
}

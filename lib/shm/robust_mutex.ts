/**
 * A mutex of POSIX threads in memory that several processes map: process-shared and robust. When a process ends while
 * it holds the mutex, however it ends, the kernel marks the mutex, and the next process that takes it repairs what it
 * protects.
 *
 * A mutex is only tried, never waited for: waiting would stop the thread for as long as the holder is stopped
 * (SIGSTOP), and a pending nonblocking call keeps the process from exiting.
 *
 * 64 bytes, little-endian:
 *
 *     byte 0          4          8                                  64
 *          ┌──────────┬──────────┬──────────────────────────────────┐
 *          │ layout   │ 0        │ pthread_mutex_t: 40 or 48 bytes  │
 *          └──────────┴──────────┴──────────────────────────────────┘
 *
 * - layout: library and architecture, from {@link LAYOUTS}. The mutex of musl has the same size and other members; its
 *   library has no gnu_get_libc_version, so it does not open here.
 *
 * The kernel knows a holder by its thread id, so all processes must be in one PID namespace.
 */
import { openCLibrary } from "../base/platform/c_library.ts";

const SYMBOLS = {
  gnu_get_libc_version: { parameters: [], result: "pointer" },
  pthread_mutexattr_init: { parameters: ["buffer"], result: "i32" },
  pthread_mutexattr_setpshared: { parameters: ["buffer", "i32"], result: "i32" },
  pthread_mutexattr_setrobust: { parameters: ["buffer", "i32"], result: "i32" },
  pthread_mutex_init: { parameters: ["buffer", "buffer"], result: "i32" },
  pthread_mutex_trylock: { parameters: ["buffer"], result: "i32" },
  pthread_mutex_consistent: { parameters: ["buffer"], result: "i32" },
  pthread_mutex_unlock: { parameters: ["buffer"], result: "i32" },
} as const;

/** pthread.h of glibc. */
const PTHREAD_PROCESS_SHARED = 1, PTHREAD_MUTEX_ROBUST = 1;
/** errno.h of Linux. */
const EBUSY = 16, EOWNERDEAD = 130, ENOTRECOVERABLE = 131;
/** pthread_mutexattr_t: 4 bytes on x86-64, 8 on AArch64. */
const ATTRIBUTES_BYTES = 8;

export const MUTEX_BYTES = 64;
const MUTEX_OFFSET = 8;

/** Value of the layout word and size of pthread_mutex_t (bits/pthreadtypes-arch.h of glibc). */
const LAYOUTS: Partial<Record<string, { readonly word: number; readonly bytes: number }>> = {
  x86_64: { word: 0x0101, bytes: 40 },
  aarch64: { word: 0x0201, bytes: 48 },
};

interface MutexLibrary {
  readonly calls: Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];
  readonly layout: number;
  /** Size of pthread_mutex_t. */
  readonly bytes: number;
}

export type MutexOutcome =
  | "done"
  /** Another process holds it. */
  | "busy"
  /**
   * A repair failed: the mutex can never be taken again. Told to one process only, the others find it busy: glibc 2.36
   * leaves it locked then (nptl/pthread_mutex_trylock.c).
   */
  | "lost";

export class RobustMutex {
  readonly #calls: MutexLibrary["calls"];
  readonly #mutex: Uint8Array<ArrayBuffer>;

  private constructor({ calls, bytes }: MutexLibrary, block: Uint8Array<SharedArrayBuffer>) {
    this.#calls = calls;
    // The type of a parameter knows no shared memory; what is passed is the address.
    this.#mutex = block.subarray(MUTEX_OFFSET, MUTEX_OFFSET + bytes) as unknown as Uint8Array<ArrayBuffer>;
  }

  /** Makes a mutex in the {@link MUTEX_BYTES} of `block`, at an address divisible by 8; or why not, as a clause. */
  static create(block: Uint8Array<SharedArrayBuffer>): RobustMutex | string {
    const library = loadMutexLibrary();
    if (typeof library === "string") return library;
    const mutex = new RobustMutex(library, block);
    const attributes = new Uint8Array(ATTRIBUTES_BYTES);
    const { calls } = library;
    const result = calls.pthread_mutexattr_init(attributes) ||
      calls.pthread_mutexattr_setpshared(attributes, PTHREAD_PROCESS_SHARED) ||
      calls.pthread_mutexattr_setrobust(attributes, PTHREAD_MUTEX_ROBUST) ||
      calls.pthread_mutex_init(mutex.#mutex, attributes);
    if (result !== 0) return `the system refuses a robust mutex (error ${result})`;
    Atomics.store(layoutWordOf(block), 0, library.layout);
    return mutex;
  }

  /** The mutex that another process has made in `block`; or why it cannot be used, as a clause. */
  static open(block: Uint8Array<SharedArrayBuffer>): RobustMutex | string {
    const library = loadMutexLibrary();
    if (typeof library === "string") return library;
    const layout = Atomics.load(layoutWordOf(block), 0);
    if (layout === library.layout) return new RobustMutex(library, block);
    return `its mutex has layout ${layout}; the C library of this program has ${library.layout}`;
  }

  /**
   * Runs `action` with the mutex held, if it is free. If its last holder died, `repair` runs before that; a process
   * that dies in `repair` leaves it to the next one.
   */
  tryRun(action: () => void, repair: () => void): MutexOutcome {
    const result = this.#calls.pthread_mutex_trylock(this.#mutex);
    if (result === EBUSY) return "busy";
    if (result === ENOTRECOVERABLE) return "lost";
    if (result !== 0 && result !== EOWNERDEAD) throw new Error(`pthread_mutex_trylock: error ${result}`);
    try {
      if (result === EOWNERDEAD) {
        repair();
        this.#calls.pthread_mutex_consistent(this.#mutex);
      }
      action();
    } finally {
      this.#calls.pthread_mutex_unlock(this.#mutex);
    }
    return "done";
  }
}

/** The calls, and what a mutex is for them; or why there is none, as a clause. */
function loadMutexLibrary(): MutexLibrary | string {
  const layout = LAYOUTS[Deno.build.arch];
  if (Deno.build.os !== "linux" || layout === undefined) {
    return `the mutex is made for Linux on x86-64 and AArch64, not for ${Deno.build.os} on ${Deno.build.arch}`;
  }
  const library = openCLibrary(SYMBOLS);
  if (library === undefined) return "the C library (glibc 2.34 or newer) cannot be called";
  return { calls: library.symbols, layout: layout.word, bytes: layout.bytes };
}

function layoutWordOf(block: Uint8Array<SharedArrayBuffer>): Int32Array<SharedArrayBuffer> {
  return new Int32Array(block.buffer, block.byteOffset, 1);
}

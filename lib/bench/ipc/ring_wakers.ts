/** How one side of a ring learns that the other one has done something. */
import { nextLoopIteration } from "../../base/event_loop.ts";

export interface Waker {
  /** Wakes the other side. */
  wake(): void | Promise<void>;
  /**
   * Waits until `isReady`, or for one wake. A wake may come too early, and is not repeated: the caller looks, and asks
   * for the next one, itself. Resolves to false when the other side is gone.
   */
  wait(isReady: () => boolean): Promise<boolean>;
}

/** A byte on a Unix socket: works between processes, and the end of one is seen by the other. */
export class SocketWaker implements Waker {
  static readonly #BYTE = new Uint8Array(1);
  readonly #conn: Deno.Conn;
  /** Bytes that have gathered are taken with one read. */
  readonly #buffer = new Uint8Array(4096);

  constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  async wake(): Promise<void> {
    await this.#conn.write(SocketWaker.#BYTE);
  }

  async wait(isReady: () => boolean): Promise<boolean> {
    return isReady() || await this.#conn.read(this.#buffer) !== null || isReady();
  }
}

/** Looks without a pause: no system call, and a whole core while waiting. */
export class SpinWaker implements Waker {
  /** After so long the process looks at other input. */
  static readonly #TURN_MS = 5;

  wake(): void {}

  async wait(isReady: () => boolean): Promise<boolean> {
    for (;;) {
      for (const end = performance.now() + SpinWaker.#TURN_MS; performance.now() < end;) {
        for (let looks = 0; looks < 64; looks++) if (isReady()) return true;
      }
      await nextLoopIteration();
    }
  }
}

/** Atomics.notify and Atomics.waitAsync on two words of shared memory: between threads of one process only. */
export class AtomicsWaker implements Waker {
  readonly #words: Int32Array;
  readonly #own: number;
  readonly #other: number;

  /** `own` and `other`: index of the word that wakes this side, and the other one. */
  constructor(words: Int32Array, own: number, other: number) {
    this.#words = words;
    this.#own = own;
    this.#other = other;
  }

  wake(): void {
    Atomics.add(this.#words, this.#other, 1);
    Atomics.notify(this.#words, this.#other);
  }

  async wait(isReady: () => boolean): Promise<boolean> {
    const seen = Atomics.load(this.#words, this.#own); // read first: a wake after this ends the wait at once
    if (isReady()) return true;
    const wait = Atomics.waitAsync(this.#words, this.#own, seen);
    if (wait.async) await wait.value;
    return true;
  }
}

/** What was asked of the server and has no answer yet, and why it was asked. */
import type { Purpose } from "./exchange.ts";

/** While one of these is open, it is not known which of the unsure messages have arrived, and nothing new is sent. */
const SETTLING: ReadonlySet<Purpose["for"]> = new Set(["enter", "recent", "count", "missed", "partners"]);

export class OpenRequests {
  readonly #purposes = new Map<number, Purpose>();
  #next = 1;

  get size(): number {
    return this.#purposes.size;
  }

  /** All is known about the past that is to be known before something new is sent. */
  get settled(): boolean {
    for (const purpose of this.#purposes.values()) if (SETTLING.has(purpose.for)) return false;
    return true;
  }

  /** The number of a new request. */
  open(purpose: Purpose): number {
    this.#purposes.set(this.#next, purpose);
    return this.#next++;
  }

  /** What `id` was for, which has its answer now; undefined: nobody waits for that. */
  close(id: number): Purpose | undefined {
    const purpose = this.#purposes.get(id);
    this.#purposes.delete(id);
    return purpose;
  }

  /** None of them will be answered. */
  clear(): void {
    this.#purposes.clear();
  }
}

/** What was asked of the server and has no answer yet, and why it was asked. */
import type { RequestPurpose } from "./effects.ts";

/** While one of these is open, nothing new is sent: we are not in the channel, or do not know what has arrived there. */
const SYNC_PURPOSES: ReadonlySet<RequestPurpose["for"]> = new Set([
  "enter",
  "recent",
  "count",
  "missed",
]);

export class OpenRequests {
  readonly #purposes = new Map<number, RequestPurpose>();
  #next = 1;

  get size(): number {
    return this.#purposes.size;
  }

  /** All is known about the past that is to be known before something new is sent. */
  get isSettled(): boolean {
    for (const purpose of this.#purposes.values()) if (SYNC_PURPOSES.has(purpose.for)) return false;
    return true;
  }

  /** The number of a new request. */
  open(purpose: RequestPurpose): number {
    this.#purposes.set(this.#next, purpose);
    return this.#next++;
  }

  /** What `id` was for, which has its answer now; undefined: nobody waits for that. */
  close(id: number): RequestPurpose | undefined {
    const purpose = this.#purposes.get(id);
    this.#purposes.delete(id);
    return purpose;
  }

  /** None of them will be answered. */
  clear(): void {
    this.#purposes.clear();
  }
}

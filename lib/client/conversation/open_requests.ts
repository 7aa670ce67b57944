/** The requests that have no response yet, and their purposes. */
import type { RequestPurpose } from "./effects.ts";

/**
 * While one of these is open, nothing new is sent: we are not in the channel, or do not know what has arrived
 * there.
 */
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

  /** Whether none of them keeps new messages from being sent. */
  get isSettled(): boolean {
    for (const purpose of this.#purposes.values()) if (SYNC_PURPOSES.has(purpose.for)) return false;
    return true;
  }

  /** The number of a new request. */
  open(purpose: RequestPurpose): number {
    this.#purposes.set(this.#next, purpose);
    return this.#next++;
  }

  /** The purpose of `id`, which has its response now; undefined: there is no such request. */
  close(id: number): RequestPurpose | undefined {
    const purpose = this.#purposes.get(id);
    this.#purposes.delete(id);
    return purpose;
  }

  /** None of them will have a response. */
  clear(): void {
    this.#purposes.clear();
  }
}

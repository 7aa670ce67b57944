/**
 * The order in which passwords are hashed: a queue for each address, and the addresses take turns. So an address that asks for
 * many hashes delays its own, and another address waits for at most one hash of each address before it. Pure.
 */

/** Waiting hashes of one address: as many as it may have connections by default (`address_limits.ts`). */
export const MAX_WAITING_PER_ADDRESS = 100;
/** Waiting hashes of all addresses: about ten seconds of work of two cores, for passphrases (20 ms each). */
export const MAX_WAITING_HASHES = 1000;

export class HashQueue<T> {
  /** By address, the address whose turn is next first; no list is empty. */
  readonly #waiting = new Map<string, T[]>();
  #size = 0;

  constructor(
    readonly maxPerAddress: number = MAX_WAITING_PER_ADDRESS,
    readonly maxInAll: number = MAX_WAITING_HASHES,
  ) {}

  get size(): number {
    return this.#size;
  }

  /**
   * Queues `job` for `address`. Answers the job that is dropped for want of space; undefined: none is. Where an address, if it is not
   * `exempt`, has all that it may have, that is `job` itself; where the queue is full, the newest job of the address that has most.
   */
  push(address: string, job: T, exempt = false): T | undefined {
    const own = this.#waiting.get(address) ?? [];
    if (own.length >= this.maxPerAddress && !exempt) return job;
    const dropped = this.#size < this.maxInAll ? undefined : this.#evictFrom(own.length);
    if (this.#size >= this.maxInAll) return job; // no address has more than this one
    own.push(job);
    this.#waiting.set(address, own);
    this.#size++;
    return dropped;
  }

  /** Takes the next job: the oldest of the address whose turn it is, which then is last. */
  shift(): T | undefined {
    const [next] = this.#waiting;
    if (next === undefined) return undefined;
    const [address, jobs] = next;
    const job = jobs.shift();
    this.#waiting.delete(address);
    if (jobs.length > 0) this.#waiting.set(address, jobs);
    this.#size--;
    return job;
  }

  /** Takes out the newest job of the address that has most; undefined: none has more than `length`. */
  #evictFrom(length: number): T | undefined {
    let fullest: T[] | undefined;
    for (const jobs of this.#waiting.values()) {
      if (jobs.length > (fullest?.length ?? length)) fullest = jobs;
    }
    if (fullest === undefined) return undefined;
    this.#size--;
    return fullest.pop();
  }
}

/**
 * Order in which passwords are hashed: one queue per address, served round-robin. An address that requests many
 * hashes delays only its own, and another address waits for at most one hash of each address before it. Pure.
 */

/** Waiting hashes of one address: as many as an address may have connections by default (`settings/limit_flags.ts`). */
export const MAX_WAITING_PER_ADDRESS = 100;
/** Waiting hashes of all addresses: about ten seconds of work on two cores, for passphrases (20 ms each). */
const MAX_WAITING_HASHES = 1000;

export class HashQueue<T> {
  /** Jobs by address; the first address is served next. No list is empty. */
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
   * Queues `job` for `address`. Returns the job that is dropped if there is no space: `job` itself if its address,
   * unless `exempt`, has reached its bound; the newest job of the address with the most jobs if the whole queue is
   * full. Undefined: none is dropped.
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

  /** Takes the oldest job of the address that is next, which is then served last. */
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

  /** Removes the newest job of the address with the most jobs; undefined: no address has more than `length`. */
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

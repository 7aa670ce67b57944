/**
 * A queue that is served round-robin by key (an address, an account): a key that has many jobs delays only its own, and
 * another one waits for at most one job of each key before it. Pure.
 */

export class FairQueue<T> {
  /** Jobs by key; the first key is served next. No list is empty. */
  readonly #waiting = new Map<string, T[]>();
  #size = 0;

  constructor(readonly maxPerKey: number, readonly maxInAll: number) {}

  get size(): number {
    return this.#size;
  }

  /**
   * Queues `job` for `key`. Returns the job that is dropped if there is no space: `job` itself if its key, unless
   * `exempt`, has reached its bound; the newest job of the key with the most jobs if the whole queue is full.
   * Undefined: none is dropped.
   */
  push(key: string, job: T, exempt = false): T | undefined {
    const own = this.#waiting.get(key) ?? [];
    if (own.length >= this.maxPerKey && !exempt) return job;
    const dropped = this.#size < this.maxInAll ? undefined : this.#evictFrom(own.length);
    if (this.#size >= this.maxInAll) return job; // no key has more than this one
    own.push(job);
    this.#waiting.set(key, own);
    this.#size++;
    return dropped;
  }

  /** Takes the oldest job of the key that is next among those that are not in `busy`. The key is then served last. */
  shift(busy?: ReadonlySet<string>): T | undefined {
    for (const [key, jobs] of this.#waiting) {
      if (busy?.has(key)) continue;
      const job = jobs.shift();
      this.#waiting.delete(key);
      if (jobs.length > 0) this.#waiting.set(key, jobs);
      this.#size--;
      return job;
    }
    return undefined;
  }

  /** Removes the newest job of the key with the most jobs; undefined: no key has more than `length`. */
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

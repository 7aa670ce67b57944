/** Bounds the pages of history that one session asks for at a time: further ones wait in their order. */

/** With the longest messages so many pages fit the send queue of a connection. */
export const MAX_PAGES_AT_A_TIME = 8;

export class PageGate {
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** Runs `task` when it is its turn. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running >= MAX_PAGES_AT_A_TIME) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve)); // it takes over the place of the one that ends
    } else this.#running++;
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}

/** Counts the bodies of requests that are still on their way, for each address and for all. Pure. */
import type { HttpResponse } from "./http_request.ts";

/** Bodies on their way of all addresses together: half of the requests that are answered at a time. */
export const MAX_BODIES = 256;
/** Bodies on their way of one address. */
export const MAX_ADDRESS_BODIES = 32;

const RETRY = { "retry-after": "1" };
const TOO_MANY: HttpResponse = {
  status: 429,
  text: "Your address is sending too many requests at once; try again in a second.",
  headers: RETRY,
};
const BUSY: HttpResponse = {
  status: 503,
  text: "The server is receiving as many requests as it can; try again in a second.",
  headers: RETRY,
};

export class BodyCounts {
  readonly #bySite = new Map<string, number>();
  #all = 0;

  /** Number of bodies on their way. */
  get all(): number {
    return this.#all;
  }

  /**
   * Counts a body until the returned function is called, or returns the response that refuses it. `site`: the
   * address as limits count it; undefined: it has none of its own.
   */
  take(site: string | undefined): HttpResponse | (() => void) {
    const own = site === undefined ? 0 : this.#bySite.get(site) ?? 0;
    if (own >= MAX_ADDRESS_BODIES) return TOO_MANY;
    if (this.#all >= MAX_BODIES) return BUSY;
    if (site !== undefined) this.#bySite.set(site, own + 1);
    this.#all++;
    return () => this.#release(site);
  }

  #release(site: string | undefined): void {
    this.#all--;
    if (site === undefined) return;
    const left = this.#bySite.get(site)! - 1;
    if (left === 0) this.#bySite.delete(site);
    else this.#bySite.set(site, left);
  }
}

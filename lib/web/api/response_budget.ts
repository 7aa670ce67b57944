/** Bytes of responses that wait for their readers, of each address and of all. Pure. */
import { subnetOf } from "../../base/ip.ts";
import { ApiProblem } from "./problem.ts";

/** Bytes that wait for all clients together. */
export const MAX_WAITING_BYTES = 64 * 1024 * 1024;
/** Bytes that wait for the clients of one address, an exempt one as well. */
export const MAX_ADDRESS_WAITING_BYTES = 16 * 1024 * 1024;

export class ResponseBudget {
  readonly #bySite = new Map<string, number>();
  #all = 0;

  /** Bytes that wait. */
  get all(): number {
    return this.#all;
  }

  /** The part of the client at `host`. */
  share(host: string): ResponseShare {
    return new ResponseShare(this, subnetOf(host));
  }

  /** Bytes that wait for the clients of `site`. */
  of(site: string): number {
    return this.#bySite.get(site) ?? 0;
  }

  /** Counts `bytes` more, or fewer if it is negative. */
  add(site: string, bytes: number): void {
    this.#all += bytes;
    const own = this.of(site) + bytes;
    if (own === 0) this.#bySite.delete(site);
    else this.#bySite.set(site, own);
  }
}

/** What one response has of the budget. */
export class ResponseShare {
  #bytes = 0;

  constructor(readonly budget: ResponseBudget, readonly site: string) {}

  /** Counts `bytes` more; false: they do not fit, and are not counted. */
  tryTake(bytes: number): boolean {
    return this.#refusal(bytes) === undefined && (this.#add(bytes), true);
  }

  /**
   * Counts `bytes` more.
   * @throws {ApiProblem} if they do not fit.
   */
  take(bytes: number): void {
    const refusal = this.#refusal(bytes);
    if (refusal !== undefined) throw refusal;
    this.#add(bytes);
  }

  /** So many bytes wait no longer; left out: none waits. */
  release(bytes = this.#bytes): void {
    this.#add(-Math.min(bytes, this.#bytes));
  }

  #add(bytes: number): void {
    this.#bytes += bytes;
    this.budget.add(this.site, bytes);
  }

  #refusal(bytes: number): ApiProblem | undefined {
    if (this.budget.of(this.site) + bytes > MAX_ADDRESS_WAITING_BYTES) {
      return new ApiProblem("rate_limited", "your address has too many responses that it does not read");
    }
    if (this.budget.all + bytes <= MAX_WAITING_BYTES) return undefined;
    return new ApiProblem("unavailable", "too many responses wait for their readers");
  }
}

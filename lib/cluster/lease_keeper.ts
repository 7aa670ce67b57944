/**
 * A lease of this process: renewed in time, and known to be alive for as long as that is certain by the clock of this
 * machine: until the time-to-live after the last renewal that succeeded was *sent*, less a margin.
 */
import { StoreRefusal, StoreUnavailable } from "./key_value_store.ts";
import type { KeyValueStore, Lease } from "./key_value_store.ts";
import type { Timers } from "./timers.ts";

export const DEFAULT_LEASE_SECONDS = 3;
/** A lease is renewed this often in its time-to-live. */
const RENEWALS_PER_LEASE = 3;
/** The clocks of this machine and of the store may differ by a tenth within a lease of 3 s. */
export const LEASE_MARGIN_MS = 300;
/** Renewals that have no answer; no more are sent meanwhile. */
const MAX_OPEN_RENEWALS = 4;
/** Pause after a failed request. */
export const RETRY_MS = 200;

export class LeaseKeeper {
  readonly id: string;
  readonly #store: KeyValueStore;
  readonly #timers: Timers;
  readonly #ttlMs: number;
  /** When the last renewal that succeeded was sent. */
  #renewedAt: number;
  #openRenewals = 0;
  #isLost = false;
  readonly #lost = Promise.withResolvers<void>();
  /** Called when the lease is alive again, and after each renewal. */
  onAlive: (() => void) | undefined;

  /** A lease that is renewed until `signal` is aborted; tries until the store gives one. */
  static async grant(
    store: KeyValueStore,
    timers: Timers,
    ttlSeconds: number,
    signal: AbortSignal,
    onFailure?: (error: Error) => void,
  ): Promise<LeaseKeeper | undefined> {
    while (!signal.aborted) {
      const sentAt = timers.now();
      try {
        const keeper = new LeaseKeeper(store, timers, await store.grantLease(ttlSeconds), sentAt);
        void keeper.#renew(signal);
        return keeper;
      } catch (error) {
        requireStoreError(error);
        onFailure?.(error);
      }
      await timers.sleep(RETRY_MS, signal);
    }
    return undefined;
  }

  private constructor(store: KeyValueStore, timers: Timers, lease: Lease, sentAt: number) {
    this.id = lease.id;
    this.#store = store;
    this.#timers = timers;
    this.#ttlMs = lease.ttlSeconds * 1000;
    this.#renewedAt = sentAt;
  }

  /** Whether the lease is certainly alive. False: it may have ended, or has. */
  get isAlive(): boolean {
    return !this.#isLost && this.#timers.now() < this.#renewedAt + this.#ttlMs - LEASE_MARGIN_MS;
  }

  /** Resolves when the store has said that the lease has ended. */
  get lost(): Promise<void> {
    return this.#lost.promise;
  }

  async #renew(signal: AbortSignal): Promise<void> {
    const intervalMs = this.#ttlMs / RENEWALS_PER_LEASE;
    let sentAt = this.#renewedAt;
    while (!signal.aborted && !this.#isLost) {
      await this.#timers.sleep(Math.max(0, sentAt + intervalMs - this.#timers.now()), signal);
      sentAt = this.#timers.now();
      if (!signal.aborted && this.#openRenewals < MAX_OPEN_RENEWALS) void this.#renewOnce();
    }
  }

  /** Not awaited: an answer that is late must not delay the next renewal. */
  async #renewOnce(): Promise<void> {
    const sentAt = this.#timers.now();
    this.#openRenewals++;
    try {
      if (!await this.#store.keepAlive(this.id)) this.#end();
      else if (!this.#isLost) {
        this.#renewedAt = Math.max(this.#renewedAt, sentAt);
        if (this.isAlive) this.onAlive?.();
      }
    } catch (error) {
      requireStoreError(error);
    } finally {
      this.#openRenewals--;
    }
  }

  #end(): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#lost.resolve();
  }
}

/** Throws what is no failure of the store: a bug. */
export function requireStoreError(error: unknown): asserts error is StoreUnavailable | StoreRefusal {
  if (!(error instanceof StoreUnavailable || error instanceof StoreRefusal)) throw error;
}

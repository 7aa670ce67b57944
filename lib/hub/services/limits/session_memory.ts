/**
 * Memory that the hub needs for sessions beyond their fixed size: open batches, watched and followed names,
 * subscriptions, metadata, read markers and replay positions of users without an account. It is released when the
 * session ends. In bytes of memory, not of the wire.
 */
import { assert } from "../../../base/assert.ts";
import { subnetOf } from "../../../base/ip.ts";
import type { Session } from "../../model/state/entities.ts";

/** Bound for all sessions together. */
export const MAX_SESSION_MEMORY_BYTES = 64 * 1024 * 1024;
/** Bound for all sessions of one site, unless it is exempt: an eighth, and twice what a hundred active clients take. */
export const MAX_SESSION_MEMORY_BYTES_PER_ADDRESS = MAX_SESSION_MEMORY_BYTES / 8;

/**
 * Bytes of a word of about 20 letters in a set or map. Measured (V8 of Deno 2.9): 80 among twenty; the first one
 * also pays for the set.
 */
export const SESSION_WORD_BYTES = 256;

/** Bytes of `text` in memory: two per UTF-16 unit. */
export function utf16Bytes(text: string): number {
  return 2 * text.length;
}

export class SessionMemory {
  readonly #isExempt: (host: string) => boolean;
  readonly #sessions = new Map<Session, number>();
  /** By site. */
  readonly #addresses = new Map<string, number>();
  #total = 0;

  constructor(isExempt: (host: string) => boolean) {
    this.#isExempt = isExempt;
  }

  get total(): number {
    return this.#total;
  }

  /** Charges `bytes` to `session`; false: that exceeds a bound, and nothing is charged. */
  charge(session: Session, bytes: number): boolean {
    const site = subnetOf(session.host);
    const own = this.#addresses.get(site) ?? 0;
    if (this.#total + bytes > MAX_SESSION_MEMORY_BYTES) return false;
    if (own + bytes > MAX_SESSION_MEMORY_BYTES_PER_ADDRESS && !this.#isExempt(session.host)) return false;
    this.#add(session, site, bytes);
    return true;
  }

  /** Releases `bytes`, at most what was charged. */
  release(session: Session, bytes: number): void {
    const held = Math.min(bytes, this.#sessions.get(session) ?? 0);
    if (held > 0) this.#add(session, subnetOf(session.host), -held);
  }

  /** Releases everything of a session that has ended. */
  clear(session: Session): void {
    this.release(session, Infinity);
  }

  #add(session: Session, site: string, bytes: number): void {
    this.#total += bytes;
    add(this.#sessions, session, bytes);
    add(this.#addresses, site, bytes);
  }
}

function add<Key>(sums: Map<Key, number>, key: Key, bytes: number): void {
  const sum = (sums.get(key) ?? 0) + bytes;
  assert(sum >= 0, "the memory of a session or address is not negative");
  if (sum > 0) sums.set(key, sum);
  else sums.delete(key);
}

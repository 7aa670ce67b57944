/**
 * What sessions have the hub remember beyond what each of them needs: open batches, watched and followed names, subscriptions,
 * metadata of users without an account. It ends with its session. In bytes as they are in memory, not on the wire.
 */
import { subnetOf } from "../../../base/ip.ts";
import type { Session } from "../../model/state/entities.ts";

/** Of all sessions together. */
export const MAX_SESSION_MEMORY_BYTES = 64 * 1024 * 1024;
/** Of all sessions of one address, unless it is exempt: an eighth, and twice what a hundred clients at work take. */
export const MAX_SESSION_MEMORY_BYTES_PER_ADDRESS = MAX_SESSION_MEMORY_BYTES / 8;

/** A word of some 20 letters in a set or map. Measured (V8 of Deno 2.9): 80 among twenty; the first one brings the set with it. */
export const SESSION_WORD_BYTES = 256;

/** Text is held in UTF-16. */
export function utf16Bytes(text: string): number {
  return 2 * text.length;
}

export class SessionMemory {
  readonly #isExempt: (host: string) => boolean;
  readonly #sessions = new Map<Session, number>();
  /** By address, as limits count it. */
  readonly #addresses = new Map<string, number>();
  #total = 0;

  constructor(isExempt: (host: string) => boolean) {
    this.#isExempt = isExempt;
  }

  get total(): number {
    return this.#total;
  }

  /** False: that is more than `session` can have now, and nothing is charged. */
  charge(session: Session, bytes: number): boolean {
    const site = subnetOf(session.host);
    const own = this.#addresses.get(site) ?? 0;
    if (this.#total + bytes > MAX_SESSION_MEMORY_BYTES) return false;
    if (own + bytes > MAX_SESSION_MEMORY_BYTES_PER_ADDRESS && !this.#isExempt(session.host)) return false;
    this.#add(session, site, bytes);
    return true;
  }

  /** At most what was charged. */
  release(session: Session, bytes: number): void {
    const held = Math.min(bytes, this.#sessions.get(session) ?? 0);
    if (held > 0) this.#add(session, subnetOf(session.host), -held);
  }

  /** The session has ended. */
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
  if (sum > 0) sums.set(key, sum);
  else sums.delete(key);
}

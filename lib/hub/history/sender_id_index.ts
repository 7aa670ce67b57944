/**
 * Index of messages by sender id: a hash table of sequence numbers, because there may be as many as the log has
 * records. A hash only tells where to look; the caller compares the record itself. Overwritten records are dropped
 * when the table is next rebuilt, unless they are retained.
 *
 * Open addressing, linear probing; `seq` 0 is a free slot. 12 bytes a slot; at most half of the slots are taken.
 */
import { senderKeyLength, senderKeyOf } from "../../irc/sender_id.ts";
import { senderIdIn } from "../log/event_codec.ts";

const START_SLOTS = 64;

/** FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/), 32 bits. */
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

export class SenderIdIndex {
  #hashes = new Uint32Array(START_SLOTS);
  #seqs = new Float64Array(START_SLOTS);
  #used = 0;
  readonly #retained: { has(seq: number): boolean } | undefined;

  /** `retained`: overwritten messages that are retained. */
  constructor(retained?: { has(seq: number): boolean }) {
    this.#retained = retained;
  }

  /** Number of slots: a power of two. */
  get slots(): number {
    return this.#seqs.length;
  }

  /** Adds the record at `seq`, which has the sender id of which `hash` was made. */
  add(hash: number, seq: number, oldestSeq: number): void {
    if (2 * (this.#used + 1) > this.#seqs.length) this.#rebuild(oldestSeq);
    this.#put(hash, seq);
  }

  /** Records that may have the sender id of which `hash` was made. */
  *candidates(hash: number): Generator<number> {
    const mask = this.#seqs.length - 1;
    for (let slot = hash & mask; this.#seqs[slot] !== 0; slot = (slot + 1) & mask) {
      if (this.#hashes[slot] === hash) yield this.#seqs[slot]!;
    }
  }

  #put(hash: number, seq: number): void {
    const mask = this.#seqs.length - 1;
    let slot = hash & mask;
    while (this.#seqs[slot] !== 0) slot = (slot + 1) & mask;
    this.#hashes[slot] = hash;
    this.#seqs[slot] = seq;
    this.#used++;
  }

  /** Drops what is lost; makes the table larger if more than a quarter of the slots are still taken. */
  #rebuild(oldestSeq: number): void {
    const hashes = this.#hashes;
    const seqs = this.#seqs;
    let held = 0;
    for (const seq of seqs) if (this.#isHeld(seq, oldestSeq)) held++;
    const slots = Math.max(START_SLOTS, 4 * held > seqs.length ? 2 * seqs.length : seqs.length);
    this.#hashes = new Uint32Array(slots);
    this.#seqs = new Float64Array(slots);
    this.#used = 0;
    for (let slot = 0; slot < seqs.length; slot++) {
      const seq = seqs[slot]!;
      if (this.#isHeld(seq, oldestSeq)) this.#put(hashes[slot]!, seq);
    }
  }

  #isHeld(seq: number, oldestSeq: number): boolean {
    return seq !== 0 && (seq >= oldestSeq || this.#retained?.has(seq) === true);
  }
}

/** Whether the sender ids `one` and `other` have the same key (docs/protocol/sender_id.md). */
export function haveSameKey(one: string | undefined, other: string): boolean {
  return one !== undefined && senderKeyOf(one) === senderKeyOf(other);
}

/** Hash of a sender (an owner id) and the key in its sender id, both ASCII, as text. */
export function hashSenderId(owner: string, id: string): number {
  let hash = FNV_OFFSET;
  for (let i = 0; i < owner.length; i++) hash = Math.imul(hash ^ owner.charCodeAt(i), FNV_PRIME);
  hash = Math.imul(hash, FNV_PRIME); // the NUL between them
  const length = senderKeyLength(id.length, (index) => id.charCodeAt(index));
  for (let i = 0; i < length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), FNV_PRIME);
  return hash >>> 0;
}

/** The same hash for the message in the record `payload`; undefined if it has no sender id. */
export function hashSenderIdOf(payload: Uint8Array): number | undefined {
  const fields = senderIdIn(payload);
  if (fields === undefined) return undefined;
  let hash = FNV_OFFSET;
  for (let at = fields.owner; at < fields.ownerEnd; at++) hash = Math.imul(hash ^ payload[at]!, FNV_PRIME);
  hash = Math.imul(hash, FNV_PRIME);
  const { id } = fields;
  const end = id + senderKeyLength(payload.length - id, (index) => payload[id + index]);
  for (let at = id; at < end; at++) hash = Math.imul(hash ^ payload[at]!, FNV_PRIME);
  return hash >>> 0;
}

/**
 * Binary search in the index of a ring (ring.ts). The slots from the oldest record's to the next one's are
 * the records in order, with holes (0) between them where records are missing.
 */
import { RECORD_ALIGNMENT_BYTES, type RecordArea } from "./record.ts";
import type { RingHeader } from "./ring_header.ts";
import { SEQ_JUMP } from "./seq_jump.ts";

/** Offset in the data area of the record that the value of a slot names; the value is not 0. */
export function offsetOf(slot: number): number {
  return (slot - 1) * RECORD_ALIGNMENT_BYTES;
}

export class RecordSearch {
  readonly #header: RingHeader;
  readonly #index: Uint32Array;
  readonly #mask: number;
  readonly #area: RecordArea;

  constructor(header: RingHeader, index: Uint32Array, area: RecordArea) {
    this.#header = header;
    this.#index = index;
    this.#mask = index.length - 1;
    this.#area = area;
  }

  /** The first existing record at or after `seq`; the next one to be written if there is none. */
  firstSeqFrom(seq: number): number {
    const { first, held, next } = this.#span();
    const at = this.#search(first, held, seq);
    return at === held ? next : this.#seqOfSlot(first + at);
  }

  /** The last existing record before `seq`; 0 if there is none. */
  lastSeqBefore(seq: number): number {
    const { first, held } = this.#span();
    let at = this.#search(first, held, seq) - 1;
    while (at >= 0 && this.#index[(first + at) & this.#mask] === 0) at--;
    return at < 0 ? 0 : this.#seqOfSlot(first + at);
  }

  /** The slots in use: `held` of them, holes included, from slot `first` on. */
  #span(): { first: number; held: number; next: number } {
    const { next, oldest } = this.#header;
    return { first: oldest >>> 0, held: oldest < next ? (next - oldest) % SEQ_JUMP : 0, next };
  }

  /** Distance from slot `first` to the first record ≥ `seq`; `held` if there is none. */
  #search(first: number, held: number, seq: number): number {
    const skipHoles = (at: number, end: number) => {
      while (at < end && this.#index[(first + at) & this.#mask] === 0) at++;
      return at;
    };
    let low = 0, high = held;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = skipHoles(middle, high);
      if (at === high || this.#seqOfSlot(first + at) >= seq) high = middle;
      else low = at + 1;
    }
    return skipHoles(low, held);
  }

  #seqOfSlot(number: number): number {
    const slot = this.#index[number & this.#mask]!;
    return slot === 0 ? 0 : this.#area.seqAt(offsetOf(slot));
  }
}

/**
 * Binary search in the index of a ring (ring.ts). The slots from the oldest record's to the next one's are
 * the records in order, with holes (0) between them where records are missing. A slot that names no record with a
 * number of that slot is a hole, too: its record was overwritten meanwhile, or other processes have damaged the memory.
 */
import { RECORD_ALIGNMENT_BYTES, type RecordArea } from "./record.ts";
import type { RingHeader, SeqSpan } from "./ring_header.ts";
import { SEQ_JUMP } from "./seq_jump.ts";

/** Offset in the data area of the record that the value of a slot names; the value is not 0. */
export function offsetOf(slot: number): number {
  return (slot - 1) * RECORD_ALIGNMENT_BYTES;
}

/** The slots in use: `held` of them, holes included, from slot `first` on. */
interface IndexSpan extends SeqSpan {
  readonly first: number;
  readonly held: number;
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
    const span = this.#span();
    const at = this.#search(span, seq);
    const found = at === span.held ? span.next : this.#seqOfSlot(span, at);
    return found < seq ? span.next : found; // damage: numbers that are not in order
  }

  /** The last existing record before `seq`; 0 if there is none. */
  lastSeqBefore(seq: number): number {
    const span = this.#span();
    let at = this.#search(span, seq) - 1;
    while (at >= 0 && this.#seqOfSlot(span, at) === 0) at--;
    return at < 0 ? 0 : this.#seqOfSlot(span, at);
  }

  #span(): IndexSpan {
    const { oldest, next } = this.#header.span(this.#index.length);
    return { oldest, next, first: oldest >>> 0, held: (next - oldest) % SEQ_JUMP };
  }

  /** Distance from the first slot to the first record ≥ `seq`; `held` if there is none. */
  #search(span: IndexSpan, seq: number): number {
    const skipHoles = (at: number, end: number) => {
      while (at < end && this.#seqOfSlot(span, at) === 0) at++;
      return at;
    };
    let low = 0, high = span.held;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = skipHoles(middle, high);
      if (at === high || this.#seqOfSlot(span, at) >= seq) high = middle;
      else low = at + 1;
    }
    return skipHoles(low, span.held);
  }

  /** Number of the record of the slot at the distance `at` from the first one; 0: a hole. */
  #seqOfSlot({ first, oldest, next }: IndexSpan, at: number): number {
    const place = (first + at) & this.#mask;
    const slot = this.#index[place]!;
    if (slot === 0) return 0;
    const seq = this.#area.seqAt(offsetOf(slot));
    return seq >= oldest && seq < next && (seq & this.#mask) === place ? seq : 0;
  }
}

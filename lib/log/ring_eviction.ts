/** What the appender of a ring (ring.ts) does to the records that a new one overwrites. It holds the log lock. */
import type { RecordArea } from "./record.ts";
import { offsetOf } from "./record_search.ts";
import { RingDamage, type RingHeader } from "./ring_header.ts";

export class RingEviction {
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

  /**
   * Evicts the records at or after `offset`, where the record `next` does not fit. Nothing is written over them, so
   * each is erased; otherwise recovery could take it for a current record.
   */
  endLap(offset: number, next: number): void {
    const evicted: number[] = [];
    for (let seq = this.#header.writerOldest >>> 0; seq !== next >>> 0; seq = (seq + 1) >>> 0) {
      const slot = this.#index[seq & this.#mask]!;
      if (slot === 0) continue;
      if (offsetOf(slot) < offset) break;
      evicted.push(offsetOf(slot));
    }
    this.evict(offset, this.#area.capacity, next); // before erasing: readers see that they are gone
    for (const each of evicted) this.#area.erase(each);
    this.#area.erase(offset);
  }

  /**
   * Evicts the records that start in `from`..`to`, before these bytes are overwritten; and those in slots that are
   * needed for the record `next`, where many numbers name none.
   */
  evict(from: number, to: number, next: number): void {
    const oldest = this.#header.writerOldest;
    const end = next >>> 0;
    for (let low = oldest >>> 0; low !== end; low = (low + 1) >>> 0) {
      const slot = this.#index[low & this.#mask]!;
      if (slot === 0) continue;
      const offset = offsetOf(slot);
      if (offset >= from && offset < to || (end - low) >>> 0 > this.#mask) continue;
      if (low !== oldest >>> 0) this.#setOldest(this.#area.seqAt(offset), next);
      return;
    }
    if (oldest !== next) this.#header.oldest = next;
  }

  #setOldest(seq: number, next: number): void {
    const oldest = this.#header.writerOldest;
    if (!(seq > oldest && seq < next)) { // not a number, too
      throw new RingDamage(`record ${seq} follows the oldest one, ${oldest}; the next one is ${next}`);
    }
    this.#header.oldest = seq;
  }
}

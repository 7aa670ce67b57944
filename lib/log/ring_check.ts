/**
 * Checks of a ring's memory for what only damage can have done: other processes of the user can write to a ring that is
 * shared with them. For the holder of the log lock.
 */
import { type RecordArea, recordBytes } from "./record.ts";
import { offsetOf } from "./record_search.ts";
import { RingDamage, type RingHeader } from "./ring_header.ts";
import { SEQ_JUMP } from "./seq_jump.ts";

export class RingCheck {
  readonly #header: RingHeader;
  readonly #index: Uint32Array;
  readonly #area: RecordArea;

  constructor(header: RingHeader, index: Uint32Array, area: RecordArea) {
    this.#header = header;
    this.#index = index;
    this.#area = area;
  }

  /** Throws {@link RingDamage} if the header is damaged: cheap enough for each append. */
  requireHeader(): void {
    const damage = this.#findHeaderDamage();
    if (damage !== undefined) throw new RingDamage(damage);
  }

  /** Throws {@link RingDamage} if {@link findEndDamage} finds some. */
  requireEnd(): void {
    const damage = this.findEndDamage();
    if (damage !== undefined) throw new RingDamage(damage);
  }

  /**
   * Why the header is damaged, or the newest record is not at the end, as a clause; undefined: neither. For the header's
   * numbers before they are saved.
   */
  findEndDamage(): string | undefined {
    const damage = this.#findHeaderDamage();
    const { writerOldest: oldest, writerNext: next, head } = this.#header;
    if (damage !== undefined || oldest === next) return damage;
    const slot = this.#slotOf(next - 1);
    const offset = slot === 0 ? -1 : offsetOf(slot);
    const length = offset < 0 || offset >= this.#area.capacity ? -1 : this.#area.claimedLength(offset);
    const isNewest = length >= 0 && offset + recordBytes(length) === head &&
      (next - 1 - this.#area.seqAt(offset)) % SEQ_JUMP === 0; // a jump may lie between the two
    return isNewest ? undefined : `record ${next - 1} is not at the end of the ring`;
  }

  /** Why the memory is damaged, as a clause; undefined: it is not. Reads all records. */
  findDamage(): string | undefined {
    const damage = this.findEndDamage();
    if (damage !== undefined) return damage;
    const { writerOldest: oldest, writerNext: next } = this.#header;
    for (let at = 0; at < (next - oldest) % SEQ_JUMP; at++) {
      const slot = this.#slotOf(oldest + at);
      if (slot === 0) continue;
      const isRecord = offsetOf(slot) < this.#area.capacity &&
        this.#area.validRecordBytesAt(offsetOf(slot)) > 0;
      if (!isRecord) return `the record after ${oldest + at - 1} is damaged`;
    }
    return undefined;
  }

  #findHeaderDamage(): string | undefined {
    return this.#header.findDamage(this.#area.capacity, this.#index.length);
  }

  #slotOf(number: number): number {
    return this.#index[number & (this.#index.length - 1)]!;
  }
}

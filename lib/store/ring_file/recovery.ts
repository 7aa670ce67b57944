/**
 * Recovery: finds the valid records in a ring file's data area, whatever happened to the file. Pure; changes nothing.
 *
 * 1. Scan from offset 0: a valid record (checksum seeded with its offset) is taken and skipped as a whole; otherwise
 *    the scan advances by 8 bytes.
 * 2. The record with the highest number is the newest. Going around the ring, the log begins after it and ends with
 *    it.
 * 3. On this path numbers ascend. A record after one with a higher number is a leftover: on its way from that record
 *    to the newest, the ring passed over its place. So is a record so much older than the newest that the records
 *    between the two would not fit between them. The rest is the log; it contains only records that were written.
 *
 * Numbers missing in the log are holes. Those that had been synced and are not overwritten yet are damage; the others
 * belong to an unfinished sync and were never promised to be durable.
 */
import { RECORD_MIN_BYTES, type RecordArea } from "../../log/record.ts";
import { SEQ_JUMP } from "../../log/seq_jump.ts";

export interface RecoveredRecords {
  /** The records of the log, in order: the first `count` elements of both arrays. */
  readonly count: number;
  readonly seqs: Float64Array;
  readonly offsets: Uint32Array;
  /** Number of the newest record; 0 if there is none. */
  readonly newest: number;
  /** Offset of the next record. */
  readonly head: number;
  /** Records that had been synced and are missing, as far as the numbers around them show. */
  readonly damaged: number;
  /**
   * More records are missing at the end than the file can have held: the number in its header is damaged. They are not
   * part of `damaged` and `missing`.
   */
  readonly isEndUncounted: boolean;
  /** Missing records of an unfinished sync. */
  readonly unfinished: number;
  /** All missing numbers: `damaged`, `unfinished`, and those that newer records may have overwritten. */
  readonly missing: number;
  /** Offset of a record after the newest that was begun and not completed. */
  readonly torn: number | undefined;
  /**
   * Offsets of whole records that are not part of the log. The caller erases them: once the records that mark them as
   * leftovers are overwritten, they would be taken for part of the log.
   */
  readonly leftovers: readonly number[];
}

export interface RecoveryBounds {
  /** Every record below this number had been synced. */
  readonly synced: number;
  /** Records below this number may have been overwritten. */
  readonly oldest: number;
  /** No record has this number or a higher one: such bytes are not a record. */
  readonly limit: number;
}

interface ScannedRecords {
  count: number;
  readonly seqs: Float64Array;
  readonly offsets: Uint32Array;
}

export function recover(area: RecordArea, known: RecoveryBounds): RecoveredRecords {
  const found = scanArea(area, known.limit);
  if (found.count === 0) {
    const damaged = Math.min(Math.max(0, known.synced - 1) % SEQ_JUMP, area.capacity / RECORD_MIN_BYTES);
    return {
      ...found,
      newest: 0,
      head: 0,
      damaged,
      isEndUncounted: false,
      unfinished: 0,
      missing: damaged,
      torn: findTornRecord(area, 0, 0, known),
      leftovers: [],
    };
  }
  const leftovers: number[] = [];
  const log = dropIndexCollisions(dropLeftovers(area, rotateToNewest(found), leftovers), leftovers);
  const newest = log.seqs[log.count - 1]!;
  const last = log.offsets[log.count - 1]!;
  const head = last + area.validRecordBytesAt(last);
  const torn = findTornRecord(area, head, newest, known);
  return { ...log, newest, head, ...countHoles(log, newest, known, area.capacity), torn, leftovers };
}

function scanArea(area: RecordArea, limit: number): ScannedRecords {
  const most = area.capacity / RECORD_MIN_BYTES;
  const found: ScannedRecords = { count: 0, seqs: new Float64Array(most), offsets: new Uint32Array(most) };
  for (let offset = 0; offset < area.capacity;) {
    const size = area.validRecordBytesAt(offset);
    if (size > 0 && area.seqAt(offset) < limit) {
      found.seqs[found.count] = area.seqAt(offset);
      found.offsets[found.count++] = offset;
      offset += size;
    } else offset += 8;
  }
  return found;
}

/** The same records, rotated so that the newest is the last. */
function rotateToNewest({ count, seqs, offsets }: ScannedRecords): ScannedRecords {
  let newest = 0;
  for (let i = 1; i < count; i++) if (seqs[i]! > seqs[newest]!) newest = i;
  const start = (newest + 1) % count;
  if (start === 0) return { count, seqs, offsets };
  const turned: ScannedRecords = { count, seqs: new Float64Array(count), offsets: new Uint32Array(count) };
  for (let i = 0; i < count; i++) {
    turned.seqs[i] = seqs[(start + i) % count]!;
    turned.offsets[i] = offsets[(start + i) % count]!;
  }
  return turned;
}

function dropLeftovers(
  { capacity }: RecordArea,
  { count, seqs, offsets }: ScannedRecords,
  leftovers: number[],
): ScannedRecords {
  const newest = seqs[count - 1]!;
  const last = offsets[count - 1]!;
  let kept = 0;
  let highest = 0;
  for (let i = 0; i < count; i++) {
    const seq = seqs[i]!;
    const space = (last - offsets[i]! + capacity) % capacity;
    if (seq <= highest || countBetween(seq, newest) * RECORD_MIN_BYTES > space) {
      leftovers.push(offsets[i]!);
      continue;
    }
    highest = seq;
    seqs[kept] = seq;
    offsets[kept++] = offsets[i]!;
  }
  return { count: kept, seqs, offsets };
}

/** Number of records from `earlier` to `later`, not counting a sequence jump between them. */
function countBetween(earlier: number, later: number): number {
  return (later - earlier) % SEQ_JUMP;
}

/**
 * Two records on different sides of a jump could have the same number modulo 2^32, by which the ring's index finds
 * them (see log/ring.ts): the older one is dropped.
 */
function dropIndexCollisions({ count, seqs, offsets }: ScannedRecords, leftovers: number[]): ScannedRecords {
  const newest = seqs[count - 1]!;
  let start = count;
  for (let i = count - 1, distance = -1; i >= 0; i--) {
    const older = countBetween(seqs[i]!, newest);
    if (older <= distance) {
      leftovers.push(offsets[i]!);
      continue;
    }
    distance = older;
    start--;
    seqs[start] = seqs[i]!;
    offsets[start] = offsets[i]!;
  }
  return { count: count - start, seqs: seqs.subarray(start), offsets: offsets.subarray(start) };
}

function countHoles(
  { count, seqs }: ScannedRecords,
  newest: number,
  { synced, oldest }: RecoveryBounds,
  capacity: number,
): Pick<RecoveredRecords, "damaged" | "isEndUncounted" | "unfinished" | "missing"> {
  const atEnd = synced > newest + 1 ? countBetween(newest + 1, synced) : 0;
  const isEndUncounted = atEnd > capacity / RECORD_MIN_BYTES;
  let damaged = isEndUncounted ? 0 : atEnd;
  let unfinished = 0;
  let missing = damaged;
  for (let i = 1; i < count; i++) {
    const hole = countBetween(seqs[i - 1]!, seqs[i]!) - 1;
    if (hole === 0) continue;
    const first = seqs[i - 1]! + 1;
    const overwritten = clampCount(oldest - first, hole);
    const promised = clampCount(synced - Math.max(first, oldest), hole - overwritten);
    damaged += promised;
    unfinished += hole - overwritten - promised;
    missing += hole;
  }
  return { damaged, isEndUncounted, unfinished, missing };
}

function clampCount(count: number, most: number): number {
  return Math.min(Math.max(0, count), most);
}

/** Offset at which the record after the newest was begun: its header is there, but the record is incomplete. */
function findTornRecord(
  area: RecordArea,
  head: number,
  newest: number,
  { synced, limit }: RecoveryBounds,
): number | undefined {
  for (const offset of head === area.capacity ? [0] : [head, 0]) {
    const seq = area.seqAt(offset);
    if (area.claimedLength(offset) < 0 || seq < synced || seq >= limit) continue;
    if (seq > newest && countBetween(newest, seq) === 1 && area.validRecordBytesAt(offset) === 0) {
      return offset;
    }
  }
  return undefined;
}

/** The ring file as a whole: made new, read into a ring, written back. What it looks like is in file_header.ts. */
import { RECORD_HEADER_BYTES, RECORD_MIN_BYTES, type RecordArea, recordBytes } from "../../log/record.ts";
import { findCapacityFault, Ring } from "../../log/ring.ts";
import { SEQ_JUMP } from "../../log/seq_jump.ts";
import { type Disk, PLATFORM_DISK, removeIfPossible, syncParent } from "../disk/disk.ts";
import type { StoreFile } from "../disk/disk_file.ts";
import {
  decodeHeaderPage,
  encodeHeaderSlot,
  type FileHeader,
  HEADER_PAGE_BYTES,
  slotOffset,
} from "./file_header.ts";
import { recover, type RecoveredRecords } from "./recovery.ts";

/** Bytes handed to the disk at once. */
const CHUNK_BYTES = 1024 * 1024;
/** What a ring file is called until it is whole. */
export const NEW_FILE_SUFFIX = ".new";

/** A file's contents, taken in and judged. */
export interface LoadedRingFile {
  readonly kind: "ok";
  /** Holds the file's data area; its index is not filled yet. */
  readonly ring: Ring;
  readonly found: RecoveredRecords;
  /** Undefined when the header page was lost. */
  readonly header: FileHeader | undefined;
  /** Bytes that the file is too short. */
  readonly cut: number;
}

export type RingFileOutcome =
  | LoadedRingFile
  | { readonly kind: "foreign" }
  | { readonly kind: "wrong_version"; readonly version: number };

/** Reads and checks a ring file. Nothing is changed. Throws what the disk throws. */
export function loadRingFile(file: StoreFile): RingFileOutcome {
  const { size } = file;
  const page = new Uint8Array(HEADER_PAGE_BYTES);
  file.readAt(0, page);
  const outcome = decodeHeaderPage(page);
  if (outcome.kind === "wrong_version") return outcome;
  const header = outcome.kind === "ok" ? outcome.header : undefined;
  const capacity = header?.capacity ?? Math.floor((size - HEADER_PAGE_BYTES) / 8) * 8;
  if (findCapacityFault(capacity) !== undefined) return { kind: "foreign" };
  const ring = Ring.create(capacity);
  const cut = capacity - file.readAt(HEADER_PAGE_BYTES, ring.area.bytes);
  const known = { synced: header?.synced ?? 0, oldest: header?.oldest ?? 0, limit: findSeqLimit(header) };
  const found = recover(ring.area, known);
  if (outcome.kind === "foreign" && found.count === 0) return { kind: "foreign" };
  return { kind: "ok", ring, found, header, cut };
}

/** A number so high that no server since `header` was written can have given it out. */
function findSeqLimit(header: FileHeader | undefined): number {
  return header === undefined ? Number.MAX_SAFE_INTEGER : Math.max(header.boot, header.synced) + SEQ_JUMP;
}

/**
 * The number that the next record gets. After a server that did not end in order, or where synced records are missing
 * at the end, it leaps past all that may have been given out (see {@link SEQ_JUMP}); its part below 2^32 goes on
 * without a break all the same, as the ring's index wants it.
 */
export function nextSeqAfter(found: RecoveredRecords, header: FileHeader | undefined): number {
  const next = found.newest + 1;
  if (header?.clean === true && header.synced === next) return next;
  const given = Math.max(next, header?.boot ?? 0, header?.synced ?? 0);
  return next + (Math.floor(given / SEQ_JUMP) - Math.floor(next / SEQ_JUMP) + 1) * SEQ_JUMP;
}

/**
 * Writes a ring file of `header` and `data` under `path`, in place of what there was; on disk when it returns. All its
 * bytes are written, so that a disk that fills up later has space for the log.
 */
export function writeRingFile(
  path: string,
  header: FileHeader,
  data: Uint8Array,
  disk: Disk = PLATFORM_DISK,
): void {
  const fresh = path + NEW_FILE_SUFFIX;
  const file = disk.create(fresh);
  try {
    file.writeAt(0, new Uint8Array(HEADER_PAGE_BYTES));
    file.writeAt(slotOffset(header), encodeHeaderSlot(header));
    for (let at = 0; at < data.length; at += CHUNK_BYTES) {
      file.writeAt(HEADER_PAGE_BYTES + at, data.subarray(at, at + CHUNK_BYTES));
    }
    file.sync();
  } catch (error) {
    file.close();
    removeIfPossible(disk, fresh);
    throw error;
  }
  file.close();
  disk.rename(fresh, path);
  syncParent(disk, path);
}

/**
 * A ring of another capacity. Its data area holds the newest records that fit, under their old numbers. Where numbers are
 * missing, what lies before them keeps at least the distance from the newest that the missing records would have made:
 * recovery takes what is nearer for a left-over (recovery.ts).
 */
export function resizeRing(
  area: RecordArea,
  { count, seqs, offsets, newest }: RecoveredRecords,
  capacity: number,
): Ring {
  const ring = Ring.create(capacity);
  const kept: { readonly at: number; readonly beforeLast: number }[] = []; // the newest first
  for (let at = count - 1, beforeLast = 0, last = 0; at >= 0; at--) {
    const length = area.claimedLength(offsets[at]!);
    if (length > ring.maxPayloadBytes) continue;
    const size = recordBytes(length);
    if (kept.length === 0) last = size;
    else beforeLast += size;
    beforeLast = Math.max(beforeLast, (newest - seqs[at]!) % SEQ_JUMP * RECORD_MIN_BYTES);
    if (beforeLast + last > capacity) break;
    kept.push({ at, beforeLast });
  }
  const start = kept.at(-1)?.beforeLast ?? 0;
  for (const { at, beforeLast } of kept.reverse()) {
    const from = offsets[at]! + RECORD_HEADER_BYTES;
    const payload = area.bytes.subarray(from, from + area.claimedLength(offsets[at]!));
    ring.area.write(start - beforeLast, seqs[at]!, area.timeAt(offsets[at]!), payload);
  }
  return ring;
}

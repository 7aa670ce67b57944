/** Creates a ring file, loads it into a ring, and replaces it. Its format is described in file_header.ts. */
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

/** Bytes per write. */
const CHUNK_BYTES = 1024 * 1024;
/** Suffix of a ring file's name until it is complete. */
export const NEW_FILE_SUFFIX = ".new";

/** Contents of a ring file, loaded and checked. */
export interface LoadedRingFile {
  readonly kind: "ok";
  /** Holds the file's data area; its index is still empty. */
  readonly ring: Ring;
  readonly found: RecoveredRecords;
  /** Undefined if the header page is lost. */
  readonly header: FileHeader | undefined;
  /** Number of bytes that the file is too short. */
  readonly cut: number;
}

export type RingFileOutcome =
  | LoadedRingFile
  | { readonly kind: "foreign" }
  | { readonly kind: "wrong_version"; readonly version: number };

/** Reads and checks a ring file without changing it. Throws disk errors. */
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

/** A sequence number that no server can have reached since `header` was written. */
function findSeqLimit(header: FileHeader | undefined): number {
  return header === undefined ? Number.MAX_SAFE_INTEGER : Math.max(header.boot, header.synced) + SEQ_JUMP;
}

/**
 * Sequence number of the next record. After an unclean shutdown, or if synced records are missing at the end, it
 * jumps past every number that may have been shown (see {@link SEQ_JUMP}); its part below 2^32 still continues
 * without a gap, as the ring's index requires. A server that showed only what a sync had covered has shown no number
 * that is not in the file, as long as all of the file's last sync can be read.
 */
export function nextSeqAfter(found: RecoveredRecords, header: FileHeader | undefined): number {
  const next = found.newest + 1;
  if (header?.clean === true && header.synced === next) return next;
  const isEndWhole = found.torn === undefined && found.unfinished === 0;
  if (header?.syncsFirst === true && header.synced <= next && isEndWhole) return next;
  const given = Math.max(next, header?.boot ?? 0, header?.synced ?? 0);
  return next + (Math.floor(given / SEQ_JUMP) - Math.floor(next / SEQ_JUMP) + 1) * SEQ_JUMP;
}

/**
 * Writes a ring file with `header` and `data` to `path`, replacing any existing file; on disk when it returns. All
 * its bytes are written, so that the log has its space even if the disk fills up later.
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
 * A ring of another capacity that holds the newest records that fit, under their numbers. Where numbers are missing,
 * the records before them keep at least the distance from the newest that the missing ones would have taken: recovery
 * takes a closer record for a leftover (recovery.ts).
 */
export function resizeRing(
  area: RecordArea,
  { count, seqs, offsets, newest }: RecoveredRecords,
  capacity: number,
): Ring {
  const ring = Ring.create(capacity);
  const kept: { readonly at: number; readonly beforeLast: number }[] = []; // newest first
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

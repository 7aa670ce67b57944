/** The ring file as a whole: made new, read into a ring, written back. What it looks like is in format.ts. */
import { RECORD_HEADER_BYTES, RECORD_MIN_BYTES, type RecordArea, recordBytes } from "../log/record.ts";
import { Ring, ringCapacityFault, SEQ_JUMP } from "../log/ring.ts";
import { DiskFile, type StoreFile, syncFolder } from "./disk_file.ts";
import { decodeHeaderPage, encodeSlot, type FileHeader, HEADER_PAGE_BYTES, slotOffset } from "./format.ts";
import { type Found, recover } from "./recover.ts";

/** Bytes handed to the disk at once. */
const CHUNK_BYTES = 1024 * 1024;

/** A file's contents, taken in and judged. */
export interface Loaded {
  readonly kind: "ok";
  /** Holds the file's data area; its index is not filled yet. */
  readonly ring: Ring;
  readonly found: Found;
  /** Undefined when the header page was lost. */
  readonly header: FileHeader | undefined;
  /** Bytes that the file is too short. */
  readonly cut: number;
}

export type LoadOutcome =
  | Loaded
  | { readonly kind: "foreign" }
  | { readonly kind: "wrong_version"; readonly version: number };

/** Reads and checks a ring file. Nothing is changed. Throws what the disk throws. */
export function loadRingFile(file: StoreFile): LoadOutcome {
  const { size } = file;
  const page = new Uint8Array(HEADER_PAGE_BYTES);
  file.readAt(0, page);
  const outcome = decodeHeaderPage(page);
  if (outcome.kind === "wrong_version") return outcome;
  const header = outcome.kind === "ok" ? outcome.header : undefined;
  const capacity = header?.capacity ?? Math.floor((size - HEADER_PAGE_BYTES) / 8) * 8;
  if (ringCapacityFault(capacity) !== undefined) return { kind: "foreign" };
  const ring = Ring.create(capacity);
  const cut = capacity - file.readAt(HEADER_PAGE_BYTES, ring.area.bytes);
  const known = { synced: header?.synced ?? 0, oldest: header?.oldest ?? 0, limit: limitOf(header) };
  const found = recover(ring.area, known);
  if (outcome.kind === "foreign" && found.count === 0) return { kind: "foreign" };
  return { kind: "ok", ring, found, header, cut };
}

/** A number so high that no server since `header` was written can have given it out. */
function limitOf(header: FileHeader | undefined): number {
  return header === undefined ? Number.MAX_SAFE_INTEGER : Math.max(header.boot, header.synced) + SEQ_JUMP;
}

/**
 * The number that the next record gets. After a server that did not end in order, or where synced records are missing
 * at the end, it leaps past all that may have been given out (see {@link SEQ_JUMP}); its part below 2^32 goes on
 * without a break all the same, as the ring's index wants it.
 */
export function nextSeqAfter(found: Found, header: FileHeader | undefined): number {
  const next = found.newest + 1;
  if (header?.clean === true && header.synced === next) return next;
  const given = Math.max(next, header?.boot ?? 0, header?.synced ?? 0);
  return next + (Math.floor(given / SEQ_JUMP) - Math.floor(next / SEQ_JUMP) + 1) * SEQ_JUMP;
}

/**
 * Writes a ring file of `header` and `data` under `path`, in place of what there was; on disk when it returns. All its
 * bytes are written, so that a disk that fills up later has room for the log.
 */
export function writeRingFile(path: string, header: FileHeader, data: Uint8Array): void {
  const fresh = `${path}.new`;
  const file = DiskFile.create(fresh);
  try {
    file.writeAt(0, new Uint8Array(HEADER_PAGE_BYTES));
    file.writeAt(slotOffset(header), encodeSlot(header));
    for (let at = 0; at < data.length; at += CHUNK_BYTES) {
      file.writeAt(HEADER_PAGE_BYTES + at, data.subarray(at, at + CHUNK_BYTES));
    }
    file.sync();
  } catch (error) {
    file.close();
    Deno.removeSync(fresh);
    throw error;
  }
  file.close();
  Deno.renameSync(fresh, path);
  syncFolder(path.slice(0, path.lastIndexOf("/")));
}

/** A ring of another capacity. Its data area holds the newest records that fit, under their old numbers. */
export function resize(area: RecordArea, { count, seqs, offsets, newest }: Found, capacity: number): Ring {
  const ring = Ring.create(capacity);
  const most = capacity / RECORD_MIN_BYTES; // how far the index of the new ring reaches back
  let first = count;
  for (let room = capacity; first > 0; first--) {
    const length = area.claimedLength(offsets[first - 1]!);
    if (length <= ring.maxPayloadBytes) room -= recordBytes(length);
    if (room < 0 || (newest - seqs[first - 1]!) % SEQ_JUMP >= most) break;
  }
  for (let i = first, head = 0; i < count; i++) {
    const from = offsets[i]!;
    const length = area.claimedLength(from);
    if (length > ring.maxPayloadBytes) continue;
    const start = from + RECORD_HEADER_BYTES;
    ring.area.write(head, seqs[i]!, area.timeAt(from), area.bytes.subarray(start, start + length));
    head += recordBytes(length);
  }
  return ring;
}

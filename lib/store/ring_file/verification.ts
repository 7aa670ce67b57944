/**
 * Verifies a ring file from its header slots to its last record, without changing it or taking its lock. If a server
 * is using the file, an inspection may fall into the middle of a sync; so apparent faults are inspected again.
 */
import { RECORD_MIN_BYTES } from "../../log/record.ts";
import { SEQ_JUMP } from "../../log/seq_jump.ts";
import { diskErrorText, DiskFile, type StoreFile } from "../disk/disk_file.ts";
import {
  decodeHeaderPage,
  FORMAT_VERSION,
  HEADER_PAGE_BYTES,
  HEADER_SLOT_BYTES,
  logIdText,
} from "./file_header.ts";
import type { FileHeader } from "./file_header.ts";
import type { RecoveredRecords } from "./recovery.ts";
import { type LoadedRingFile, loadRingFile } from "./ring_file.ts";

/** `empty`: never written, as in the file of a server that has just created it. */
export type SlotState = "whole" | "empty" | "damaged";

/** Consecutive missing records. */
export interface Hole {
  readonly firstSeq: number;
  readonly count: number;
}

export interface Verification {
  /** Size of the whole file in bytes. */
  readonly size: number;
  /** Size of its data area in bytes. */
  readonly capacity: number;
  /** Undefined if both header slots are lost. */
  readonly header: (Omit<FileHeader, "logId"> & { readonly logId: string }) | undefined;
  readonly slots: readonly [SlotState, SlotState];
  /** Records that are whole, in place and in order. */
  readonly records: number;
  /** `seq` is 0 if there are no records; times in milliseconds since the epoch. */
  readonly oldest: { readonly seq: number; readonly time: number };
  readonly newest: { readonly seq: number; readonly time: number };
  /**
   * Places between records where the numbers go on further: after an unclean shutdown, or after a restored backup. The
   * number of records lost there is unknown.
   */
  readonly cutOffs: number;
  /** Synced records that are missing, and how many of them were missing when the file was last opened. */
  readonly damaged: number;
  /** Saved records are missing at the end; the number in the header is damaged, so how many is not known. */
  readonly isEndUncounted: boolean;
  readonly damagedBefore: number;
  /** Records of an unfinished sync. */
  readonly unfinished: number;
  /** A record at the end was begun and not completed. */
  readonly torn: boolean;
  /** Number of bytes that the file is too short. */
  readonly cut: number;
  /** The first {@link MAX_HOLES_REPORTED} ranges of missing records. */
  readonly holes: readonly Hole[];
  /** The file changed between two inspections: a server is using it. */
  readonly changing: boolean;
}

export type VerifyOutcome =
  | { readonly kind: "ok"; readonly found: Verification }
  | { readonly kind: "foreign" | "wrong_version" | "unreadable"; readonly why: string };

const MAX_HOLES_REPORTED = 100;

/** Number of inspections of a file with apparent faults. */
const MAX_INSPECTIONS = 3;
/** Pause between two inspections; longer than a sync takes. */
const PAUSE_MS = 300;

/** Whether nothing is damaged or missing. The unfinished part of a running sync is neither. */
export function isSound(found: Verification): boolean {
  const { header, slots, damaged, isEndUncounted, unfinished, torn, cut, changing } = found;
  return header !== undefined && !isEndUncounted && !slots.includes("damaged") && damaged === 0 &&
    cut === 0 &&
    (changing || unfinished === 0 && !torn);
}

/**
 * Whether a server starts with the file and loses nothing: records that are missing were missing before, or belong to a
 * sync that has not ended.
 */
export function isRecoverable({ header, slots, damaged, damagedBefore, cut }: Verification): boolean {
  return header !== undefined && !slots.includes("damaged") && damaged === damagedBefore && cut === 0;
}

/** Inspects the file at `path`, only once if it is sound. `pause` waits between two inspections. */
export async function verifyLogFile(
  path: string,
  pause: () => Promise<void> = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS)),
): Promise<VerifyOutcome> {
  let before: Verification | undefined;
  for (let looks = 1;; looks++) {
    const outcome = inspectLogFile(path);
    if (outcome.kind !== "ok") return outcome;
    const changing = before !== undefined && hasChanged(before, outcome.found);
    const found = { ...outcome.found, changing };
    if (isSound(found) || looks === MAX_INSPECTIONS || !mayBeSyncInProgress(found)) {
      return { kind: "ok", found };
    }
    before = found;
    await pause();
  }
}

/** Whether the fault may be a sync in progress. */
function mayBeSyncInProgress({ header, cut }: Verification): boolean {
  return header?.clean === false && cut === 0;
}

/** Whether a server has written to the file between two inspections. */
export function hasChanged(earlier: Verification, later: Verification): boolean {
  return earlier.changing || earlier.header?.generation !== later.header?.generation ||
    earlier.newest.seq !== later.newest.seq;
}

/** Inspects the file at `path` once. */
export function inspectLogFile(path: string): VerifyOutcome {
  let file: DiskFile | undefined;
  try {
    file = DiskFile.open(path, "read");
    return inspect(file);
  } catch (error) {
    const missing = error instanceof Deno.errors.NotFound;
    return { kind: "unreadable", why: missing ? "there is no such file" : diskErrorText(error) };
  } finally {
    file?.close();
  }
}

function inspect(file: StoreFile): VerifyOutcome {
  const page = new Uint8Array(HEADER_PAGE_BYTES);
  file.readAt(0, page);
  const loaded = loadRingFile(file);
  switch (loaded.kind) {
    case "ok":
      return { kind: "ok", found: summarize(loaded, page, file.size) };
    case "foreign":
      return { kind: "foreign", why: "it is not a ChatterBox ring file" };
    case "wrong_version":
      return {
        kind: "wrong_version",
        why: `it has format version ${loaded.version}; this program supports ${FORMAT_VERSION}`,
      };
  }
}

function summarize(
  { ring, found, header, cut }: LoadedRingFile,
  page: Uint8Array,
  size: number,
): Verification {
  const { count, seqs, offsets, torn, unfinished } = found;
  const end = (index: number) =>
    count === 0 ? { seq: 0, time: 0 } : { seq: seqs[index]!, time: ring.area.timeAt(offsets[index]!) };
  const atOldEnd = findMissingAtOldEnd(found, header, ring.capacityBytes);
  const damaged = found.damaged + (atOldEnd?.count ?? 0);
  return {
    size,
    capacity: ring.capacityBytes,
    header: header && { ...header, logId: logIdText(header.logId) },
    slots: [slotState(page, 0), slotState(page, 1)],
    records: count,
    oldest: end(0),
    newest: end(count - 1),
    cutOffs: countCutOffs(found),
    damaged,
    isEndUncounted: found.isEndUncounted,
    damagedBefore: Math.min(damaged, header?.missing ?? 0),
    unfinished,
    torn: torn !== undefined,
    cut,
    holes: [...atOldEnd === undefined ? [] : [atOldEnd], ...listHoles(found, header)].slice(
      0,
      MAX_HOLES_REPORTED,
    ),
    changing: false,
  };
}

function countCutOffs({ count, seqs }: RecoveredRecords): number {
  const restarts = (at: number) => Math.floor(seqs[at]! / SEQ_JUMP);
  let cutOffs = 0;
  for (let at = 1; at < count; at++) if (restarts(at) > restarts(at - 1)) cutOffs++;
  return cutOffs;
}

/** Checks the slot as if it were the only one. */
function slotState(page: Uint8Array, slot: 0 | 1): SlotState {
  const start = slot * HEADER_SLOT_BYTES;
  const bytes = page.subarray(start, start + HEADER_SLOT_BYTES);
  if (bytes.every((byte) => byte === 0)) return "empty";
  const alone = new Uint8Array(HEADER_PAGE_BYTES);
  alone.set(bytes, start);
  return decodeHeaderPage(alone).kind === "ok" ? "whole" : "damaged";
}

/**
 * Missing records before the first one found. Only the header of a clean shutdown states which record should be the
 * first: the syncs of a server that ended otherwise may have overwritten older records after their header was
 * written.
 */
function findMissingAtOldEnd(
  { count, seqs }: RecoveredRecords,
  header: FileHeader | undefined,
  capacity: number,
): Hole | undefined {
  if (header === undefined || !header.clean || count === 0 || seqs[0]! <= header.oldest) return undefined;
  const missing = Math.min((seqs[0]! - header.oldest) % SEQ_JUMP, capacity / RECORD_MIN_BYTES);
  return missing === 0 ? undefined : { firstSeq: header.oldest, count: missing };
}

/** Ranges of missing records that newer records cannot have overwritten, as in recovery.ts. */
function listHoles(
  { count, seqs, newest, isEndUncounted }: RecoveredRecords,
  header: FileHeader | undefined,
): Hole[] {
  const holes: Hole[] = [];
  const { oldest, synced } = header ?? { oldest: 0, synced: 0 };
  const add = (firstSeq: number, count: number) => {
    const overwritten = Math.max(0, oldest - firstSeq);
    if (count > overwritten) holes.push({ firstSeq: firstSeq + overwritten, count: count - overwritten });
  };
  for (let i = 1; i < count && holes.length < MAX_HOLES_REPORTED; i++) {
    const missing = (seqs[i]! - seqs[i - 1]!) % SEQ_JUMP - 1;
    if (missing > 0) add(seqs[i - 1]! + 1, missing);
  }
  if (synced > newest + 1 && count > 0 && !isEndUncounted) {
    const missing = (synced - newest - 1) % SEQ_JUMP;
    if (missing > 0) add(newest + 1, missing);
  }
  return holes;
}

/**
 * Looks a ring file over, from its header slots to its last record, without changing it or taking its lock. While a server
 * is at work on it a look may fall into the middle of a sync; so what looks wrong is looked at again.
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

/** `empty`: never written, as in the file of a server that has just made it. */
export type SlotState = "whole" | "empty" | "damaged";

/** Records that are missing side by side. */
export interface Hole {
  readonly firstSeq: number;
  readonly count: number;
}

export interface Verification {
  /** Bytes of the whole file. */
  readonly size: number;
  /** Bytes of its data area. */
  readonly capacity: number;
  /** Undefined when both slots of the header are lost. */
  readonly header: (Omit<FileHeader, "logId"> & { readonly logId: string }) | undefined;
  readonly slots: readonly [SlotState, SlotState];
  /** Records that are whole, in their place and in order. */
  readonly records: number;
  /** Sequence numbers, 0: there are none; times in milliseconds since the epoch. */
  readonly oldest: { readonly seq: number; readonly time: number };
  readonly newest: { readonly seq: number; readonly time: number };
  /** How often in between a server was cut off before it had saved all: how much that cost nobody knows. */
  readonly cutOffs: number;
  /** Records that had been saved and are not there, and how many of them were missing when the file was last opened. */
  readonly damaged: number;
  readonly damagedBefore: number;
  /** Records of a sync that was cut off in the middle. */
  readonly unfinished: number;
  /** A record at the end was begun and not finished. */
  readonly torn: boolean;
  /** Bytes that the file is too short. */
  readonly cut: number;
  /** The first {@link MAX_HOLES_REPORTED} places where records are missing. */
  readonly holes: readonly Hole[];
  /** The file changed from one look to the next: a server is at work on it. */
  readonly changing: boolean;
}

export type VerifyOutcome =
  | { readonly kind: "ok"; readonly found: Verification }
  | { readonly kind: "foreign" | "wrong_version" | "unreadable"; readonly why: string };

export const MAX_HOLES_REPORTED = 100;

/** So often is a file looked at in which something seems wrong … */
const MAX_INSPECTIONS = 3;
/** … this much apart: longer than a sync takes. */
const PAUSE_MS = 300;

/** True when nothing is damaged or missing. What a sync at work has not done yet is neither. */
export function isSound(found: Verification): boolean {
  const { header, slots, damaged, unfinished, torn, cut, changing } = found;
  return header !== undefined && !slots.includes("damaged") && damaged === 0 && cut === 0 &&
    (changing || unfinished === 0 && !torn);
}

/** Looks at the file at `path`, once if all is well. `pause` waits between two looks. */
export async function verifyLogFile(
  path: string,
  pause: () => Promise<void> = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS)),
): Promise<VerifyOutcome> {
  let before: Verification | undefined;
  for (let looks = 1;; looks++) {
    const outcome = openAndInspect(path);
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

/** Whether what is wrong may be a sync at work. */
function mayBeSyncInProgress({ header, cut }: Verification): boolean {
  return header?.clean === false && cut === 0;
}

function hasChanged(earlier: Verification, later: Verification): boolean {
  return earlier.changing || earlier.header?.generation !== later.header?.generation ||
    earlier.newest.seq !== later.newest.seq;
}

function openAndInspect(path: string): VerifyOutcome {
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
      return { kind: "foreign", why: "it is no ring file of ChatterBox" };
    case "wrong_version":
      return {
        kind: "wrong_version",
        why: `it has format version ${loaded.version}, this program knows ${FORMAT_VERSION}`,
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
  const atOldEnd = findMissingAtOldEnd(found, header, ring.capacity);
  const damaged = found.damaged + (atOldEnd?.count ?? 0);
  return {
    size,
    capacity: ring.capacity,
    header: header && { ...header, logId: logIdText(header.logId) },
    slots: [slotState(page, 0), slotState(page, 1)],
    records: count,
    oldest: end(0),
    newest: end(count - 1),
    cutOffs: count === 0 ? 0 : Math.floor(seqs[count - 1]! / SEQ_JUMP) - Math.floor(seqs[0]! / SEQ_JUMP),
    damaged,
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

/** A slot is judged as if it were alone. */
function slotState(page: Uint8Array, slot: 0 | 1): SlotState {
  const start = slot * HEADER_SLOT_BYTES;
  const bytes = page.subarray(start, start + HEADER_SLOT_BYTES);
  if (bytes.every((byte) => byte === 0)) return "empty";
  const alone = new Uint8Array(HEADER_PAGE_BYTES);
  alone.set(bytes, start);
  return decodeHeaderPage(alone).kind === "ok" ? "whole" : "damaged";
}

/**
 * Records before the first one found. Only a server that ended in order says which one that should be: the syncs of any other
 * may have put newer records in the place of older ones after their header was written.
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

/** Where numbers are missing that newer records cannot have overwritten, as in recovery.ts. */
function listHoles({ count, seqs, newest }: RecoveredRecords, header: FileHeader | undefined): Hole[] {
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
  if (synced > newest + 1 && count > 0) {
    const missing = (synced - newest - 1) % SEQ_JUMP;
    if (missing > 0) add(newest + 1, missing);
  }
  return holes;
}

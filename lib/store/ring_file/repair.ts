/**
 * Repair of a ring file before a server appends to it: the damaged file is copied, then the repaired parts are
 * written.
 */
import { RECORD_ALIGNMENT_BYTES, type RecordArea } from "../../log/record.ts";
import { copyDurably, type Disk } from "../disk/disk.ts";
import { diskErrorText, type StoreFile } from "../disk/disk_file.ts";
import { encodeHeaderSlot, type FileHeader, HEADER_PAGE_BYTES, slotOffset } from "./file_header.ts";
import type { RecoveredRecords } from "./recovery.ts";
import { isIntact, type RecoveryReport } from "./recovery_report.ts";
import type { LoadedRingFile } from "./ring_file.ts";

/** Whether the file needs a copy: damage known from before was copied then. */
export function shouldKeepCopy(report: RecoveryReport): boolean {
  return !isIntact({ ...report, damaged: report.newlyDamaged });
}

export function copyDamagedFile(disk: Disk, path: string): { copy?: string; copyFailed?: string } {
  const copy = `${path}.broken`;
  try {
    copyDurably(disk, path, copy);
    return { copy };
  } catch (error) {
    return { copyFailed: diskErrorText(error) };
  }
}

/** Restores the file: full length, no torn record after the newest, no leftovers, a new header. */
export function repairFile(
  file: StoreFile,
  { ring, found, cut, header: before }: LoadedRingFile,
  header: FileHeader,
): void {
  try {
    let changed = rewriteUnsynced(file, ring.area, found, before?.synced ?? 0);
    if (cut > 0) {
      file.writeAt(
        HEADER_PAGE_BYTES + ring.capacityBytes - cut,
        ring.area.bytes.subarray(ring.capacityBytes - cut),
      );
      changed = true;
    }
    for (const offset of found.torn === undefined ? found.leftovers : [found.torn, ...found.leftovers]) {
      ring.area.erase(offset);
      const erased = ring.area.bytes.subarray(offset, offset + RECORD_ALIGNMENT_BYTES);
      file.writeAt(HEADER_PAGE_BYTES + offset, erased);
      changed = true;
    }
    if (changed) file.sync(); // first: the header calls all of it durable
    file.writeAt(slotOffset(header), encodeHeaderSlot(header));
    file.sync();
  } finally {
    file.close();
  }
}

/**
 * Rewrites the records from `synced` on in place; returns whether there are any. After a failed fsync the system may
 * have them in its cache marked as written, so that the next fsync would skip them.
 */
function rewriteUnsynced(
  file: StoreFile,
  area: RecordArea,
  { count, seqs, offsets }: RecoveredRecords,
  synced: number,
): boolean {
  let first = count;
  while (first > 0 && seqs[first - 1]! >= synced) first--;
  for (let at = first; at < count;) {
    const start = offsets[at]!;
    let end = start;
    while (at < count && offsets[at] === end) end += area.validRecordBytesAt(offsets[at++]!);
    file.writeAt(HEADER_PAGE_BYTES + start, area.bytes.subarray(start, end));
  }
  return first < count;
}

/** The copy of a ring file, which a server may be writing meanwhile. */
import {
  hasChanged,
  inspectLogFile,
  isRecoverable,
  isSound,
  type Verification,
} from "../ring_file/verification.ts";
import { PLATFORM_DISK, removeIfPossible } from "../disk/disk.ts";
import { BackupFault, withPath } from "./backup_fault.ts";
import { copyFile } from "./file_copy.ts";
import type { FileDigest, LongWork } from "./file_copy.ts";

export interface RingFileCopy {
  readonly digest: FileDigest;
  readonly found: Verification;
}

/** Number of copies made until one holds no sync at work. */
const MAX_COPIES = 10;
/** Pause between two copies, longer than most syncs take. */
const PAUSE_MS = 100;

/**
 * Copies the ring file `from` to `to`, which is on disk when it returns. A copy into which a sync fell is made again.
 * If that never ends, or if a crashed server left the file so, it is taken as it is: what the sync had not finished is
 * dropped when a server starts with it, and all that was on disk when the copy began is there.
 */
export async function copyRingFile(
  from: string,
  to: string,
  name: string,
  work: LongWork,
): Promise<RingFileCopy> {
  let before: Verification | undefined;
  let isChanging = false;
  for (let copies = 1;; copies++) {
    const digest = await withPath(from, () => copyFile(from, to, name, work));
    const found = inspectRingFile(to, from);
    isChanging ||= before !== undefined && hasChanged(before, found);
    const isLast = copies === MAX_COPIES;
    if (isSound(found) || isLast && isRecoverable(found)) return { digest, found };
    if (isLast) throw describeFault(from, isChanging);
    before = found;
    removeIfPossible(PLATFORM_DISK, to);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/** Inspects the ring file at `path`; messages call it `shown`. */
export function inspectRingFile(path: string, shown = path): Verification {
  const outcome = inspectLogFile(path);
  if (outcome.kind === "ok") return outcome.found;
  throw new BackupFault(outcome.kind === "unreadable" ? "io" : "unsound", `${shown}: ${outcome.why}`);
}

function describeFault(from: string, isChanging: boolean): BackupFault {
  return isChanging
    ? new BackupFault("changing", `${from}: the server overwrites it faster than it can be copied; try again`)
    : new BackupFault(
      "unsound",
      `${from} is damaged: chatterbox logs --verify --file ${from} says where; start the server again, which repairs the ` +
        "file, then back it up",
    );
}

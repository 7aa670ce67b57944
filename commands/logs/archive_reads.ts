/** Reads of an archive: it may be damaged in any place. */
import { UnreadableArchive } from "../../lib/store/archive/unreadable_archive.ts";
import { isDamageSymptom } from "../../lib/store/archive/archive_schema.ts";
import { diskErrorText } from "../../lib/store/disk/disk_file.ts";

/**
 * Runs `read`, which reads an archive.
 * @throws UnreadableArchive if that fails.
 */
export function readingArchive<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UnreadableArchive(isDamageSymptom(error) ? (error as Error).message : diskErrorText(error));
  }
}

/** The same of what `slices` gives by and by. */
export function* readingSlices<T>(slices: Iterable<T>): Iterable<T> {
  const iterator = slices[Symbol.iterator]();
  for (;;) {
    const next = readingArchive(() => iterator.next());
    if (next.done === true) return;
    yield next.value;
  }
}

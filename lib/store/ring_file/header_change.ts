/** Changes to the header of a ring file that no server uses. */
import { DiskFile } from "../disk/disk_file.ts";
import {
  decodeHeaderPage,
  encodeHeaderSlot,
  type FileHeader,
  HEADER_PAGE_BYTES,
  slotOffset,
} from "./file_header.ts";

/**
 * Replaces the header of the ring file at `path` by what `change` makes of it, which has the next generation. Returns the
 * header page that was there; undefined: it cannot be read, and nothing is changed. Throws disk errors.
 */
export function changeHeader(
  path: string,
  change: (header: FileHeader) => Partial<FileHeader>,
): Uint8Array | undefined {
  const file = DiskFile.open(path, "write");
  try {
    const before = new Uint8Array(HEADER_PAGE_BYTES);
    file.readAt(0, before);
    const outcome = decodeHeaderPage(before);
    if (outcome.kind !== "ok") return undefined;
    const { header } = outcome;
    const next = { ...header, ...change(header), generation: header.generation + 1 };
    const page = new Uint8Array(HEADER_PAGE_BYTES);
    page.set(encodeHeaderSlot(next), slotOffset(next));
    file.writeAt(0, page);
    file.sync();
    return before;
  } finally {
    file.close();
  }
}

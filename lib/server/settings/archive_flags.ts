/** The flag of `serve` for the archive: whether there is one, and how much it holds. */
import type { FlagTable, FlagValues } from "../../cli/flags/flags.ts";
import { FLAG_GROUP } from "./flag_groups.ts";
import { parseDuration } from "../../base/values/duration.ts";
import { HOUR_MS } from "../../base/values/time_unit.ts";
import { parseSize } from "../../base/values/size.ts";

/** The default bound, where the disk has room for ten times as much. */
export const DEFAULT_ARCHIVE_BYTES = 10 * 1024 ** 3;
/** Elsewhere it is this share of the free space. */
export const ARCHIVE_FREE_SHARE = 1 / 10;
/** Less than the ring and the index of its messages hold would only be written and pruned. */
const MIN_ARCHIVE_BYTES = 1024 ** 2;
const MIN_ARCHIVE_AGE_MS = HOUR_MS;

export const ARCHIVE_FLAGS = {
  archive: {
    type: "string",
    value: "off|forever|90d|5GiB",
    group: FLAG_GROUP.history,
    help:
      "keep history beyond --buffer in archive.sqlite, up to this age or size, or both: 90d,5GiB (default 10GiB, or " +
      "a tenth of the free space where that is less)",
  },
} as const satisfies FlagTable;

/** The largest ones are those of parseDuration and parseSize. */
const FORMS =
  "not off, forever, an age of 1h to 36600d (90d), a size of 1MiB to 8388607GiB (5GiB), or both (90d,5GiB)";

/** How much the archive keeps; Infinity: no bound. */
export interface ArchiveBounds {
  readonly maxBytes: number;
  readonly maxAgeMs: number;
}

/** `default`: the bound follows from the free space. */
export type ArchiveSetting = ArchiveBounds | "off" | "default";

export function resolveArchiveSetting(
  { archive }: FlagValues<typeof ARCHIVE_FLAGS>,
): { archive: ArchiveSetting } | { why: string } {
  if (archive === undefined) return { archive: "default" };
  if (archive === "off") return { archive };
  if (archive === "forever") return { archive: { maxBytes: Infinity, maxAgeMs: Infinity } };
  const bounds = parseBounds(archive);
  return typeof bounds === "string" ? { why: `--archive ${archive}: ${bounds}` } : { archive: bounds };
}

/** An age, a size, or both in any order, separated by a comma; a text: what is wrong. */
function parseBounds(text: string): ArchiveBounds | string {
  const [ages, sizes]: [number[], number[]] = [[], []];
  for (const part of text.split(",")) {
    const age = parseDuration(part);
    const size = age === undefined ? parseSize(part) : undefined;
    if (age !== undefined && age >= MIN_ARCHIVE_AGE_MS) ages.push(age);
    else if (size !== undefined && size >= MIN_ARCHIVE_BYTES) sizes.push(size);
    else return FORMS;
  }
  if (ages.length > 1) {
    return `${ages.length} ages are given; give one age, one size, or one of each (90d,5GiB)`;
  }
  if (sizes.length > 1) {
    return `${sizes.length} sizes are given; give one age, one size, or one of each (90d,5GiB)`;
  }
  return { maxBytes: sizes[0] ?? Infinity, maxAgeMs: ages[0] ?? Infinity };
}

/** The default bounds on a file system with `freeBytes` beside the archive; undefined: that is unknown. */
export function defaultArchiveBounds(freeBytes: number | undefined): ArchiveBounds {
  const share = freeBytes === undefined ? Infinity : Math.floor(freeBytes * ARCHIVE_FREE_SHARE);
  return {
    maxBytes: Math.max(MIN_ARCHIVE_BYTES, Math.min(DEFAULT_ARCHIVE_BYTES, share)),
    maxAgeMs: Infinity,
  };
}

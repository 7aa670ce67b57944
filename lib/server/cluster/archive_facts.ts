/** The orders to the archive that the leader has saved as facts, for the archive of a standby. */
import { ARCHIVE_TRUST } from "../../hub/log/facts.ts";
import type { ArchiveOrder, ArchiveTrust } from "../../log/archive.ts";
import type { SavedFact } from "../../log/fact.ts";

/** The order that the fact holds, as the hub has written it; undefined: none, or no longer. */
export function orderOfFact({ kind, value, fault }: SavedFact): ArchiveOrder | undefined {
  if (value === undefined || fault !== undefined) return undefined;
  if (kind === "archive_order") return JSON.parse(value) as ArchiveOrder;
  if (kind !== ARCHIVE_TRUST) return undefined;
  return { kind: "trust", trust: JSON.parse(value) as ArchiveTrust, seq: 0 };
}

/** Arrivals, departures and new nicks that follow each other, folded into one row. Pure. */
import { describePresence } from "./event_text.ts";
import type { PresenceEntry } from "./event_text.ts";
import type { PresenceRow } from "../row.ts";

/** Single changes that a row keeps in words. */
export const MAX_PRESENCE_DETAILS = 100;

export interface PresenceCounts {
  readonly joined: number;
  readonly left: number;
  readonly renamed: number;
}

const NOBODY: PresenceCounts = { joined: 0, left: 0, renamed: 0 };

export interface FoldedPresence {
  readonly row: PresenceRow;
  readonly counts: PresenceCounts;
}

/** `entry` added to `before`, or, where that is undefined, as the first one of the row `key`. */
export function foldPresence(
  before: FoldedPresence | undefined,
  entry: PresenceEntry,
  key: string,
): FoldedPresence {
  const counts = countPresence(before?.counts ?? NOBODY, entry);
  const detail = describePresence(entry);
  const details = [...before?.row.details ?? [], detail].slice(-MAX_PRESENCE_DETAILS);
  const row: PresenceRow = {
    kind: "presence",
    key: before?.row.key ?? key,
    time: before?.row.time ?? entry.time,
    text: before === undefined ? detail : describeCounts(counts),
    details,
  };
  return { row, counts };
}

function countPresence({ joined, left, renamed }: PresenceCounts, { kind }: PresenceEntry): PresenceCounts {
  switch (kind) {
    case "joined":
      return { joined: joined + 1, left, renamed };
    case "left":
    case "quit":
      return { joined, left: left + 1, renamed };
    case "renamed":
      return { joined, left, renamed: renamed + 1 };
  }
}

function describeCounts({ joined, left, renamed }: PresenceCounts): string {
  const parts = [
    ...joined > 0 ? [`${joined} joined`] : [],
    ...left > 0 ? [`${left} left`] : [],
    ...renamed > 0 ? [renamed === 1 ? "1 has a new name" : `${renamed} have new names`] : [],
  ];
  return parts.join(", ");
}

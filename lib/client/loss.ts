/** Messages that a reader should have seen and that nobody can show any more. */
import type { Gap } from "../irc/vendor.ts";
import { SEQ_JUMP } from "../log/seq_jump.ts";
import type { Entry } from "./entry.ts";

/** Where in a target's history a reader has got to: behind this message, or behind this time where it has no id. */
export interface Position {
  readonly seq: number | undefined;
  readonly id: string | undefined;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** What has been told already to be lost behind it. */
  readonly told?: Told | undefined;
}

/** As in {@link Gap}. */
export type Told = Pick<Gap, "count" | "why">;

export interface Loss {
  readonly type: "gap";
  /** How many messages; undefined: nobody knows, and it may be none. */
  readonly lost: number | undefined;
  readonly why: Gap["why"];
  /** When the last message before it was said, milliseconds since the epoch. */
  readonly after: number;
  /** When the first message after it was said; undefined: there is none yet. */
  readonly before: number | undefined;
}

/** What a reader is shown, in order. */
export type Item = Entry | Loss;

/** What `gap` says that was not `told` before, of the same place. */
export function untold(gap: Told, told: Told | undefined): Told | undefined {
  if (told === undefined || told.why !== gap.why) return gap;
  if (gap.count === undefined || told.count === undefined) return undefined;
  return gap.count > told.count ? { count: gap.count - told.count, why: gap.why } : undefined;
}

/** True where a server was cut off between two messages: it leaves a jump in the numbers (ARCHITECTURE.md, "The log"). */
export function isCutOffBetween(earlier: Entry, later: Entry): boolean {
  if (earlier.seq === undefined || later.seq === undefined) return false;
  return Math.floor(earlier.seq / SEQ_JUMP) < Math.floor(later.seq / SEQ_JUMP);
}

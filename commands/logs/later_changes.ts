/** What later records of the ring change of earlier ones: messages that are removed, rooms that have another name. */
import { nextLoopIteration } from "../../lib/base/event_loop.ts";
import { decodeEvent, isRename } from "../../lib/hub/log/event_codec.ts";
import { isSameName } from "../../lib/irc/names/casemap.ts";
import { recordsBetween, redactedBy } from "./record_entries.ts";
import type { RecordSource } from "./record_entries.ts";

/** Records between two turns of the event loop, in which signals are noticed. */
export const RECORDS_PER_TURN = 4096;

/** A room that has another name from record `seq` on. */
interface Rename {
  readonly seq: number;
  readonly from: string;
  readonly to: string;
}

export interface LaterChanges {
  readonly redacted: ReadonlySet<number>;
  readonly renames: readonly Rename[];
}

export async function collectChanges(
  { ring, logId }: RecordSource,
  from: number,
  end: number,
  signal: AbortSignal,
): Promise<LaterChanges> {
  const redacted = new Set<number>();
  const renames: Rename[] = [];
  let count = 0;
  for (const { seq, payload } of recordsBetween(ring, from, end)) {
    if (++count % RECORDS_PER_TURN === 0) await nextLoopIteration();
    if (signal.aborted) break;
    const taken = redactedBy(payload, logId);
    if (taken !== undefined) redacted.add(taken);
    const event = isRename(payload) ? decodeEvent(payload) : undefined;
    if (event?.kind === "rename") renames.push({ seq, from: event.channel, to: event.to });
  }
  return { redacted, renames };
}

/** The name that a room, called `name` in record `seq`, has in the end. */
export function laterName({ renames }: LaterChanges, name: string, seq: number): string {
  for (const rename of renames) if (rename.seq >= seq && isSameName(rename.from, name)) name = rename.to;
  return name;
}

/** The name that the room which has `name` in the end had before record `seq`. */
export function earlierName({ renames }: LaterChanges, name: string, seq: number): string {
  for (const rename of renames.toReversed()) {
    if (rename.seq >= seq && isSameName(rename.to, name)) name = rename.from;
  }
  return name;
}

/** Reads what somebody has not seen yet: the range asked for at first, later what was said since. */
import { readForwards, readHistory } from "./reader.ts";
import type { Range, Reading, ReadOutcome } from "./reader.ts";
import type { Item, Position } from "./loss.ts";
import type { Seam } from "./seam.ts";

export interface Replay extends Omit<Reading, "onPage"> {
  readonly range: Range;
  /** Says how far somebody has got, and is moved on. */
  readonly seam: Seam;
  readonly show: (items: Item[]) => Promise<void>;
  /** The server does not know the message at `position` any more: it has another log. Goes on by time. */
  readonly onNewLog: (position: Position) => void;
}

export async function replay({ range, seam, show, onNewLog, ...rest }: Replay): Promise<ReadOutcome> {
  const reading: Reading = { ...rest, onPage: (page) => show(seam.fresh(page)) };
  const { position } = seam;
  if (position === undefined) return await readHistory(reading, range);
  const outcome = await readForwards(reading, range, position);
  if (outcome.kind !== "failed" || position.id === undefined || seam.position !== position) return outcome;
  onNewLog(position);
  seam.forget();
  return await readForwards(reading, range, { seq: undefined, id: undefined, time: position.time });
}

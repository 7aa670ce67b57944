/** Messages out of the log as a session gets them: in answer to CHATHISTORY, or on its own when it enters a room. */
import { CAP } from "../irc/caps.ts";
import { MAX_LINE_BYTES } from "../irc/limits.ts";
import { formatGap } from "../irc/vendor.ts";
import type { Gap } from "../irc/vendor.ts";
import { CHATHISTORY_MAX_BYTES, PLAYBACK_MESSAGES } from "./config.ts";
import type { Hub } from "./hub.ts";
import { lineBytesBound, RecordLines } from "./record_lines.ts";
import { withTag } from "./reply.ts";
import { latest } from "./selection.ts";
import type { Selection } from "./selection.ts";
import type { Room, Session } from "./state.ts";
import type { Positions } from "./timeline.ts";

/** chathistory: the tag of a batch that is the last page of what was asked for. */
const HISTORY_END = "draft/chathistory-end";

const decoder = new TextDecoder();

/**
 * A client that can't ask for history (draft/chathistory) but can tell old from new (server-time) is shown the newest
 * messages when it enters. One that knows neither is spared: it would take them for new, and a bot would act on them.
 */
export function playBack(hub: Hub, session: Session, room: Room): void {
  if (session.caps & CAP.chathistory || !(session.caps & CAP.serverTime)) return;
  const length = room.target.timeline.length(hub.ring.oldestSeq);
  if (length > 0) {
    const { name, target: { timeline } } = room;
    const selection = latest(undefined, PLAYBACK_MESSAGES, length);
    sayMessages(hub, session, { asked: name, room: name, timeline, selection });
  }
}

export interface Answer {
  /** The target as the client has named it, fit for a middle parameter. */
  readonly asked: string;
  /** How the room is called by now; left out for direct messages. */
  readonly room: string | undefined;
  readonly timeline: Positions | undefined;
  readonly selection: Selection;
  readonly gap?: Gap | undefined;
}

/** One batch, oldest first, and before all a note on the gap. What the ring has overwritten in the meantime is left out. */
export function sayMessages(hub: Hub, session: Session, answer: Answer): void {
  const { timeline, selection } = answer;
  const { seqs, bytes } = fitting(hub, timeline, selection);
  const inOrder = (nearest: readonly number[]) =>
    selection.keep === "newest" ? nearest.toReversed() : nearest;
  let kept = seqs;
  let lines: Uint8Array<ArrayBuffer> | undefined;
  // Messages of several lines may come to more than was reckoned.
  while (
    (lines = linesOf(hub, session.caps, answer, inOrder(kept), bytes)) === undefined
  ) {
    const half = Math.ceil(kept.length / 2);
    kept = kept.slice(0, wholeCount(half, selection) || half);
  }
  if (!hub.isHeld(session)) return hub.outgoing.bytes(session, lines);
  for (const line of decoder.decode(lines).split("\r\n").slice(0, -1)) hub.tell(session, line);
}

/**
 * The numbers of the messages of a selection that fit an answer, the nearest to its anchor first, and about how many bytes they
 * take. Where the answer may be cut only at certain places, it ends at the last of them, or else at the next, up to twice the bytes.
 */
function fitting(
  hub: Hub,
  timeline: Positions | undefined,
  selection: Selection,
): { seqs: number[]; bytes: number } {
  const { from, to, keep } = selection;
  const seqs: number[] = [];
  let bytes = 3 * MAX_LINE_BYTES; // the batch's first and last line, and the gap's
  let isOver = false;
  const selected = from < to ? timeline!.range(from, to) : [];
  for (const seq of keep === "oldest" ? selected : selected.reverse()) {
    if (bytes >= CHATHISTORY_MAX_BYTES) {
      const whole = isOver && !mayCut(seqs.length, selection) ? 0 : wholeCount(seqs.length, selection);
      if (whole > 0) return { seqs: seqs.slice(0, whole), bytes };
      if (bytes >= 2 * CHATHISTORY_MAX_BYTES) break;
      isOver = true;
    }
    seqs.push(seq);
    bytes += lineBytesBound(hub.archive.lengthOf(seq));
  }
  return { seqs, bytes };
}

/** The most of the `count` messages nearest to the anchor of a selection after which its answer may be cut; 0: there is no such place. */
function wholeCount(count: number, selection: Selection): number {
  while (count > 0 && !mayCut(count, selection)) count--;
  return count;
}

/** Whether the answer may be cut after so many messages. */
function mayCut(count: number, { from, to, keep, ends }: Selection): boolean {
  if (ends === undefined) return true;
  return keep === "oldest" ? ends.isEnd(from + count) : ends.isStart(to - count);
}

/** The lines that tell of the records `seqs`, in this order; undefined: too many. `bytes`: how long that will be, more or less. */
function linesOf(
  hub: Hub,
  caps: number,
  { asked, room, gap, selection }: Answer,
  seqs: readonly number[],
  bytes: number,
): Uint8Array<ArrayBuffer> | undefined {
  const { ring, config: { logId, serverName, cloak } } = hub;
  const ref = caps & CAP.batch ? hub.batchRef() : undefined;
  const lead = ref === undefined ? "" : `batch=${ref}`;
  const batchRef = () => hub.batchRef();
  const retained = (seq: number) => hub.archive.retained.get(seq);
  const options = { ring, retained, logId, serverName, cloak, caps, room, lead, batchRef };
  const lines = new RecordLines(options, bytes);
  const isEnd = selection.isWhole && seqs.length === selection.to - selection.from;
  if (ref !== undefined) lines.line(opening(hub, caps, ref, `chathistory ${asked}`, isEnd));
  if (gap !== undefined) {
    const note = `:${serverName} ${formatGap(gap)}`;
    lines.line(lead === "" ? note : withTag(note, lead));
  }
  for (const seq of seqs) {
    lines.add(seq);
    if (lines.length > 2 * CHATHISTORY_MAX_BYTES && seqs.length > 1) return undefined;
  }
  if (ref !== undefined) lines.line(`:${serverName} BATCH -${ref}`);
  return lines.take();
}

/** Begins a batch; `isEnd`: there is nothing behind it in the direction that was asked for. */
function opening(hub: Hub, caps: number, ref: string, type: string, isEnd: boolean): string {
  const line = `:${hub.config.serverName} BATCH +${ref} ${type}`;
  return isEnd && caps & CAP.chathistory ? withTag(line, HISTORY_END) : line;
}

/**
 * `lines` between the lines that open and close a batch of a CHATHISTORY answer, where the session knows batches; `isEnd` as in
 * {@link opening}.
 */
export function sayBatch(
  hub: Hub,
  session: Session,
  ref: string,
  type: string,
  lines: readonly string[],
  isEnd: boolean,
): void {
  const batched = (session.caps & CAP.batch) !== 0;
  if (batched) hub.tell(session, opening(hub, session.caps, ref, type, isEnd));
  for (const line of lines) hub.tell(session, line);
  if (batched) hub.tell(session, `:${hub.config.serverName} BATCH -${ref}`);
}

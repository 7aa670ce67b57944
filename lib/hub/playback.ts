/** Messages out of the log as a session gets them: in answer to CHATHISTORY, or on its own when it enters a room. */
import { CAP } from "../irc/caps.ts";
import { MAX_LINE_BYTES } from "../irc/limits.ts";
import { formatGap } from "../irc/vendor.ts";
import type { Gap } from "../irc/vendor.ts";
import { CHATHISTORY_MAX_BYTES } from "./config.ts";
import type { Hub } from "./hub.ts";
import { lineBytesBound, RecordLines } from "./record_lines.ts";
import { withTag } from "./reply.ts";
import { replayLimit } from "./replay_limit.ts";
import { cutAt, latest } from "./selection.ts";
import type { Cut, Selection } from "./selection.ts";
import { HISTSERV, messagesInWords, sayNotice } from "./service_notice.ts";
import type { Room, Session, User } from "./state.ts";
import type { Positions } from "./timeline.ts";

/** chathistory: the tag of a batch that is the last page of what was asked for. */
const HISTORY_END = "draft/chathistory-end";

const decoder = new TextDecoder();

/** Whether `caps` show what is said between the lines of a batch, with its time: elsewhere old words look new, and a bot acts on them. */
export function showsBatches(caps: number): boolean {
  return (caps & CAP.batch) !== 0 && (caps & CAP.serverTime) !== 0;
}

/**
 * A client that can't ask for history (draft/chathistory) but can tell old from new is shown the newest messages when it enters a
 * room: those that neither its account nor, without one, its user has been shown. One that cannot is told how many there are, or how
 * many it has missed, and a bot (user mode +B) nothing.
 */
export function playBack(hub: Hub, session: Session, room: Room): void {
  const { user } = session;
  if (user === undefined || session.caps & CAP.chathistory) return;
  if (hub.state.bots.has(user) || isHeardElsewhere(user, room)) return;
  const limit = replayLimit(hub, room, user);
  if (limit === 0) return;
  const { timeline } = room.target;
  const length = timeline.length(hub.ring.oldestSeq);
  const shown = cutAtShown(hub, user, room);
  const missed = length - shown.through;
  if (missed === 0) return;
  const told = showsBatches(session.caps)
    ? sayMessages(hub, session, {
      asked: room.name,
      room: room.name,
      timeline,
      selection: latest(shown, limit, length),
    })
    : 0;
  const wasHere = shown.through > 0 || hub.shown.of(user, room) > 0;
  if (missed === told) return;
  if (!wasHere) {
    if (showsBatches(session.caps)) return;
    const last = `see the last with: /msg HistServ ${room.name}`;
    return sayNotice(hub, session, HISTSERV, `${messagesInWords(missed)} in ${room.name}; ${last}`);
  }
  const words = `${messagesInWords(missed)} in ${room.name} since you left`;
  const some = told === 0 ? "" : `, the last ${told} shown`;
  sayNotice(hub, session, HISTSERV, `${words}${some}; see them with: /msg HistServ ${room.name} ${missed}`);
}

/** Another user of the account is in the room: what was said there has been shown to its sessions. */
function isHeardElsewhere(user: User, room: Room): boolean {
  for (const each of user.account?.users ?? []) {
    if (each !== user && each.sessions.length > 0 && room.members.has(each)) return true;
  }
  return false;
}

/** What of `room` the account of `user`, or `user` itself, was shown or has read. */
function cutAtShown(hub: Hub, user: User, room: Room): Cut {
  const seq = hub.shown.of(user, room);
  const { timeline } = room.target;
  const shown = timeline.partition((each) => each < seq);
  const through = Math.max(shown, readIn(hub, user, room));
  return { before: through, through };
}

/** How many messages of `room` the read marker of `user` covers: by its number, as times go back where the clock is set back. */
function readIn(hub: Hub, user: User, { name, target: { timeline } }: Room): number {
  const marker = hub.markers.of(user, name);
  if (marker === undefined) return 0;
  const { seq, time } = marker;
  const times = { of: (each: number) => hub.archive.timeOf(each) ?? 0, breaks: timeline.breaks };
  return cutAt(timeline, seq > 0 ? { by: "seq", seq } : { by: "time", time }, times).through;
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

/**
 * One batch, oldest first, and before all a note on the gap. What the ring has overwritten in the meantime is left out. Answers how
 * many messages or other events are in it.
 */
export function sayMessages(hub: Hub, session: Session, answer: Answer): number {
  const { timeline, selection: { from, to } } = answer;
  return sayRecords(hub, session, answer, from < to ? timeline!.range(from, to) : []);
}

/** As {@link sayMessages}, of the records `selected`, oldest first. */
export function sayRecords(
  hub: Hub,
  session: Session,
  answer: Omit<Answer, "timeline">,
  selected: readonly number[],
): number {
  const { selection } = answer;
  const { seqs, bytes } = fitting(hub, selected, selection);
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
  if (!hub.isHeld(session)) hub.outgoing.bytes(session, lines);
  else for (const line of decoder.decode(lines).split("\r\n").slice(0, -1)) hub.tell(session, line);
  return kept.length;
}

/**
 * The numbers of the messages of a selection that fit an answer, the nearest to its anchor first, and about how many bytes they
 * take. Where the answer may be cut only at certain places, it ends at the last of them, or else at the next, up to twice the bytes.
 */
function fitting(
  hub: Hub,
  selected: readonly number[],
  selection: Selection,
): { seqs: number[]; bytes: number } {
  const seqs: number[] = [];
  let bytes = 3 * MAX_LINE_BYTES; // the batch's first and last line, and the gap's
  let isOver = false;
  for (const seq of selection.keep === "oldest" ? selected : selected.toReversed()) {
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
  { asked, room, gap, selection }: Omit<Answer, "timeline">,
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

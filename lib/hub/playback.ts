/** Messages out of the log as a session gets them: in answer to CHATHISTORY, or on its own when it enters a room. */
import { CAP } from "../irc/caps.ts";
import { isRoomName } from "../irc/names.ts";
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

const decoder = new TextDecoder();

/**
 * A client that can't ask for history (draft/chathistory) but can tell old from new (server-time) is shown the newest
 * messages when it enters. One that knows neither is spared: it would take them for new, and a bot would act on them.
 */
export function playBack(hub: Hub, session: Session, room: Room): void {
  if (session.caps & CAP.chathistory || !(session.caps & CAP.serverTime)) return;
  const length = room.target.timeline.length(hub.ring.oldestSeq);
  if (length > 0) {
    sayMessages(hub, session, room.name, room.target.timeline, latest(undefined, PLAYBACK_MESSAGES, length));
  }
}

/** One batch, oldest first, and before all a note on the `gap`. What the ring has overwritten in the meantime is left out. */
export function sayMessages(
  hub: Hub,
  session: Session,
  name: string,
  timeline: Positions | undefined,
  { from, to, keep }: Selection,
  gap?: Gap,
): void {
  const seqs: number[] = [];
  let bytes = 3 * MAX_LINE_BYTES; // the batch's first and last line, and the gap's
  const selected = from < to ? timeline!.range(from, to) : [];
  for (const seq of keep === "oldest" ? selected : selected.reverse()) {
    if (bytes >= CHATHISTORY_MAX_BYTES) break;
    seqs.push(seq);
    bytes += lineBytesBound(hub.archive.lengthOf(seq));
  }
  let kept = seqs;
  let answer: Uint8Array<ArrayBuffer> | undefined;
  // Messages of several lines may come to more than was reckoned.
  while (
    (answer = answerOf(hub, session.caps, name, keep === "newest" ? kept.toReversed() : kept, bytes, gap)) ===
      undefined
  ) {
    kept = kept.slice(0, Math.ceil(kept.length / 2));
  }
  if (!hub.isHeld(session)) return hub.outgoing.bytes(session, answer);
  for (const line of decoder.decode(answer).split("\r\n").slice(0, -1)) hub.tell(session, line);
}

/** The lines that tell of the records `seqs`, in this order; undefined: too many. `bytes`: how long that will be, more or less. */
function answerOf(
  hub: Hub,
  caps: number,
  name: string,
  seqs: readonly number[],
  bytes: number,
  gap: Gap | undefined,
): Uint8Array<ArrayBuffer> | undefined {
  const { ring, config: { logId, serverName, cloak } } = hub;
  const room = isRoomName(name) ? name : undefined;
  const ref = caps & CAP.batch ? hub.batchRef() : undefined;
  const lead = ref === undefined ? "" : `batch=${ref}`;
  const batchRef = () => hub.batchRef();
  const retained = (seq: number) => hub.archive.retained.get(seq);
  const options = { ring, retained, logId, serverName, cloak, caps, room, lead, batchRef };
  const lines = new RecordLines(options, bytes);
  if (ref !== undefined) lines.line(`:${serverName} BATCH +${ref} chathistory ${name}`);
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

/** `lines` between the lines that open and close a batch, where the session knows batches. */
export function sayBatch(
  hub: Hub,
  session: Session,
  ref: string,
  type: string,
  lines: readonly string[],
): void {
  const batched = (session.caps & CAP.batch) !== 0;
  if (batched) hub.tell(session, `:${hub.config.serverName} BATCH +${ref} ${type}`);
  for (const line of lines) hub.tell(session, line);
  if (batched) hub.tell(session, `:${hub.config.serverName} BATCH -${ref}`);
}

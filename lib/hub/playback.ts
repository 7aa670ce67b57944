/** Messages out of the log as a session gets them: in answer to CHATHISTORY, or on its own when it enters a room. */
import { utf8Length } from "../base/bytes.ts";
import { CAP } from "../irc/caps.ts";
import type { Target } from "./archive.ts";
import { CHATHISTORY_MAX_BYTES, PLAYBACK_MESSAGES } from "./config.ts";
import type { Hub } from "./hub.ts";
import { withTag } from "./reply.ts";
import { latest } from "./selection.ts";
import type { Selection } from "./selection.ts";
import type { Room, Session } from "./state.ts";
import { formOf, render } from "./view.ts";

/**
 * A client that can't ask for history (draft/chathistory) but can tell old from new (server-time) is shown the newest
 * messages when it enters. One that knows neither is spared: it would take them for new, and a bot would act on them.
 */
export function playBack(hub: Hub, session: Session, room: Room): void {
  if (session.caps & CAP.chathistory || !(session.caps & CAP.serverTime)) return;
  const length = room.target.timeline.length(hub.ring.oldestSeq);
  if (length > 0) {
    sayMessages(hub, session, room.name, room.target, latest(undefined, PLAYBACK_MESSAGES, length));
  }
}

/** One batch, oldest first. What the ring has overwritten in the meantime is left out. */
export function sayMessages(
  hub: Hub,
  session: Session,
  name: string,
  target: Target | undefined,
  { from, to, keep }: Selection,
): void {
  const ref = hub.batchRef();
  const inBatch = (line: string) => session.caps & CAP.batch ? withTag(line, `batch=${ref}`) : line;
  const form = formOf(session.caps);
  const lines: string[] = [];
  let bytes = 0;
  for (let count = 0; count < to - from && bytes < CHATHISTORY_MAX_BYTES; count++) {
    const entry = hub.archive.entry(target!.timeline.at(keep === "oldest" ? from + count : to - 1 - count));
    if (entry === undefined) continue;
    const line = inBatch(render(entry.event, entry, form, hub.config.logId));
    lines.push(line);
    bytes += utf8Length(line);
  }
  if (keep === "newest") lines.reverse();
  sayBatch(hub, session, ref, `chathistory ${name}`, lines);
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

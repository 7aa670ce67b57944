/** What the log holds from before, taken in again at a start. */
import { decodeEvent, EVENT_MAX_BYTES, roomOfMessage } from "./event_codec.ts";
import type { Hub } from "./hub.ts";
import { PastMembers } from "./past_members.ts";
import { replayChange } from "./room_change.ts";
import { keepRenamed } from "./room_rename.ts";

const scratch = new Uint8Array(EVENT_MAX_BYTES);

/** Takes in again all that the log holds. What it says of targets holds on; sessions have gone with the old server. */
export function replayLog(hub: Hub): void {
  const members = new PastMembers();
  for (let seq = hub.ring.oldestSeq; seq < hub.ring.nextSeq;) seq = replay(hub, seq, members);
  hub.archive.forgetPassing();
}

/**
 * Takes in the record at `seq` and answers the sequence number to go on at. A record lost to damage is passed over: the
 * recovery has reported it.
 */
function replay(hub: Hub, seq: number, members: PastMembers): number {
  const record = hub.ring.read(seq, scratch);
  if (record.kind === "empty") return hub.ring.nextSeq;
  if (record.kind === "lapped") return record.next;
  const room = roomOfMessage(record.payload);
  if (room !== undefined) {
    hub.archive.noteMessage(room, record.payload, { seq, time: record.time });
    return seq + 1;
  }
  const event = decodeEvent(record.payload);
  if (event !== undefined) {
    const rooms = members.roomsAt(event, hub.archive);
    hub.archive.note(event, { seq, time: record.time }, hub.archive.targetsOf(event, rooms));
    if (event.kind === "mode") replayChange(hub, event, { seq, time: record.time });
    if (event.kind === "rename") keepRenamed(hub, event, { seq, time: record.time });
  }
  return seq + 1;
}

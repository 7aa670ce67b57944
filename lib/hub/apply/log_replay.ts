/** What the log holds from before, taken in again at a start. */
import { channelOfMessage, decodeEvent, EVENT_MAX_BYTES } from "../log/event_codec.ts";
import type { Hub } from "../hub.ts";
import { PastMembership } from "../history/past_membership.ts";
import { replayModeChange } from "./mode_changes.ts";
import { moveChannelData } from "./channel_rename.ts";

const scratch = new Uint8Array(EVENT_MAX_BYTES);

/** Takes in again all that the log holds. What it says of targets holds on; sessions have gone with the old server. */
export function replayLog(hub: Hub): void {
  const members = new PastMembership();
  for (let seq = hub.ring.oldestSeq; seq < hub.ring.nextSeq;) seq = replayRecord(hub, seq, members);
  hub.archive.forgetTemporaryOwners();
}

/**
 * Takes in the record at `seq` and answers the sequence number to go on at. A record lost to damage is passed over: the
 * recovery has reported it.
 */
function replayRecord(hub: Hub, seq: number, members: PastMembership): number {
  const record = hub.ring.read(seq, scratch);
  if (record.kind === "empty") return hub.ring.nextSeq;
  if (record.kind === "lapped") return record.next;
  const channel = channelOfMessage(record.payload);
  if (channel !== undefined) {
    hub.archive.indexChannelMessage(channel, record.payload, { seq, time: record.time });
    return seq + 1;
  }
  const event = decodeEvent(record.payload);
  if (event !== undefined) {
    const channels = members.channelsAt(event, hub.archive);
    hub.archive.index(event, { seq, time: record.time }, hub.archive.conversationsOf(event, channels));
    if (event.kind === "mode") replayModeChange(hub, event, { seq, time: record.time });
    if (event.kind === "rename") moveChannelData(hub, event, { seq, time: record.time });
  }
  return seq + 1;
}

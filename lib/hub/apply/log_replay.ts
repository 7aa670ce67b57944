/** Replays the log at start. */
import { channelOfMessage, decodeEvent, EVENT_MAX_BYTES } from "../log/event_codec.ts";
import type { HubContext, Services } from "../context.ts";
import type { OwnerId } from "../model/identifiers.ts";
import { PastMembership } from "../history/past_membership.ts";
import { replayModeChange } from "./mode_changes.ts";
import { moveChannelData } from "./channel_rename.ts";
import { ONCALL_OWNER, pageNumberOf } from "../services/oncall/page_message.ts";

const scratch = new Uint8Array(EVENT_MAX_BYTES);

/**
 * Replays all records in the log. Their effects on targets persist; the sessions ended with the previous server
 * process, but for those of the owners in `staying`.
 */
export function replayLog(context: HubContext, services: Services, staying?: ReadonlySet<OwnerId>): void {
  const members = new PastMembership();
  for (let seq = context.log.oldestSeq; seq < context.log.nextSeq;) {
    seq = replayRecord(context, services, seq, members);
  }
  services.history.forgetTemporaryOwners(staying);
}

/**
 * Replays the record at `seq` and returns the sequence number to continue at. A record lost to damage is skipped:
 * the recovery has reported it.
 */
function replayRecord(context: HubContext, services: Services, seq: number, members: PastMembership): number {
  const record = context.log.read(seq, scratch);
  if (record.kind === "empty") return context.log.nextSeq;
  if (record.kind === "missing") return record.next;
  const channel = channelOfMessage(record.payload);
  if (channel !== undefined) {
    services.history.indexChannelMessage(channel, record.payload, { seq, time: record.time });
    return seq + 1;
  }
  const event = decodeEvent(record.payload);
  if (event !== undefined) {
    const channels = members.channelsAt(event, services.history);
    services.history.index(
      event,
      { seq, time: record.time },
      services.history.conversationsOf(event, channels),
    );
    if (event.kind === "message" && event.from === ONCALL_OWNER) {
      services.pages.noteNumber(pageNumberOf(event.id) ?? 0);
    }
    if (event.kind === "mode") replayModeChange(context, services, event, { seq, time: record.time });
    if (event.kind === "rename") moveChannelData(services, event, { seq, time: record.time });
  }
  return seq + 1;
}

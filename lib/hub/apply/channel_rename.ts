/** Applies a recorded RENAME to a channel, and to the data that is kept about it outside the log. */
import { assert } from "../../base/assert.ts";
import type { EventOf } from "../model/state/event.ts";
import type { RecordPlace } from "../model/identifiers.ts";
import type { HubContext, Services } from "../context.ts";
import { moveChannelObservers } from "./observer_follow.ts";
import { updateObservers } from "./observer_access.ts";
import type { Channel } from "../model/state/entities.ts";
import { fanOutChannelRename } from "../fanout/fan_out_by_capability.ts";
import { deleteChannel } from "./channel_membership.ts";
import { writable } from "./writable.ts";

type RenameEvent = EventOf<"rename">;

export function applyChannelRename(
  context: HubContext,
  services: Services,
  channel: Channel,
  event: RenameEvent,
  place: RecordPlace,
): void {
  moveChannelData(services, event, place);
  const state = writable(context.state);
  const { folded } = channel;
  deleteChannel(state, channel);
  writable(channel).rename(event.to);
  assert(!state.channels.has(channel.folded), "a name has one channel");
  state.channels.set(channel.folded, channel);
  moveChannelObservers(state, channel.audience, folded, channel.folded);
  fanOutChannelRename(context, services, channel, event, place);
  updateObservers(context, services, channel); // other observers may follow the new name
}

/**
 * Moves settings, read markers, metadata, questions and scheduled messages to the new name; the history index has moved
 * topic and history. Also used when the log is replayed at start.
 */
export function moveChannelData(
  services: Services,
  { channel, to }: RenameEvent,
  place: RecordPlace,
): void {
  const target = services.history.channel(to);
  if ((target.settings?.seq ?? 0) <= place.seq) services.channelSettings.save(target, place);
  services.readMarkers.rename(channel, to, place);
  services.metadata.rename(channel, to, place.seq);
  services.replayPositions.rename(channel, to, place.seq);
  services.questions.renameRoom(channel, to, place.seq);
  services.scheduledMessages.renameRoom(channel, to, place);
}

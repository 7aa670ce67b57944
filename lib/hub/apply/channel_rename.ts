/** What a recorded RENAME does to a channel, and to what is kept of it beside the log. Called by apply.ts alone, but for {@link findByFormerName}. */
import { casefold } from "../../irc/names/casemap.ts";
import type { ConversationLog } from "../model/conversation_log.ts";
import type { EventOf } from "../model/state/event.ts";
import type { RecordPlace } from "../model/identifiers.ts";
import type { HubContext, Services } from "../context.ts";
import { moveChannelObservers } from "./observer_follow.ts";
import { updateObservers } from "./observer_access.ts";
import type { Channel } from "../model/state/entities.ts";
import { fanOutChannelRename } from "../fanout/fan_out_by_capability.ts";
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
  state.channels.delete(folded);
  writable(channel).rename(event.to);
  state.channels.set(channel.folded, channel);
  moveChannelObservers(state, channel.audience, folded, channel.folded);
  fanOutChannelRename(context, services, channel, event, place);
  updateObservers(context, services, channel); // others may have followed the new name
}

/** Settings, markers and metadata go along with the name; topic and history the archive has taken along. Also at a start. */
export function moveChannelData(
  services: Services,
  { channel, to }: RenameEvent,
  place: RecordPlace,
): void {
  const target = services.archive.channel(to);
  if ((target.settings?.seq ?? 0) <= place.seq) services.channelSettings.save(target, place);
  services.readMarkers.rename(channel, to, place);
  services.metadata.rename(channel, to, place.seq);
  services.replayPositions.rename(channel, to, place.seq);
}

/**
 * The channel that was called `name` before; undefined: none was, or it is gone, so that the name is free. It is there while it has
 * members, or an account owns it.
 */
export function findByFormerName(
  context: HubContext,
  services: Services,
  name: string,
): ConversationLog | undefined {
  const target = services.archive.formerNames.find(name, context.now);
  if (target === undefined) return undefined;
  const folded = casefold(target.name);
  const isThere = context.state.channels.get(folded)?.conversation === target ||
    services.archive.channels.get(folded) === target &&
      services.channelSettings.hasRememberedOperator(target.settings);
  return isThere ? target : undefined;
}

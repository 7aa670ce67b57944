/** What a recorded RENAME does to a channel, and to what is kept of it beside the log. Called by apply.ts alone, but for {@link findByFormerName}. */
import { casefold } from "../../irc/names/casemap.ts";
import type { ConversationLog } from "../model/conversation_log.ts";
import type { EventOf } from "../model/state/event.ts";
import type { RecordPlace } from "../model/identifiers.ts";
import type { Hub } from "../hub.ts";
import { moveChannelObservers } from "./observer_follow.ts";
import { updateObservers } from "./observer_access.ts";
import { hasRememberedOperator, saveSettings } from "../services/channel_settings_store.ts";
import type { Channel } from "../model/state/entities.ts";
import { fanOutChannelRename } from "../fanout/fan_out_by_capability.ts";

type RenameEvent = EventOf<"rename">;

export function applyChannelRename(hub: Hub, channel: Channel, event: RenameEvent, place: RecordPlace): void {
  moveChannelData(hub, event, place);
  const { state } = hub;
  const { folded } = channel;
  state.channels.delete(folded);
  channel.rename(event.to);
  state.channels.set(channel.folded, channel);
  moveChannelObservers(state, channel.audience, folded, channel.folded);
  fanOutChannelRename(hub, channel, event, place);
  updateObservers(hub, channel); // others may have followed the new name
}

/** Settings, markers and metadata go along with the name; topic and history the archive has taken along. Also at a start. */
export function moveChannelData(hub: Hub, { channel, to }: RenameEvent, place: RecordPlace): void {
  const target = hub.archive.channel(to);
  if ((target.settings?.seq ?? 0) <= place.seq) saveSettings(hub, target, place);
  hub.readMarkers.rename(hub, channel, to, place);
  hub.metadata.rename(hub, channel, to, place.seq);
  hub.replayPositions.rename(hub, channel, to, place.seq);
}

/**
 * The channel that was called `name` before; undefined: none was, or it is gone, so that the name is free. It is there while it has
 * members, or an account owns it.
 */
export function findByFormerName(hub: Hub, name: string): ConversationLog | undefined {
  const target = hub.archive.formerNames.find(name, hub.now);
  if (target === undefined) return undefined;
  const folded = casefold(target.name);
  const isThere = hub.state.channels.get(folded)?.conversation === target ||
    hub.archive.channels.get(folded) === target && hasRememberedOperator(hub, target.settings);
  return isThere ? target : undefined;
}

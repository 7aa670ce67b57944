/**
 * Channels exist through their members: creates a channel, removes a member, deletes a channel that has become
 * empty, and announces the members of a large channel that have not been announced. Called only by the code that
 * applies events, except {@link getOrCreateChannel}.
 */
import { assert } from "../../base/assert.ts";
import { leaveAudience } from "./audience.ts";
import type { RecordPlace } from "../model/identifiers.ts";
import type { HubContext, Services } from "../context.ts";
import { isLobby } from "../policy/lobby.ts";
import { updateObservers } from "./observer_access.ts";
import { UNANNOUNCED } from "../model/channel_modes.ts";
import type { Channel, User } from "../model/state/entities.ts";
import { MutableChannel } from "../model/state/mutable_entities.ts";
import type { MutableState } from "../model/state/mutable_state.ts";
import { fanOutToOthers } from "../fanout/fan_out.ts";
import { writable } from "./writable.ts";

/**
 * The channel called `name`, created if it does not exist, on behalf of a client at the address `host`; "": of the
 * server itself.
 */
export function getOrCreateChannel(
  context: HubContext,
  services: Services,
  name: string,
  host: string,
): Channel {
  const known = context.state.channel(name);
  if (known !== undefined) return known;
  const target = services.history.createChannel(name, context.now);
  const channel = new MutableChannel(
    name,
    target,
    services.channelQuota.addChannel(host),
    isLobby(context, name),
  );
  writable(context.state).channels.set(channel.folded, channel);
  const { observersOfEverything, observersByChannel } = context.state;
  if (observersOfEverything.size > 0 || observersByChannel.size > 0) {
    updateObservers(context, services, channel);
  }
  return channel;
}

/**
 * Announces the join of a member of a large channel, if it has not been announced yet, before others receive an
 * event caused by it.
 */
export function announceMember(
  context: HubContext,
  services: Services,
  user: User | undefined,
  channel: Channel | undefined,
  { time }: RecordPlace,
): void {
  if (user === undefined || channel === undefined || !isUnannounced(user, channel)) return;
  writable(channel).setMember(writable(user), channel.members.get(user)! & ~UNANNOUNCED);
  context.changes?.addUser(user);
  const { source } = user;
  const account = user.account?.name ?? "";
  fanOutToOthers(
    context,
    services,
    channel,
    user,
    { kind: "join", source, channel: channel.name, realname: user.realname },
    {
      seq: 0,
      time,
      account,
      bot: context.state.bots.has(user),
    },
  );
}

export function isUnannounced(user: User, channel: Channel | undefined): boolean {
  return channel !== undefined && ((channel.members.get(user) ?? 0) & UNANNOUNCED) !== 0;
}

export function removeMember(context: HubContext, services: Services, user: User, channel: Channel): void {
  writable(channel).setMember(writable(user), undefined);
  const last = user.sessions.at(-1);
  if (last !== undefined) services.replayPositions.noteLeft(user, last, [channel]);
  for (const session of user.sessions) leaveAudience(services, session, channel);
  if (channel.conversation.settings?.isClosed) updateObservers(context, services, channel);
  deleteIfEmpty(context, services, channel);
}

/**
 * Deletes a channel without members; its history stays as long as the ring holds it. Observers do not keep a
 * channel in existence: those that follow its name hear it again when it is created again.
 */
function deleteIfEmpty(context: HubContext, services: Services, channel: Channel): void {
  if (channel.members.size > 0 || channel.isPermanent) return;
  for (const session of [...channel.audience]) leaveAudience(services, session, channel);
  deleteChannel(writable(context.state), channel);
  services.channelQuota.removeChannel(channel.createdFrom);
}

/** Removes `channel` from the index of names. */
export function deleteChannel({ channels }: MutableState, channel: Channel): void {
  assert(channels.get(channel.folded) === channel, "a channel is indexed by its name");
  channels.delete(channel.folded);
}

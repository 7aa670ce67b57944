/**
 * What an event does: changes the state and tells those who see it. What it does to a channel stands here, what to a user in
 * user_changes.ts. Nothing else changes users and channels, so whatever has an event behind it can be replayed, and a state never
 * differs from its log.
 */
import { unreachable } from "../../base/assert.ts";
import { isMultiline } from "../../irc/multiline.ts";
import { CAP } from "../../irc/capabilities.ts";
import { casefold } from "../../irc/names/casemap.ts";
import { enterAudience } from "./audience.ts";
import { LARGE_CHANNEL_MEMBERS, MAX_INVITES } from "../model/config.ts";
import type { EventOf, MessageEvent, RecordedEvent, TransientEvent } from "../model/state/event.ts";
import type { RecordPlace } from "../model/identifiers.ts";
import type { Hub } from "../hub.ts";
import { announceMember, getOrCreateChannel, isUnannounced, removeMember } from "./channel_membership.ts";
import { addChannelObserver } from "./observer_follow.ts";
import type { WorkSteps } from "../model/work_steps.ts";
import { replayOnJoin } from "../fanout/history/join_replay.ts";
import { canRead, isChannelOperator } from "../policy/channel_access.ts";
import { updateObservers } from "./observer_access.ts";
import { applyModeChange } from "./mode_changes.ts";
import { CHANNEL_MODES, OPERATOR, parseChanges, UNANNOUNCED } from "../model/channel_modes.ts";
import { applyChannelRename } from "./channel_rename.ts";
import { isRememberedOperator } from "../model/channel_settings.ts";
import { rememberOperator } from "./channel_operators.ts";
import { hasRememberedOperator } from "../services/channel_settings_store.ts";
import { maskCheckUnits } from "../model/conversation_log.ts";
import { sendChannelState } from "../fanout/channel_replies.ts";
import { setServerOperator, setUserModes, updateMute, updateMutes } from "./user_modes.ts";
import type { Channel, Session } from "../model/state/entities.ts";
import { fanOutMultiline, fanOutRedaction, fanOutStatusMessage } from "../fanout/fan_out_by_capability.ts";
import {
  fanOutChannelMessage,
  fanOutDirectMessage,
  fanOutToChannel,
  fanOutToPeers,
  sendEvent,
  sendEventToUser,
  sendFrom,
} from "../fanout/fan_out.ts";
import {
  applyAttach,
  applyAway,
  applyDetach,
  applyLeaving,
  applyLogin,
  applyNick,
  applyQuit,
  applySetname,
} from "./user_changes.ts";

/** Applies one event, recorded at `place` or transient. */
export function apply(hub: Hub, event: RecordedEvent | TransientEvent, place: RecordPlace): void {
  switch (event.kind) {
    case "message":
      return applyMessage(hub, event, place);
    case "passing":
      return applyMessage(hub, event.message, place);
    case "join":
      return applyJoin(hub, event, place);
    case "part":
      return applyPart(hub, event, place);
    case "quit":
      return applyQuit(hub, event, place);
    case "nick":
      return applyNick(hub, event, place);
    case "topic":
      return applyTopic(hub, event, place);
    case "kick":
      return applyKick(hub, event, place);
    case "mode":
      return applyMode(hub, event, place);
    case "redact":
      return fanOutRedaction(hub, event, place, hub.origin);
    case "rename":
      return applyRename(hub, event, place);
    case "boot":
      return;
    case "attach":
      return applyAttach(hub, event);
    case "detach":
      return applyDetach(hub, event.session);
    case "leaving":
      return applyLeaving(hub, event);
    case "login":
      return applyLogin(hub, event);
    case "away":
      return applyAway(hub, event);
    case "setname":
      return applySetname(hub, event);
    case "umode":
      return setUserModes(hub, event.user, event.on, event.off);
    case "oper":
      setServerOperator(hub, event.user, event.oper);
      return updateMute(hub, event.user);
    case "bans":
      return updateMutes(hub, event.masks);
    case "invite":
      return applyInvite(hub, event);
    case "follow":
      return applyFollow(hub, event);
    default:
      unreachable(event);
  }
}

function applyMessage(hub: Hub, event: MessageEvent, place: RecordPlace): void {
  const origin = hub.origin;
  if (origin?.user !== undefined) origin.user.idleSince = hub.monotonic;
  if (event.channel) {
    const toAll = event.target.startsWith("#");
    const name = toAll ? event.target : event.target.slice(1);
    if (origin?.user !== undefined) announceMember(hub, origin.user, hub.state.channel(name), place);
    if (!toAll) return fanOutStatusMessage(hub, event, place, origin);
    if (isMultiline(event.text)) fanOutMultiline(hub, event, place, origin);
    else fanOutChannelMessage(hub, event, place, origin);
  } else fanOutDirectMessage(hub, event, place, origin);
}

function applyJoin(hub: Hub, event: EventOf<"join">, place: RecordPlace): void {
  const user = hub.state.userBySource(event.source);
  if (user === undefined) return;
  const channel = getOrCreateChannel(hub, event.channel, user.host);
  const { settings } = channel.conversation;
  const first = channel.members.size === 0 && !channel.isPermanent;
  const operator = first &&
    (!hasRememberedOperator(hub, settings) || isRememberedOperator(settings, user.account));
  const unseen = channel.members.size >= (hub.config.largeChannel ?? LARGE_CHANNEL_MEMBERS);
  channel.setMember(user, operator ? OPERATOR : unseen ? UNANNOUNCED : 0);
  if (operator && user.account !== undefined) {
    rememberOperator(hub, channel.conversation, user.account, true, place);
  }
  user.invites?.delete(channel);
  for (const session of user.sessions) enterAudience(hub, session, channel);
  if (settings?.isClosed) updateObservers(hub, channel);
  if (unseen) sendEventToUser(hub, user, event, place);
  else fanOutToChannel(hub, channel, event, place);
  if (user.away !== "" && !unseen) {
    fanOutToPeers(hub, user, [channel], CAP.awayNotify, `:${user.source} AWAY :${user.away}`);
  }
  for (const session of user.sessions) {
    sendChannelState(hub, session, channel);
    replayOnJoin(hub, session, channel);
  }
}

function applyPart(hub: Hub, event: EventOf<"part">, place: RecordPlace): void {
  const channel = hub.state.channel(event.channel);
  const user = hub.state.userBySource(event.source);
  if (user !== undefined && isUnannounced(user, channel)) sendEventToUser(hub, user, event, place);
  else fanOutToChannel(hub, channel, event, place);
  if (channel !== undefined && user !== undefined) removeMember(hub, user, channel);
}

/** The archive keeps the topic. */
function applyTopic(hub: Hub, event: EventOf<"topic">, place: RecordPlace): void {
  const channel = hub.state.channel(event.channel);
  announceMember(hub, hub.state.userBySource(event.source), channel, place);
  fanOutToChannel(hub, channel, event, place);
}

function applyKick(hub: Hub, event: EventOf<"kick">, place: RecordPlace): void {
  const channel = hub.state.channel(event.channel);
  const user = hub.state.user(event.nick);
  for (const side of [hub.state.userBySource(event.source), user]) announceMember(hub, side, channel, place);
  fanOutToChannel(hub, channel, event, place);
  sendToOutsideOperator(hub, channel, event, place);
  if (channel !== undefined && user !== undefined) removeMember(hub, user, channel);
}

function applyMode(hub: Hub, event: EventOf<"mode">, place: RecordPlace): void {
  const channel = hub.state.channel(event.channel);
  announceMember(hub, hub.state.userBySource(event.source), channel, place);
  for (const { letter, arg } of parseChanges(event.change, event.args)) {
    if (CHANNEL_MODES.get(letter)?.type === "member") {
      announceMember(hub, hub.state.user(arg), channel, place);
    }
  }
  applyModeChange(hub, event, place);
  fanOutToChannel(hub, channel, event, place);
  sendToOutsideOperator(hub, channel, event, place);
}

function applyRename(hub: Hub, event: EventOf<"rename">, place: RecordPlace): void {
  const channel = hub.state.channel(event.channel);
  if (channel === undefined) return;
  announceMember(hub, hub.state.userBySource(event.source), channel, place);
  applyChannelRename(hub, channel, event, place);
  sendToOutsideOperator(hub, channel, event, place);
}

/** Who does something in a channel from outside hears of it too. */
function sendToOutsideOperator(
  hub: Hub,
  channel: Channel | undefined,
  event: EventOf<"mode" | "kick" | "rename">,
  place: RecordPlace,
): void {
  const { origin } = hub;
  if (origin?.user?.source !== event.source || channel !== undefined && origin.channels.has(channel)) return;
  sendEvent(hub, origin, event, place);
}

function applyInvite(hub: Hub, { source, user, channel: name }: EventOf<"invite">): void {
  const channel = hub.state.channel(name);
  const inviter = hub.state.userBySource(source);
  // What holds others out is the operators' doing, so only they let a user past it.
  if (channel?.conversation.settings !== undefined && isChannelOperator(inviter, channel)) {
    const invites = user.invites ??= new Map();
    invites.delete(channel);
    if (invites.size >= MAX_INVITES) invites.delete(invites.keys().next().value!);
    invites.set(channel, hub.ring.nextSeq - 1);
  }
  const line = `:${source} INVITE ${user.nick} ${name}`;
  if (inviter === undefined) return;
  for (const session of user.sessions) sendFrom(hub, session, inviter, line);
  if (channel !== undefined) fanOutToPeers(hub, inviter, [channel], CAP.inviteNotify, line);
}

/** Channels that are made meanwhile are heard from their beginning. */
function* enterAllAudiences(hub: Hub, session: Session): WorkSteps {
  for (const channel of hub.state.channels.values()) {
    if (session.closeReason !== undefined) return;
    if (canRead(hub, session, channel.conversation, channel)) enterAudience(hub, session, channel);
    yield 1 + maskCheckUnits(channel.conversation);
  }
}

function applyFollow(hub: Hub, event: EventOf<"follow">): void {
  const { session, what } = event;
  const { owner } = session;
  const following = session.followed ??= { owner, nicks: new Set(), channels: new Set(), followsAll: false };
  if (what === "everything") {
    if (following.followsAll) return;
    following.followsAll = true;
    hub.state.observersOfEverything.add(session);
    hub.runInSteps(enterAllAudiences(hub, session));
  } else if ("channel" in what) {
    addChannelObserver(hub.state, session, following, casefold(what.channel));
    const channel = hub.state.channel(what.channel);
    if (channel !== undefined && canRead(hub, session, channel.conversation, channel)) {
      enterAudience(hub, session, channel);
    }
  } else following.nicks.add(casefold(what.person));
  if (following.owner === "") return;
  const followers = hub.state.observersByOwner.get(following.owner) ?? new Set();
  hub.state.observersByOwner.set(following.owner, followers.add(session));
}

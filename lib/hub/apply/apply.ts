/**
 * Applies events: changes the state and sends the event to the sessions that see it. Effects on channels are here,
 * effects on users in user_changes.ts. Nothing else changes users and channels, so every recorded event can be
 * replayed and the state never differs from its log.
 */
import { CAP } from "../../irc/capabilities.ts";
import { unreachable } from "../../base/assert.ts";
import { isMultiline } from "../../irc/multiline.ts";
import { casefold } from "../../irc/names/casemap.ts";
import { applyAccountEnd } from "./account_end.ts";
import { enterAudience } from "./audience.ts";
import { LARGE_CHANNEL_MEMBERS, MAX_INVITES } from "../model/config.ts";
import type { EventOf, MessageEvent, RoutedTarget, StateEvent } from "../model/state/event.ts";
import type { RecordPlace } from "../model/identifiers.ts";
import type { HubContext, Services } from "../context.ts";
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
import { maskCheckUnits } from "../model/conversation_log.ts";
import { sendChannelState } from "../fanout/channel_replies.ts";
import { writable } from "./writable.ts";
import { applyCapabilities, applyConnect, applyDisconnect } from "./session_changes.ts";
import { setServerOperator, setUserModes, updateMute, updateMutes } from "./user_modes.ts";
import { ownerOf } from "../model/state/entities.ts";
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
export function apply(
  context: HubContext,
  services: Services,
  event: StateEvent,
  place: RecordPlace,
): void {
  switch (event.kind) {
    case "join":
      return applyJoin(context, services, event, place);
    case "part":
      return applyPart(context, services, event, place);
    case "quit":
      return applyQuit(context, services, event, place);
    case "nick":
      return applyNick(context, services, event, place);
    case "topic":
      return applyTopic(context, services, event, place);
    case "kick":
      return applyKick(context, services, event, place);
    case "mode":
      return applyMode(context, services, event, place);
    case "redact":
      return fanOutRedaction(context, services, event, place, context.origin);
    case "rename":
      return applyRename(context, services, event, place);
    case "boot":
      return;
    case "connect":
      return applyConnect(context, event.session);
    case "capabilities":
      return applyCapabilities(services, event);
    case "disconnect":
      return applyDisconnect(context, event);
    case "attach":
      return applyAttach(context, services, event);
    case "detach":
      return applyDetach(context, services, event.session);
    case "leaving":
      return applyLeaving(context, event);
    case "login":
      return applyLogin(context, services, event);
    case "away":
      return applyAway(context, services, event);
    case "setname":
      return applySetname(context, services, event);
    case "umode":
      return setUserModes(context, event.user, event.on, event.off);
    case "oper":
      setServerOperator(context, event.user, event.oper);
      return updateMute(context, services, event.user);
    case "bans":
      return updateMutes(context, services, event.masks);
    case "account_end":
      return applyAccountEnd(context, services, event.account);
    case "invite":
      return applyInvite(context, services, event);
    case "invites_pruned":
      return pruneInvites(context);
    case "follow":
      return applyFollow(context, services, event);
    default:
      unreachable(event);
  }
}

/** Delivers a message, recorded at `place` or not. */
export function applyMessage(
  context: HubContext,
  services: Services,
  event: MessageEvent<RoutedTarget>,
  place: RecordPlace,
): void {
  const origin = context.origin;
  if (origin?.user !== undefined) writable(origin.user).idleSince = context.monotonic;
  const { target } = event;
  if (target.kind === "direct") return fanOutDirectMessage(context, services, event, target, place, origin);
  const author = origin === undefined ? context.state.userBySource(event.source) : origin.user;
  if (author !== undefined) announceMember(context, services, author, target.channel, place);
  if (target.kind === "ranks") return fanOutStatusMessage(context, event, target, place, origin);
  if (isMultiline(event.text)) fanOutMultiline(context, services, event, target, place, origin);
  else fanOutChannelMessage(context, services, event, target, place, origin);
}

function applyJoin(
  context: HubContext,
  services: Services,
  event: EventOf<"join">,
  place: RecordPlace,
): void {
  const user = context.state.userBySource(event.source);
  if (user === undefined) return;
  const channel = getOrCreateChannel(context, services, event.channel, user.host);
  const { settings } = channel.conversation;
  const first = channel.members.size === 0 && !channel.isPermanent;
  const operator = first &&
    (!services.channelSettings.hasRememberedOperator(settings) ||
      isRememberedOperator(settings, user.account));
  const unseen = channel.members.size >= (context.config.largeChannel ?? LARGE_CHANNEL_MEMBERS);
  writable(channel).setMember(writable(user), operator ? OPERATOR : unseen ? UNANNOUNCED : 0);
  if (operator && user.account !== undefined) {
    rememberOperator(context, services, channel.conversation, user.account, true, place);
  }
  writable(user).invites?.delete(channel);
  for (const session of user.sessions) enterAudience(services, session, channel);
  if (settings?.isClosed) updateObservers(context, services, channel);
  if (unseen) sendEventToUser(context, user, event, place);
  else fanOutToChannel(context, services, channel, event, place);
  if (user.away !== "" && !unseen) {
    fanOutToPeers(context, services, user, [channel], CAP.awayNotify, `:${user.source} AWAY :${user.away}`);
  }
  for (const session of user.sessions) {
    sendChannelState(context, services, session, channel);
    replayOnJoin(context, services, session, channel);
  }
}

function applyPart(
  context: HubContext,
  services: Services,
  event: EventOf<"part">,
  place: RecordPlace,
): void {
  const channel = context.state.channel(event.channel);
  const user = context.state.userBySource(event.source);
  if (user !== undefined && isUnannounced(user, channel)) sendEventToUser(context, user, event, place);
  else fanOutToChannel(context, services, channel, event, place);
  if (channel !== undefined && user !== undefined) removeMember(context, services, user, channel);
}

/** Announces a topic; the topic itself is kept by the history index. */
function applyTopic(
  context: HubContext,
  services: Services,
  event: EventOf<"topic">,
  place: RecordPlace,
): void {
  const channel = context.state.channel(event.channel);
  announceMember(context, services, context.state.userBySource(event.source), channel, place);
  fanOutToChannel(context, services, channel, event, place);
}

function applyKick(
  context: HubContext,
  services: Services,
  event: EventOf<"kick">,
  place: RecordPlace,
): void {
  const channel = context.state.channel(event.channel);
  const user = context.state.user(event.nick);
  for (const side of [context.state.userBySource(event.source), user]) {
    announceMember(context, services, side, channel, place);
  }
  fanOutToChannel(context, services, channel, event, place);
  sendToOutsideOperator(context, channel, event, place);
  if (channel !== undefined && user !== undefined) removeMember(context, services, user, channel);
}

function applyMode(
  context: HubContext,
  services: Services,
  event: EventOf<"mode">,
  place: RecordPlace,
): void {
  const channel = context.state.channel(event.channel);
  announceMember(context, services, context.state.userBySource(event.source), channel, place);
  for (const { letter, arg } of parseChanges(event.change, event.args)) {
    if (CHANNEL_MODES.get(letter)?.type === "member") {
      announceMember(context, services, context.state.user(arg), channel, place);
    }
  }
  applyModeChange(context, services, event, place);
  fanOutToChannel(context, services, channel, event, place);
  sendToOutsideOperator(context, channel, event, place);
}

function applyRename(
  context: HubContext,
  services: Services,
  event: EventOf<"rename">,
  place: RecordPlace,
): void {
  const channel = context.state.channel(event.channel);
  if (channel === undefined) return;
  announceMember(context, services, context.state.userBySource(event.source), channel, place);
  applyChannelRename(context, services, channel, event, place);
  sendToOutsideOperator(context, channel, event, place);
}

/** Sends the event also to an operator acting in a channel from outside it. */
function sendToOutsideOperator(
  context: HubContext,
  channel: Channel | undefined,
  event: EventOf<"mode" | "kick" | "rename">,
  place: RecordPlace,
): void {
  const { origin } = context;
  if (origin?.user?.source !== event.source || channel !== undefined && origin.channels.has(channel)) return;
  sendEvent(context, origin, event, place);
}

function applyInvite(
  context: HubContext,
  services: Services,
  { source, user, channel: name }: EventOf<"invite">,
): void {
  const channel = context.state.channel(name);
  const inviter = context.state.userBySource(source);
  // Entry is restricted by operators, so only their invitations bypass a restriction.
  if (channel?.conversation.settings !== undefined && isChannelOperator(inviter, channel)) {
    const invites = writable(user).invites ??= new Map();
    invites.delete(channel);
    if (invites.size >= MAX_INVITES) invites.delete(invites.keys().next().value!);
    invites.set(channel, context.log.nextSeq - 1);
  }
  const line = `:${source} INVITE ${user.nick} ${name}`;
  if (inviter === undefined) return;
  for (const session of user.sessions) sendFrom(context, session, inviter, line);
  if (channel !== undefined) fanOutToPeers(context, services, inviter, [channel], CAP.inviteNotify, line);
}

/** Drops invitations to channels that have ended: they would keep those channels in memory. */
function pruneInvites({ state }: HubContext): void {
  for (const user of state.users.values()) {
    const { invites } = writable(user);
    for (const channel of invites?.keys() ?? []) {
      if (state.channels.get(channel.folded) !== channel) invites!.delete(channel);
    }
  }
}

/**
 * Adds an observer of everything to all audiences, in steps. It hears a channel that is created meanwhile from its
 * first event.
 */
function* enterAllAudiences(context: HubContext, services: Services, session: Session): WorkSteps {
  for (const channel of context.state.channels.values()) {
    if (session.closeReason !== undefined) return;
    if (canRead(context, session, channel.conversation, channel)) enterAudience(services, session, channel);
    yield 1 + maskCheckUnits(channel.conversation);
  }
}

function applyFollow(context: HubContext, services: Services, event: EventOf<"follow">): void {
  const { session, what } = event;
  const state = writable(context.state);
  const owner = ownerOf(session);
  const following = writable(session).followed ??= {
    owner,
    nicks: new Set(),
    channels: new Set(),
    followsAll: false,
  };
  if (what === "everything") {
    if (following.followsAll) return;
    following.followsAll = true;
    state.observersOfEverything.add(session);
    context.runInSteps(enterAllAudiences(context, services, session));
  } else if ("channel" in what) {
    addChannelObserver(state, session, following, casefold(what.channel));
    const channel = context.state.channel(what.channel);
    if (channel !== undefined && canRead(context, session, channel.conversation, channel)) {
      enterAudience(services, session, channel);
    }
  } else following.nicks.add(casefold(what.person));
  if (following.owner === "") return;
  const followers = state.observersByOwner.get(following.owner) ?? new Set();
  state.observersByOwner.set(following.owner, followers.add(session));
}

/**
 * Access to a channel: joining it, seeing it, reading it, speaking in it and operating it. While nothing is set,
 * all of these but the last are open to every user. An account that is remembered as an operator is never refused
 * entry; a server operator may enter and act in every channel, visibly to its members, but cannot read a closed
 * channel without being in it.
 */
import { casefold } from "../../irc/names/casemap.ts";
import {
  ERR_BADCHANNELKEY,
  ERR_BANNEDFROMCHAN,
  ERR_CHANNELISFULL,
  ERR_INVITEONLYCHAN,
} from "../../irc/numerics.ts";
import type { ConversationLog } from "../model/conversation_log.ts";
import { banText, isBanExpired } from "../services/bans.ts";
import type { HubContext, Services } from "../context.ts";
import { identitiesOf } from "./identities.ts";
import type { BanIdentity } from "./identities.ts";
import type { WorkSteps } from "../model/work_steps.ts";
import { isRememberedOperator } from "../model/channel_settings.ts";
import { maskCheckUnits } from "../model/conversation_log.ts";
import type { ChannelSettings } from "../model/channel_settings.ts";
import { OPERATOR, VOICE } from "../model/channel_modes.ts";
import { accountOf, ownerOf } from "../model/state/entities.ts";
import type { Channel, Session, User } from "../model/state/entities.ts";

/** Operator of `channel`, or of the server. */
export function isChannelOperator(user: User | undefined, channel: Channel | undefined): boolean {
  if (user === undefined) return false;
  if (user.isServerOperator) return true;
  return channel !== undefined && ((channel.members.get(user) ?? 0) & OPERATOR) !== 0;
}

/** The reason why `user`, giving `key`, may not join; undefined: it may. */
export function joinRefusal(
  user: User,
  { settings }: ConversationLog,
  channel: Channel | undefined,
  key: string,
): { code: string; words: string } | undefined {
  if (
    settings === undefined || user.isServerOperator || channel?.isPermanent ||
    isRememberedOperator(settings, user.account)
  ) {
    return undefined;
  }
  const held = (code: string, words: string) => ({ code, words: `Cannot join channel (${words})` });
  // An invitation admits its receiver once, past any restriction set before it: the inviting operator could have
  // lifted that restriction, too.
  const invitedAt = channel && user.invites?.get(channel);
  if (settings.isBanned(user) && (invitedAt === undefined || settings.isBannedSince(user, invitedAt))) {
    return held(ERR_BANNEDFROMCHAN, "+b");
  }
  if (invitedAt !== undefined) return undefined;
  const isExpected = settings.lists.I.some(({ compiled }) => compiled.matches(user));
  if (settings.hasFlag("i") && !isExpected) return held(ERR_INVITEONLYCHAN, "+i");
  if (settings.key !== "" && settings.key !== key) return held(ERR_BADCHANNELKEY, "+k");
  if (settings.limit > 0 && (channel?.members.size ?? 0) >= settings.limit) {
    return held(ERR_CHANNELISFULL, "+l");
  }
  return undefined;
}

/** Whether `session` may know that the channel exists, and see its members. */
export function canSee(session: Session, target: ConversationLog, channel: Channel | undefined): boolean {
  const { settings } = target;
  if (settings === undefined) return true;
  const { user } = session;
  if (user === undefined) return !settings.isClosed || isMemberOrOperator(session, target, channel);
  return !settings.hasFlag("s") || user.isServerOperator || isMemberOrOperator(session, target, channel);
}

/** Whether `session` may read the channel's history and live messages. */
export function canRead(
  context: HubContext,
  session: Session,
  target: ConversationLog,
  channel: Channel | undefined,
): boolean {
  const { settings } = target;
  if (settings === undefined) return true;
  if (!settings.isClosed && (channel?.isPermanent || !isBannedFromChannel(context, session, settings))) {
    return true;
  }
  return isMemberOrOperator(session, target, channel);
}

/** The channel called `name`, if the log holds it and `session` may read it. */
export function readableChannel(
  context: HubContext,
  services: Services,
  session: Session,
  name: string,
): ConversationLog | undefined {
  const target = services.history.channels.get(casefold(name));
  const channel = context.state.channel(name);
  return target !== undefined && canRead(context, session, target, channel) ? target : undefined;
}

/**
 * Whether `session` is a member, is logged in to a remembered operator's account, or is an observer that belongs to
 * a member.
 */
function isMemberOrOperator(
  session: Session,
  { settings }: ConversationLog,
  channel: Channel | undefined,
): boolean {
  if (isRememberedOperator(settings, accountOf(session))) return true;
  if (channel === undefined) return false;
  const { user } = session;
  if (user !== undefined) return channel.members.has(user);
  const owner = ownerOf(session);
  if (owner !== "") { for (const member of channel.members.keys()) if (member.owner === owner) return true; }
  return false;
}

/**
 * Channel masks are matched against cloaked hosts only: if they matched real addresses, an address could be found
 * by trying masks.
 */
function isBannedFromChannel(context: HubContext, session: Session, settings: ChannelSettings): boolean {
  if (settings.lists.b.length === 0) return false;
  return identitiesOf(context, session).some((each) => settings.isBanned(each));
}

/** The reason, in words, why `user` may not speak there; undefined: it may. Evaluated for every message. */
export function sendRefusal(
  user: User,
  { settings }: ConversationLog,
  channel: Channel | undefined,
): string | undefined {
  if (settings === undefined || !settings.mayRestrictSpeech) return undefined;
  const bits = channel?.members.get(user);
  if (bits === undefined) return outsiderRefusal(user, settings);
  return bits & (OPERATOR | VOICE) ? undefined : speechRefusal(user, settings);
}

/** The same for `identity`, which is not in the channel. */
function outsiderRefusal(identity: BanIdentity, settings: ChannelSettings): string | undefined {
  if (isRememberedOperator(settings, identity.account)) return undefined;
  const letter = settings.hasFlag("n") ? "n" : settings.closedBy;
  if (letter !== undefined) return `Cannot send to channel (+${letter}): join it first`;
  return speechRefusal(identity, settings);
}

function speechRefusal(identity: BanIdentity, settings: ChannelSettings): string | undefined {
  if (settings.hasFlag("m")) return "Cannot send to channel (+m): it is moderated";
  return settings.isBanned(identity) ? "Cannot send to channel (+b): you are banned from it" : undefined;
}

/** As {@link messageRefusal}, for a message that no session sends: that of a user, or of an account without one. */
export function scheduledRefusal(
  speaker: User | BanIdentity,
  target: ConversationLog,
  channel: Channel | undefined,
): "hidden" | { readonly why: string } | undefined {
  const { settings } = target;
  if (settings === undefined) return undefined;
  const user = "sessions" in speaker ? speaker : undefined;
  const isInside = user !== undefined && (user.isServerOperator || channel?.members.has(user) === true);
  if (settings.hasFlag("s") && !isInside && !isRememberedOperator(settings, speaker.account)) return "hidden";
  const why = user === undefined ? outsiderRefusal(speaker, settings) : sendRefusal(user, target, channel);
  return why === undefined ? undefined : { why };
}

/**
 * The refusal of a message of `session` there: "hidden" if the session may not even know of the channel, otherwise
 * the reason in words.
 */
export function messageRefusal(
  session: Session,
  user: User,
  target: ConversationLog,
  channel: Channel | undefined,
): "hidden" | { readonly why: string } | undefined {
  if (!canSee(session, target, channel)) return "hidden";
  const why = sendRefusal(user, target, channel);
  return why === undefined ? undefined : { why };
}

/** The reason, in words, why `user` may not send any message; undefined: it is not muted. */
export function muteRefusal(context: HubContext, { mute }: User): string | undefined {
  if (mute === undefined || isBanExpired(mute, context.now)) return undefined;
  return `You are muted ${banText(mute)}`;
}

/**
 * A channel that `user` is in and banned from, without being operator or voiced there; undefined: there is none.
 */
export function findBannedChannel(user: User): Channel | undefined {
  for (const [channel, bits] of user.channels) {
    if (!(bits & (OPERATOR | VOICE)) && channel.conversation.settings?.isBanned(user)) return channel;
  }
  return undefined;
}

/**
 * Calls `then` once the bans of all channels of `user` are evaluated, so that {@link findBannedChannel} takes no
 * time; not if `session` has ended.
 */
export function* evaluateBansThen(session: Session, user: User, then: () => void): WorkSteps {
  for (const { conversation } of user.channels.keys()) {
    if (session.closeReason !== undefined) return;
    if (!conversation.settings?.isBanCheckPending(user)) continue;
    conversation.settings.isBanned(user);
    yield maskCheckUnits(conversation);
  }
  if (session.closeReason === undefined) then();
}

/** Checks of membership and operator status in a channel, and operator status by account. */
import type { ConversationLog } from "../../model/conversation_log.ts";
import type { StateEvent } from "../../model/state/event.ts";
import type { HubContext, Services } from "../../context.ts";
import { isChannelOperator } from "../../policy/channel_access.ts";
import { visibleChannel } from "../../policy/visibility.ts";
import { isRememberedOperator } from "../../model/channel_settings.ts";
import { OPERATOR } from "../../model/channel_modes.ts";
import type { Channel, Session, User } from "../../model/state/entities.ts";
import {
  noSuchChannel,
  noSuchNick,
  notChannelOperator,
  notOnChannel,
  userNotInChannel,
} from "../../fanout/replies.ts";

/**
 * The channel called `name`, if `user` is in it or `anyway` is set; otherwise 403 or 442 has been sent. A channel that
 * `session` may not know of is answered like one that does not exist.
 */
export function requireChannel(
  context: HubContext,
  session: Session,
  user: User,
  name: string,
  anyway = false,
): Channel | undefined {
  const channel = visibleChannel(session, context.state.channel(name));
  if (channel === undefined) noSuchChannel(context, session, name);
  else if (anyway || user.channels.has(channel)) return channel;
  else notOnChannel(context, session, channel.name);
  return undefined;
}

/** The member of `channel` called `nick`, if `session` is an operator of it; otherwise 482, 401 or 441 is sent. */
export function requireMemberAsOperator(
  context: HubContext,
  session: Session,
  channel: Channel,
  nick: string,
): User | undefined {
  const target = context.state.user(nick);
  if (!isChannelOperator(session.user, channel)) {
    notChannelOperator(context, session, channel.name);
  } else if (target === undefined) {
    noSuchNick(context, session, nick);
  } else if (channel.members.has(target)) return target;
  else userNotInChannel(context, session, target.nick, channel.name);
  return undefined;
}

/**
 * Commits `event`, which may make an account an operator of `targets`. If `event` gives a channel its first
 * account owner, the channel also gets +t (only operators set the topic), until an operator removes it.
 */
export function commitWithTopicLock(
  context: HubContext,
  services: Services,
  event: StateEvent,
  targets: Iterable<ConversationLog>,
): void {
  const unowned = [...targets].filter(({ settings }) =>
    !services.channelSettings.hasRememberedOperator(settings)
  );
  context.commit(event);
  for (const { name: channel, settings } of unowned) {
    if (!services.channelSettings.hasRememberedOperator(settings) || settings!.hasFlag("t")) continue;
    context.commit({ kind: "mode", source: context.config.serverName, channel, change: "+t", args: "" });
  }
}

/** Gives +o back to a member of `channel` if the channel remembers the member's account as operator. */
export function restoreChannelOperator(context: HubContext, user: User, channel: Channel): void {
  const bits = channel.members.get(user);
  if (
    bits === undefined || bits & OPERATOR ||
    !isRememberedOperator(channel.conversation.settings, user.account)
  ) return;
  context.commit({
    kind: "mode",
    source: context.config.serverName,
    channel: channel.name,
    change: "+o",
    args: user.nick,
  });
}

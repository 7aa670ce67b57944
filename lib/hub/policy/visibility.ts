/** Which users a session can find, and in which channels (modern, "Invisible User Mode", "Secret Channel Mode"). */
import { CAP } from "../../irc/capabilities.ts";
import type { HubContext } from "../context.ts";
import { canRead, canSee } from "./channel_access.ts";
import type { Channel, Session, User } from "../model/state/entities.ts";

/**
 * Whether `user` is listed for `session`, which does not ask for its exact nick: "they will not show up … unless
 * they share a channel". A server operator finds every user.
 */
export function isVisible(context: HubContext, session: Session, user: User): boolean {
  const { state } = context;
  if (state.invisible.size === 0 || !state.invisible.has(user)) return true;
  const asker = askingUser(session);
  if (asker !== undefined && (asker === user || asker.isServerOperator || shareChannel(asker, user))) {
    return true;
  }
  for (const channel of user.channels.keys()) if (canObserve(context, session, channel)) return true;
  return false;
}

/**
 * The user that asks: for an observer, the user of the account that it belongs to, so that it finds the same users.
 */
function askingUser({ phase }: Session): User | undefined {
  return phase.kind === "registered" ? phase.user : phase.account?.users[0];
}

/**
 * Whether `session` is an observer that may read `channel`. It can follow such a channel and counts as a member of
 * it here: so `list` shows the users in the lobby.
 */
function canObserve(context: HubContext, session: Session, channel: Channel): boolean {
  return session.caps.has(CAP.observer) && canRead(context, session, channel.conversation, channel);
}

function shareChannel(one: User, other: User): boolean {
  const [fewer, more] = one.channels.size < other.channels.size ? [one, other] : [other, one];
  for (const channel of fewer.channels.keys()) if (more.channels.has(channel)) return true;
  return false;
}

/** `channel` if `session` may know of it, otherwise undefined. */
export function visibleChannel(session: Session, channel: Channel | undefined): Channel | undefined {
  return channel !== undefined && canSee(session, channel.conversation, channel) ? channel : undefined;
}

/** The channels in which `session` may see `user`: for an invisible user, only those that both are in. */
export function* visibleChannels(context: HubContext, session: Session, user: User): Iterable<Channel> {
  const { state } = context;
  const asker = askingUser(session);
  const all = asker === user || asker?.isServerOperator || !state.invisible.has(user);
  for (const channel of user.channels.keys()) {
    if (
      (all || asker?.channels.has(channel) || canObserve(context, session, channel)) &&
      visibleChannel(session, channel) !== undefined
    ) {
      yield channel;
    }
  }
}

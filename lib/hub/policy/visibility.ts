/** Who is found by whom, and in which channels (modern, "Invisible User Mode", "Secret Channel Mode"). */
import { CAP } from "../../irc/capabilities.ts";
import type { HubContext } from "../context.ts";
import { canRead, canSee } from "./channel_access.ts";
import type { Channel, Session, User } from "../model/state/entities.ts";

/**
 * Whether `user` is listed for who does not ask for its very name: "they will not show up … unless they share a channel". Who runs
 * the server finds everybody.
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

/** An observer finds whom the user finds to whose account it belongs. */
function askingUser({ phase }: Session): User | undefined {
  return phase.kind === "registered" ? phase.user : phase.account?.users[0];
}

/** An observer can follow each channel that it may read, and is to it what a member is: so `list` shows who is in the lobby. */
function canObserve(context: HubContext, session: Session, channel: Channel): boolean {
  return session.caps.has(CAP.observer) && canRead(context, session, channel.conversation, channel);
}

function shareChannel(one: User, other: User): boolean {
  const [fewer, more] = one.channels.size < other.channels.size ? [one, other] : [other, one];
  for (const channel of fewer.channels.keys()) if (more.channels.has(channel)) return true;
  return false;
}

/** `channel`, if `session` may know of it. */
export function visibleChannel(session: Session, channel: Channel | undefined): Channel | undefined {
  return channel !== undefined && canSee(session, channel.conversation, channel) ? channel : undefined;
}

/** The channels of `user` that `session` may know it to be in: of somebody invisible only those that both are in. */
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

import { channelObservers } from "../fanout/observers.ts";
import type { HubContext, Services } from "../context.ts";
import type { ChannelMask } from "../model/channel_mask.ts";
import type { Channel, Session } from "../model/state/entities.ts";
import { canRead } from "../policy/channel_access.ts";
import { identitiesOf } from "../policy/identities.ts";
import { enterAudience, leaveAudience } from "./audience.ts";
import { removeChannelObserver } from "./observer_follow.ts";
import { writable } from "./writable.ts";

/**
 * Removes observers that may no longer read `channel` from its audience, and adds those that follow it and may read
 * it. With `changed`, only bans and exceptions have changed: observers that these do not match are left as they
 * are.
 */
export function updateObservers(
  context: HubContext,
  services: Services,
  channel: Channel,
  changed?: readonly ChannelMask[],
): void {
  const isMeant = (session: Session) =>
    changed === undefined ||
    identitiesOf(context, session).some((each) => changed.some((mask) => mask.matches(each)));
  for (const session of [...channel.observers ?? []]) {
    if (isMeant(session)) removeIfUnreadable(context, services, session, channel);
  }
  for (const session of channelObservers(context.state, channel.folded)) {
    if (isMeant(session) && canRead(context, session, channel.conversation, channel)) {
      enterAudience(services, session, channel);
    }
  }
}

/** The same for one observer and all channels that it follows. */
export function updateObserver(context: HubContext, services: Services, session: Session): void {
  for (const channel of [...session.channels.keys()]) removeIfUnreadable(context, services, session, channel);
  const { followsAll = false, channels: names = [] } = session.followed ?? {};
  const followed = followsAll
    ? context.state.channels.values()
    : names.values().map((name) => context.state.channels.get(name));
  for (const channel of followed) {
    if (channel !== undefined && canRead(context, session, channel.conversation, channel)) {
      enterAudience(services, session, channel);
    }
  }
}
function removeIfUnreadable(
  context: HubContext,
  services: Services,
  session: Session,
  channel: Channel,
): void {
  if (session.user !== undefined || canRead(context, session, channel.conversation, channel)) return;
  leaveAudience(services, session, channel);
  if (session.followed?.followsAll) return;
  removeChannelObserver(writable(context.state), session, channel.folded);
  context.fail(session, "FOLLOW", "NO_SUCH_CHANNEL", [channel.name], "You can no longer follow this room");
}

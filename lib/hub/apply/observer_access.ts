import { channelObservers } from "../fanout/observers.ts";
import type { Hub } from "../hub.ts";
import type { ChannelMask } from "../model/channel_mask.ts";
import type { Channel, Session } from "../model/state/entities.ts";
import { canRead } from "../policy/channel_access.ts";
import { identitiesOf } from "../policy/identities.ts";
import { enterAudience, leaveAudience } from "./audience.ts";
import { removeChannelObserver } from "./observer_follow.ts";

/**
 * Observers that may not read `channel` hear it no longer, and those that follow it and may read it hear it again. With `changed`, only
 * bans and exceptions have changed, and all others are as they were.
 */
export function updateObservers(hub: Hub, channel: Channel, changed?: readonly ChannelMask[]): void {
  const isMeant = (session: Session) =>
    changed === undefined ||
    identitiesOf(hub, session).some((each) => changed.some((mask) => mask.matches(each)));
  for (const session of [...channel.observers ?? []]) {
    if (isMeant(session)) removeIfUnreadable(hub, session, channel);
  }
  for (const session of channelObservers(hub.state, channel.folded)) {
    if (isMeant(session) && canRead(hub, session, channel.conversation, channel)) {
      enterAudience(hub, session, channel);
    }
  }
}

/** The same for one observer, and all channels that it follows. */
export function updateObserver(hub: Hub, session: Session): void {
  for (const channel of [...session.channels.keys()]) removeIfUnreadable(hub, session, channel);
  const { followsAll = false, channels: names = [] } = session.followed ?? {};
  const followed = followsAll
    ? hub.state.channels.values()
    : names.values().map((name) => hub.state.channels.get(name));
  for (const channel of followed) {
    if (channel !== undefined && canRead(hub, session, channel.conversation, channel)) {
      enterAudience(hub, session, channel);
    }
  }
}
export function removeIfUnreadable(hub: Hub, session: Session, channel: Channel): void {
  if (session.user !== undefined || canRead(hub, session, channel.conversation, channel)) return;
  leaveAudience(hub, session, channel);
  if (session.followed?.followsAll) return;
  removeChannelObserver(hub.state, session, channel.folded);
  hub.fail(session, "FOLLOW", "NO_SUCH_CHANNEL", channel.name, "You can't follow it any more");
}

import { CAP } from "../../../irc/capabilities.ts";
import { CapSet } from "../../../irc/cap_set.ts";
import { cutAtAnchor, selectLatest } from "../../history/history_query.ts";
import { viewHeld } from "../../history/paging/history_view.ts";
import type { HistoryCut } from "../../history/history_query.ts";
import type { HubContext, Services } from "../../context.ts";
import type { Channel, Session, User } from "../../model/state/entities.ts";
import { replayLimit } from "../../policy/replay_limit.ts";
import { rendersTimedBatches, sendSelection } from "./history_reply.ts";
import { formatMessageCount, HISTSERV, sendServiceNotice } from "./service_notice.ts";

/**
 * Replays the newest messages of a channel to a client that joins it, cannot request history (draft/chathistory),
 * and can tell old messages from new. Messages already replayed to its account, or without one to its user, are
 * left out. A client that cannot tell old from new is sent the number of messages, or of those it missed; a bot
 * (user mode +B) is sent nothing.
 */
export function replayOnJoin(
  context: HubContext,
  services: Services,
  session: Session,
  channel: Channel,
): void {
  const { user } = session;
  if (user === undefined || session.caps.has(CAP.chathistory)) return;
  if (context.state.bots.has(user) || isAccountInChannel(user, channel)) return;
  const limit = replayLimit(context, services, channel, user);
  if (limit === 0) return;
  const view = viewHeld(services.history, channel.conversation, CapSet.EMPTY);
  const { length } = view;
  const shown = replayedCut(services, user, channel);
  const missed = length - shown.through;
  if (missed === 0) return;
  const told = rendersTimedBatches(session.caps)
    ? sendSelection(context, services, session, {
      requestedTarget: channel.name,
      channel: channel.name,
      view,
      selection: selectLatest(shown, limit, length),
    })
    : 0;
  const wasHere = shown.through > 0 || services.replayPositions.of(user, channel) > 0;
  if (missed === told) return;
  if (!wasHere) {
    if (rendersTimedBatches(session.caps)) return;
    const latest = `to see the latest: /msg HistServ ${channel.name}`;
    return sendServiceNotice(
      context,
      session,
      HISTSERV,
      `${formatMessageCount(missed)} in ${channel.name}; ${latest}`,
    );
  }
  const words = `${formatMessageCount(missed)} in ${channel.name} since you left`;
  const some = told === 0 ? "" : `, the last ${told} shown`;
  sendServiceNotice(
    context,
    session,
    HISTSERV,
    `${words}${some}\nTo see them all: /msg HistServ ${channel.name} ${missed}`,
  );
}

/** Whether another user of the account is in the channel: its sessions have received the messages. */
function isAccountInChannel(user: User, channel: Channel): boolean {
  for (const each of user.account?.users ?? []) {
    if (each !== user && each.sessions.length > 0 && channel.members.has(each)) return true;
  }
  return false;
}

/** The part of `channel` that the account of `user`, or `user` itself, was sent or has read. */
function replayedCut(services: Services, user: User, channel: Channel): HistoryCut {
  const seq = services.replayPositions.of(user, channel);
  const { timeline } = channel.conversation;
  const shown = timeline.partition((each) => each < seq);
  const through = Math.max(shown, countRead(services, user, channel));
  return { before: through, through };
}

/**
 * How many messages of `channel` the read marker of `user` covers. The marker's sequence number decides, because
 * times go back if the clock is set back.
 */
function countRead(
  services: Services,
  user: User,
  { name, conversation: { timeline } }: Channel,
): number {
  const marker = services.readMarkers.of(user, name);
  if (marker === undefined) return 0;
  const { seq, time } = marker;
  const times = { of: (each: number) => services.history.timeOf(each) ?? 0, breaks: timeline.clockBreaks };
  return cutAtAnchor(timeline, seq > 0 ? { by: "seq", seq } : { by: "time", time }, times).through;
}

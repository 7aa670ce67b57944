import { CAP } from "../../../irc/capabilities.ts";
import { casefold } from "../../../irc/names/casemap.ts";
import { isChannelName } from "../../../irc/names/name_rules.ts";
import type { HubContext, Services } from "../../context.ts";
import { lastReceived } from "../../model/conversation_log.ts";
import type { ConversationLog } from "../../model/conversation_log.ts";
import { isAfter } from "../../model/identifiers.ts";
import type { MessagePosition, OwnerId } from "../../model/identifiers.ts";
import type { Account, Session, User } from "../../model/state/entities.ts";
import { formatTimestamp } from "../../output/render.ts";
import { canRead } from "../../policy/channel_access.ts";
import { disclosedPosition, lostPosition, UNREAD_MARKER } from "../../services/read_markers.ts";
import type { ReadMarker } from "../../services/read_markers.ts";
import { positionAtTime } from "../../history/history_query.ts";

/** The session's user has read what was said in or with `target` until `time`; all clients of his hear of it. */
export function markRead(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  target: string,
  time: number,
): void {
  const read = positionAtTime(
    services.archive,
    readableConversation(context, services, session, user, target),
    time,
    context.now,
  );
  const told = session.caps.has(CAP.receipts) ? read : undefined;
  if (services.readMarkers.move(user, target, read, told)) {
    sendMarkerToOtherSessions(context, services, session, user, target);
    clearOfflineMessages(services, user, target, read);
    services.receipts.handleRead(
      user.owner,
      target,
      disclosedPosition(services.readMarkers.of(user, target)!),
    );
  }
  sendMarker(context, services, session, user, target);
}

/**
 * The server has played `session` what was said with `target` up to the message at `last`. A client that keeps read markers moves them itself, when
 * the person reads; for any other the marker moves now, and no sender is told that the message was read.
 */
export function markReplayed(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  target: string,
  last: MessagePosition,
): void {
  if (session.caps.has(CAP.readMarker) || !services.readMarkers.move(user, target, last)) return;
  sendMarkerToOtherSessions(context, services, session, user, target);
}

/** Nothing of the conversation with `target` waits once all of it has been read. */
export function clearOfflineMessages(
  services: Services,
  { account }: User,
  target: string,
  read: MessagePosition,
): void {
  const talk = account && services.archive.directConversation(account.owner, target);
  if (account !== undefined && talk !== undefined && !isAfter(lastReceived(talk), read)) {
    services.offlineMessages.clear(account, target);
  }
}
export function sendMarkerToOtherSessions(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  target: string,
): void {
  for (const each of user.account?.users ?? [user]) {
    for (const other of each.sessions) {
      if (other !== session && other.caps.has(CAP.readMarker)) {
        sendMarker(context, services, other, user, target);
      }
    }
  }
}

/** `MARKREAD <target> timestamp=…`, or `*` where nothing is known to be read. */
export function sendMarker(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  target: string,
): void {
  const marker = services.readMarkers.of(user, target);
  const time = marker &&
    markerTime(context, services, marker, readableConversation(context, services, session, user, target));
  const until = time === undefined || time <= 0 ? "*" : `timestamp=${formatTimestamp(time)}`;
  context.send(session, `:${context.config.serverName} MARKREAD ${target} ${until}`);
}

/**
 * The time that stands for a marker: earlier than every unread message, because clients compare times. Of messages with the time of
 * one that is unread those that have been read are then shown once more.
 */
export function markerTime(
  context: HubContext,
  services: Services,
  marker: ReadMarker,
  found: ConversationLog | undefined,
): number {
  const { seq, time, lost } = marker;
  let told = isAfter(lostPosition(marker), marker) ? Math.min(time, lost - 1) : time;
  if (seq === 0 || found === undefined) return told;
  const { timeline } = found;
  const length = timeline.length(context.log.oldestSeq);
  // Times do not decrease from one break to the next, so the earliest unread one is behind the marker or a break.
  for (const from of [seq + 1, ...timeline.clockBreaks.filter((each) => each > seq)]) {
    const at = timeline.partition((each) => each < from);
    if (at < length) told = Math.min(told, (services.archive.timeOf(timeline.at(at)) ?? Infinity) - 1);
  }
  return told;
}

/** Until when the owner of a message has read his talk with `nick`, as far as its sender may know; undefined: nobody is there to read it. */
export function disclosedRead(
  context: HubContext,
  services: Services,
  owner: OwnerId,
  nick: string,
): MessagePosition | undefined {
  const account = services.accounts.byOwner(owner);
  if (account !== undefined) {
    return disclosedPosition(services.readMarkers.of(account, nick) ?? UNREAD_MARKER);
  }
  for (const user of context.state.users.values()) {
    if (user.owner === owner) return disclosedPosition(services.readMarkers.of(user, nick) ?? UNREAD_MARKER);
  }
  return undefined;
}

/** What `session` may read of `target`: its times tell how much is said there. */
export function readableConversation(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  target: string,
): ConversationLog | undefined {
  return isChannelName(target)
    ? readableChannel(context, services, session, target)
    : services.archive.directConversation(user.owner, target);
}

/** The channel called `name`, if `session` may read it: its clock tells how much is said there. */
export function readableChannel(
  context: HubContext,
  services: Services,
  session: Session,
  name: string,
): ConversationLog | undefined {
  const target = services.archive.channels.get(casefold(name));
  return target !== undefined && canRead(context, session, target, context.state.channel(name))
    ? target
    : undefined;
}

/** `talk`, what `owner` and `nick` (folded) wrote to each other, is forgotten. */
export function forgetDirectConversation(
  services: Services,
  owner: OwnerId,
  nick: string,
  talk: ConversationLog,
): void {
  services.offlineMessages.forgetDirectConversation(owner, nick);
  services.readMarkers.noteLoss(owner, nick, lastReceived(talk));
}

/** The account has ended, and with it all that was known of what it had read and was shown. */
export function forgetMarkers(context: HubContext, services: Services, account: Account): void {
  services.offlineMessages.dropAccount(account);
  services.replayPositions.dropAccount(account);
  services.readMarkers.dropAccount(account);
  if (disclosedRead(context, services, account.owner, "") === undefined) {
    services.receipts.endOwner(account.owner);
  }
}

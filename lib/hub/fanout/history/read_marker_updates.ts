import { CAP } from "../../../irc/capabilities.ts";
import { isChannelName } from "../../../irc/names/name_rules.ts";
import type { HubContext, Services } from "../../context.ts";
import { lastReceived } from "../../model/conversation_log.ts";
import type { ConversationLog } from "../../model/conversation_log.ts";
import { isAfter } from "../../model/identifiers.ts";
import type { MessagePosition, OwnerId } from "../../model/identifiers.ts";
import type { Account, Session, User } from "../../model/state/entities.ts";
import { formatTimestamp } from "../../output/render.ts";
import { readableChannel } from "../../policy/channel_access.ts";
import { disclosedPosition, lostPosition, UNREAD_MARKER } from "../../services/read_markers.ts";
import type { ReadMarker } from "../../services/read_markers.ts";
import { CapSet } from "../../../irc/cap_set.ts";
import { casefold } from "../../../irc/names/casemap.ts";
import { messageIn, positionAtTime, positionInView, viewLogged } from "../../history/paging/history_view.ts";
import type { HistoryView } from "../../history/paging/history_view.ts";
import type { PageRequest } from "../../history/paging/page_request.ts";
import type { WorkSteps } from "../../model/work_steps.ts";
import { hasOlder, readConversation, runReading } from "./archive_reader.ts";
import type { StepsFor } from "./archive_reader.ts";

/** Moves the user's read marker for `target` to `time`; all clients of the user are notified. */
export function markRead(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  target: string,
  time: number,
): void {
  runReading(context, services, session, moveMarker(context, services, session, user, target, time));
}

function* moveMarker(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  target: string,
  time: number,
): WorkSteps {
  const find = () => readableConversation(context, services, session, user, target);
  const { read, view } = yield* findPosition(context, services, session, target, time, find);
  if (session.closeReason !== undefined) return;
  const told = session.caps.has(CAP.receipts) ? read : undefined;
  if (services.readMarkers.move(user, target, read, told)) {
    sendMarkerToOtherSessions(context, services, session, user, target);
    clearOfflineMessages(services, user, target, read, view);
    services.receipts.handleRead(
      user.owner,
      target,
      disclosedPosition(services.readMarkers.of(user, target)!),
    );
  }
  sendMarker(context, services, session, user, target);
}

/** Up to where a conversation has been read, and what tells of it; undefined: the hub holds all of it. */
interface FoundPosition {
  readonly read: MessagePosition;
  readonly view?: HistoryView;
}

/**
 * Position of the last message that `time` covers: in the log, or if that has none, in the archive. It is always the
 * number of that message, so that an earlier time that covers the same messages does not move the marker back. If the
 * archive cannot tell, only the time is known.
 */
function* findPosition(
  context: HubContext,
  services: Services,
  session: Session,
  target: string,
  time: number,
  find: () => ConversationLog | undefined,
): StepsFor<FoundPosition> {
  const { history } = services;
  if (!hasOlder(context, services)) return { read: positionAtTime(history, find(), time, context.now) };
  const logged = viewLogged(history, find(), CapSet.EMPTY);
  const position = positionInView(history, logged, time, context.now);
  if (logged.length > 0 && position.seq > 0) return { read: position, view: logged };
  const request: PageRequest = {
    command: "AROUND",
    anchors: [{ by: "time", time }],
    limit: 1,
    caps: CapSet.EMPTY,
    isExact: false,
  };
  const isKnown = () => isChannelName(target) && history.channels.get(casefold(target)) !== undefined;
  const found = yield* readConversation(
    context,
    services,
    session,
    target,
    request,
    () => find() ?? (isKnown() ? "hidden" : "unknown"),
  );
  if (found === "hidden" || found.isPartial) return { read: position };
  const { view } = found;
  return { read: positionInView(history, view, time, context.now), view };
}

/**
 * Notes that the server has replayed the messages with `target` to `session`, up to the one at `last`. A client
 * with read markers moves them itself when the user reads. For any other client the marker moves now, and no sender
 * is told that the message was read.
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

/**
 * Clears the queued messages of the conversation with `target` if all of it has been read: as the hub knows, or where the
 * archive alone has the queued ones, as `view` tells.
 */
function clearOfflineMessages(
  services: Services,
  { account }: User,
  target: string,
  read: MessagePosition,
  view: HistoryView | undefined,
): void {
  if (account === undefined) return;
  const conversation = services.history.directConversation(account.owner, target);
  const since = services.offlineMessages.of(account).get(casefold(target));
  if (since === undefined) return;
  const isAllRead = conversation !== undefined && conversation.receivedSeq >= since
    ? !isAfter(lastReceived(conversation), read)
    : view !== undefined && hasNoneAfter(services, account, view, read);
  if (isAllRead) services.offlineMessages.clear(account, target);
}

/** Whether `view` shows that `account` has received nothing after `read`. */
function hasNoneAfter(
  { history }: Services,
  { owner }: Account,
  view: HistoryView,
  read: MessagePosition,
): boolean {
  const { sequence, length, isEnd } = view;
  const next = sequence.partition((seq) => seq <= read.seq);
  return isEnd &&
    sequence.range(next, length).every((seq) => messageIn(history, view, seq)?.event.from === owner);
}

function sendMarkerToOtherSessions(
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

/** Sends `MARKREAD <target> timestamp=…`, or `*` if no message is known to be read. */
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
 * The time sent for a marker: earlier than every unread message, because clients compare times. Read messages with
 * the same time as an unread one are therefore shown again.
 */
function markerTime(
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
  // Times do not decrease between two clock breaks, so the earliest unread message follows the marker or a break.
  for (const from of [seq + 1, ...timeline.clockBreaks.filter((each) => each > seq)]) {
    const at = timeline.partition((each) => each < from);
    if (at < length) told = Math.min(told, (services.history.timeOf(timeline.at(at)) ?? Infinity) - 1);
  }
  return told;
}

/**
 * The position up to which the owner of a message has read the conversation with `nick`, as far as it may be
 * disclosed to the sender; undefined: no user or account with that owner exists.
 */
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

/** The conversation `target`, if `session` may read it: read times reveal its activity. */
function readableConversation(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  target: string,
): ConversationLog | undefined {
  return isChannelName(target)
    ? readableChannel(context, services, session, target)
    : services.history.directConversation(user.owner, target);
}

/**
 * Forgets `conversation`, the direct conversation of `owner` and `nick` (folded), which the hub no longer holds. If the
 * archive has it, only that messages in it may not have arrived is noted.
 */
export function forgetDirectConversation(
  services: Services,
  owner: OwnerId,
  nick: string,
  conversation: ConversationLog,
): void {
  const { receivedSeq } = conversation;
  if (services.archiveOrders.isUsed) {
    if (services.offlineMessages.isUnconfirmed(owner, receivedSeq)) {
      services.offlineMessages.noteMore(owner, receivedSeq);
    }
    return;
  }
  services.offlineMessages.forgetDirectConversation(owner, nick);
  services.readMarkers.noteLoss(owner, nick, lastReceived(conversation));
}

/** Forgets all read markers and replay positions of an account that has ended. */
export function forgetMarkers(context: HubContext, services: Services, account: Account): void {
  services.offlineMessages.dropAccount(account);
  services.replayPositions.dropAccount(account);
  services.readMarkers.dropAccount(account);
  if (disclosedRead(context, services, account.owner, "") === undefined) {
    services.receipts.endOwner(account.owner);
  }
}

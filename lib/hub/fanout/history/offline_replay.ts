/**
 * Replays to a session the direct messages that arrived while its account was offline: those that were sent to no
 * session of the account and are newer than its read markers. A session that can tell old messages from new gets a
 * batch `chathistory` per conversation, once for all sessions of the account. Any other session, and a bot, gets a
 * notice that there are messages and how to see them.
 */
import { CAP } from "../../../irc/capabilities.ts";
import { isReceiver } from "../../model/state/entities.ts";
import type { Account, Session, User } from "../../model/state/entities.ts";
import { CHATHISTORY_MAX_BYTES, CHATHISTORY_MAX_MESSAGES } from "../../model/config.ts";
import type { HubContext, Services } from "../../context.ts";
import { markReplayed } from "./read_marker_updates.ts";
import { isAfter } from "../../model/identifiers.ts";
import { CapSet } from "../../../irc/cap_set.ts";
import { lengthIn, messageIn } from "../../history/paging/history_view.ts";
import type { HistoryView, RecordSource } from "../../history/paging/history_view.ts";
import type { PageRequest } from "../../history/paging/page_request.ts";
import { readConversation, runReading } from "./archive_reader.ts";
import type { ReadConversation, StepsFor } from "./archive_reader.ts";
import type { WorkSteps } from "../../model/work_steps.ts";
import { rendersTimedBatches, sendRecords } from "./history_reply.ts";
import { maxHistoryLineBytes } from "../../history/record_renderer.ts";
import { formatMessageCount, formatNames, HISTSERV, sendServiceNotice } from "./service_notice.ts";
import { HISTORY_REQUEST_MS } from "../../services/offline_messages.ts";
import { rankOfflineConversation } from "../../services/offline_rank.ts";

/**
 * Bound on conversations that are replayed at once: those of the highest ranks (offline_rank.ts) with the latest
 * messages. The others stay queued, and a notice names them.
 */
export const MAX_REPLAYED_CONVERSATIONS = 50;
/** Bound on messages replayed per conversation, the latest ones; a notice tells the total. */
export const MAX_REPLAYED_MESSAGES = 100;

const NO_RECORDS: RecordSource = { archived: () => undefined };

/** The queued messages of one conversation. */
interface OfflineConversation {
  /** The nick of the other user, as it was first spelled. */
  readonly name: string;
  readonly folded: string;
  /**
   * The other user's messages, oldest first: of the latest {@link CHATHISTORY_MAX_MESSAGES} in the conversation.
   */
  readonly seqs: readonly number[];
  /** Where the latest of them are found, {@link MAX_REPLAYED_MESSAGES}. */
  readonly records: RecordSource;
  /** There may be more: the archive cannot be read at the moment. */
  readonly isPartial: boolean;
}

/** Schedules the replay for `session`, which has just registered or been logged in. */
export function scheduleOfflineReplay(context: HubContext, services: Services, session: Session): void {
  const account = session.user?.account;
  if (account === undefined || session.closeReason !== undefined || !isReceiver(session)) return;
  if (session.caps.has(CAP.chathistory)) {
    return services.offlineMessages.awaitHistoryRequest(session, context.monotonic + HISTORY_REQUEST_MS);
  }
  const { value: lost } = services.readMarkers.lostUnread(account)[Symbol.iterator]().next();
  if (services.offlineMessages.of(account).size > 0 || services.offlineMessages.hasMore(account) || lost) {
    services.offlineMessages.pingAfterWelcome(session);
  }
}

/** Handles a PONG with `token`: if it answers the PING sent after the welcome, the queued messages are replayed. */
export function replayAfterWelcome(
  context: HubContext,
  services: Services,
  session: Session,
  token: string,
): void {
  const account = session.user?.account;
  if (services.offlineMessages.isWelcomeAnswered(session, token) && account !== undefined) {
    context.runInSteps(replayOfflineMessages(context, services, session, account));
  }
}

/** Replays queued messages to the sessions that could have requested history but did not in time. */
export function replayDue(context: HubContext, services: Services): void {
  for (const session of services.offlineMessages.takeDue(context.monotonic)) {
    const account = session.user?.account;
    if (account === undefined || session.closeReason !== undefined) continue;
    runReading(context, services, session, replayOfflineMessages(context, services, session, account));
    services.offlineMessages.markSent(session);
  }
}

function* replayOfflineMessages(
  context: HubContext,
  services: Services,
  session: Session,
  account: Account,
): WorkSteps {
  const found: OfflineConversation[] = [];
  for (const [nick, since] of [...services.offlineMessages.of(account)]) {
    const conversation = yield* findOfflineConversation(context, services, session, account, nick, {
      from: since,
      until: session.liveFromSeq,
    });
    if (session.closeReason !== undefined) return;
    if (conversation.seqs.length > 0) found.push(conversation);
    else if (since < session.liveFromSeq && !conversation.isPartial) {
      services.offlineMessages.clear(account, nick); // read elsewhere, redacted, or overwritten
    }
    yield 1 + conversation.seqs.length;
  }
  const { user } = session;
  if (session.closeReason !== undefined || user === undefined) return;
  sendLostMessages(context, services, session, user, account);
  if (!rendersTimedBatches(session.caps) || context.state.bots.has(user)) {
    return sendOfflineSummary(context, services, session, account, found);
  }
  const ranked = byRank(services, account, found);
  const latest = ranked.slice(-MAX_REPLAYED_CONVERSATIONS).sort(byLatest);
  const left = ranked.slice(0, -MAX_REPLAYED_CONVERSATIONS);
  let bytes = 0;
  for (const conversation of latest) {
    if (session.closeReason !== undefined) return;
    if (!services.offlineMessages.of(account).has(conversation.folded)) continue; // replayed to another session meanwhile
    if (bytes > CHATHISTORY_MAX_BYTES) left.push(conversation);
    else bytes += replayConversation(context, services, session, user, account, conversation);
    yield conversation.seqs.length;
  }
  sendNotReplayed(context, services, session, account, left);
}

/**
 * `found` in ascending order of rank (offline_rank.ts); among equal ranks, the one with the latest message last.
 */
function byRank(
  services: Services,
  account: Account,
  found: readonly OfflineConversation[],
): OfflineConversation[] {
  if (found.length <= MAX_REPLAYED_CONVERSATIONS) return [...found];
  const ranks = new Map(
    found.map((
      each,
    ) => [each, rankOfflineConversation(services, account, each.folded, each.seqs[0]!)]),
  );
  return found.toSorted((a, b) => ranks.get(a)! - ranks.get(b)! || byLatest(a, b));
}

/** The queued messages of the conversation with `nick`, in the records from `from` to below `until`. */
function* findOfflineConversation(
  context: HubContext,
  services: Services,
  session: Session,
  account: Account,
  nick: string,
  { from, until }: { from: number; until: number },
): StepsFor<OfflineConversation> {
  const read = yield* readUnread(context, services, session, account, nick, from);
  if (read === undefined) {
    return { name: nick, folded: nick, seqs: [], records: NO_RECORDS, isPartial: false };
  }
  const seqs = findUnread(services, account, nick, read.view, from).filter((seq) => seq < until);
  const records = new Map(
    seqs.slice(-MAX_REPLAYED_MESSAGES).map((seq) => [seq, read.view.archived(seq)]),
  );
  const archived = (seq: number) => records.get(seq);
  return { name: read.name, folded: nick, seqs, records: { archived }, isPartial: read.isPartial };
}

/**
 * The latest messages in the conversation of `account` with `nick`, as many as are looked at to find unread ones, from
 * the record `from` on; undefined: there is no conversation.
 */
export function* readUnread(
  context: HubContext,
  services: Services,
  session: Session,
  account: Account,
  nick: string,
  from: number,
): StepsFor<ReadConversation | undefined> {
  const request: PageRequest = {
    command: "LATEST",
    anchors: from > 1 ? [{ by: "seq", seq: from - 1 }] : [],
    limit: CHATHISTORY_MAX_MESSAGES,
    caps: CapSet.EMPTY,
    isExact: true,
  };
  const find = () => services.history.directConversation(account.owner, nick) ?? "unknown";
  const read = yield* readConversation(context, services, session, nick, request, find);
  if (read === "hidden") return undefined;
  return read.target === undefined && read.view.length === 0 && !read.isPartial ? undefined : read;
}

/**
 * Messages to `account` in its conversation with `nick`, of which `view` has the latest, from the record `from` on,
 * that are newer than the read marker.
 */
export function findUnread(
  services: Services,
  account: Account,
  nick: string,
  view: HistoryView,
  from: number,
): number[] {
  const { sequence, length, times } = view;
  const marker = services.readMarkers.of(account, nick);
  const isRead = (seq: number) => marker !== undefined && !isAfter({ seq, time: times.of(seq) }, marker);
  const behind = sequence.partition((seq) => seq < from || isRead(seq));
  const start = Math.max(behind, length - CHATHISTORY_MAX_MESSAGES);
  const isReceived = (seq: number) => {
    const event = messageIn(services.history, view, seq)?.event;
    return event !== undefined && event.from !== account.owner;
  };
  return start < length ? sequence.range(start, length).filter(isReceived) : [];
}

/** Replays one conversation and returns its approximate size in bytes. */
function replayConversation(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  account: Account,
  { name, folded, seqs, records }: OfflineConversation,
): number {
  const latest = seqs.slice(-MAX_REPLAYED_MESSAGES);
  const selection = { from: 0, to: latest.length, keepSide: "newest", isWhole: false } as const;
  const told = sendRecords(context, services, session, {
    requestedTarget: name,
    channel: undefined,
    view: records,
    selection,
  }, latest);
  const played = seqs.slice(-told);
  const last = played.at(-1)!;
  services.offlineMessages.clear(account, folded);
  services.offlineMessages.noteReplayed(session, folded, { from: played[0]!, until: last + 1 });
  markReplayed(context, services, session, user, name, {
    seq: last,
    time: records.archived(last)?.time ?? services.history.timeOf(last) ?? context.now,
  });
  if (told < seqs.length) {
    const words = `${
      formatMessageCount(seqs.length)
    } from ${name} while you were away, the last ${told} shown`;
    sendServiceNotice(
      context,
      session,
      HISTSERV,
      `${words}\nTo see them all: /msg HistServ ${name} ${seqs.length}`,
    );
  }
  return played.reduce((sum, seq) => sum + maxHistoryLineBytes(lengthIn(services.history, records, seq)), 0);
}

function sendOfflineSummary(
  context: HubContext,
  services: Services,
  session: Session,
  account: Account,
  found: OfflineConversation[],
): void {
  if (found.length > 0) {
    const count = found.reduce((sum, { seqs }) => sum + seqs.length, 0);
    const names = found.sort(byLatest).map(({ name }) => name);
    const words = `${formatMessageCount(count)} for you while you were away, from ${formatNames(names)}`;
    sendServiceNotice(context, session, HISTSERV, `${words}\nTo see them: /msg HistServ ${names[0]}`);
  }
  sendMoreWaiting(context, services, session, account);
}

/** Sends a notice of the queued conversations that are not replayed now. */
function sendNotReplayed(
  context: HubContext,
  services: Services,
  session: Session,
  account: Account,
  left: readonly OfflineConversation[],
): void {
  if (left.length > 0) {
    const names = formatNames(left.map(({ name }) => name));
    const words = `There are more messages for you, from ${names}`;
    sendServiceNotice(context, session, HISTSERV, `${words}\nTo see them: /msg HistServ ${left[0]!.name}`);
  }
  sendMoreWaiting(context, services, session, account);
}

function sendMoreWaiting(context: HubContext, services: Services, session: Session, account: Account): void {
  if (!services.offlineMessages.hasMore(account)) return;
  services.offlineMessages.clearMore(account);
  sendServiceNotice(
    context,
    session,
    HISTSERV,
    "There are also messages from other users\nTo list all conversations: /msg HistServ LIST",
  );
}

/** Sends a notice, once, of messages that were overwritten before they were read. */
function sendLostMessages(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  account: Account,
): void {
  if (session.caps.has(CAP.chathistory) || session.caps.has(CAP.seq)) return; // the reply to its CHATHISTORY reports the loss
  const lost = [...services.readMarkers.lostUnread(account)];
  if (lost.length === 0) return;
  for (const [nick, last] of lost) markReplayed(context, services, session, user, nick, last);
  const names = formatNames(
    lost.map(([nick]) => services.history.directConversation(account.owner, nick)?.name ?? nick),
  );
  sendServiceNotice(
    context,
    session,
    HISTSERV,
    `Unread messages from ${names} are lost: newer ones overwrote them`,
  );
}

/** Compares conversations by their latest message, the newest last. */
function byLatest(a: OfflineConversation, b: OfflineConversation): number {
  return (a.seqs.at(-1) ?? 0) - (b.seqs.at(-1) ?? 0);
}

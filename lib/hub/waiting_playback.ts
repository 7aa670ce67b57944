/**
 * Shows a session the direct messages that came while its account was away: those that no session of the account has been sent and
 * that are newer than its read markers. A session that tells old from new gets a batch `chathistory` for each conversation, once over
 * all sessions of the account; any other, and a bot, is told that there are some, and how to see them.
 */
import { CAP } from "../irc/caps.ts";
import type { Account } from "./accounts.ts";
import type { Target } from "./archive.ts";
import { CHATHISTORY_MAX_BYTES, CHATHISTORY_MAX_MESSAGES } from "./config.ts";
import type { Hub } from "./hub.ts";
import { isAfter, markPlayed } from "./markers.ts";
import type { Steps } from "./pieces.ts";
import { sayRecords, showsBatches } from "./playback.ts";
import { lineBytesBound } from "./record_lines.ts";
import { HISTSERV, messagesInWords, namesInWords, sayNotice } from "./service_notice.ts";
import type { Session, User } from "./state.ts";
import { HISTORY_QUESTION_MS } from "./waiting_messages.ts";
import { waitingRank } from "./waiting_rank.ts";

/** Conversations that are played at once, those of the highest ranks (waiting_rank.ts) with the latest messages; the others stay waiting, and are named. */
export const MAX_PLAYED_CONVERSATIONS = 50;
/** Messages of one conversation that are played, the latest; how many more there are is told. */
export const MAX_PLAYED_MESSAGES = 100;

/** What waits of one conversation. */
export interface WaitingConversation {
  /** The other's nick, as it was first spelled. */
  readonly name: string;
  readonly folded: string;
  /** Messages of the other, oldest first: of the latest {@link CHATHISTORY_MAX_MESSAGES} in the conversation. */
  readonly seqs: readonly number[];
}

/** `session` has registered, or its user is logged in now. */
export function playWaiting(hub: Hub, session: Session): void {
  const account = session.user?.account;
  if (account === undefined || session.closing !== undefined) return;
  if (session.caps & CAP.chathistory) {
    return hub.waiting.awaitQuestion(session, hub.monotonic + HISTORY_QUESTION_MS);
  }
  const { value: lost } = hub.markers.unreadAndLost(account)[Symbol.iterator]().next();
  if (hub.waiting.of(account).size > 0 || hub.waiting.hasMore(account) || lost) {
    hub.waiting.greet(hub, session);
  }
}

/** `session` has answered a PING with `token`: if that stood behind its welcome, it is played what waits. */
export function playGreeted(hub: Hub, session: Session, token: string): void {
  const account = session.user?.account;
  if (hub.waiting.isGreeted(session, token) && account !== undefined) hub.later(play(hub, session, account));
}

/** Plays what waits to the sessions that can ask for it, and have not in the time that they have for it. */
export function playDue(hub: Hub): void {
  for (const session of hub.waiting.due(hub.monotonic)) {
    const account = session.user?.account;
    if (account === undefined || session.closing !== undefined) continue;
    hub.later(play(hub, session, account));
    hub.waiting.heard(hub, session);
  }
}

function* play(hub: Hub, session: Session, account: Account): Steps {
  const found: WaitingConversation[] = [];
  for (const [nick, since] of [...hub.waiting.of(account)]) {
    const conversation = waitingOf(hub, account, nick, { from: since, until: session.sinceSeq });
    if (conversation.seqs.length > 0) found.push(conversation);
    else if (since < session.sinceSeq) hub.waiting.clear(hub, account, nick); // read by another way, taken back, or gone
    yield 1 + conversation.seqs.length;
  }
  const { user } = session;
  if (session.closing !== undefined || user === undefined) return;
  sayLost(hub, session, user, account);
  if (!showsBatches(session.caps) || hub.state.bots.has(user)) {
    return sayThatTheyWait(hub, session, account, found);
  }
  const ranked = byRank(hub, account, found);
  const latest = ranked.slice(-MAX_PLAYED_CONVERSATIONS).sort(byLatest);
  const left = ranked.slice(0, -MAX_PLAYED_CONVERSATIONS);
  let bytes = 0;
  for (const conversation of latest) {
    if (session.closing !== undefined) return;
    if (!hub.waiting.of(account).has(conversation.folded)) continue; // another session was played it meanwhile
    if (bytes > CHATHISTORY_MAX_BYTES) left.push(conversation);
    else bytes += playConversation(hub, session, user, account, conversation);
    yield conversation.seqs.length;
  }
  sayLeft(hub, session, account, left);
}

/** `found` in the order of their ranks (waiting_rank.ts), of equal ones the one with the latest message last. */
function byRank(hub: Hub, account: Account, found: readonly WaitingConversation[]): WaitingConversation[] {
  if (found.length <= MAX_PLAYED_CONVERSATIONS) return [...found];
  const ranks = new Map(found.map((each) => [each, waitingRank(hub, account, each.folded, each.seqs[0]!)]));
  return found.toSorted((a, b) => ranks.get(a)! - ranks.get(b)! || byLatest(a, b));
}

/** What waits of the conversation with `nick` in the records from `from` to below `until`. */
export function waitingOf(
  hub: Hub,
  account: Account,
  nick: string,
  { from, until }: { from: number; until: number },
): WaitingConversation {
  const talk = hub.archive.talk(account.owner, nick);
  if (talk === undefined) return { name: nick, folded: nick, seqs: [] };
  const seqs = unread(hub, account, nick, talk, from).filter((seq) => seq < until);
  return { name: talk.name, folded: nick, seqs };
}

/** Messages to `account` in `talk`, with `nick`, from the record `from` on that are newer than the read marker. */
export function unread(
  hub: Hub,
  account: Account,
  nick: string,
  { timeline }: Target,
  from: number,
): number[] {
  const length = timeline.length(hub.ring.oldestSeq);
  const marker = hub.markers.of(account, nick);
  const isRead = (seq: number) =>
    marker !== undefined && !isAfter({ seq, time: hub.archive.timeOf(seq) ?? 0 }, marker);
  const behind = timeline.partition((seq) => seq < from || isRead(seq));
  const start = Math.max(behind, length - CHATHISTORY_MAX_MESSAGES);
  const isReceived = (seq: number) => {
    const event = hub.archive.entry(seq)?.event;
    return event !== undefined && event.from !== account.owner;
  };
  return start < length ? timeline.range(start, length).filter(isReceived) : [];
}

/** Answers how many bytes that is, more or less. */
function playConversation(
  hub: Hub,
  session: Session,
  user: User,
  account: Account,
  { name, folded, seqs }: WaitingConversation,
): number {
  const latest = seqs.slice(-MAX_PLAYED_MESSAGES);
  const selection = { from: 0, to: latest.length, keep: "newest", isWhole: false } as const;
  const told = sayRecords(hub, session, { asked: name, room: undefined, selection }, latest);
  const played = seqs.slice(-told);
  const last = played.at(-1)!;
  hub.waiting.clear(hub, account, folded);
  hub.waiting.notePlayed(session, folded, { from: played[0]!, until: last + 1 });
  markPlayed(hub, session, user, name, { seq: last, time: hub.archive.timeOf(last) ?? hub.now });
  if (told < seqs.length) {
    const words = `${messagesInWords(seqs.length)} from ${name} while you were away, the last ${told} shown`;
    sayNotice(hub, session, HISTSERV, `${words}; see them all with: /msg HistServ ${name} ${seqs.length}`);
  }
  return played.reduce((sum, seq) => sum + lineBytesBound(hub.archive.lengthOf(seq)), 0);
}

function sayThatTheyWait(
  hub: Hub,
  session: Session,
  account: Account,
  found: WaitingConversation[],
): void {
  if (found.length > 0) {
    const count = found.reduce((sum, { seqs }) => sum + seqs.length, 0);
    const names = found.sort(byLatest).map(({ name }) => name);
    const words = `${messagesInWords(count)} for you while you were away, from ${namesInWords(names)}`;
    sayNotice(hub, session, HISTSERV, `${words}; see them with: /msg HistServ ${names[0]}`);
  }
  sayMore(hub, session, account);
}

/** Conversations that wait and are not played now. */
function sayLeft(hub: Hub, session: Session, account: Account, left: readonly WaitingConversation[]): void {
  if (left.length > 0) {
    const names = namesInWords(left.map(({ name }) => name));
    const words = `More messages wait for you, from ${names}`;
    sayNotice(hub, session, HISTSERV, `${words}; see them with: /msg HistServ ${left[0]!.name}`);
  }
  sayMore(hub, session, account);
}

function sayMore(hub: Hub, session: Session, account: Account): void {
  if (!hub.waiting.hasMore(account)) return;
  hub.waiting.clearMore(hub, account);
  sayNotice(
    hub,
    session,
    HISTSERV,
    "Messages from others wait, too; see the conversations with: /msg HistServ LIST",
  );
}

/** Messages that were overwritten before they were read; it is told once. */
function sayLost(hub: Hub, session: Session, user: User, account: Account): void {
  if (session.caps & (CAP.chathistory | CAP.seq)) return; // the answer to its CHATHISTORY tells
  const lost = [...hub.markers.unreadAndLost(account)];
  if (lost.length === 0) return;
  for (const [nick, last] of lost) markPlayed(hub, session, user, nick, last);
  const names = namesInWords(lost.map(([nick]) => hub.archive.talk(account.owner, nick)?.name ?? nick));
  sayNotice(
    hub,
    session,
    HISTSERV,
    `Messages from ${names} were lost before you came: newer ones took their place`,
  );
}

/** The one with the latest message last. */
export function byLatest(a: WaitingConversation, b: WaitingConversation): number {
  return (a.seqs.at(-1) ?? 0) - (b.seqs.at(-1) ?? 0);
}

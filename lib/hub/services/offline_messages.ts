/**
 * Offline messages: direct messages to an account that have been sent to none of its sessions yet. Of each
 * conversation the first such record is known. A session that cannot request history gets them replayed when it
 * registers or logs in (offline_replay.ts); a session that can (draft/chathistory) counts as a receiver only after
 * it has requested history, or after the time for that is over.
 *
 *     fact waiting, by folded account: { since: { <folded nick>: <seq> }, more: <seq> }
 */
import { CAP } from "../../irc/capabilities.ts";
import { casefold } from "../../irc/names/casemap.ts";
import { isReceiver } from "../model/state/entities.ts";
import type { Account, Session } from "../model/state/entities.ts";
import { nickOf } from "../model/identifiers.ts";
import type { DirectTarget, MessageEvent } from "../model/state/event.ts";
import type { OwnerId } from "../model/identifiers.ts";
import { readMember } from "../log/facts.ts";
import type { FactBuffer } from "../log/facts.ts";
import type { HistoryIndex } from "../history/history_index.ts";
import type { HubOutbox } from "../output/outbox.ts";
import type { Accounts } from "./accounts/accounts.ts";
import type { ReadMarkers } from "./read_markers.ts";
import { OFFLINE_RANK, rankOfflineConversation } from "./offline_rank.ts";
import type { OfflineRank } from "./offline_rank.ts";

/**
 * Known conversations with offline messages of one account, by rank (offline_rank.ts); of further ones only their
 * existence is known.
 */
export const MAX_OFFLINE_CONVERSATIONS_PER_ACCOUNT = 100;
/** Time that a session that can request history has for that after its registration. */
export const HISTORY_REQUEST_MS = 10_000;
/** Sessions that get offline messages replayed in one tick; the others follow in the next. */
const REPLAYS_PER_TICK = 50;

/** Prefix of the token of a PING after the welcome; a number follows. */
const GREETING = "waiting-";

interface OfflineMessagesOfAccount {
  /** First waiting record of each conversation, by folded nick of the sender. */
  readonly since: Map<string, number>;
  /**
   * First waiting record of the conversations beyond {@link MAX_OFFLINE_CONVERSATIONS_PER_ACCOUNT}; 0: there are
   * none.
   */
  more: number;
}

/** Records from `from` up to but not including `until`. */
interface RecordSpan {
  readonly from: number;
  readonly until: number;
}

/** What offline messages work with. */
export interface OfflineMessageParts {
  readonly facts: FactBuffer;
  readonly accounts: Accounts;
  readonly history: HistoryIndex;
  readonly readMarkers: ReadMarkers;
  readonly outbox: HubOutbox;
}

const NONE: ReadonlyMap<string, number> = new Map();

export class OfflineMessages {
  /** By folded account name. */
  readonly #ofAccounts = new Map<string, OfflineMessagesOfAccount>();
  /**
   * Sessions that can request history and have not, with the deadline on the monotonic clock, ordered by
   * deadline.
   */
  readonly #undecided = new Map<Session, number>();
  /** Sessions that get offline messages replayed once they answer a PING, with its token. */
  readonly #greeted = new Map<Session, string>();
  #nextGreeting = 1;
  /** Records replayed to each session, by folded nick. */
  readonly #played = new WeakMap<Session, Map<string, RecordSpan>>();
  readonly #parts: OfflineMessageParts;

  constructor(parts: OfflineMessageParts) {
    this.#parts = parts;
  }

  /** First waiting record of each conversation, by folded nick of the sender. */
  of({ folded }: Account): ReadonlyMap<string, number> {
    return this.#ofAccounts.get(folded)?.since ?? NONE;
  }

  /** Whether there are further conversations with offline messages, which are not known one by one. */
  hasMore({ folded }: Account): boolean {
    return (this.#ofAccounts.get(folded)?.more ?? 0) > 0;
  }

  /** Called for a direct message recorded at `seq`: it waits unless a session of the receiving account gets it now. */
  noteReceived({ source, from }: MessageEvent, { owner: to }: DirectTarget, seq: number): void {
    const account = to === from ? undefined : this.#parts.accounts.byOwner(to);
    if (account === undefined || this.#isHeard(account)) return;
    this.add(account, casefold(nickOf(source)), seq);
  }

  /** Notes that messages from `nick` (folded) wait from the record `seq` on, unless earlier ones do. */
  add(account: Account, nick: string, seq: number): void {
    const waiting = this.#for(account);
    if (waiting.since.has(nick)) return;
    if (waiting.since.size >= MAX_OFFLINE_CONVERSATIONS_PER_ACCOUNT) {
      const out = this.#outranked(
        account,
        rankOfflineConversation(this.#parts, account, nick, seq),
      );
      if (out === undefined && waiting.more > 0) return;
      const left = out === undefined ? seq : waiting.since.get(out)!;
      waiting.more = waiting.more === 0 ? left : Math.min(waiting.more, left);
      if (out !== undefined) waiting.since.delete(out);
      if (out !== undefined) waiting.since.set(nick, seq);
    } else waiting.since.set(nick, seq);
    this.#save(account);
  }

  /** The conversation that makes room for another one of `rank`: the first of the lowest rank, if that is lower. */
  #outranked(
    account: Account,
    rank: OfflineRank,
  ): string | undefined {
    let [lowest, out]: [number, string | undefined] = [rank, undefined];
    for (const [nick, since] of rank === OFFLINE_RANK.noAccount ? NONE : this.of(account)) {
      const each = rankOfflineConversation(this.#parts, account, nick, since);
      if (each < lowest) [lowest, out] = [each, nick];
      if (lowest === OFFLINE_RANK.noAccount) break;
    }
    return out;
  }

  /** Called when the messages from `nick` have been sent to a session or read, or are lost. */
  clear(account: Account, nick: string): void {
    const waiting = this.#ofAccounts.get(account.folded);
    if (waiting?.since.delete(casefold(nick))) this.#save(account);
  }

  /** Called when the account has been told that there are further conversations. */
  clearMore(account: Account): void {
    if (!this.hasMore(account)) return;
    this.#for(account).more = 0;
    this.#save(account);
  }

  /**
   * Whether a session of the account of `owner` has not been heard from since the record `seq`: if its connection
   * turns out to be broken, the account's messages since then are queued (disconnect.ts).
   */
  isUnconfirmed(owner: OwnerId, seq: number): boolean {
    const users = this.#parts.accounts.byOwner(owner)?.users ?? [];
    return users.some(({ sessions }) => sessions.some(({ connection }) => seq >= connection.lastHeardSeq));
  }

  /** Notes that messages to `owner` from the record `seq` on may wait in a conversation that is not known any more. */
  noteMore(owner: OwnerId, seq: number): void {
    const account = this.#parts.accounts.byOwner(owner);
    if (account === undefined || this.hasMore(account)) return;
    this.#for(account).more = seq;
    this.#save(account);
  }

  /** Called when the history index drops the conversation of `owner` with `nick` (folded). */
  forgetDirectConversation(owner: OwnerId, nick: string): void {
    const account = this.#parts.accounts.byOwner(owner);
    if (account !== undefined) this.clear(account, nick);
  }

  /** Gives `session`, which can request history, time for that until `until` on the monotonic clock. */
  awaitHistoryRequest(session: Session, until: number): void {
    this.#undecided.delete(session);
    this.#undecided.set(session, until);
  }

  /**
   * Sends `session` a PING after its welcome: the lines that precede the PONG tell what it has to declare first,
   * such as that it is a bot (user mode +B).
   */
  pingAfterWelcome(session: Session): void {
    const token = GREETING + (this.#nextGreeting++).toString(36);
    this.#greeted.set(session, token);
    this.#parts.outbox.line(session, `PING ${token}`);
  }

  /** Whether `session` has answered the PING of {@link pingAfterWelcome}. */
  isWelcomeAnswered(session: Session, token: string): boolean {
    return this.#greeted.get(session) === token && this.#greeted.delete(session);
  }

  /** Called when `session` requests history itself: it has been sent what arrived since it registered. */
  noteHistoryRequest(session: Session): void {
    if (this.#undecided.delete(session)) this.markSent(session);
  }

  /** Marks what arrived since `session` registered as sent to it. */
  markSent(session: Session): void {
    const account = session.user?.account;
    const waiting = account && this.#ofAccounts.get(account.folded);
    if (account === undefined || waiting === undefined) return;
    for (const [nick, seq] of waiting.since) {
      if (seq >= session.liveFromSeq) waiting.since.delete(nick);
    }
    if (waiting.more >= session.liveFromSeq) waiting.more = 0;
    this.#save(account);
  }

  /** Whether the replay for `session` waits for its client, or for the time in which it may request history. */
  isReplayDue(session: Session): boolean {
    return this.#undecided.has(session) || this.#greeted.has(session);
  }

  dropSession(session: Session): void {
    this.#undecided.delete(session);
    this.#greeted.delete(session);
  }

  /** Sessions of which the time to request history is over; each is returned once. */
  takeDue(now: number): Session[] {
    const due: Session[] = [];
    for (const [session, until] of this.#undecided) {
      if (until > now || due.length === REPLAYS_PER_TICK) break;
      due.push(session);
      this.#undecided.delete(session);
    }
    return due;
  }

  /** Notes that the messages from `nick` in `span` were replayed to `session`. */
  noteReplayed(session: Session, nick: string, span: RecordSpan): void {
    const played = this.#played.get(session) ?? new Map();
    this.#played.set(session, played.set(casefold(nick), span));
  }

  wasReplayed(session: Session, nick: string, seq: number): boolean {
    const span = this.#played.get(session)?.get(casefold(nick));
    return span !== undefined && seq >= span.from && seq < span.until;
  }

  /** Removes the offline messages of an ended account. */
  dropAccount({ folded }: Account): void {
    if (this.#ofAccounts.delete(folded)) this.#parts.facts.put("waiting", folded, undefined);
  }

  /** Restores the fact `waiting`. */
  restore(folded: string, value: unknown): void {
    const more = readMember(value, "more", "number");
    const { since } = value as { since?: unknown };
    if (typeof since !== "object" || since === null) throw new TypeError("since is not an object");
    const entries = Object.entries(since).filter((entry): entry is [string, number] =>
      Number.isSafeInteger(entry[1])
    );
    this.#ofAccounts.set(folded, {
      since: new Map(entries.slice(0, MAX_OFFLINE_CONVERSATIONS_PER_ACCOUNT)),
      more: Number.isSafeInteger(more) ? more : 0,
    });
  }

  /** Whether a session of `account` receives direct messages now. */
  #isHeard({ users }: Account): boolean {
    for (const { sessions } of users) {
      for (const session of sessions) {
        if (!isReceiver(session)) continue;
        if (!session.caps.has(CAP.chathistory) || !this.#undecided.has(session)) return true;
      }
    }
    return false;
  }

  #for({ folded }: Account): OfflineMessagesOfAccount {
    let waiting = this.#ofAccounts.get(folded);
    if (waiting === undefined) {
      this.#ofAccounts.set(folded, waiting = { since: new Map(), more: 0 });
    }
    return waiting;
  }

  #save({ folded }: Account): void {
    const { since, more } = this.#ofAccounts.get(folded)!;
    const isNothing = since.size === 0 && more === 0;
    if (isNothing) this.#ofAccounts.delete(folded);
    const value = isNothing ? undefined : { since: Object.fromEntries(since), more };
    this.#parts.facts.put("waiting", folded, value, this.#parts.history.log.nextSeq - 1);
  }
}

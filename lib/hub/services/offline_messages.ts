/**
 * Direct messages to an account that no session of it has been sent yet, by conversation: from which record on. A session that
 * cannot ask for history is played them when it registers or logs in (offline_replay.ts); a session that can (draft/chathistory)
 * only counts as a receiver once it has asked, or its time to ask is over.
 *
 *     fact waiting, by folded account: { since: { <folded nick>: <seq> }, more: <seq> }
 */
import { CAP } from "../../irc/capabilities.ts";
import { casefold } from "../../irc/names/casemap.ts";
import type { Account, Session } from "../model/state/entities.ts";
import { nickOf } from "../model/identifiers.ts";
import type { DirectTarget, MessageEvent } from "../model/state/event.ts";
import type { OwnerId } from "../model/identifiers.ts";
import { readMember } from "../log/facts.ts";
import type { FactBuffer } from "../log/facts.ts";
import type { Archive } from "../history/archive.ts";
import type { HubOutbox } from "../output/outbox.ts";
import type { Accounts } from "./accounts/accounts.ts";
import type { ReadMarkers } from "./read_markers.ts";
import { OFFLINE_RANK, rankOfflineConversation } from "./offline_rank.ts";
import type { OfflineRank } from "./offline_rank.ts";

/** Conversations of one account that are known to wait, by their rank (offline_rank.ts); of more it is known that there are more. */
export const MAX_OFFLINE_CONVERSATIONS_PER_ACCOUNT = 100;
/** What each takes: a folded nick and a number in a map. Measured (V8 of Deno 2.9): about 120. */
export const OFFLINE_CONVERSATION_BYTES = 256;
/** A session that can ask for history has so long for it after it has registered. */
export const HISTORY_REQUEST_MS = 10_000;
/** Sessions that are played what waits in one tick; the others follow in the next. */
const REPLAYS_PER_TICK = 50;

/** In front of a number: the token of a PING behind the welcome. */
const GREETING = "waiting-";

interface OfflineMessagesOfAccount {
  /** By folded nick of the sender: the first record that waits. */
  readonly since: Map<string, number>;
  /** The first record of a conversation beyond {@link MAX_OFFLINE_CONVERSATIONS_PER_ACCOUNT}; 0: there is none. */
  more: number;
}

/** Records from `from` to below `until`. */
interface RecordSpan {
  readonly from: number;
  readonly until: number;
}

/** What the server knows of absent accounts, and what it is kept and sent with. */
export interface OfflineMessageParts {
  readonly facts: FactBuffer;
  readonly accounts: Accounts;
  readonly archive: Archive;
  readonly readMarkers: ReadMarkers;
  readonly outbox: HubOutbox;
}

const NONE: ReadonlyMap<string, number> = new Map();

export class OfflineMessages {
  /** By folded account. */
  readonly #ofAccounts = new Map<string, OfflineMessagesOfAccount>();
  /** Sessions that can ask for history and have not: until when they may, by {@link Hub.monotonic}. In the order of these. */
  readonly #undecided = new Map<Session, number>();
  /** Sessions that are played what waits once they answer a PING, and its token. */
  readonly #greeted = new Map<Session, string>();
  #nextGreeting = 1;
  /** What each session was played, by folded nick. */
  readonly #played = new WeakMap<Session, Map<string, RecordSpan>>();
  readonly #parts: OfflineMessageParts;

  constructor(parts: OfflineMessageParts) {
    this.#parts = parts;
  }

  /** By folded nick of the sender: the first record that waits. */
  of({ folded }: Account): ReadonlyMap<string, number> {
    return this.#ofAccounts.get(folded)?.since ?? NONE;
  }

  /** Conversations wait of which it is not known which they are. */
  hasMore({ folded }: Account): boolean {
    return (this.#ofAccounts.get(folded)?.more ?? 0) > 0;
  }

  /** A direct message was recorded at `seq`: it waits unless a session of its receiver's account gets it now. */
  noteReceived({ source, from }: MessageEvent, { owner: to }: DirectTarget, seq: number): void {
    const account = to === from ? undefined : this.#parts.accounts.byOwner(to);
    if (account === undefined || this.#isHeard(account)) return;
    this.add(account, casefold(nickOf(source)), seq);
  }

  /** What came from `nick` (folded) from the record `seq` on waits, if nothing did. */
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

  /** The conversation that gives way to another one of `rank`: the first of the lowest, if that is lower. */
  #outranked(
    account: Account,
    rank: OfflineRank,
  ): string | undefined {
    let [lowest, out]: [number, string | undefined] = [rank, undefined];
    for (const [nick, since] of rank === OFFLINE_RANK.guest ? NONE : this.of(account)) {
      const each = rankOfflineConversation(this.#parts, account, nick, since);
      if (each < lowest) [lowest, out] = [each, nick];
      if (lowest === OFFLINE_RANK.guest) break;
    }
    return out;
  }

  /** What came from `nick` has been sent to a session, was read, or is gone. */
  clear(account: Account, nick: string): void {
    const waiting = this.#ofAccounts.get(account.folded);
    if (waiting?.since.delete(casefold(nick))) this.#save(account);
  }

  /** It was told that there are more. */
  clearMore(account: Account): void {
    if (!this.hasMore(account)) return;
    this.#for(account).more = 0;
    this.#save(account);
  }

  /** The conversation of `owner` with `nick` (folded) is forgotten. */
  forgetDirectConversation(owner: OwnerId, nick: string): void {
    const account = this.#parts.accounts.byOwner(owner);
    if (account !== undefined) this.clear(account, nick);
  }

  /** `session` can ask for history, and has until `until` ({@link Hub.monotonic}) for it. */
  awaitHistoryRequest(session: Session, until: number): void {
    this.#undecided.delete(session);
    this.#undecided.set(session, until);
  }

  /**
   * Asks `session` by a PING whether it has read its welcome: with the answer it has said what it says first, such as that it is a
   * bot (user mode +B).
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

  /** `session` asks for its conversations by itself: what came since it is here it has been sent. */
  noteHistoryRequest(session: Session): void {
    if (this.#undecided.delete(session)) this.markSent(session);
  }

  /** What waits since `session` is here was sent to it. */
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

  dropSession(session: Session): void {
    this.#undecided.delete(session);
    this.#greeted.delete(session);
  }

  /** Sessions that had their time to ask; each is returned once. */
  takeDue(now: number): Session[] {
    const due: Session[] = [];
    for (const [session, until] of this.#undecided) {
      if (until > now || due.length === REPLAYS_PER_TICK) break;
      due.push(session);
      this.#undecided.delete(session);
    }
    return due;
  }

  /** `session` was played what came from `nick` in `span`. */
  noteReplayed(session: Session, nick: string, span: RecordSpan): void {
    const played = this.#played.get(session) ?? new Map();
    this.#played.set(session, played.set(casefold(nick), span));
  }

  wasReplayed(session: Session, nick: string, seq: number): boolean {
    const span = this.#played.get(session)?.get(casefold(nick));
    return span !== undefined && seq >= span.from && seq < span.until;
  }

  /** The account has ended. */
  dropAccount({ folded }: Account): void {
    if (this.#ofAccounts.delete(folded)) this.#parts.facts.put("waiting", folded, undefined);
  }

  /** Takes in the fact `waiting`. */
  restore(folded: string, value: unknown): void {
    const more = readMember(value, "more", "number");
    const { since } = value as { since?: unknown };
    if (typeof since !== "object" || since === null) throw new TypeError("since is no object");
    const entries = Object.entries(since).filter((entry): entry is [string, number] =>
      Number.isSafeInteger(entry[1])
    );
    this.#ofAccounts.set(folded, {
      since: new Map(entries.slice(0, MAX_OFFLINE_CONVERSATIONS_PER_ACCOUNT)),
      more: Number.isSafeInteger(more) ? more : 0,
    });
  }

  /** A session of `account` gets what is said to it now. */
  #isHeard({ users }: Account): boolean {
    for (const { sessions } of users) {
      for (const session of sessions) {
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
    this.#parts.facts.put("waiting", folded, value, this.#parts.archive.ring.nextSeq - 1);
  }
}

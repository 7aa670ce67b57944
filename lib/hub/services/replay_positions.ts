/**
 * Replay positions: up to which record a left channel has been sent to the sessions of an account, or of a user
 * without one. When they join again, the messages before that record are not replayed (join_replay.ts). Those of an
 * account are saved beside the log.
 *
 *     fact shown, by folded account: { <folded channel>: <seq> }
 */
import { casefold } from "../../irc/names/casemap.ts";
import { isReceiver } from "../model/state/entities.ts";
import type { Account, Channel, Session, User } from "../model/state/entities.ts";
import { isTemporaryOwner } from "../model/identifiers.ts";
import type { EventLog } from "../log/event_log.ts";
import type { FactBuffer } from "../log/facts.ts";
import type { ReadonlyState } from "../model/state/state.ts";
import type { SessionMemory } from "./limits/session_memory.ts";

/** Positions of one account or user; beyond that the one of the channel left longest ago is dropped. */
export const MAX_REPLAY_POSITIONS_PER_ACCOUNT = 100;
/**
 * Positions of all accounts together; beyond that the account that has left no channel for the longest time loses
 * one.
 */
export const MAX_REPLAY_POSITIONS = 100_000;
/** Bytes of each: a folded name and a number in a map. Measured (V8 of Deno 2.9): about 120. */
export const REPLAY_POSITION_BYTES = 256;

/** First record that has not been sent, by folded channel; the channel left longest ago first. */
type PositionsByChannel = Map<string, number>;

const NO_POSITIONS: ReadonlyMap<string, number> = new Map();

/** What the positions work with; `state` has the users without an account. */
export interface ReplayPositionParts {
  readonly facts: FactBuffer;
  readonly log: EventLog;
  readonly sessionMemory: SessionMemory;
  readonly state: ReadonlyState;
}

export class ReplayPositions {
  /** By folded account name; the account that has left no channel for the longest time first. */
  readonly #ofAccounts = new Map<string, PositionsByChannel>();
  readonly #ofUsers = new WeakMap<User, PositionsByChannel>();
  /** Number of positions of all accounts. */
  #total = 0;
  readonly #parts: ReplayPositionParts;

  constructor(parts: ReplayPositionParts) {
    this.#parts = parts;
  }

  /** First record of `channel` that has not been sent to `user` or its account; 0: unknown. */
  of(user: User, channel: Channel): number {
    const shown = user.account === undefined
      ? this.#ofUsers.get(user)
      : this.#ofAccounts.get(user.account.folded);
    return shown?.get(channel.folded) ?? 0;
  }

  /** Positions of a user without an account. */
  ofUser(user: User): ReadonlyMap<string, number> {
    return this.#ofUsers.get(user) ?? NO_POSITIONS;
  }

  /** Gives a user without an account a position that it had with an earlier hub. */
  restoreOfUser(user: User, session: Session, folded: string, seq: number): void {
    const shown = this.#for(user);
    if (shown.size >= MAX_REPLAY_POSITIONS_PER_ACCOUNT) return;
    if (this.#parts.sessionMemory.charge(session, REPLAY_POSITION_BYTES)) shown.set(folded, seq);
  }

  /**
   * Called when `user` leaves `channels` with `session`, its last one: it has been sent everything before, or, if a
   * PING is unanswered, everything until it was last heard.
   */
  noteLeft(
    user: User,
    session: Session,
    channels: readonly Channel[],
  ): void {
    if (channels.length === 0 || user.account === undefined && !canReturn(user)) return;
    if (!isReceiver(session)) return;
    const shown = this.#for(user);
    const before = shown.size;
    for (const channel of channels) {
      const seq = session.connection.pingedAt === 0
        ? this.#parts.log.nextSeq
        : session.connection.lastHeardSeq;
      if (!this.#charge(user, session, shown, channel)) continue;
      shown.delete(channel.folded);
      shown.set(channel.folded, Math.max(seq, 1));
      if (shown.size > MAX_REPLAY_POSITIONS_PER_ACCOUNT) shown.delete(shown.keys().next().value!);
    }
    if (user.account === undefined || shown.size === 0) return;
    this.#total += shown.size - before;
    this.#ofAccounts.delete(user.account.folded);
    this.#ofAccounts.set(user.account.folded, shown);
    this.#save(user.account.folded, shown);
    while (this.#total > MAX_REPLAY_POSITIONS) this.#dropOne();
  }

  /**
   * Moves the positions of the channel `from`, renamed to `to` by the record `seq`, where they are not later than
   * that.
   */
  rename(from: string, to: string, seq: number): void {
    const [old, folded] = [casefold(from), casefold(to)];
    if (old === folded) return;
    const move = (shown: PositionsByChannel | undefined): boolean => {
      const until = shown?.get(old);
      if (until === undefined || until > seq) return false;
      shown!.delete(old);
      shown!.set(folded, until);
      return true;
    };
    for (const user of this.#parts.state.users.values()) {
      if (user.account === undefined) move(this.#ofUsers.get(user));
    }
    for (const [account, shown] of this.#ofAccounts) {
      const before = shown.size;
      if (!move(shown)) continue;
      this.#total += shown.size - before;
      this.#save(account, shown);
    }
  }

  /** Removes the positions of an ended account. */
  dropAccount({ folded }: Account): void {
    const shown = this.#ofAccounts.get(folded);
    if (shown === undefined) return;
    this.#ofAccounts.delete(folded);
    this.#total -= shown.size;
    this.#parts.facts.put("shown", folded, undefined);
  }

  /** Restores the fact `shown`. */
  restore(folded: string, value: unknown): void {
    if (typeof value !== "object" || value === null) throw new TypeError("it is not an object");
    const entries = Object.entries(value as Record<string, unknown>).filter(
      (entry): entry is [string, number] => Number.isSafeInteger(entry[1]),
    );
    const shown = new Map(entries.slice(0, MAX_REPLAY_POSITIONS_PER_ACCOUNT));
    this.#total += shown.size - (this.#ofAccounts.get(folded)?.size ?? 0);
    this.#ofAccounts.set(folded, shown);
  }

  #save(account: string, shown: PositionsByChannel): void {
    const { facts, log } = this.#parts;
    facts.put("shown", account, shown.size === 0 ? undefined : Object.fromEntries(shown), log.nextSeq - 1);
  }

  #for(user: User): PositionsByChannel {
    if (user.account !== undefined) return this.#ofAccounts.get(user.account.folded) ?? new Map();
    let shown = this.#ofUsers.get(user);
    if (shown === undefined) this.#ofUsers.set(user, shown = new Map());
    return shown;
  }

  /** False: the session memory of the address of a user without an account is exhausted. */
  #charge(
    user: User,
    session: Session,
    shown: PositionsByChannel,
    channel: Channel,
  ): boolean {
    if (
      user.account !== undefined || shown.has(channel.folded) ||
      shown.size >= MAX_REPLAY_POSITIONS_PER_ACCOUNT
    ) {
      return true;
    }
    if (user.sessions.length === 0) return true; // bounded by the channels that it is in until it comes back or quits
    return this.#parts.sessionMemory.charge(session, REPLAY_POSITION_BYTES);
  }

  #dropOne(): void {
    const [account, shown] = this.#ofAccounts.entries().next().value!;
    shown.delete(shown.keys().next().value!);
    this.#total--;
    if (shown.size === 0) this.#ofAccounts.delete(account);
    this.#save(account, shown);
  }
}

/** A user without an account and without a session can come back only with its claim key. */
function canReturn({ sessions, owner }: User): boolean {
  return sessions.length > 0 || !isTemporaryOwner(owner);
}

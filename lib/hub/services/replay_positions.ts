/**
 * Up to where the sessions of an account, or of a user without one, have been shown a channel that they have left: the messages
 * before that record are not replayed to them when they enter again (history_reply.ts). Those of an account are kept beside the log.
 *
 *     fact shown, by folded account: { <folded channel>: <seq> }
 */
import { casefold } from "../../irc/names/casemap.ts";
import type { Account, Channel, Session, User } from "../model/state/entities.ts";
import { isTemporaryOwner } from "../model/identifiers.ts";
import type { Ring } from "../../log/ring.ts";
import type { FactBuffer } from "../log/facts.ts";
import type { ReadonlyState } from "../model/state/state.ts";
import type { SessionMemory } from "./limits/session_memory.ts";

/** Channels of one account or user of which this is known; of more the one left longest ago is forgotten. */
export const MAX_REPLAY_POSITIONS_PER_ACCOUNT = 100;
/** Of all accounts together; of more the account that left its channels longest ago forgets one. */
export const MAX_REPLAY_POSITIONS = 100_000;
/** What each takes: a folded name and a number in a map. Measured (V8 of Deno 2.9): about 120. */
export const REPLAY_POSITION_BYTES = 256;

/** By folded channel, the one left longest ago first: the first record that has not been shown. */
type PositionsByChannel = Map<string, number>;

/** What the positions are kept with; `state` has the users without an account. */
export interface ReplayPositionParts {
  readonly facts: FactBuffer;
  readonly ring: Ring;
  readonly sessionMemory: SessionMemory;
  readonly state: ReadonlyState;
}

export class ReplayPositions {
  /** By folded account, the one that left a channel longest ago first. */
  readonly #ofAccounts = new Map<string, PositionsByChannel>();
  readonly #ofUsers = new WeakMap<User, PositionsByChannel>();
  /** Of all accounts. */
  #total = 0;
  readonly #parts: ReplayPositionParts;

  constructor(parts: ReplayPositionParts) {
    this.#parts = parts;
  }

  /** The first record of `channel` that `user`, or its account, has not been shown; 0: nothing is known to have been. */
  of(user: User, channel: Channel): number {
    const shown = user.account === undefined
      ? this.#ofUsers.get(user)
      : this.#ofAccounts.get(user.account.folded);
    return shown?.get(channel.folded) ?? 0;
  }

  /** `user` leaves `channels`, by `session`, its last one: it has been shown what was said before, or until it was last heard. */
  noteLeft(
    user: User,
    session: Session,
    channels: readonly Channel[],
  ): void {
    if (channels.length === 0 || user.account === undefined && !canReturn(user)) return;
    const shown = this.#for(user);
    const before = shown.size;
    for (const channel of channels) {
      const seq = session.connection.pingedAt === 0
        ? this.#parts.ring.nextSeq
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

  /** The channel `from` is called `to` since the record `seq`: what was shown of it before has been shown. */
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

  /** The account has ended. */
  dropAccount({ folded }: Account): void {
    const shown = this.#ofAccounts.get(folded);
    if (shown === undefined) return;
    this.#ofAccounts.delete(folded);
    this.#total -= shown.size;
    this.#parts.facts.put("shown", folded, undefined);
  }

  /** Takes in the fact `shown`. */
  restore(folded: string, value: unknown): void {
    if (typeof value !== "object" || value === null) throw new TypeError("no object");
    const entries = Object.entries(value as Record<string, unknown>).filter(
      (entry): entry is [string, number] => Number.isSafeInteger(entry[1]),
    );
    const shown = new Map(entries.slice(0, MAX_REPLAY_POSITIONS_PER_ACCOUNT));
    this.#total += shown.size - (this.#ofAccounts.get(folded)?.size ?? 0);
    this.#ofAccounts.set(folded, shown);
  }

  #save(account: string, shown: PositionsByChannel): void {
    const { facts, ring } = this.#parts;
    facts.put("shown", account, shown.size === 0 ? undefined : Object.fromEntries(shown), ring.nextSeq - 1);
  }

  #for(user: User): PositionsByChannel {
    if (user.account !== undefined) return this.#ofAccounts.get(user.account.folded) ?? new Map();
    let shown = this.#ofUsers.get(user);
    if (shown === undefined) this.#ofUsers.set(user, shown = new Map());
    return shown;
  }

  /** False: the server remembers as much as it can for the address of a user without an account. */
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
    if (user.sessions.length === 0) return true; // no more than the channels that it is in until it comes back or quits
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

/** A user without an account and without a session comes back by its claim key only. */
function canReturn({ sessions, owner }: User): boolean {
  return sessions.length > 0 || !isTemporaryOwner(owner);
}

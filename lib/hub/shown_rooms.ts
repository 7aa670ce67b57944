/**
 * Up to where the sessions of an account, or of a user without one, have been shown a room that they have left: the messages
 * before that record are not replayed to them when they enter again (playback.ts). Those of an account are kept beside the log.
 *
 *     fact shown, by folded account: { <folded room>: <seq> }
 */
import { casefold } from "../irc/casemap.ts";
import type { Account } from "./accounts.ts";
import { isPassing } from "./event.ts";
import type { Hub } from "./hub.ts";
import type { Room, Session, User } from "./state.ts";

/** Rooms of one account or user of which this is known; of more the one left longest ago is forgotten. */
export const MAX_SHOWN_PER_ACCOUNT = 100;
/** Of all accounts together; of more the account that left its rooms longest ago forgets one. */
export const MAX_SHOWN = 100_000;
/** What each takes: a folded name and a number in a map. Measured (V8 of Deno 2.9): about 120. */
export const SHOWN_BYTES = 256;

/** By folded room, the one left longest ago first: the first record that has not been shown. */
type ShownOfOne = Map<string, number>;

export class ShownRooms {
  /** By folded account, the one that left a room longest ago first. */
  readonly #ofAccounts = new Map<string, ShownOfOne>();
  readonly #ofUsers = new WeakMap<User, ShownOfOne>();
  /** Of all accounts. */
  #total = 0;

  /** The first record of `room` that `user`, or its account, has not been shown; 0: nothing is known to have been. */
  of(user: User, room: Room): number {
    const shown = user.account === undefined
      ? this.#ofUsers.get(user)
      : this.#ofAccounts.get(user.account.folded);
    return shown?.get(room.folded) ?? 0;
  }

  /** `user` leaves `rooms`, by `session`, its last one: it has been shown what was said before, or until it was last heard. */
  left(hub: Hub, user: User, session: Session, rooms: readonly Room[]): void {
    if (rooms.length === 0 || user.account === undefined && !mayReturn(user)) return;
    const shown = this.#for(user);
    const before = shown.size;
    for (const room of rooms) {
      const seq = session.pingedAt === 0 ? hub.ring.nextSeq : session.lastHeardSeq;
      if (!this.#charge(hub, user, session, shown, room)) continue;
      shown.delete(room.folded);
      shown.set(room.folded, Math.max(seq, 1));
      if (shown.size > MAX_SHOWN_PER_ACCOUNT) shown.delete(shown.keys().next().value!);
    }
    if (user.account === undefined || shown.size === 0) return;
    this.#total += shown.size - before;
    this.#ofAccounts.delete(user.account.folded);
    this.#ofAccounts.set(user.account.folded, shown);
    save(hub, user.account.folded, shown);
    while (this.#total > MAX_SHOWN) this.#dropOne(hub);
  }

  /** The room `from` is called `to` since the record `seq`: what was shown of it before has been shown. */
  rename(hub: Hub, from: string, to: string, seq: number): void {
    const [old, folded] = [casefold(from), casefold(to)];
    if (old === folded) return;
    const move = (shown: ShownOfOne | undefined): boolean => {
      const until = shown?.get(old);
      if (until === undefined || until > seq) return false;
      shown!.delete(old);
      shown!.set(folded, until);
      return true;
    };
    for (const user of hub.state.users.values()) {
      if (user.account === undefined) move(this.#ofUsers.get(user));
    }
    for (const [account, shown] of this.#ofAccounts) {
      const before = shown.size;
      if (!move(shown)) continue;
      this.#total += shown.size - before;
      save(hub, account, shown);
    }
  }

  /** The account has ended. */
  drop(hub: Hub, { folded }: Account): void {
    const shown = this.#ofAccounts.get(folded);
    if (shown === undefined) return;
    this.#ofAccounts.delete(folded);
    this.#total -= shown.size;
    hub.facts.put("shown", folded, undefined);
  }

  restore(folded: string, shown: ShownOfOne): void {
    this.#total += shown.size - (this.#ofAccounts.get(folded)?.size ?? 0);
    this.#ofAccounts.set(folded, shown);
  }

  #for(user: User): ShownOfOne {
    if (user.account !== undefined) return this.#ofAccounts.get(user.account.folded) ?? new Map();
    let shown = this.#ofUsers.get(user);
    if (shown === undefined) this.#ofUsers.set(user, shown = new Map());
    return shown;
  }

  /** False: the server remembers as much as it can for the address of a user without an account. */
  #charge({ held }: Hub, user: User, session: Session, shown: ShownOfOne, room: Room): boolean {
    if (user.account !== undefined || shown.has(room.folded) || shown.size >= MAX_SHOWN_PER_ACCOUNT) {
      return true;
    }
    if (user.sessions.length === 0) return true; // no more than the rooms that it is in until it comes back or quits
    return held.charge(session, SHOWN_BYTES);
  }

  #dropOne(hub: Hub): void {
    const [account, shown] = this.#ofAccounts.entries().next().value!;
    shown.delete(shown.keys().next().value!);
    this.#total--;
    if (shown.size === 0) this.#ofAccounts.delete(account);
    save(hub, account, shown);
  }
}

/** A user without an account and without a session comes back by its claim key only. */
function mayReturn({ sessions, owner }: User): boolean {
  return sessions.length > 0 || !isPassing(owner);
}

function save(hub: Hub, account: string, shown: ShownOfOne): void {
  const value = shown.size === 0 ? undefined : Object.fromEntries(shown);
  hub.facts.put("shown", account, value, hub.ring.nextSeq - 1);
}

/** The fact `shown`. */
export function restoreShown(hub: Hub, key: string, value: unknown): void {
  if (typeof value !== "object" || value === null) throw new TypeError("no object");
  const entries = Object.entries(value as Record<string, unknown>).filter(
    (entry): entry is [string, number] => Number.isSafeInteger(entry[1]),
  );
  hub.shown.restore(key, new Map(entries.slice(0, MAX_SHOWN_PER_ACCOUNT)));
}

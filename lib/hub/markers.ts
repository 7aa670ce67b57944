/**
 * Read markers (https://ircv3.net/specs/extensions/read-marker): up to where somebody has read each of his conversations. Those of
 * an account are kept beside the log; those of somebody without one last as long as he is here.
 *
 *     fact marker, by `<folded account> <folded room or nick>`: { time, told, lost }
 *
 * They are nobody else's business. Who asks for chatterbox.chat/receipts, which is about telling senders what became of their
 * messages, lets those who write to him know how far he has read: that is `told`.
 */
import { CAP } from "../irc/caps.ts";
import { casefold } from "../irc/casemap.ts";
import { isRoomName } from "../irc/names.ts";
import type { Account } from "./accounts.ts";
import type { Target } from "./archive.ts";
import type { OwnerId, Place } from "./event.ts";
import { timeIn } from "./facts.ts";
import type { Hub } from "./hub.ts";
import { mayRead } from "./room_access.ts";
import { User } from "./state.ts";
import type { Session } from "./state.ts";
import { timestamp } from "./view.ts";

/** Conversations of one account whose marker is kept. */
export const MAX_MARKERS_PER_ACCOUNT = 1000;
/** And of a user without one, as long as it is here. */
export const MAX_MARKERS_PER_USER = 100;
/** Of all accounts together; of more the account that has most gives up its oldest. */
export const MAX_MARKERS = 100_000;
/** What each takes, its names included. Measured (V8 of Deno 2.9): 130 to 150 among many, 355 as the only one of its account. */
export const MARKER_BYTES = 384;

/** Times in milliseconds since the epoch. */
export interface Marker {
  /** Messages up to then have been read. */
  readonly time: number;
  /** Their senders may know that of those up to then; never later. */
  readonly told: number;
  /** When the latest message was said that was overwritten unread, where it is later; 0: none was. */
  readonly lost: number;
}

/** Nothing is known to have been read. */
const NOTHING: Marker = { time: 0, told: 0, lost: 0 };

/** By folded name of the room or person. */
type MarkersOfOne = Map<string, Marker>;

export class Markers {
  /** By folded account. */
  readonly #ofAccounts = new Map<string, MarkersOfOne>();
  readonly #ofUsers = new WeakMap<User, MarkersOfOne>();
  /** Of all accounts. */
  #total = 0;

  of(who: User | Account, target: string): Marker | undefined {
    return this.#find(who)?.get(casefold(target));
  }

  /** Puts the marker where there is none, or one that is earlier. False: it stays as it was. */
  move(hub: Hub, user: User, target: string, time: number, told: number): boolean {
    const before = this.of(user, target) ?? NOTHING;
    if (time <= before.time && told <= before.told) return false;
    const marker = {
      time: Math.max(time, before.time),
      told: Math.max(told, before.told),
      lost: before.lost,
    };
    return this.#set(hub, user.account ?? user, casefold(target), marker);
  }

  /** Whether a direct message to `to` from `nick` (folded) of that time is one that its receiver, an account, has not read. */
  waits(hub: Hub, { to, nick, time }: { to: OwnerId; nick: string; time: number }): boolean {
    const account = to === "" ? undefined : hub.accounts.of(to);
    return account !== undefined && time > (this.of(account, nick)?.time ?? 0);
  }

  /** What `nick` (folded) had written to `owner` by `time` is overwritten. */
  lose(hub: Hub, owner: OwnerId, nick: string, time: number): void {
    const account = hub.accounts.of(owner);
    if (account === undefined) return;
    const marker = this.of(account, nick) ?? NOTHING;
    if (time > Math.max(marker.time, marker.lost)) this.#set(hub, account, nick, { ...marker, lost: time });
  }

  /** Talks of which messages were overwritten unread: the other's nick, folded, and when the latest of them was said. */
  *unreadAndLost({ folded }: Account): Iterable<readonly [nick: string, time: number]> {
    for (const [nick, { time, lost }] of this.#ofAccounts.get(folded) ?? []) {
      if (lost > time) yield [nick, lost];
    }
  }

  /** False: the server remembers as much as it can for the address of a user without an account. */
  #set(hub: Hub, who: User | Account, folded: string, marker: Marker): boolean {
    let markers = this.#find(who);
    if (markers === undefined) this.#keep(who, markers = new Map());
    const most = who instanceof User && who.account === undefined
      ? MAX_MARKERS_PER_USER
      : MAX_MARKERS_PER_ACCOUNT;
    const isFull = !markers.has(folded) && markers.size >= most;
    const dropped = isFull ? oldestOf(markers) : undefined;
    if (dropped !== undefined) markers.delete(dropped);
    const isNew = !markers.has(folded);
    const account = who instanceof User ? who.account : who;
    if (account === undefined && isNew && dropped === undefined) {
      if (!hub.held.charge((who as User).sessions[0]!, MARKER_BYTES)) return false;
    }
    markers.set(folded, marker);
    if (account === undefined) return true;
    hub.facts.put("marker", keyOf(account, folded), marker);
    if (dropped !== undefined) hub.facts.put("marker", keyOf(account, dropped), undefined);
    else if (isNew && ++this.#total > MAX_MARKERS) this.#dropOne(hub);
    return true;
  }

  /** The account that has most markers gives up its oldest. */
  #dropOne(hub: Hub): void {
    let fullest: [string, MarkersOfOne] | undefined;
    for (const own of this.#ofAccounts) if (own[1].size > (fullest?.[1].size ?? 0)) fullest = own;
    const dropped = fullest && oldestOf(fullest[1]);
    if (dropped === undefined) return;
    fullest![1].delete(dropped);
    this.#total--;
    hub.facts.put("marker", keyOf({ folded: fullest![0] }, dropped), undefined);
  }

  /** A room is called otherwise from the record at `place` on: who had read in it by then has read that. */
  rename(hub: Hub, from: string, to: string, { seq, time }: Place): void {
    const [old, folded] = [casefold(from), casefold(to)];
    if (old === folded) return;
    const move = (markers: MarkersOfOne | undefined): boolean => {
      const marker = markers?.get(old);
      if (marker === undefined || marker.time > time) return false;
      markers!.delete(old);
      if (!markers!.has(folded)) markers!.set(folded, marker);
      return true;
    };
    for (const user of hub.state.users.values()) {
      if (user.account === undefined) move(this.#ofUsers.get(user));
    }
    for (const [account, markers] of this.#ofAccounts) {
      const before = markers.size;
      if (!move(markers)) continue;
      this.#total -= before - markers.size;
      hub.facts.put("marker", keyOf({ folded: account }, old), undefined, seq);
      hub.facts.put("marker", keyOf({ folded: account }, folded), markers.get(folded), seq);
    }
  }

  /** As it was saved before the start. */
  restore(account: string, target: string, marker: Marker): void {
    const markers = this.#ofAccounts.get(account) ?? new Map();
    if (!markers.has(target)) this.#total++;
    this.#ofAccounts.set(account, markers.set(target, marker));
  }

  /** Takes out all markers of `account`; answers of what they were, folded. */
  drop({ folded }: Account): Iterable<string> {
    const markers = this.#ofAccounts.get(folded);
    this.#ofAccounts.delete(folded);
    this.#total -= markers?.size ?? 0;
    return markers?.keys() ?? [];
  }

  #find(who: User | Account): MarkersOfOne | undefined {
    if (!(who instanceof User)) return this.#ofAccounts.get(who.folded);
    return who.account === undefined ? this.#ofUsers.get(who) : this.#ofAccounts.get(who.account.folded);
  }

  #keep(who: User | Account, markers: MarkersOfOne): void {
    if (who instanceof User) this.#ofUsers.set(who, markers);
    else this.#ofAccounts.set(who.folded, markers);
  }
}

/** The session's user has read what was said in or with `target` until `time`; all clients of his hear of it. */
export function markRead(hub: Hub, session: Session, user: User, target: string, time: number): void {
  const told = session.caps & CAP.receipts ? time : 0;
  const moved = hub.markers.move(hub, user, target, time, told);
  if (moved) {
    for (const each of user.account?.users ?? [user]) {
      for (const other of each.sessions) {
        if (other !== session && other.caps & CAP.readMarker) sayMarker(hub, other, user, target);
      }
    }
    hub.receipts.read(hub, user.owner, target, hub.markers.of(user, target)!.told);
  }
  sayMarker(hub, session, user, target);
}

/** `MARKREAD <target> timestamp=…`, or `*` where nothing is known to be read. */
export function sayMarker(hub: Hub, session: Session, user: User, target: string): void {
  const marker = hub.markers.of(user, target);
  const until = marker === undefined || marker.time === 0 ? "*" : `timestamp=${timestamp(marker.time)}`;
  hub.tell(session, `:${hub.config.serverName} MARKREAD ${target} ${until}`);
}

/** Until when the owner of a message has read his talk with `nick`, as far as its sender may know; undefined: nobody is there to read it. */
export function toldRead(hub: Hub, owner: OwnerId, nick: string): number | undefined {
  const account = hub.accounts.of(owner);
  if (account !== undefined) return hub.markers.of(account, nick)?.told ?? 0;
  for (const user of hub.state.users.values()) {
    if (user.owner === owner) return hub.markers.of(user, nick)?.told ?? 0;
  }
  return undefined;
}

/** The time of the latest message in or with `target`: a conversation's clock may run ahead of the hub's. */
export function latestTime(hub: Hub, session: Session, user: User, target: string): number {
  const found = isRoomName(target)
    ? readableRoom(hub, session, target)
    : hub.archive.talk(user.owner, target);
  return Math.max(hub.now, found?.timeline.lastTime ?? 0);
}

/** The room called `name`, if `session` may read it: its clock tells how much is said there. */
function readableRoom(hub: Hub, session: Session, name: string): Target | undefined {
  const target = hub.archive.rooms.get(casefold(name));
  return target !== undefined && mayRead(hub, session, target, hub.state.room(name)) ? target : undefined;
}

/** The account has ended, and with it all that was known of what it had read. */
export function forgetMarkers(hub: Hub, account: Account): void {
  for (const folded of hub.markers.drop(account)) hub.facts.put("marker", keyOf(account, folded), undefined);
  if (toldRead(hub, account.owner, "") === undefined) hub.receipts.ended(hub, account.owner);
}

/** The fact `marker`. */
export function restoreMarker(hub: Hub, key: string, value: unknown): void {
  const [account = "", target = ""] = key.split(" ");
  if (account === "" || target === "") throw new TypeError("its key is not of an account and a target");
  hub.markers.restore(account, target, {
    time: timeIn(value, "time"),
    told: timeIn(value, "told"),
    lost: timeIn(value, "lost"),
  });
}

/** Neither name has a space in it. */
function keyOf({ folded }: Pick<Account, "folded">, target: string): string {
  return `${folded} ${target}`;
}

function oldestOf(markers: MarkersOfOne): string | undefined {
  let oldest: string | undefined;
  for (const [folded, { time }] of markers) {
    if (oldest === undefined || time < markers.get(oldest)!.time) oldest = folded;
  }
  return oldest;
}

/**
 * Read markers (https://ircv3.net/specs/extensions/read-marker): position up to which a user has read each of its
 * conversations. Those of an account are saved beside the log; those of a user without one last as long as the
 * user.
 *
 *     fact marker, by `<folded account> <folded channel or nick>`: { time, seq, told, toldSeq, lost, lostSeq }
 *
 * The protocol has times only. Beside each time the sequence number of the message that it means is kept, because
 * another message may have the same time, or an earlier one if the clock was set back: a message sent after the
 * marker was set is unread all the same.
 *
 * Markers are private. A client that requests chatterbox.chat/receipts, which tells senders what became of their
 * messages, discloses to them how far it has read: that is `told`.
 */
import { casefold } from "../../irc/names/casemap.ts";
import { isChannelName } from "../../irc/names/name_rules.ts";
import { isAfter } from "../model/identifiers.ts";
import type { MessagePosition, OwnerId, RecordPlace } from "../model/identifiers.ts";
import { readTime } from "../log/facts.ts";
import type { FactBuffer } from "../log/facts.ts";
import type { HistoryIndex } from "../history/history_index.ts";
import type { ReadonlyState } from "../model/state/state.ts";
import type { Accounts } from "./accounts/accounts.ts";
import type { SessionMemory } from "./limits/session_memory.ts";
import { positionAtTime } from "../history/paging/history_view.ts";
import { isUser } from "../model/state/entities.ts";
import type { Account, User } from "../model/state/entities.ts";

/** Markers kept of one account. */
export const MAX_MARKERS_PER_ACCOUNT = 1000;
/** Markers kept of a user without an account. */
export const MAX_MARKERS_PER_USER = 100;
/** Markers of all accounts together; beyond that the account with the most of them loses its oldest. */
export const MAX_MARKERS = 100_000;
/**
 * Bytes of each, names included. Measured (V8 of Deno 2.9): 150 to 175 among many, 380 as the only one of its
 * account.
 */
export const MARKER_BYTES = 384;

/**
 * Times are in milliseconds since the epoch; sequence numbers are 0 where they are unknown (older versions saved
 * none).
 */
export interface ReadMarker {
  /** Messages up to that time and record have been read. */
  readonly time: number;
  readonly seq: number;
  /** Disclosed position: senders may know that messages up to it have been read. Never after the read position. */
  readonly told: number;
  readonly toldSeq: number;
  /** Time of the newest message that was overwritten unread, where that is later than the marker; 0: there is none. */
  readonly lost: number;
  readonly lostSeq: number;
}

/** Marker of a conversation in which nothing is known to have been read. */
export const UNREAD_MARKER: ReadMarker = { time: 0, seq: 0, told: 0, toldSeq: 0, lost: 0, lostSeq: 0 };

const START_POSITION: MessagePosition = { seq: 0, time: 0 };

/** Position up to which senders may know that their messages have been read. */
export function disclosedPosition({ told, toldSeq }: ReadMarker): MessagePosition {
  return { time: told, seq: toldSeq };
}

export function lostPosition({ lost, lostSeq }: ReadMarker): MessagePosition {
  return { time: lost, seq: lostSeq };
}

/** By folded channel name or nick. */
type MarkersOfOne = Map<string, ReadMarker>;

const NO_MARKERS: ReadonlyMap<string, ReadMarker> = new Map();

/** What markers work with; `state` has the users without an account. */
export interface ReadMarkerParts {
  readonly facts: FactBuffer;
  readonly accounts: Accounts;
  readonly history: HistoryIndex;
  readonly sessionMemory: SessionMemory;
  readonly state: ReadonlyState;
}

export class ReadMarkers {
  /** By folded account name. */
  readonly #ofAccounts = new Map<string, MarkersOfOne>();
  readonly #ofUsers = new WeakMap<User, MarkersOfOne>();
  /** Number of markers of all accounts. */
  #total = 0;
  readonly #parts: ReadMarkerParts;

  constructor(parts: ReadMarkerParts) {
    this.#parts = parts;
  }

  of(reader: User | Account, target: string): ReadMarker | undefined {
    return this.#find(reader)?.get(casefold(target));
  }

  /** Markers of a user without an account. */
  ofUser(user: User): ReadonlyMap<string, ReadMarker> {
    return this.#ofUsers.get(user) ?? NO_MARKERS;
  }

  /** Gives a user without an account, which has a session, a marker that it had with an earlier hub. */
  restoreOfUser(user: User, target: string, marker: ReadMarker): void {
    this.#set(user, casefold(target), marker);
  }

  /** Moves the marker forward. False: it stays where it was. */
  move(
    user: User,
    target: string,
    read: MessagePosition,
    told: MessagePosition = START_POSITION,
  ): boolean {
    const before = this.of(user, target) ?? UNREAD_MARKER;
    const [reads, tells] = [isAfter(read, before), isAfter(told, disclosedPosition(before))];
    if (!reads && !tells) return false;
    const { time } = reads ? read : before;
    const lost = isAfter(lostPosition(before), reads ? read : before) ? lostPosition(before) : START_POSITION;
    const marker = {
      time,
      seq: Math.max(before.seq, reads ? read.seq : 0),
      told: tells ? told.time : before.told,
      toldSeq: Math.max(before.toldSeq, tells ? told.seq : 0),
      lost: lost.time,
      lostSeq: lost.seq,
    };
    return this.#set(user.account ?? user, casefold(target), marker);
  }

  /** Whether a direct message to `to` from `nick` (folded) has not been read by its receiver, an account. */
  isUnread(
    { to, nick, ...message }: MessagePosition & { to: OwnerId | undefined; nick: string },
  ): boolean {
    const account = to === undefined ? undefined : this.#parts.accounts.byOwner(to);
    return account !== undefined && isAfter(message, this.of(account, nick) ?? UNREAD_MARKER);
  }

  /** Notes that messages from `nick` (folded) to `owner` up to `lost` are overwritten. */
  noteLoss(owner: OwnerId, nick: string, lost: MessagePosition): void {
    const account = this.#parts.accounts.byOwner(owner);
    if (account === undefined) return;
    const marker = this.of(account, nick) ?? UNREAD_MARKER;
    if (!isAfter(lost, marker) || !isAfter(lost, lostPosition(marker))) return;
    this.#set(account, nick, { ...marker, lost: lost.time, lostSeq: lost.seq });
  }

  /**
   * Direct conversations with messages that were overwritten unread: folded nick of the sender, and the newest such
   * message.
   */
  *lostUnread({ folded }: Account): Iterable<readonly [nick: string, last: MessagePosition]> {
    for (const [nick, marker] of this.#ofAccounts.get(folded) ?? []) {
      if (isAfter(lostPosition(marker), marker)) yield [nick, lostPosition(marker)];
    }
  }

  /** False: the session memory of the address of a user without an account is exhausted. */
  #set(reader: User | Account, folded: string, marker: ReadMarker): boolean {
    let markers = this.#find(reader);
    if (markers === undefined) this.#keep(reader, markers = new Map());
    const most = isUser(reader) && reader.account === undefined
      ? MAX_MARKERS_PER_USER
      : MAX_MARKERS_PER_ACCOUNT;
    const isFull = !markers.has(folded) && markers.size >= most;
    const dropped = isFull ? oldestMarker(markers) : undefined;
    if (dropped !== undefined) markers.delete(dropped);
    const isNew = !markers.has(folded);
    const account = isUser(reader) ? reader.account : reader;
    if (account === undefined && isNew && dropped === undefined) {
      if (!this.#parts.sessionMemory.charge((reader as User).sessions[0]!, MARKER_BYTES)) return false;
    }
    markers.set(folded, marker);
    if (account === undefined) return true;
    this.#parts.facts.put("marker", markerKey(account, folded), marker, marker.seq);
    if (dropped !== undefined) this.#parts.facts.put("marker", markerKey(account, dropped), undefined);
    else if (isNew && ++this.#total > MAX_MARKERS) this.#dropOne();
    return true;
  }

  /** Drops the oldest marker of the account that has the most. */
  #dropOne(): void {
    let fullest: [string, MarkersOfOne] | undefined;
    for (const own of this.#ofAccounts) if (own[1].size > (fullest?.[1].size ?? 0)) fullest = own;
    const dropped = fullest && oldestMarker(fullest[1]);
    if (dropped === undefined) return;
    fullest![1].delete(dropped);
    this.#total--;
    this.#parts.facts.put("marker", markerKey({ folded: fullest![0] }, dropped), undefined);
  }

  /** Moves the markers of a channel that was renamed by the record at `place`, where they are not later than that. */
  rename(from: string, to: string, place: RecordPlace): void {
    const { seq } = place;
    const [old, folded] = [casefold(from), casefold(to)];
    if (old === folded) return;
    const move = (markers: MarkersOfOne | undefined): boolean => {
      const marker = markers?.get(old);
      if (marker === undefined || isAfter(marker, place)) return false;
      markers!.delete(old);
      // Of an earlier channel of that name, or set after the rename that is being replayed.
      const known = markers!.get(folded);
      if (known === undefined || isAfter(marker, known)) markers!.set(folded, marker);
      return true;
    };
    for (const user of this.#parts.state.users.values()) {
      if (user.account === undefined) move(this.#ofUsers.get(user));
    }
    for (const [account, markers] of this.#ofAccounts) {
      const before = markers.size;
      if (!move(markers)) continue;
      this.#total -= before - markers.size;
      this.#parts.facts.put("marker", markerKey({ folded: account }, old), undefined, seq);
      this.#parts.facts.put("marker", markerKey({ folded: account }, folded), markers.get(folded), seq);
    }
  }

  /** Restores the fact `marker`. */
  restore(key: string, value: unknown, factSeq: number): void {
    const [account = "", target = ""] = key.split(" ");
    if (account === "" || target === "") throw new TypeError("its key does not name an account and a target");
    const marker = {
      time: readTime(value, "time"),
      seq: readMarkerSeq(value, "seq", factSeq),
      told: readTime(value, "told"),
      toldSeq: readMarkerSeq(value, "toldSeq", factSeq),
      lost: readTime(value, "lost"),
      lostSeq: readMarkerSeq(value, "lostSeq", factSeq),
    };
    const markers = this.#ofAccounts.get(account) ?? new Map();
    if (!markers.has(target)) this.#total++;
    this.#ofAccounts.set(account, markers.set(target, marker));
  }

  /**
   * Called when the server starts, after log replay: finds the message meant by a marker with only a time. A
   * marker with a time in the future was set while the clock was wrong, and means the newest message.
   */
  resolveTimes(now: number): void {
    const { accounts, history } = this.#parts;
    for (const [folded, markers] of this.#ofAccounts) {
      const owner = accounts.get(folded)?.owner ?? "";
      for (const [target, marker] of markers) {
        if (marker.seq > 0) continue;
        const found = isChannelName(target)
          ? history.channels.get(target)
          : history.directConversation(owner, target);
        const { seq, time } = positionAtTime(history, found, marker.time, now);
        if (seq > 0 || time < marker.time) markers.set(target, { ...marker, seq, time });
      }
    }
  }

  /** Removes the markers of an ended account. */
  dropAccount(account: Account): void {
    const markers = this.#ofAccounts.get(account.folded);
    if (markers === undefined) return;
    this.#ofAccounts.delete(account.folded);
    this.#total -= markers.size;
    for (const target of markers.keys()) {
      this.#parts.facts.put("marker", markerKey(account, target), undefined);
    }
  }

  #find(reader: User | Account): MarkersOfOne | undefined {
    if (!isUser(reader)) return this.#ofAccounts.get(reader.folded);
    return reader.account === undefined
      ? this.#ofUsers.get(reader)
      : this.#ofAccounts.get(reader.account.folded);
  }

  #keep(reader: User | Account, markers: MarkersOfOne): void {
    if (isUser(reader)) this.#ofUsers.set(reader, markers);
    else this.#ofAccounts.set(reader.folded, markers);
  }
}

/**
 * Sequence number in this log; 0: the marker is of another log, of which the fact has no number, or of a version
 * that saved none.
 */
function readMarkerSeq(value: unknown, name: string, factSeq: number): number {
  const found = (value as Record<string, unknown>)[name];
  if (factSeq === 0 || found === undefined) return 0;
  if (!Number.isSafeInteger(found) || found as number < 0) {
    throw new RangeError(`${name} is not a sequence number`);
  }
  return found as number;
}

/** Neither name contains a space. */
function markerKey({ folded }: Pick<Account, "folded">, target: string): string {
  return `${folded} ${target}`;
}

function oldestMarker(markers: MarkersOfOne): string | undefined {
  let oldest: string | undefined;
  for (const [folded, { time }] of markers) {
    if (oldest === undefined || time < markers.get(oldest)!.time) oldest = folded;
  }
  return oldest;
}

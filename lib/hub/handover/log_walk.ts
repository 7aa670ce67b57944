/**
 * The log as a hub that takes over reads it, once, from its oldest record to its end:
 *
 * - Users: those of presented sessions, with the effect of the records that are later than their states; and those
 *   that the log has in a room and that no front presents.
 * - Missed records: those that fronts have not received, with the sessions that would have got each.
 * - Lines: for each session the last line that a record is for, and the records of lines that were not answered.
 */
import { casefold } from "../../irc/names/casemap.ts";
import type { EventLog } from "../log/event_log.ts";
import { channelOfMessage, decodeEvent } from "../log/event_codec.ts";
import { OPERATOR, UNANNOUNCED } from "../model/channel_modes.ts";
import { nickOf } from "../model/identifiers.ts";
import type { OwnerId } from "../model/identifiers.ts";
import { originOf } from "../model/line_origin.ts";
import type { LineOrigin } from "../model/line_origin.ts";
import type { DirectTarget, EventOf, RecordedEvent } from "../model/state/event.ts";
import { BOT_MODE } from "../model/state/user_mode_letters.ts";
import { ObserverModels } from "./observer_models.ts";
import { countMembers, MemberIndex, UserModel } from "./user_model.ts";
import type { ReadSession } from "./user_model.ts";

/** What gets a record, and has not. */
interface Receivers {
  /** Sessions of users. */
  readonly receivers: readonly ReadSession[];
  /** Observers that follow it; they get it if they may read one of `rooms`. */
  readonly observers: readonly ReadSession[];
  /** Folded, as they are called at the end of the log; none: the record is of a direct conversation. */
  rooms: readonly string[];
}

/** A record that sessions have missed, or that is for a line that was not answered. */
export interface MissedRecord extends Receivers {
  readonly seq: number;
  readonly time: number;
  readonly event: RecordedEvent;
  readonly origin: LineOrigin | undefined;
  /** Account of the author; "": none, or it is not known. */
  readonly account: string;
  readonly isBot: boolean;
}

export interface WalkRules {
  /** Whether a user that joins the room `name` (folded) as its only member becomes an operator. */
  readonly isOperatorOnEntry: (name: string, user: UserModel) => boolean;
  /** Name of the account with that owner id of which a message of that time is; "": there is none. */
  readonly accountNameAt: (owner: OwnerId, time: number) => string;
  readonly largeChannel: number;
  /** Replaces MAX_MISSED_RECORDS. */
  readonly maxMissed?: number;
}

/** Most missed records; of more, the oldest are taken for delivered. */
export const MAX_MISSED_RECORDS = 100_000;

export class LogWalk {
  readonly missed: MissedRecord[] = [];
  readonly observers: ObserverModels;
  /** Users of presented sessions. */
  readonly #presented: readonly UserModel[];
  readonly #rules: WalkRules;
  /** Rooms of presented users. */
  readonly #index: MemberIndex;
  /** Presented users by folded nick, as of their states and the records after these. */
  readonly #byNick = new Map<string, UserModel[]>();
  /** All users as the log alone has them, by folded nick. */
  readonly #logged = new Map<string, UserModel>();
  readonly #loggedIndex = new MemberIndex();
  /** By {@link sessionKey}. */
  readonly #lastLines = new Map<string, number>();
  readonly #answered: ReadonlyMap<string, number>;
  readonly #missedFrom: number;
  /** Whether a presented user may be an unannounced member of a room. */
  #hasUnannounced: boolean;

  constructor(
    users: readonly UserModel[],
    index: MemberIndex,
    sessions: readonly ReadSession[],
    rules: WalkRules,
  ) {
    this.#presented = users;
    this.#index = index;
    this.#rules = rules;
    this.observers = new ObserverModels(sessions);
    for (const user of users) this.#addNick(user);
    this.#hasUnannounced = users.some(({ rooms }) => rooms.values().some(({ bits }) => bits & UNANNOUNCED));
    this.#answered = new Map(sessions.map(({ presented }) => [sessionKey(presented), presented.answered]));
    this.#missedFrom = sessions.reduce(
      (least, { presented }) => Math.min(least, presented.deliveredSeq),
      Infinity,
    );
  }

  run(log: EventLog): void {
    for (let seq = log.firstSeqFrom(log.oldestSeq); seq < log.nextSeq;) {
      const record = log.read(seq);
      if (record.kind === "empty") return;
      if (record.kind === "missing") seq = record.next;
      else {
        this.#take(seq, record.time, record.payload);
        seq = log.firstSeqFrom(seq + 1);
      }
    }
  }

  /** Users that the log has in a room and that no front presents. */
  get unpresented(): UserModel[] {
    const taken = new Set(this.#presented.map(({ folded }) => folded));
    return [...this.#logged.values()].filter(({ folded, rooms }) => rooms.size > 0 && !taken.has(folded));
  }

  /** The last line of the session that a record is for; 0: there is none after the last answered line. */
  lastLineOf(session: ReadSession): number {
    return this.#lastLines.get(sessionKey(session.presented)) ?? 0;
  }

  #addNick(user: UserModel): void {
    const others = this.#byNick.get(user.folded) ?? [];
    this.#byNick.set(user.folded, [...others.filter((each) => each !== user), user]);
  }

  #take(seq: number, time: number, payload: Uint8Array): void {
    const origin = originOf(payload);
    const isUnanswered = origin !== undefined &&
      origin.line > (this.#answered.get(sessionKey(origin)) ?? Infinity);
    if (isUnanswered) {
      const key = sessionKey(origin);
      this.#lastLines.set(key, Math.max(this.#lastLines.get(key) ?? 0, origin.line));
    }
    const isMissed = seq >= this.#missedFrom || isUnanswered;
    if (!isMissed && !this.#hasUnannounced && channelOfMessage(payload) !== undefined) return;
    const event = decodeEvent(payload);
    if (event === undefined) return;
    const authors = event.kind === "boot" ? [] : this.#authorsAt(event.source, seq);
    const before = isMissed && event.kind !== "join" ? this.#seenBy(event, seq, authors) : undefined;
    this.#apply(event, seq, authors);
    if (!isMissed) return;
    const author = authors[0]?.session?.user;
    this.missed.push({
      seq,
      time,
      event: event.kind === "join" ? { ...event, realname: author?.realname ?? "" } : event,
      origin: isUnanswered ? origin : undefined,
      account: event.kind === "message"
        ? this.#rules.accountNameAt(event.from, time)
        : author?.account?.name ?? "",
      isBot: author?.modes.includes(BOT_MODE) ?? false,
      ...before ?? this.#seenBy(event, seq, authors),
    });
    if (event.kind === "rename") this.#renameMissed(event);
    if (this.missed.length > (this.#rules.maxMissed ?? MAX_MISSED_RECORDS)) this.missed.shift();
  }

  /** The models of the user with `source` that are not later than the record `seq`. */
  #authorsAt(source: string, seq: number): UserModel[] {
    return this.#presentedAt(nickOf(source), seq).filter((user) => user.source === source);
  }

  #presentedAt(nick: string, seq: number): UserModel[] {
    const users = this.#byNick.get(casefold(nick)) ?? [];
    return users.filter(({ stateSeq, quitReason }) => stateSeq <= seq && quitReason === undefined);
  }

  #loggedAt(source: string): UserModel | undefined {
    return this.#logged.get(casefold(nickOf(source)));
  }

  /** Applies `event` to the user that was presented and to the one that the log has. */
  #apply(event: RecordedEvent, seq: number, authors: readonly UserModel[]): void {
    if (event.kind === "boot") return this.#forgetLogged();
    if (event.kind === "join") return this.#join(event.channel, event.source, authors, seq);
    for (const user of [...authors, this.#loggedAt(event.source)]) {
      if (user !== undefined) this.#applyToAuthor(event, user);
    }
    if (event.kind === "kick") {
      for (const user of this.#presentedAt(event.nick, seq)) user.leaveRoom(event.channel);
      this.#logged.get(casefold(event.nick))?.leaveRoom(event.channel);
    }
    if (event.kind === "mode") {
      for (const user of this.#membersAt(event.channel, seq)) {
        user.applyMode(event);
      }
    }
    if (event.kind === "rename") {
      for (const user of this.#membersAt(event.channel, seq)) user.renameRoom(event.channel, event.to);
      this.observers.rename(event.channel, event.to, seq);
    }
  }

  #applyToAuthor(event: Exclude<RecordedEvent, { kind: "boot" | "join" }>, user: UserModel): void {
    switch (event.kind) {
      case "part":
        return user.leaveRoom(event.channel);
      case "quit":
        if (this.#logged.get(user.folded) === user) this.#logged.delete(user.folded);
        return user.quit(event.reason);
      case "nick":
        return this.#rename(user, event.nick);
      case "message":
        return event.target.kind === "channel" ? user.announce(event.target.name) : undefined;
      case "kick":
      case "mode":
      case "rename":
      case "topic":
        return user.announce(event.channel);
      case "redact":
        return;
    }
  }

  #forgetLogged(): void {
    for (const user of this.#logged.values()) user.quit("");
    this.#logged.clear();
  }

  /** Members of the room, of which those presented have states that are not later than the record `seq`. */
  #membersAt(name: string, seq: number): UserModel[] {
    const folded = casefold(name);
    const presented = [...this.#index.of(folded)].filter(({ stateSeq }) => stateSeq <= seq);
    return [...presented, ...this.#loggedIndex.of(folded)];
  }

  #join(name: string, source: string, authors: readonly UserModel[], seq: number): void {
    const [folded, { largeChannel }] = [casefold(name), this.#rules];
    const members = countMembers(this.#loggedIndex.of(folded), this.#index.of(folded), seq, largeChannel);
    const logged = this.#loggedAt(source) ?? new UserModel(source, this.#loggedIndex);
    this.#logged.set(logged.folded, logged);
    const isOperator = members === 0 &&
      this.#rules.isOperatorOnEntry(folded, authors[0] ?? logged);
    const isUnseen = members >= largeChannel;
    for (const user of [...authors, logged]) {
      user.setRoom(name, isOperator ? OPERATOR : isUnseen ? UNANNOUNCED : 0);
    }
    this.#hasUnannounced ||= isUnseen && authors.length > 0;
  }

  #rename(user: UserModel, nick: string): void {
    const isLogged = this.#logged.get(user.folded) === user;
    if (isLogged) this.#logged.delete(user.folded);
    else this.#byNick.set(user.folded, this.#byNick.get(user.folded)!.filter((each) => each !== user));
    user.rename(nick);
    if (isLogged) this.#logged.set(user.folded, user);
    else this.#addNick(user);
  }

  #renameMissed({ channel, to }: EventOf<"rename">): void {
    const [old, folded] = [casefold(channel), casefold(to)];
    for (const record of this.missed) {
      if (record.rooms.includes(old)) record.rooms = record.rooms.map((name) => name === old ? folded : name);
    }
  }

  #seenBy(event: RecordedEvent, seq: number, authors: readonly UserModel[]): Receivers {
    const receivers = this.#receiversOf(event, seq, authors);
    if ((event.kind === "message" || event.kind === "redact") && event.target.kind === "direct") {
      return { receivers, observers: this.observers.ofDirect(event, event.target, seq), rooms: [] };
    }
    const rooms = this.#roomsOf(event, authors);
    return { receivers, observers: this.observers.ofRooms(rooms, seq), rooms };
  }

  /** Rooms in which `event` is seen, folded. */
  #roomsOf(event: RecordedEvent, authors: readonly UserModel[]): string[] {
    const author = event.kind === "boot" ? undefined : authors[0] ?? this.#loggedAt(event.source);
    const isAnnounced = (folded: string) => !((author?.rooms.get(folded)?.bits ?? 0) & UNANNOUNCED);
    switch (event.kind) {
      case "boot":
        return [];
      case "quit":
      case "nick":
        return [...author?.rooms.keys() ?? []].filter(isAnnounced);
      case "join":
        return [casefold(event.channel)].filter(isAnnounced);
      case "message":
      case "redact":
        return [casefold(event.target.name)];
      default:
        return [casefold(event.channel)];
    }
  }

  /** Sessions of presented users that get `event`, the record `seq`, and that have not. */
  #receiversOf(event: RecordedEvent, seq: number, authors: readonly UserModel[]): ReadSession[] {
    return [...this.#usersOf(event, seq, authors)].flatMap(({ quitReason, stateSeq, session }) =>
      session !== undefined && quitReason === undefined && stateSeq <= seq &&
        session.presented.deliveredSeq <= seq
        ? session
        : []
    );
  }

  #usersOf(event: RecordedEvent, seq: number, authors: readonly UserModel[]): Iterable<UserModel> {
    switch (event.kind) {
      case "boot":
        return [];
      case "quit":
      case "nick": {
        const rooms = (authors[0] ?? this.#loggedAt(event.source))?.rooms.keys() ?? [];
        const peers = new Set([...rooms].flatMap((name) => [...this.#index.of(name)]));
        for (const author of authors) {
          if (event.kind === "quit") peers.delete(author);
          else peers.add(author);
        }
        return peers;
      }
      case "message":
      case "redact":
        return event.target.kind === "channel"
          ? this.#index.of(casefold(event.target.name))
          : this.#usersOfDirect(event, event.target, seq, authors);
      case "join": {
        const folded = casefold(event.channel);
        const bits = (authors[0] ?? this.#loggedAt(event.source))?.rooms.get(folded)?.bits ?? 0;
        return bits & UNANNOUNCED ? authors : this.#index.of(folded);
      }
      default:
        return this.#index.of(casefold(event.channel));
    }
  }

  /** A direct message goes to the user with the nick, else to all of the account; and to its sender. */
  #usersOfDirect(
    event: Extract<RecordedEvent, { kind: "message" | "redact" }>,
    target: DirectTarget,
    seq: number,
    authors: readonly UserModel[],
  ): Set<UserModel> {
    const named = event.kind === "redact" ? [] : this.#presentedAt(target.name, seq);
    const isMeant = (owner: string) =>
      owner === target.owner || event.kind === "redact" && owner === event.from;
    const found = named.length === 0
      ? this.#presented.filter(({ session }) => isMeant(session!.user.owner))
      : named;
    return new Set([...found, ...authors]);
  }
}

export function sessionKey({ front, session }: { readonly front: string; readonly session: number }): string {
  return `${front}.${session}`;
}

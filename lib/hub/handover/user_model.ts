/**
 * Users as presented states and the log have them, before there are entities for them. Each presented session has a
 * model of its user of its own: it may be older than that of another session.
 */
import { casefold } from "../../irc/names/casemap.ts";
import { CHANNEL_MODES, parseChanges, UNANNOUNCED } from "../model/channel_modes.ts";
import type { EventOf } from "../model/state/event.ts";
import { nickOf } from "../model/identifiers.ts";
import type { Source } from "../model/identifiers.ts";
import type { PresentedSession } from "./presentation.ts";
import type { SessionState, UserState } from "./session_state.ts";

/** A presented session with its state. */
export interface ReadSession {
  readonly presented: PresentedSession;
  readonly state: SessionState;
}

/** The session of a model, with the part of its state that is the user. */
export interface ModelSession extends ReadSession {
  readonly user: UserState;
}

/** A room of a user. */
interface ModelRoom {
  readonly name: string;
  readonly bits: number;
}

/** Members of rooms, by folded name. */
export class MemberIndex {
  readonly #members = new Map<string, Set<UserModel>>();

  of(folded: string): ReadonlySet<UserModel> {
    return this.#members.get(folded) ?? NO_MEMBERS;
  }

  add(folded: string, user: UserModel): void {
    this.#members.set(folded, (this.#members.get(folded) ?? new Set()).add(user));
  }

  remove(folded: string, user: UserModel): void {
    const members = this.#members.get(folded);
    if (members?.delete(user) && members.size === 0) this.#members.delete(folded);
  }
}

const NO_MEMBERS: ReadonlySet<UserModel> = new Set();

/**
 * Number of `logged` members of a room and of those `presented` with states that are not later than the record `seq`, by
 * their names; of more than `most` it may be less. A log may have very many JOINs: members are not counted for each.
 */
export function countMembers(
  logged: ReadonlySet<UserModel>,
  presented: ReadonlySet<UserModel>,
  seq: number,
  most: number,
): number {
  if (logged.size >= most) return logged.size;
  const names = new Set(Array.from(logged, ({ folded }) => folded));
  for (const { folded, stateSeq } of presented) {
    if (names.size >= most) break;
    if (stateSeq <= seq) names.add(folded);
  }
  return names.size;
}

export class UserModel {
  /** The model has the effect of all records below this number. */
  readonly stateSeq: number;
  nick: string;
  /** Of the nick. */
  folded: string;
  source: Source;
  /** By folded name. */
  readonly rooms = new Map<string, ModelRoom>();
  /** Set when the log says that the user has quit: the reason. */
  quitReason: string | undefined;
  /** Whether the log has changed what was presented. */
  isChanged = false;

  /** `session`: the one that was presented; undefined: the user is known from the log alone. */
  constructor(source: Source, readonly index: MemberIndex, readonly session?: ModelSession) {
    this.source = source;
    this.nick = nickOf(source);
    this.folded = casefold(this.nick);
    this.stateSeq = session?.presented.stateSeq ?? 0;
    for (const [name, bits] of session?.user.rooms ?? []) this.setRoom(name, bits);
    this.isChanged = false;
  }

  setRoom(name: string, bits: number): void {
    const folded = casefold(name);
    this.rooms.set(folded, { name, bits });
    this.index.add(folded, this);
    this.isChanged = true;
  }

  leaveRoom(name: string): void {
    const folded = casefold(name);
    if (!this.rooms.delete(folded)) return;
    this.index.remove(folded, this);
    this.isChanged = true;
  }

  quit(reason: string): void {
    this.quitReason = reason;
    for (const { name } of [...this.rooms.values()]) this.leaveRoom(name);
  }

  rename(nick: string): void {
    this.source = nick + this.source.slice(this.nick.length);
    this.nick = nick;
    this.folded = casefold(nick);
    this.isChanged = true;
  }

  /** The room `from` has the name `to`. */
  renameRoom(from: string, to: string): void {
    const room = this.rooms.get(casefold(from));
    if (room === undefined) return;
    this.leaveRoom(from);
    this.setRoom(to, room.bits);
  }

  /** The user has done something that the members of the room have seen. */
  announce(name: string): void {
    const room = this.rooms.get(casefold(name));
    if (room !== undefined && room.bits & UNANNOUNCED) this.setRoom(room.name, room.bits & ~UNANNOUNCED);
  }

  /** Applies the changes of `event` that concern the user. */
  applyMode(event: EventOf<"mode">): void {
    for (const { letter, sign, arg } of parseChanges(event.change, event.args)) {
      const mode = CHANNEL_MODES.get(letter);
      const room = this.rooms.get(casefold(event.channel));
      if (mode?.type !== "member" || room === undefined || casefold(arg) !== this.folded) continue;
      const bits = room.bits & ~UNANNOUNCED;
      this.setRoom(room.name, sign === "+" ? bits | mode.bit : bits & ~mode.bit);
    }
  }
}

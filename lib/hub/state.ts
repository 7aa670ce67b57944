/** The state that the log makes: users, their sessions, rooms. Plain data; only `apply` changes it. */
import { FORM_COUNT } from "../irc/caps.ts";
import { casefold } from "../irc/casemap.ts";
import type { OwnerId } from "./event.ts";
import { LOBBY } from "./config.ts";
import { Owed } from "./outgoing.ts";
import type { Target } from "./archive.ts";

/** Bits of a membership (ISUPPORT PREFIX). */
export const OPERATOR = 1;
export const VOICE = 2;
/** Has entered a large room and done nothing there yet: nobody has been told. Never shown as a prefix. */
export const UNSEEN = 4;

/** One connection. It has a user once it is registered, unless it is an observer. */
export class Session {
  /** Bits of `CAP` (irc/caps.ts) that the client has asked for. */
  caps = 0;
  /** 302 or above once the client said so. */
  capVersion = 0;
  /** Registration waits for CAP END. */
  negotiating = false;
  registered = false;
  /** What NICK and USER said before there was a user. */
  nick = "*";
  username = "";
  realname = "";
  password: string | undefined;
  /** From CLAIM; "" without one. */
  owner: OwnerId = "";
  user: User | undefined;
  /** It hears of every event from this one on. */
  sinceSeq = 0;
  /** Rooms whose lines reach this session: those of its user, or those an observer follows. */
  readonly rooms = new Map<Room, number>();
  /** What an observer follows besides rooms; nobody else has it. */
  following: Following | undefined;
  lastHeardAt: number;
  pingedAt = 0;
  /** What this turn has for it; outgoing.ts alone looks into it. */
  readonly owed = new Owed();
  /** Set once: the reason for which it is being let go. */
  closing: string | undefined;

  constructor(
    readonly id: number,
    readonly host: string,
    readonly secure: boolean,
    readonly openedAt: number,
  ) {
    this.lastHeardAt = openedAt;
  }
}

/** Whose talk with an observer's owner the observer sees: that of these folded names, or everybody's. */
export interface Following {
  readonly persons: Set<string>;
  all: boolean;
}

/** Somebody with a name, by one or more sessions. */
export class User {
  folded: string;
  source: string;
  /** "" when present. */
  away = "";
  idleSince: number;
  readonly sessions: Session[] = [];
  /** Membership bits by room. */
  readonly rooms = new Map<Room, number>();

  constructor(
    public nick: string,
    readonly username: string,
    readonly host: string,
    readonly realname: string,
    readonly owner: OwnerId,
    readonly signonAt: number,
    readonly secure: boolean,
  ) {
    this.folded = casefold(nick);
    this.source = `${nick}!${username}@${host}`;
    this.idleSince = signonAt;
  }

  /** The rooms where others know of this user. */
  get seenIn(): Room[] {
    const rooms: Room[] = [];
    for (const [room, bits] of this.rooms) if (!(bits & UNSEEN)) rooms.push(room);
    return rooms;
  }

  rename(nick: string): void {
    this.nick = nick;
    this.folded = casefold(nick);
    this.source = `${nick}!${this.username}@${this.host}`;
  }
}

/** A channel. Its audience is flat, because it is walked for every message. */
export class Room {
  readonly folded: string;
  readonly members = new Map<User, number>();
  /** What NAMES answers, without and with multi-prefix (room_view.ts); undefined once {@link changed}. */
  names: (readonly string[] | undefined)[] = [];
  /** Every session that its lines go to; a session knows its index here (`Session.rooms`). */
  readonly audience: Session[] = [];
  /** How many of the audience see each form of a line (hub/view.ts). */
  readonly formCounts = new Int32Array(FORM_COUNT);

  /** `target` is what the log holds of this room; it is there before the room and after it. */
  constructor(readonly name: string, readonly createdAt: number, readonly target: Target) {
    this.folded = casefold(name);
  }

  /** Sets the bits of a member, or with `undefined` ends the membership. The user knows of it too. */
  setMember(user: User, bits: number | undefined): void {
    const before = this.members.get(user) ?? UNSEEN;
    if (bits === undefined) {
      this.members.delete(user);
      user.rooms.delete(this);
    } else {
      this.members.set(user, bits);
      user.rooms.set(this, bits);
    }
    if (!(before & UNSEEN && (bits ?? UNSEEN) & UNSEEN)) this.changed();
  }

  /** Call when a member that others see has another name. */
  changed(): void {
    this.names = [];
  }

  /** Stays when its last member leaves. */
  get permanent(): boolean {
    return this.folded === LOBBY;
  }
}

export class State {
  readonly sessions = new Map<number, Session>();
  /** How many of them have not registered yet. */
  newcomers = 0;
  /** By folded nick. */
  readonly users = new Map<string, User>();
  /** By folded name. */
  readonly rooms = new Map<string, Room>();
  /** Observers that follow somebody's talk, by the owner of their claim key. */
  readonly followers = new Map<OwnerId, Set<Session>>();
  /** Observers that follow every room. */
  readonly followersOfAll = new Set<Session>();
  /** Highest number of users at one time since the start. */
  maxUsers = 0;

  room(name: string): Room | undefined {
    return this.rooms.get(name) ?? this.rooms.get(casefold(name));
  }

  user(nick: string): User | undefined {
    return this.users.get(nick) ?? this.users.get(casefold(nick));
  }

  /** The user behind `source`, as long as it still has that name. */
  author(source: string): User | undefined {
    const bang = source.indexOf("!");
    const user = this.user(bang < 0 ? source : source.slice(0, bang));
    return user?.source === source ? user : undefined;
  }
}

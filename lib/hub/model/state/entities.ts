import { FORM_COUNT } from "../../../irc/capabilities.ts";
import { CapSet } from "../../../irc/cap_set.ts";
import type { TokenBucket } from "../../../base/token_bucket.ts";
import { casefold } from "../../../irc/names/casemap.ts";
import type { SaslChunkDecoder } from "../../../irc/sasl/sasl_chunks.ts";
import type { ScramCredentials, ScramServer } from "../../../irc/sasl/scram_server.ts";
import type { ConversationLog } from "../conversation_log.ts";
import { PendingOutput } from "./pending_output.ts";
import type { Ban } from "../ban.ts";
import type { OpenBatch } from "./open_batch.ts";
import type { ChannelSettings } from "../channel_settings.ts";
import type { SuspendedLine } from "../work_steps.ts";
import type { OwnerId } from "../identifiers.ts";
import { UNANNOUNCED } from "../channel_modes.ts";

export class Account {
  readonly folded: string;
  /** Who is logged in to it and has a name, whatever it is. */
  users: readonly User[] = NO_USERS;
  /** Salt, stored key and server key in base64, as one string: three arrays of bytes take several times as much. */
  #packed = "";
  #iterations = 0;

  /** `name`: as it was spelled when it was registered, at `createdAt` (milliseconds since the epoch). */
  constructor(
    readonly name: string,
    /** Under whom its direct messages are filed. */
    readonly owner: OwnerId,
    readonly createdAt: number,
    credentials: ScramCredentials,
  ) {
    this.folded = casefold(name);
    this.credentials = credentials;
  }

  /** Another password; the account's fact is the caller's to put. */
  set credentials({ salt, iterations, storedKey, serverKey }: ScramCredentials) {
    this.#packed = [salt, storedKey, serverKey].map((bytes) => bytes.toBase64()).join();
    this.#iterations = iterations;
  }

  get credentials(): ScramCredentials {
    const [salt, storedKey, serverKey] = this.#packed.split(",").map((text) => Uint8Array.fromBase64(text));
    return { salt: salt!, iterations: this.#iterations, storedKey: storedKey!, serverKey: serverKey! };
  }
}

/** One connection. It has a user once it is registered, unless it is an observer. */
export class Session {
  /** The capabilities that the client has requested. */
  caps = CapSet.EMPTY;
  /** 302 or above once the client said so. */
  capVersion = 0;
  /** Registration waits for CAP END. */
  isNegotiatingCaps = false;
  isRegistered = false;
  /** A trusted proxy has opened it, and names no client of it. */
  isMaybeProxyCheck = false;
  /** What NICK and USER said before there was a user. */
  nick = "*";
  username = "";
  realname = "";
  /** Of the last PASS, and of the one before it; undefined once they have been judged (server_password.ts). */
  password: string | undefined;
  earlierPassword: string | undefined;
  /** It has said the server's password. */
  hasGivenServerPassword = false;
  /** From CLAIM, or of the account; "" without one. */
  owner: OwnerId = "";
  /** Logged in to it; once there is a user, the user's counts. */
  account: Account | undefined;
  /** A batch that it is sending. */
  batch: OpenBatch | undefined;
  /** A login that has begun. */
  saslExchange: SaslLogin | undefined;
  /** It waits for an errand; until that is done no line of it is worked on. */
  suspendedLine: SuspendedLine | undefined;
  user: User | undefined;
  /** AWAY as it was said before there was a user (draft/pre-away). */
  preAway: string | undefined;
  /** It hears of every event from this one on. */
  liveFromSeq = 0;
  /** Channels whose lines reach this session: those of its user, or those an observer follows. */
  channels = NO_CHANNELS;
  /** What an observer follows besides channels; nobody else has it. */
  followed: FollowedTargets | undefined;
  lastHeardAt: number;
  /** The next record's number when it was last heard. */
  lastHeardSeq = 0;
  pingedAt = 0;
  /** The last event told to many that reached it, so that none reaches it twice (fan_out.ts). */
  lastFanOutId = 0;
  /** What this turn has for it; outbox.ts alone looks into it. */
  readonly pendingOutput = new PendingOutput();
  /** Set once: the reason for which it is being let go. */
  closeReason: string | undefined;

  constructor(
    readonly id: number,
    readonly host: string,
    readonly isSecure: boolean,
    readonly openedAt: number,
    /** Where the connection came in, as `net/endpoint.ts` writes it; "": nobody knows. */
    readonly endpoint = "",
    /** What others see of `host`: its cloak (host_cloak.ts), or the same where hosts are not cloaked. */
    readonly displayHost = host,
  ) {
    this.lastHeardAt = openedAt;
  }

  /** It stands at `index` of the audience of `channel`; undefined: it has left that. */
  setAudienceIndex(channel: Channel, index: number | undefined): void {
    this.channels = withChannel(this.channels, channel, index);
  }
}

/** What an observer follows: direct conversations of `owner` and channels, by folded names, or all of both. */
export interface FollowedTargets {
  /** Under it the observer stands in `State.followers`. */
  owner: OwnerId;
  readonly nicks: Set<string>;
  /** A channel need not exist to be followed, and is not made by it. */
  readonly channels: Set<string>;
  followsAll: boolean;
}

/** Somebody with a name, by one or more sessions. */
export class User {
  folded: string;
  source: string;
  /** "" when present. */
  away = "";
  /** All its sessions are logged in to it. */
  account: Account | undefined;
  /** Runs the server. */
  isServerOperator = false;
  /** The mute that is meant for this user, which may be over by now. */
  mute: Ban | undefined;
  /** Channels that it may enter once whatever holds others out, and behind which record that was so, the oldest invitation first. */
  invites: Map<Channel, number> | undefined;
  /** Its last connection has broken; it leaves at that time, for that reason, unless it comes back before. */
  pendingQuit: { readonly at: number; readonly reason: string } | undefined;
  idleSince: number;
  /** How often the nick may change; made with the first change. */
  nickChangeBucket: TokenBucket | undefined;
  /** Replaced when one comes or goes: an array that grows has space for sixteen. */
  sessions: readonly Session[] = [];
  /** Membership bits by channel. */
  channels = NO_CHANNELS;
  /** Channels that it is known to be banned from, or not to be (channel_settings.ts); of this nick and this account. */
  banVerdicts: Map<ChannelSettings, number> | undefined;
  #foldedSource: string | undefined;

  constructor(
    public nick: string,
    readonly username: string,
    /** What others see: {@link Session.displayHost} of the first session. */
    readonly host: string,
    /** Changes with SETNAME. */
    public realname: string,
    /** Changes when it logs in. */
    public owner: OwnerId,
    readonly signonAt: number,
    readonly isSecure: boolean,
    /** The address of the first session, which only the user and server operators see. */
    readonly realHost = host,
  ) {
    this.folded = casefold(nick);
    this.source = `${nick}!${username}@${host}`;
    this.idleSince = signonAt;
  }

  /** The channels where others know of this user. */
  get announcedChannels(): Channel[] {
    const channels: Channel[] = [];
    for (const [channel, bits] of this.channels) if (!(bits & UNANNOUNCED)) channels.push(channel);
    return channels;
  }

  /** For {@link Channel.setMember}. */
  setMembershipBits(channel: Channel, bits: number | undefined): void {
    this.channels = withChannel(this.channels, channel, bits);
  }

  rename(nick: string): void {
    this.nick = nick;
    this.folded = casefold(nick);
    this.source = `${nick}!${this.username}@${this.host}`;
    this.#foldedSource = undefined;
    this.banVerdicts = undefined;
  }

  /** What masks are held against. */
  get foldedSource(): string {
    return this.#foldedSource ??= casefold(this.source);
  }
}

/** A channel. Its audience is flat, because it is walked for every message. */
export class Channel {
  folded: string;
  readonly members = new Map<User, number>();
  /** What NAMES answers to who is in the channel, by style (channel_view.ts); undefined once {@link Channel.clearNamesReplies} was called. */
  namesReplies: (readonly string[] | undefined)[] = [];
  /** Every session that its lines go to; a session knows its index here (`Session.channels`). */
  readonly audience: Session[] = [];
  /** Those of the audience that have no user; made with the first. */
  observers: Set<Session> | undefined;
  /** How many of the audience see each form of a line (hub/output/render.ts). */
  readonly formCounts = new Int32Array(FORM_COUNT);

  /**
   * `target` is what the log holds of this channel; it is there before the channel and after it. `madeFrom`: the address that it counts
   * for (channel_shares.ts), "" for none.
   */
  constructor(
    public name: string,
    readonly conversation: ConversationLog,
    readonly createdFrom = "",
    /** Stays when its last member leaves. */
    readonly isPermanent = false,
  ) {
    this.folded = casefold(name);
  }

  /** Milliseconds since the epoch. A channel that was empty for a while, or whose server was restarted, is not made anew. */
  get createdAt(): number {
    return this.conversation.createdAt;
  }

  /** Sets the bits of a member, or with `undefined` ends the membership. The user knows of it too. */
  setMember(user: User, bits: number | undefined): void {
    const before = this.members.get(user) ?? UNANNOUNCED;
    if (bits === undefined) this.members.delete(user);
    else this.members.set(user, bits);
    user.setMembershipBits(this, bits);
    if (!(before & UNANNOUNCED && (bits ?? UNANNOUNCED) & UNANNOUNCED)) this.clearNamesReplies();
  }

  rename(name: string): void {
    this.name = name;
    this.folded = casefold(name);
    this.clearNamesReplies();
  }

  /** Call when a member that others see has another name. */
  clearNamesReplies(): void {
    this.namesReplies = [];
  }
}

/** Of who is in no channel, as scripts are: a map of its own takes a quarter of a kilobyte. Never changed. */
export const NO_CHANNELS: ReadonlyMap<Channel, number> = new Map();

/** `channels` with `value` for `channel`, or with `undefined` without it. */
export function withChannel(
  channels: ReadonlyMap<Channel, number>,
  channel: Channel,
  value: number | undefined,
): ReadonlyMap<Channel, number> {
  const own = (channels === NO_CHANNELS ? new Map() : channels) as Map<Channel, number>;
  if (value !== undefined) return own.set(channel, value);
  own.delete(channel);
  return own.size === 0 ? NO_CHANNELS : own;
}
export const NO_USERS: readonly User[] = [];

/** The account that `session` is logged in to. */
export function accountOf(session: Session): Account | undefined {
  return session.user === undefined ? session.account : session.user.account;
}

/** Under whom what `session` says is filed; "": it has neither a user nor an account nor a claim key. */
export function ownerOf(session: Session): OwnerId {
  return session.user?.owner ?? session.owner;
}

/** A login that has begun. */
export interface SaslLogin {
  readonly mechanism: "PLAIN" | "SCRAM-SHA-256";
  readonly response: SaslChunkDecoder;
  readonly scram: ScramServer | undefined;
  /** Whom the SCRAM exchange is about; undefined before it is known, or where there is none. */
  account: Account | undefined;
  /** What the challenge was made of; the account may have another password by the time of the answer. */
  credentials: ScramCredentials | undefined;
  /** What the SCRAM exchange has come to. */
  state: "begun" | "challenged" | "proved";
}

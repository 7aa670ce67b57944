/**
 * Sessions, users, channels and accounts as everything but apply/ sees them: views that change nothing. What apply/ changes is in
 * mutable_entities.ts and mutable_account.ts.
 */
import type { CapSet } from "../../../irc/cap_set.ts";
import type { SaslChunkDecoder } from "../../../irc/sasl/sasl_chunks.ts";
import type { ScramCredentials, ScramServer } from "../../../irc/sasl/scram_server.ts";
import type { ConversationLog } from "../conversation_log.ts";
import type { PendingOutput } from "./pending_output.ts";
import type { OpenBatch } from "./open_batch.ts";
import type { Ban } from "../ban.ts";
import type { ChannelSettings } from "../channel_settings.ts";
import type { OwnerId } from "../identifiers.ts";
import type { SuspendedLine } from "../work_steps.ts";

export interface Account {
  /** As it was spelled when it was registered, at {@link createdAt} (milliseconds since the epoch). */
  readonly name: string;
  readonly folded: string;
  /** Under this its direct messages are filed. */
  readonly owner: OwnerId;
  readonly createdAt: number;
  /** Users that are logged in to it, whatever their names are. */
  readonly users: readonly User[];
  readonly credentials: ScramCredentials;
}

/**
 * One connection. What is readonly here is part of the state. What is not, and is in {@link Session.connection},
 * {@link Session.pendingOutput} and {@link RegisteringPhase}, is the protocol's scratch: no event changes it, and the log knows nothing of it.
 */
export interface Session {
  readonly id: number;
  readonly host: string;
  /** What others see of `host`: its cloak (host_cloak.ts), or the same where hosts are not cloaked. */
  readonly displayHost: string;
  /** Where the connection came in, as `net/endpoint.ts` writes it; "": not known. */
  readonly endpoint: string;
  readonly isSecure: boolean;
  readonly openedAt: number;
  /** The capabilities that the client has requested. */
  readonly caps: CapSet;
  /** 302 or above once the client said so. */
  readonly capVersion: number;
  readonly phase: SessionPhase;
  /** The user of a registered session; undefined for all others. */
  readonly user: User | undefined;
  /** It hears of every event from this one on. */
  readonly liveFromSeq: number;
  /** Channels whose lines reach this session, those of its user or those an observer follows, with its index in their audience. */
  readonly channels: ReadonlyMap<Channel, number>;
  /** What an observer follows besides channels; only observers have it. */
  readonly followed: FollowedTargets | undefined;
  /** Set once: the reason for which it is disconnected. */
  readonly closeReason: string | undefined;

  /** What the protocol remembers between the lines of this connection. */
  readonly connection: SessionConnection;
  /** What this turn has for it; the outbox alone looks into it, but for the mark of the fan-out. */
  readonly pendingOutput: PendingOutput;
}

/** How far a session has come. It is registered as a user or as an observer by the event "attach", for good. */
export type SessionPhase = RegisteringPhase | ObserverPhase | RegisteredPhase;

/** What a client has said of itself so far; it ends with the registration. CAP, PASS, NICK, USER, CLAIM and AWAY write it. */
export interface RegisteringPhase {
  readonly kind: "registering";
  /** It waits for CAP END. */
  isNegotiatingCaps: boolean;
  /** A trusted proxy has opened the connection, and names no client of it. */
  readonly isMaybeProxyCheck: boolean;
  /** Undefined before NICK. */
  nick: string | undefined;
  /** Undefined before USER. */
  username: string | undefined;
  realname: string;
  /** Of the last PASS, and of the one before it; undefined once they have been judged (server_password.ts). */
  password: string | undefined;
  earlierPassword: string | undefined;
  /** It has said the server's password. */
  hasGivenServerPassword: boolean;
  /** From CLAIM, or of the account; "" without one. */
  owner: OwnerId;
  /** Logged in to it. */
  readonly account: Account | undefined;
  /** AWAY (draft/pre-away). */
  preAway: string | undefined;
}

/** It reads and does not act, and is no user. */
export interface ObserverPhase {
  readonly kind: "observer";
  readonly nick: string;
  readonly username: string;
  /** From CLAIM, or of the account; "" without one. */
  readonly owner: OwnerId;
  /** Logged in to it. */
  readonly account: Account | undefined;
}

export interface RegisteredPhase {
  readonly kind: "registered";
  readonly user: User;
}

/** What the protocol remembers between the lines of one connection: the handlers of its lines, the execution and the timers write it. */
export interface SessionConnection {
  /** A batch that the client is sending. */
  batch: OpenBatch | undefined;
  /** A login that has begun. */
  saslExchange: SaslLogin | undefined;
  /** The session waits for a job; until that is done no line of it is worked on. */
  suspendedLine: SuspendedLine | undefined;
  lastHeardAt: number;
  /** The next record's number when the client was last heard. */
  lastHeardSeq: number;
  /** Of the PING that it has not answered; 0: there is none. */
  pingedAt: number;
}

/** A login that has begun. */
export interface SaslLogin {
  readonly mechanism: "PLAIN" | "SCRAM-SHA-256";
  readonly response: SaslChunkDecoder;
  readonly scram: ScramServer | undefined;
  /** The account that the SCRAM exchange is about; undefined before it is known, or where there is none. */
  account: Account | undefined;
  /** What the challenge was made of; the account may have another password by the time of the answer. */
  credentials: ScramCredentials | undefined;
  /** What the SCRAM exchange has come to. */
  state: "begun" | "challenged" | "proved";
}

/** What an observer follows: direct conversations of `owner` and channels, by folded names, or all of both. */
export interface FollowedTargets {
  /** Under it the observer stands in {@link ReadonlyState.observersByOwner}. */
  readonly owner: OwnerId;
  readonly nicks: ReadonlySet<string>;
  /** A channel need not exist to be followed, and is not made by it. */
  readonly channels: ReadonlySet<string>;
  readonly followsAll: boolean;
}

/** One name, held by one or more sessions. */
export interface User {
  readonly nick: string;
  readonly folded: string;
  readonly username: string;
  /** What others see: {@link Session.displayHost} of the first session. */
  readonly host: string;
  /** The address of the first session, which only the user and server operators see. */
  readonly realHost: string;
  readonly source: string;
  /** What masks are held against. */
  readonly foldedSource: string;
  /** Changes with SETNAME. */
  readonly realname: string;
  /** Changes when it logs in. */
  readonly owner: OwnerId;
  readonly signonAt: number;
  readonly isSecure: boolean;
  /** "" when present. */
  readonly away: string;
  /** All its sessions are logged in to it. */
  readonly account: Account | undefined;
  /** Runs the server. */
  readonly isServerOperator: boolean;
  /** The mute that is meant for this user, which may be over by now. */
  readonly mute: Ban | undefined;
  /** Channels that it may enter whatever holds others out, and the record behind which that was so, the oldest invitation first. */
  readonly invites: ReadonlyMap<Channel, number> | undefined;
  /** Its last connection has broken; it leaves at that time, for that reason, unless it comes back before. */
  readonly pendingQuit: { readonly at: number; readonly reason: string } | undefined;
  readonly idleSince: number;
  readonly sessions: readonly Session[];
  /** Membership bits by channel. */
  readonly channels: ReadonlyMap<Channel, number>;
  /** The channels where others know of this user. */
  readonly announcedChannels: Channel[];
  /** A cache of {@link ChannelSettings.isBanned}, which fills it: channels that it is known to be banned from, or not to be. */
  banVerdicts: Map<ChannelSettings, number> | undefined;
}

/** A channel. Its audience is flat, because it is walked for every message. */
export interface Channel {
  readonly name: string;
  readonly folded: string;
  /** What the log holds of this channel; it is there before the channel and after it. */
  readonly conversation: ConversationLog;
  /** The address that it counts for (channel_quota.ts), "" for none. */
  readonly createdFrom: string;
  /** Stays when its last member leaves. */
  readonly isPermanent: boolean;
  /** Milliseconds since the epoch. A channel that was empty for a while, or whose server was restarted, is not made anew. */
  readonly createdAt: number;
  readonly members: ReadonlyMap<User, number>;
  /** Every session that its lines go to; a session knows its index here ({@link Session.channels}). */
  readonly audience: readonly Session[];
  /** Those of the audience that have no user; made with the first. */
  readonly observers: ReadonlySet<Session> | undefined;
  /** How many of the audience see each form of a line (hub/output/render.ts). */
  readonly formCounts: Readonly<ArrayLike<number>>;
  /** A cache of what NAMES answers to a member, by style, which channel_replies.ts fills; replaced when that changes. */
  readonly namesReplies: (readonly string[] | undefined)[];
}

export function isUser(subject: User | Account | Channel): subject is User {
  return "sessions" in subject;
}

export function isChannel(subject: User | Account | Channel): subject is Channel {
  return "members" in subject;
}

/** The account that `session` is logged in to. */
export function accountOf({ phase }: Session): Account | undefined {
  return phase.kind === "registered" ? phase.user.account : phase.account;
}

/** The owner under which what `session` says is filed; "": it has neither a user nor an account nor a claim key. */
export function ownerOf({ phase }: Session): OwnerId {
  return phase.kind === "registered" ? phase.user.owner : phase.owner;
}

/** The nick of `session`, which numerics address it by; "*" before it has one. */
export function sessionNick({ phase }: Session): string {
  return (phase.kind === "registered" ? phase.user.nick : phase.nick) ?? "*";
}

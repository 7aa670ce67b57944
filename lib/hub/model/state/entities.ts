/**
 * Sessions, users, channels and accounts as read-only views, for all code except apply/. The mutable side, which
 * apply/ changes, is in mutable_entities.ts and mutable_account.ts.
 */
import type { CapSet } from "../../../irc/cap_set.ts";
import type { SaslChunkDecoder } from "../../../irc/sasl/sasl_chunks.ts";
import type { ScramCredentials, ScramServer } from "../../../irc/sasl/scram_server.ts";
import type { ConversationLog } from "../conversation_log.ts";
import type { LineOrigin } from "../line_origin.ts";
import type { PendingOutput } from "./pending_output.ts";
import type { OpenBatch } from "./open_batch.ts";
import type { Ban } from "../ban.ts";
import type { ChannelSettings } from "../channel_settings.ts";
import type { OwnerId } from "../identifiers.ts";
import type { AccountToken } from "../account_token.ts";
import type { LineState } from "../work_steps.ts";

export interface Account {
  /** As spelled at the registration, which was at {@link createdAt} (milliseconds since the epoch). */
  readonly name: string;
  readonly folded: string;
  /** Owner id under which its direct messages are filed. */
  readonly owner: OwnerId;
  readonly createdAt: number;
  /** Users that are logged in to it, under any nick. */
  readonly users: readonly User[];
  readonly credentials: ScramCredentials;
}

/**
 * One connection. Readonly members are part of the state. The others, and those of {@link Session.connection},
 * {@link Session.pendingOutput} and {@link RegisteringPhase}, are working data of the protocol: no event changes
 * them, and the log does not hold them.
 */
export interface Session {
  readonly id: number;
  readonly host: string;
  /** What other users see of `host`: its cloak (host_cloak.ts), or the host itself where hosts are not cloaked. */
  readonly displayHost: string;
  /** Local endpoint of the connection, as `net/endpoint.ts` writes it; "": not known. */
  readonly endpoint: string;
  readonly isSecure: boolean;
  /** Whether the server itself opened the connection, for a request to its HTTP API: it may log in with a token. */
  readonly isInternal: boolean;
  readonly openedAt: number;
  /** The capabilities that the client has requested. */
  readonly caps: CapSet;
  /** Version in CAP LS: 302 or above if the client has sent that. */
  readonly capVersion: number;
  readonly phase: SessionPhase;
  /** The user of a registered session; undefined for all others. */
  readonly user: User | undefined;
  /** First record that the session receives live. */
  readonly liveFromSeq: number;
  /**
   * Channels with lines that this session receives: those of its user, or those that an observer follows; with its
   * index in their audience.
   */
  readonly channels: ReadonlyMap<Channel, number>;
  /** Subscriptions of an observer besides channels; undefined for all others. */
  readonly followed: FollowedTargets | undefined;
  /** Set once, when the session is disconnected: the reason. */
  readonly closeReason: string | undefined;

  /** Working data of the protocol between the lines of this connection. */
  readonly connection: SessionConnection;
  /** Output of this turn. Only the outbox uses it, except for the mark of the fan-out. */
  readonly pendingOutput: PendingOutput;
}

/** Phase of a session. The event "attach" makes it a registered user or an observer, which it stays. */
export type SessionPhase = RegisteringPhase | ObserverPhase | RegisteredPhase;

/** Data that a client has given before it is registered. CAP, PASS, NICK, USER, CLAIM and AWAY write it. */
export interface RegisteringPhase {
  readonly kind: "registering";
  /** Whether connection registration waits for CAP END. */
  isNegotiatingCaps: boolean;
  /** Whether a trusted proxy opened the connection without naming a client: it may be a health check. */
  readonly isMaybeProxyCheck: boolean;
  /** Undefined before NICK. */
  nick: string | undefined;
  /** Undefined before USER. */
  username: string | undefined;
  realname: string;
  /** From the last PASS, and from the one before it; undefined once they have been checked (server_password.ts). */
  password: string | undefined;
  earlierPassword: string | undefined;
  /** Whether the client has given the server password. */
  hasGivenServerPassword: boolean;
  /** Owner id, from CLAIM or of the account; "" without either. */
  owner: OwnerId;
  /** Account that the session is logged in to. */
  readonly account: Account | undefined;
  /** Text of AWAY (draft/pre-away). */
  preAway: string | undefined;
}

/** An observer reads and does not act, and is not a user. */
export interface ObserverPhase {
  readonly kind: "observer";
  readonly nick: string;
  readonly username: string;
  /** Owner id, from CLAIM or of the account; "" without either. */
  readonly owner: OwnerId;
  /** Account that the session is logged in to. */
  readonly account: Account | undefined;
}

export interface RegisteredPhase {
  readonly kind: "registered";
  readonly user: User;
}

/**
 * Working data of the protocol between the lines of one connection, written by the handlers of its lines, the
 * execution and the timers.
 */
export interface SessionConnection {
  /** Batch that the client is sending. */
  batch: OpenBatch | undefined;
  /** SASL exchange in progress. */
  saslExchange: SaslLogin | undefined;
  /** The token that the session was logged in with. */
  token: AccountToken | undefined;
  /** Of a relayed session: the line that is being worked on; records that it appends have it as their origin. */
  relay: LineOrigin | undefined;
  /** Set while the session waits for a job; until that is done none of its lines is handled. */
  suspendedLine: LineState | undefined;
  lastHeardAt: number;
  /** Sequence number of the next record when the client last sent a line. */
  lastHeardSeq: number;
  /** Time of the PING that it has not answered; 0: there is none. */
  pingedAt: number;
}

/** SASL exchange in progress. */
export interface SaslLogin {
  readonly mechanism: "PLAIN" | "SCRAM-SHA-256";
  readonly response: SaslChunkDecoder;
  readonly scram: ScramServer | undefined;
  /** Account of the SCRAM exchange; undefined before it is known, or if there is none. */
  account: Account | undefined;
  /** Credentials of the challenge; the account's password may have changed by the time of the response. */
  credentials: ScramCredentials | undefined;
  /** Progress of the SCRAM exchange. */
  state: "begun" | "challenged" | "proved";
}

/** Subscriptions of an observer: direct conversations of `owner` and channels, by folded names, or all of both. */
export interface FollowedTargets {
  /** Key of the observer in {@link ReadonlyState.observersByOwner}. */
  readonly owner: OwnerId;
  readonly nicks: ReadonlySet<string>;
  /** A channel need not exist to be followed, and is not created by it. */
  readonly channels: ReadonlySet<string>;
  readonly followsAll: boolean;
}

/** A named participant with one or more sessions. */
export interface User {
  readonly nick: string;
  readonly folded: string;
  readonly username: string;
  /** What other users see: {@link Session.displayHost} of the first session. */
  readonly host: string;
  /** Address of the first session, visible only to the user and to server operators. */
  readonly realHost: string;
  readonly source: string;
  /** Casefolded source that masks are matched against. */
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
  /** Whether the user is a server operator. */
  readonly isServerOperator: boolean;
  /** Mute that matches this user; it may have expired. */
  readonly mute: Ban | undefined;
  /**
   * Invitations, the oldest first: channels that it may join whatever keeps others out, with the last record before
   * the invitation.
   */
  readonly invites: ReadonlyMap<Channel, number> | undefined;
  /** Set when its last connection is lost: it quits at that time for that reason, unless it comes back before. */
  readonly pendingQuit: { readonly at: number; readonly reason: string } | undefined;
  readonly idleSince: number;
  readonly sessions: readonly Session[];
  /** Membership bits by channel. */
  readonly channels: ReadonlyMap<Channel, number>;
  /** Channels in which the user has been announced to others. */
  readonly announcedChannels: Channel[];
  /** Cache that {@link ChannelSettings.isBanned} fills: for channels, whether the user is banned. */
  banVerdicts: Map<ChannelSettings, number> | undefined;
}

/** A channel. Its audience is an array, because every message iterates over it. */
export interface Channel {
  readonly name: string;
  readonly folded: string;
  /** What the log holds of this channel; it exists before and after the channel. */
  readonly conversation: ConversationLog;
  /** Site that it counts for (channel_quota.ts); "" for none. */
  readonly createdFrom: string;
  /** Whether it remains when its last member leaves. */
  readonly isPermanent: boolean;
  /**
   * Milliseconds since the epoch. It stays the same while the channel is empty for a time, and when the server
   * restarts.
   */
  readonly createdAt: number;
  readonly members: ReadonlyMap<User, number>;
  /** Every session that receives its lines; a session knows its index here ({@link Session.channels}). */
  readonly audience: readonly Session[];
  /** Sessions of the audience without a user; created with the first. */
  readonly observers: ReadonlySet<Session> | undefined;
  /** Number of sessions in the audience for each form of a line (output/render.ts). */
  readonly formCounts: Readonly<ArrayLike<number>>;
  /** Cache of the NAMES reply to a member, by style, filled by channel_replies.ts; replaced when the reply changes. */
  readonly namesReplies: (readonly string[] | undefined)[];
}

export function isUser(subject: User | Account | Channel): subject is User {
  return "sessions" in subject;
}

export function isChannel(subject: User | Account | Channel): subject is Channel {
  return "members" in subject;
}

/** Account that `session` is logged in to. */
export function accountOf({ phase }: Session): Account | undefined {
  return phase.kind === "registered" ? phase.user.account : phase.account;
}

/**
 * Name of the account of which a message of `time` is, as history says it; `account`: the one with the sender's owner id;
 * "": of none. Before an account was registered, its owner spoke without it, maybe under a claim key and another name.
 */
export function accountNameAt(account: Account | undefined, time: number): string {
  return account !== undefined && account.createdAt <= time ? account.name : "";
}

/** Owner id under which messages of `session` are filed; "": it has neither a user nor an account nor a claim key. */
export function ownerOf({ phase }: Session): OwnerId {
  return phase.kind === "registered" ? phase.user.owner : phase.owner;
}

/**
 * Whether a person reads at `session`, so that direct messages that it gets have reached their receiver. A session that
 * was logged in with a token acts for a script, and what waits for the account goes on waiting.
 */
export function isReceiver({ connection }: Session): boolean {
  return connection.token === undefined;
}

/** Nick of `session` as the target of numerics; "*" before it has one. */
export function sessionNick({ phase }: Session): string {
  return (phase.kind === "registered" ? phase.user.nick : phase.nick) ?? "*";
}

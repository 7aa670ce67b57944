/**
 * What a front keeps of a session, so that another hub can restore it: plain data, without passwords, keys and tokens.
 * state_codec.ts has its bytes.
 *
 * Not part of it:
 * - lines that the hub has not answered (the front has them), and jobs that they wait for;
 * - a SASL exchange and the lines of an open batch: they begin anew;
 * - values of accounts and rooms, which are facts: passwords, operators, metadata, read markers, topics, modes, bans;
 * - what follows from facts: whether the account is a server operator, and whether the user is muted;
 * - rates (nick changes, searches, logins of an address): they begin full;
 * - key parcels (KEYSHARE), and which offline messages were replayed;
 * - the time of an open PING: the session is pinged anew;
 * - sessions that are not registered, and those of the HTTP API, which end with the hub.
 */
import type { ReceiptKind } from "../../irc/vendor_extensions.ts";
import type { ReadMarker } from "../services/read_markers.ts";

/** All times are in milliseconds since the epoch; all names as they were spelled. */
export interface SessionState {
  readonly host: string;
  readonly displayHost: string;
  readonly endpoint: string;
  readonly isSecure: boolean;
  readonly openedAt: number;
  /** Keys of `CAP` (irc/capabilities.ts). */
  readonly caps: readonly string[];
  readonly capVersion: number;
  /** First record that the session was sent live. */
  readonly liveFromSeq: number;
  /** Public id of the token that it was logged in with; "": none. */
  readonly tokenId: string;
  /** The batch that the client has open, which fails. `label`: of its opening line, in wire form. */
  readonly openBatch: { readonly ref: string; readonly label: string } | undefined;
  readonly receipts: readonly AwaitedReceipt[];
  /** Whether direct messages that came while its account was offline have still to be replayed to it. */
  readonly awaitsOfflineMessages: boolean;
  /** Nicks of MONITOR. */
  readonly monitored: readonly string[];
  /** Keys of METADATA SUB. */
  readonly subscriptions: readonly string[];
  readonly phase: UserState | ObserverState;
}

/** A receipt that the session awaits; `label`: of its AWAIT, in wire form. */
export interface AwaitedReceipt {
  readonly what: ReceiptKind;
  readonly msgid: string;
  readonly label: string;
}

export interface AccountName {
  readonly name: string;
  /** Owner id: an account that later gets the name has another one. */
  readonly owner: string;
}

export interface ObserverState {
  readonly kind: "observer";
  readonly nick: string;
  readonly username: string;
  readonly owner: string;
  readonly account: AccountName | undefined;
  readonly follows: FollowState | undefined;
}

export interface FollowState {
  readonly nicks: readonly string[];
  readonly channels: readonly string[];
  readonly everything: boolean;
}

/** The user of a session. Sessions of one user have the same one; the latest counts. */
export interface UserState {
  readonly kind: "user";
  readonly nick: string;
  readonly username: string;
  /** What other users see, and the address. */
  readonly host: string;
  readonly realHost: string;
  readonly realname: string;
  readonly owner: string;
  readonly account: AccountName | undefined;
  readonly signonAt: number;
  readonly isSecure: boolean;
  /** "" when present. */
  readonly away: string;
  /** Letters of modes that users set for themselves. */
  readonly modes: string;
  /** Owner id of the account by which OPER made it an operator without a login; "": none. */
  readonly operatorBy: string;
  readonly idleSince: number;
  /** Membership bits (model/channel_modes.ts) by room. */
  readonly rooms: readonly (readonly [room: string, bits: number])[];
  /** Invitations: the last record before each. */
  readonly invites: readonly (readonly [room: string, seq: number])[];
  /** Of a user without an account; otherwise empty. */
  readonly metadata: readonly (readonly [key: string, value: string])[];
  readonly markers: readonly (readonly [target: string, marker: ReadMarker])[];
  readonly replayPositions: readonly (readonly [room: string, seq: number])[];
}

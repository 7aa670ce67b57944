/**
 * Mutable side of the state; {@link Session}, {@link User} and {@link Channel} are its views. Only apply/ changes
 * it (by `writable`); the lint lets no other folder import this file.
 */
import { assert } from "../../../base/assert.ts";
import { CapSet } from "../../../irc/cap_set.ts";
import { FORM_COUNT } from "../../../irc/capabilities.ts";
import { casefold } from "../../../irc/names/casemap.ts";
import type { Ban } from "../ban.ts";
import { UNANNOUNCED } from "../channel_modes.ts";
import type { ChannelSettings } from "../channel_settings.ts";
import type { ConversationLog } from "../conversation_log.ts";
import type { OwnerId } from "../identifiers.ts";
import type { LineOrigin } from "../line_origin.ts";
import type { AccountToken } from "../account_token.ts";
import type { LineState } from "../work_steps.ts";
import type {
  Account,
  Channel,
  FollowedTargets,
  ObserverPhase,
  RegisteredPhase,
  RegisteringPhase,
  SaslLogin,
  Session,
  SessionConnection,
  User,
} from "./entities.ts";
import type { OpenBatch } from "./open_batch.ts";
import { PendingOutput } from "./pending_output.ts";

export class MutableSession implements Session {
  caps = CapSet.EMPTY;
  capVersion = 0;
  phase: MutableSessionPhase;
  liveFromSeq = 0;
  channels = NO_CHANNELS;
  followed: MutableFollowedTargets | undefined;
  closeReason: string | undefined;
  readonly connection: SessionConnection;
  readonly pendingOutput = new PendingOutput();

  constructor(
    readonly id: number,
    readonly host: string,
    readonly isSecure: boolean,
    readonly openedAt: number,
    readonly endpoint = "",
    readonly displayHost = host,
    isMaybeProxyCheck = false,
    readonly isInternal = false,
  ) {
    this.connection = new Connection(openedAt);
    this.phase = new MutableRegisteringPhase(isMaybeProxyCheck);
  }

  get user(): User | undefined {
    return this.phase.kind === "registered" ? this.phase.user : undefined;
  }

  /** Sets the index of the session in the audience of `channel`; undefined: it is no longer in it. */
  setAudienceIndex(channel: Channel, index: number | undefined): void {
    this.channels = withChannel(this.channels, channel, index);
  }
}

class Connection implements SessionConnection {
  batch: OpenBatch | undefined;
  saslExchange: SaslLogin | undefined;
  token: AccountToken | undefined;
  relay: LineOrigin | undefined;
  suspendedLine: LineState | undefined;
  lastHeardSeq = 0;
  pingedAt = 0;

  constructor(public lastHeardAt: number) {}
}

export type MutableSessionPhase = MutableRegisteringPhase | MutableObserverPhase | RegisteredPhase;

class MutableRegisteringPhase implements RegisteringPhase {
  readonly kind = "registering";
  isNegotiatingCaps = false;
  nick: string | undefined;
  username: string | undefined;
  realname = "";
  password: string | undefined;
  earlierPassword: string | undefined;
  hasGivenServerPassword = false;
  owner: OwnerId = "";
  account: Account | undefined;
  preAway: string | undefined;

  constructor(readonly isMaybeProxyCheck: boolean) {}
}

export interface MutableObserverPhase extends ObserverPhase {
  owner: OwnerId;
  account: Account | undefined;
}

export interface MutableFollowedTargets extends FollowedTargets {
  owner: OwnerId;
  readonly nicks: Set<string>;
  readonly channels: Set<string>;
  followsAll: boolean;
}

export class MutableUser implements User {
  folded: string;
  source: string;
  away = "";
  account: Account | undefined;
  isServerOperator = false;
  mute: Ban | undefined;
  invites: Map<Channel, number> | undefined;
  pendingQuit: { readonly at: number; readonly reason: string } | undefined;
  idleSince: number;
  /** Replaced on every change: an array that grows reserves space for sixteen. */
  sessions: readonly Session[] = [];
  channels = NO_CHANNELS;
  banVerdicts: Map<ChannelSettings, number> | undefined;
  #foldedSource: string | undefined;

  constructor(
    public nick: string,
    readonly username: string,
    readonly host: string,
    public realname: string,
    public owner: OwnerId,
    readonly signonAt: number,
    readonly isSecure: boolean,
    readonly realHost = host,
  ) {
    this.folded = casefold(nick);
    this.source = `${nick}!${username}@${host}`;
    this.idleSince = signonAt;
  }

  get announcedChannels(): Channel[] {
    const channels: Channel[] = [];
    for (const [channel, bits] of this.channels) if (!(bits & UNANNOUNCED)) channels.push(channel);
    return channels;
  }

  /** For {@link MutableChannel.setMember}. */
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

  get foldedSource(): string {
    return this.#foldedSource ??= casefold(this.source);
  }
}

export class MutableChannel implements Channel {
  folded: string;
  readonly members = new Map<User, number>();
  namesReplies: (readonly string[] | undefined)[] = [];
  readonly audience: Session[] = [];
  observers: Set<Session> | undefined;
  readonly formCounts = new Int32Array(FORM_COUNT);

  constructor(
    public name: string,
    readonly conversation: ConversationLog,
    readonly createdFrom = "",
    readonly isPermanent = false,
  ) {
    this.folded = casefold(name);
  }

  get createdAt(): number {
    return this.conversation.createdAt;
  }

  /** Sets the membership bits, or with `undefined` ends the membership, on the user's side too. */
  setMember(user: MutableUser, bits: number | undefined): void {
    const known = this.members.get(user);
    assert(user.channels.get(this) === known, "a channel and its member hold the same membership");
    const before = known ?? UNANNOUNCED;
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

  /** Call when an announced member has changed its nick. */
  clearNamesReplies(): void {
    this.namesReplies = [];
  }
}

/**
 * For a session or user in no channel, such as a script: a map of its own takes a quarter of a kilobyte. Never
 * changed.
 */
const NO_CHANNELS: ReadonlyMap<Channel, number> = new Map();

/** Returns `channels` with `value` for `channel`, or with `undefined` without it. */
function withChannel(
  channels: ReadonlyMap<Channel, number>,
  channel: Channel,
  value: number | undefined,
): ReadonlyMap<Channel, number> {
  const own = (channels === NO_CHANNELS ? new Map() : channels) as Map<Channel, number>;
  if (value !== undefined) return own.set(channel, value);
  own.delete(channel);
  return own.size === 0 ? NO_CHANNELS : own;
}

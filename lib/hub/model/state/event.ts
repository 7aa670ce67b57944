/**
 * Events. Recorded events have a place in the log and are enough to replay it; transient events change the state or
 * are shown once, and are never stored. The handlers of verbs make events; only `apply` acts on them.
 */
import type { CapSet } from "../../../irc/cap_set.ts";
import type { ConversationLog } from "../conversation_log.ts";
import type { Account, Channel, Session, User } from "./entities.ts";
import type { OwnerId, Source } from "../identifiers.ts";

export type MessageVerb = "PRIVMSG" | "NOTICE" | "TAGMSG";

export interface ChannelTarget {
  readonly kind: "channel";
  readonly name: string;
}

/** Members of a channel by rank (STATUSMSG): `@` for its operators, `+` for members with voice too. Never recorded. */
export interface RankTarget {
  readonly kind: "ranks";
  readonly prefix: "@" | "+";
  readonly name: string;
}

export interface DirectTarget {
  readonly kind: "direct";
  /** The receiver's nick or account. */
  readonly name: string;
  /** Owner id of the receiver. */
  readonly owner: OwnerId;
}

export type RecordedTarget = ChannelTarget | DirectTarget;
/** What a message is addressed to; names are spelled as on the server. */
export type MessageTarget = RecordedTarget | RankTarget;

/** The channel of a target; undefined while it has no members. Its conversation outlives it. */
interface FoundChannel {
  readonly channel: Channel | undefined;
  readonly conversation: ConversationLog;
}

export type RoutedChannelTarget = ChannelTarget & FoundChannel;
export type RoutedRankTarget = RankTarget & FoundChannel;
/** `receiver`: the user of that name; undefined if there is none. */
export type RoutedDirectTarget = DirectTarget & { readonly receiver: User | undefined };
/**
 * A target together with what its name referred to when the message was decided, so that it is not looked up again.
 * That part is not recorded.
 */
export type RoutedTarget = RoutedChannelTarget | RoutedRankTarget | RoutedDirectTarget;

/** A chat message. A text of several lines is in the form of `irc/multiline.ts`. */
export interface MessageEvent<Target extends MessageTarget = MessageTarget> {
  readonly kind: "message";
  readonly verb: MessageVerb;
  readonly source: Source;
  readonly target: Target;
  readonly text: string;
  /** The client-only tags (`+…`) in wire form, without `@`. */
  readonly tags: string;
  /** Owner id of the sender; "" for the server. */
  readonly from: OwnerId;
  /** Sender id (irc/vendor_extensions.ts). */
  readonly id: string | undefined;
}

export type RecordedMessage = MessageEvent<RecordedTarget>;

export type RecordedEvent =
  | RecordedMessage
  /** `realname` is for clients that receive it live; it is not recorded. */
  | { kind: "join"; source: Source; channel: string; realname: string }
  | { kind: "part"; source: Source; channel: string; reason: string }
  | { kind: "quit"; source: Source; reason: string }
  | { kind: "nick"; source: Source; nick: string }
  | { kind: "topic"; source: Source; channel: string; topic: string }
  | { kind: "kick"; source: Source; channel: string; nick: string; reason: string }
  /** As in a MODE line: `+ov-l`, and the arguments, separated by spaces ("" for none). */
  | { kind: "mode"; source: Source; channel: string; change: string; args: string }
  /** Redaction of a message that `from` sent to `target`. */
  | {
    kind: "redact";
    source: Source;
    target: RecordedTarget;
    from: OwnerId;
    msgid: string;
    reason: string;
  }
  /** The channel has the name `to` from here on. */
  | { kind: "rename"; source: Source; channel: string; to: string; reason: string }
  /** The server started: all earlier members have left. */
  | { kind: "boot"; version: string };

export type TransientEvent =
  /** A connection has been opened and has a session. */
  | { kind: "connect"; session: Session }
  /** The capabilities of a session change: {@link Session.caps}, {@link Session.capVersion}. */
  | { kind: "capabilities"; session: Session; caps: CapSet; version: number }
  /** A session ends, for `reason`: it is removed from all lists of sessions, and receives nothing more. */
  | { kind: "disconnect"; session: Session; reason: string }
  /** A session is registered: as a new user, or as a further session of an existing one. */
  | { kind: "attach"; session: Session; nick: string; username: string; realname: string }
  /** A session has ended and its user stays; the last session of a user causes a quit instead. */
  | { kind: "detach"; session: Session }
  /**
   * The last connection of a user was lost: it quits at that time (`HubContext.monotonic`), for that reason, unless
   * it comes back before.
   */
  | { kind: "leaving"; user: User; at: number; reason: string }
  /** A session, and its user, is logged in to an account; undefined: logged out. */
  | { kind: "login"; session: Session; account: Account | undefined; why?: string }
  /** An account is about to end: no channel remembers it as an operator or exempts it from then on. */
  | { kind: "account_end"; account: Account }
  | { kind: "away"; user: User; message: string }
  | { kind: "setname"; user: User; realname: string }
  /** Letters of modes that a user sets for itself (user_mode_letters.ts). */
  | { kind: "umode"; user: User; on: string; off: string }
  /** A user becomes a server operator, or is none any more. */
  | { kind: "oper"; user: User; oper: boolean }
  /** Mutes with these masks have been set or removed. */
  | { kind: "bans"; masks: readonly string[] }
  | { kind: "invite"; source: Source; user: User; channel: string }
  /** Invitations to channels that no longer exist are dropped. */
  | { kind: "invites_pruned" }
  /** An observer follows the channel of that name, everything, or its owner's direct conversation with one person. */
  | { kind: "follow"; session: Session; what: { channel: string } | "everything" | { person: string } };

/** Events that can be rendered as a line. */
export type RenderableEvent = RecordedEvent | MessageEvent;

/** Recorded events other than messages. */
export type RecordedStateEvent = Exclude<RecordedEvent, RecordedMessage>;
/** Events that change the state. */
export type StateEvent = RecordedStateEvent | TransientEvent;

/** The event of kind `K`. */
export type EventOf<K extends string> = Extract<RecordedEvent | TransientEvent, { kind: K }>;

/** Whether an event that changes the state is recorded in the log, by kind. */
const IS_RECORDED = {
  join: true,
  part: true,
  quit: true,
  nick: true,
  topic: true,
  kick: true,
  mode: true,
  redact: true,
  rename: true,
  boot: true,
  connect: false,
  capabilities: false,
  disconnect: false,
  attach: false,
  detach: false,
  leaving: false,
  login: false,
  account_end: false,
  away: false,
  setname: false,
  umode: false,
  oper: false,
  bans: false,
  invite: false,
  invites_pruned: false,
  follow: false,
} satisfies Record<RecordedStateEvent["kind"], true> & Record<TransientEvent["kind"], false>;

/** Whether `event` is recorded in the log. */
export function isRecorded(event: StateEvent): event is RecordedStateEvent {
  return IS_RECORDED[event.kind];
}

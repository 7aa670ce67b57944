/**
 * What happened, as facts. Recorded events have a place in the log and are enough to replay it; transient ones change
 * the state or are shown once, and are never stored. `decide` makes them, `apply` alone acts on them.
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

/** Some members of a channel (STATUSMSG): `@` for its operators, `+` for members with a voice too. Never recorded. */
export interface RankTarget {
  readonly kind: "ranks";
  readonly prefix: "@" | "+";
  readonly name: string;
}

export interface DirectTarget {
  readonly kind: "direct";
  /** The receiver's nick or account. */
  readonly name: string;
  /** The receiver. */
  readonly owner: OwnerId;
}

export type RecordedTarget = ChannelTarget | DirectTarget;
/** What a message is addressed to; names are spelled as they are on the server. */
export type MessageTarget = RecordedTarget | RankTarget;

/** The channel of a target; undefined while nobody is in it. Its conversation outlives it. */
interface FoundChannel {
  readonly channel: Channel | undefined;
  readonly conversation: ConversationLog;
}

export type RoutedChannelTarget = ChannelTarget & FoundChannel;
export type RoutedRankTarget = RankTarget & FoundChannel;
/** `receiver`: the user of that name; undefined while there is none. */
export type RoutedDirectTarget = DirectTarget & { readonly receiver: User | undefined };
/**
 * A target together with what its name was found to be when the message was decided, so that nothing looks it up again. That part
 * is not recorded.
 */
export type RoutedTarget = RoutedChannelTarget | RoutedRankTarget | RoutedDirectTarget;

/** A message. A text of several lines is as in `irc/multiline.ts`. */
export interface MessageEvent<Target extends MessageTarget = MessageTarget> {
  readonly kind: "message";
  readonly verb: MessageVerb;
  readonly source: Source;
  readonly target: Target;
  readonly text: string;
  /** The client-only tags (`+…`) in wire form, without `@`. */
  readonly tags: string;
  /** The sender; "" for the server. */
  readonly from: OwnerId;
  /** The id that the sender gave it (irc/vendor_extensions.ts). */
  readonly id: string | undefined;
}

export type RecordedMessage = MessageEvent<RecordedTarget>;

export type RecordedEvent =
  | RecordedMessage
  /** `realname` is for those who see it live; it is not recorded. */
  | { kind: "join"; source: Source; channel: string; realname: string }
  | { kind: "part"; source: Source; channel: string; reason: string }
  | { kind: "quit"; source: Source; reason: string }
  | { kind: "nick"; source: Source; nick: string }
  | { kind: "topic"; source: Source; channel: string; topic: string }
  | { kind: "kick"; source: Source; channel: string; nick: string; reason: string }
  /** As in a MODE line: `+ov-l`, and the arguments, separated by spaces ("" for none). */
  | { kind: "mode"; source: Source; channel: string; change: string; args: string }
  /** A message, which was sent by `from` to `target`, is taken back. */
  | {
    kind: "redact";
    source: Source;
    target: RecordedTarget;
    from: OwnerId;
    msgid: string;
    reason: string;
  }
  /** A channel is called `to` from here on. */
  | { kind: "rename"; source: Source; channel: string; to: string; reason: string }
  /** The server started: whoever was there before has left. */
  | { kind: "boot"; version: string };

export type TransientEvent =
  /** A connection is open, and has a session. */
  | { kind: "connect"; session: Session }
  /** A session has other capabilities: {@link Session.caps}, {@link Session.capVersion}. */
  | { kind: "capabilities"; session: Session; caps: CapSet; version: number }
  /** A session ends, for `reason`: it is in no list of sessions from now on, and hears nothing more of the hub. */
  | { kind: "disconnect"; session: Session; reason: string }
  /** A session takes its place: as a new user, or as a further session of one that is there. */
  | { kind: "attach"; session: Session; nick: string; username: string; realname: string }
  /** A session is gone while its user stays; the last one makes a quit. */
  | { kind: "detach"; session: Session }
  /** The last connection of a user has broken: at that time ({@link Hub.monotonic}) it quits, for that reason, unless it comes back before. */
  | { kind: "leaving"; user: User; at: number; reason: string }
  /** A session, and the user that it belongs to, is logged in to an account; undefined: to none any more. */
  | { kind: "login"; session: Session; account: Account | undefined; why?: string }
  /** An account is about to end: no channel remembers it as an operator or exempts it any more. */
  | { kind: "account_end"; account: Account }
  | { kind: "away"; user: User; message: string }
  | { kind: "setname"; user: User; realname: string }
  /** Letters of modes that a user sets for itself (user_modes.ts). */
  | { kind: "umode"; user: User; on: string; off: string }
  /** Somebody runs the server from now on, or no longer. */
  | { kind: "oper"; user: User; oper: boolean }
  /** The server's mutes with these masks are new, or are there no more. */
  | { kind: "bans"; masks: readonly string[] }
  | { kind: "invite"; source: Source; user: User; channel: string }
  /** Invitations to channels that have ended are forgotten. */
  | { kind: "invites_pruned" }
  /** An observer sees a channel of that name live, all channels, or its owner's direct conversation with one person. */
  | { kind: "follow"; session: Session; what: { channel: string } | "everything" | { person: string } };

/** What can be shown as a line. */
export type RenderableEvent = RecordedEvent | MessageEvent;

/** What is recorded and no message. */
export type RecordedStateEvent = Exclude<RecordedEvent, RecordedMessage>;
/** What changes the state. */
export type StateEvent = RecordedStateEvent | TransientEvent;

/** The event of kind `K`. */
export type EventOf<K extends string> = Extract<RecordedEvent | TransientEvent, { kind: K }>;

/** By kind of what changes the state: whether it goes into the log. */
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

/** True for what goes into the log. */
export function isRecorded(event: StateEvent): event is RecordedStateEvent {
  return IS_RECORDED[event.kind];
}

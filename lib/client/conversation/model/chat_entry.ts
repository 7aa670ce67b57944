/**
 * What a conversation consists of: facts, not yet words. Texts and names are as received; the view makes them
 * printable.
 */
import type { TextRange } from "../../../base/search_terms.ts";
import { isSameName } from "../../../irc/names/casemap.ts";
import type { HistoryGap } from "../../../irc/vendor_extensions.ts";

/** How a message is meant: said, done (CTCP ACTION, `/me`), or a NOTICE. */
export type MessageManner = "said" | "did" | "notice";

interface EntryTime {
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** A PRIVMSG or NOTICE: received live, from history, or out of a log file. */
export interface MessageEntry extends EntryTime {
  readonly kind: "message";
  /** Sequence number in the server's log; undefined: the server does not tell it. */
  readonly seq: number | undefined;
  /** Undefined: the server gives none. */
  readonly id: string | undefined;
  /** Undefined: a direct message. */
  readonly channel: string | undefined;
  readonly from: string;
  /** The target as on the wire: a nick, or a channel, for a rank target with its prefix. */
  readonly to: string;
  readonly manner: MessageManner;
  /** With a line feed between lines. */
  readonly text: string;
  /** The id of the message that it replies to. */
  readonly replyTo?: string;
  /** Sender and beginning of that message, if it was seen; whether it is ours. */
  readonly quoted?:
    | { readonly of: string; readonly excerpt: string; readonly isOwn?: boolean }
    | undefined;
  /** The id of an earlier message of the sender, in the place of which it stands. */
  readonly replaces?: string;
  /** A message of ours that has been acknowledged: our own id for it (`UnsentMessage.id`). */
  readonly senderId?: string;
  /** A message of ours that was refused, or of which it is unknown whether it has arrived; at a terminal only. */
  readonly isFailed?: true;
}

/** Messages of a conversation that are lost. */
export interface GapEntry extends EntryTime {
  readonly kind: "gap";
  /** A channel or a user. */
  readonly target: string;
  /** Number of lost messages; undefined: unknown, possibly none. */
  readonly count: number | undefined;
  /** Where that is unknown, the number that it does not exceed; left out: unknown, too. */
  readonly most?: number | undefined;
  readonly why: HistoryGap["why"];
  /** Time of the last message before the gap; undefined: there is none, or it is unknown. */
  readonly after: number | undefined;
  /** Time of the first message behind the gap; undefined: there is none yet. */
  readonly before: number | undefined;
}

/** What a reader of history gets, in order. */
export type HistoryItem = MessageEntry | GapEntry;

export function isDirect(entry: ChatEntry): entry is MessageEntry {
  return entry.kind === "message" && entry.channel === undefined;
}

/**
 * The name of the conversation that `message` belongs to, as seen by `nick`: its channel, or the other user.
 */
export function conversationOf({ channel, from, to }: MessageEntry, nick: string): string {
  return channel ?? (isSameName(from, nick) ? to : from);
}

export type ChatEntry =
  | HistoryItem
  | (
    & EntryTime
    & (
      | { readonly kind: "joined"; readonly channel: string; readonly nick: string }
      | { readonly kind: "left"; readonly channel: string; readonly nick: string; readonly reason: string }
      | {
        readonly kind: "kicked";
        readonly channel: string;
        readonly nick: string;
        readonly by: string;
        readonly reason: string;
        /** A ban keeps us from entering again. */
        readonly isBanned?: boolean;
      }
      /** A user has left the server; `channels`: those of ours that they were in. */
      | {
        readonly kind: "quit";
        readonly nick: string;
        readonly reason: string;
        readonly channels?: readonly string[];
      }
      | {
        readonly kind: "renamed";
        readonly from: string;
        readonly to: string;
        readonly channels?: readonly string[];
      }
      /** A change of channel modes; `text` tells it, behind the name of `by`. */
      | { readonly kind: "mode"; readonly channel: string; readonly by: string; readonly text: string }
      /** We are invited. */
      | { readonly kind: "invited"; readonly channel: string; readonly by: string }
      /** A channel was renamed. */
      | {
        readonly kind: "room_renamed";
        readonly from: string;
        readonly to: string;
        readonly by: string;
        readonly reason: string;
      }
      /** A message is redacted; `of`, `at` and `excerpt`: its sender, time and beginning, if it was seen. */
      | {
        readonly kind: "redacted";
        readonly target: string;
        readonly id: string;
        readonly by: string;
        readonly of?: string | undefined;
        readonly at?: number | undefined;
        readonly excerpt?: string;
        /** Its sender has put another message, which was seen, in its place. */
        readonly isReplaced?: boolean;
        readonly reason: string;
      }
      /** A reaction to a message; `of` and `excerpt`: its sender and beginning, if it was seen. */
      | {
        readonly kind: "reaction";
        /** Undefined: in a direct conversation. */
        readonly channel: string | undefined;
        /** The nick that it was sent to, where {@link channel} is undefined. */
        readonly target?: string;
        readonly from: string;
        readonly text: string;
        /** The reaction is withdrawn. */
        readonly removed: boolean;
        /** The id of the message. */
        readonly to: string | undefined;
        readonly of?: string;
        readonly excerpt?: string;
      }
      | { readonly kind: "topic"; readonly channel: string; readonly by: string; readonly text: string }
      /**
       * What follows in a conversation is unread: `count` messages (or more), of which the last `shown` follow.
       */
      | {
        readonly kind: "unread";
        /** Or the other user of a direct conversation. */
        readonly channel: string;
        readonly count: number;
        readonly isAtLeast: boolean;
        readonly shown: number;
        /** Time of the last message that has been read; 0: unknown. */
        readonly since: number;
      }
      /** A message that a search has found; `matches`: parts of its text, in order. */
      | { readonly kind: "found"; readonly message: MessageEntry; readonly matches: readonly TextRange[] }
      /**
       * A text that tells a reader of lines which messages follow, or what a channel is like. What shows each
       * conversation by itself leaves it out. `channel`: it is about that one.
       */
      | { readonly kind: "heading"; readonly text: string; readonly channel?: string | undefined }
      /** A text of the program or a reply of the server. `senderId`: about this message of ours. */
      | {
        readonly kind: "note";
        readonly text: string;
        readonly senderId?: string;
        /**
         * "return": the connection is back, which a terminal says in words of its own. "help": a page of the help, with
         * line feeds between its lines.
         */
        readonly about?: "return" | "help";
        /** The page for a narrow screen. */
        readonly narrowText?: string;
      }
      /** A message of the server itself. */
      | { readonly kind: "server"; readonly from: string; readonly text: string }
      /** A failure. `senderId`: of this message of ours. */
      | { readonly kind: "alarm"; readonly text: string; readonly senderId?: string }
    )
  );

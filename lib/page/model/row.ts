/**
 * The rows that a page draws of a conversation. A row is immutable: as long as nothing about it changes, it is the
 * same object, and its key stays the same for as long as it is shown.
 */
import type { GapEntry, MessageManner } from "../../client/conversation/model/chat_entry.ts";

interface RowBase {
  /** Stands for the row in a list that is patched; unique among all conversations. */
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** What is known of a message that we have sent; each state includes those before it, `failed` does not. */
export type SendState =
  /** It waits to be sent, or the server has not responded. */
  | "pending"
  /** The server has it. */
  | "sent"
  /** It is on the server's disk. */
  | "durable"
  /** The other person has read it. */
  | "read"
  /** The server has refused it, or it is unknown whether it has arrived. */
  | "failed";

/** The message that another one replies to. */
export interface Quote {
  readonly id: string;
  /** Undefined: the message is not loaded. */
  readonly from: string | undefined;
  /** Its beginning; "" where it is not loaded, or removed. */
  readonly excerpt: string;
}

/** All reactions to a message that have the same text. */
export interface ReactionGroup {
  /** An emoji or a word. */
  readonly text: string;
  /** Nicks, in the order in which they reacted. */
  readonly names: readonly string[];
  /** We are among them. */
  readonly isOwn: boolean;
}

export interface MessageRow extends RowBase {
  readonly kind: "message";
  /** Undefined: the server has given none, or not yet. */
  readonly id: string | undefined;
  /** Sequence number in the server's log; undefined: unknown. */
  readonly seq: number | undefined;
  readonly from: string;
  readonly manner: MessageManner;
  /** As received, with a line feed between lines; "" once it is removed. */
  readonly text: string;
  readonly isOwn: boolean;
  /** Our nick is in it. */
  readonly isMention: boolean;
  /** The row has the name of its sender: the row before is of another one, or more than five minutes earlier. */
  readonly startsGroup: boolean;
  /** Undefined: a message of another person, or one of ours from before the page was opened. */
  readonly sendState: SendState | undefined;
  /** Why it has failed; "" in any other state. */
  readonly failure: string;
  /** What is sent and acknowledged under this id, where {@link sendState} is `pending` or `failed`. */
  readonly senderId: string | undefined;
  readonly replyTo: Quote | undefined;
  /** In the order of their first reactions. */
  readonly reactions: readonly ReactionGroup[];
  /** The text is no longer the first one. */
  readonly isEdited: boolean;
  /** The nick of the person that has removed it; undefined: it is there. */
  readonly removedBy: string | undefined;
}

/** Between messages of different days. */
export interface DayRow extends RowBase {
  readonly kind: "day";
  /** `Friday, 20 November 2026`. */
  readonly text: string;
}

/** Above the first message that was unread when the conversation was opened. */
export interface UnreadRow extends RowBase {
  readonly kind: "unread";
  /** Number of unread messages, also those that are not loaded. */
  readonly count: number;
  /** There may be more than {@link count}. */
  readonly isAtLeast: boolean;
}

/** Messages that are lost. */
export interface GapRow extends RowBase {
  readonly kind: "gap";
  /** `gap: 37 messages, 10:02–10:07`. */
  readonly text: string;
  readonly gap: GapEntry;
}

/** Arrivals, departures and changes of nicks that follow each other. */
export interface PresenceRow extends RowBase {
  readonly kind: "presence";
  /** `3 joined, 2 left`; of a single one: `carol joined`. */
  readonly text: string;
  /** Each by itself, the latest last; the first ones of very many are left out. */
  readonly details: readonly string[];
}

/** Another change of the conversation, or a text of the program or the server. */
export interface EventRow extends RowBase {
  readonly kind: "event";
  readonly text: string;
  /** A failure, or something else that must not be missed. */
  readonly isAlarm: boolean;
}

export type Row = MessageRow | DayRow | UnreadRow | GapRow | PresenceRow | EventRow;

/**
 * A change of a list of rows: `removed` rows at index `at` are replaced by `inserted` ones. Where both are equal, rows
 * have changed and kept their keys, and their heights may be others.
 */
export interface RowSplice {
  readonly at: number;
  readonly removed: number;
  readonly inserted: number;
}

/** What a page reads of the rows of one conversation. */
export interface RowList {
  /** Number of rows. */
  readonly count: number;
  /** Grows with every change. */
  readonly version: number;
  /**
   * The row at `index`; the last one for an index behind it, which the lists between two changes may have. There must be
   * a row.
   */
  at(index: number): Row;
  /** Index of the row with the key `key`; undefined: there is none. */
  indexOfKey(key: string): number | undefined;
  /** Index of the row that shows the message `id`; undefined: it is not loaded. */
  indexOfMessage(id: string): number | undefined;
  /** Index of the {@link UnreadRow}; undefined: there is none. */
  readonly unreadIndex: number | undefined;
  /** The changes since the last call, in order: each refers to the list as it was behind the one before. */
  takeSplices(): RowSplice[];
}

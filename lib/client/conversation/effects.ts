/**
 * What passes between the chat and its surroundings: effects out, results of requests in, and the purpose of
 * each request.
 */
import type { Message, MessageParts } from "../../irc/message.ts";
import type { ReceiptKind } from "../../irc/vendor_extensions.ts";
import type { HistoryPageResult, PagePurpose } from "./history_page.ts";
import type { EnteredEffect, SyncPurpose } from "./sync/sync_host.ts";
import type { ChatEntry } from "./model/chat_entry.ts";
import type { ConnectionFacts } from "./model/server_features.ts";
import type { UnsentMessage } from "./unsent_message.ts";

export type Effect =
  /** `wasAsked`: the person has looked it up; else it has been received. */
  | { readonly kind: "show"; readonly entry: ChatEntry; readonly wasAsked?: true }
  /** Send, and `rest` behind it; the result goes to `Chat.handleResult`. */
  | {
    readonly kind: "ask";
    readonly id: number;
    readonly message: MessageParts;
    readonly rest?: readonly MessageParts[];
  }
  /** Keep on disk what was typed before it is sent, and drop it once the server has responded. */
  | { readonly kind: "keep"; readonly message: UnsentMessage }
  | { readonly kind: "drop"; readonly id: string; readonly why: DropReason }
  /** Our message `messageId` in the conversation `target`, and those of ours before it, are in the state `what`. */
  | {
    readonly kind: "receipt";
    readonly what: ReceiptKind;
    readonly target: string;
    readonly messageId: string;
  }
  /** We are in the channel, for the first time or again, and its latest messages have been shown. */
  | EnteredEffect
  /** Earlier messages that were asked for. */
  | { readonly kind: "page"; readonly page: HistoryPageResult }
  /** Keep the ignored names on disk. */
  | { readonly kind: "ignored"; readonly names: readonly string[] }
  /** Keep on disk what was chosen with `/set`; `name`: the setting that was chosen last. */
  | { readonly kind: "settings"; readonly name: string; readonly chosen: Readonly<Record<string, string>> }
  /** Clear the screen; nothing is forgotten. */
  | { readonly kind: "clear" }
  | { readonly kind: "quit"; readonly reason: string };

/**
 * What became of a message of ours. "accepted": the server has it, under the id `messageId` if it says so. "failed": it
 * was refused, or it is unknown whether it has arrived.
 */
export type DropReason =
  | { readonly kind: "accepted"; readonly messageId?: string | undefined }
  /** It is sent as several messages, one for each line. */
  | { readonly kind: "split" }
  /** The person does not want it to be sent any more. */
  | { readonly kind: "withdrawn" }
  | { readonly kind: "failed"; readonly text: string };

/** What became of a request. "timed_out": it may have been carried out. "lost": the connection was lost. */
export type RequestResult =
  | { readonly kind: "answered"; readonly lines: readonly Message[] }
  | { readonly kind: "timed_out" | "lost" };

/** What registration with a server has come to. */
export interface ConnectionInfo extends ConnectionFacts {
  readonly nick: string;
  /** The account that we are logged in to. */
  readonly account?: string | undefined;
  /** What the server says of itself (RPL_ISUPPORT). */
  readonly isupport?: ReadonlyMap<string, string>;
}

/** Why a request was sent, and so what its response is for. */
export type RequestPurpose =
  | SyncPurpose
  /** A read marker; its response does nothing. */
  | { readonly for: "read" }
  /** That we are typing; the same holds. */
  | { readonly for: "typing" }
  | ReceiptPurpose
  | PagePurpose
  | InfoPurpose
  | { readonly for: "message"; readonly message: UnsentMessage }
  | ChangePurpose;

/** A query of the person: its response is shown and changes nothing. */
export interface InfoPurpose {
  readonly for: "info";
  /** What the response shows. `clock`: local time of day; `now` in milliseconds. */
  readonly describe: (
    lines: readonly Message[],
    clock: (time: number) => string,
    now: number,
  ) => readonly ChatEntry[];
  /** Called when the request has its response, or will have none. */
  readonly onEnd?: () => void;
}

/** AWAIT: when our message `messageId` in the conversation `target` is in the state `what`. */
export interface ReceiptPurpose {
  readonly for: "receipt";
  readonly what: ReceiptKind;
  readonly target: string;
  readonly messageId: string;
}

/** A command that changes something: its response is shown as if it had come by itself. */
export interface ChangePurpose {
  readonly for: "change";
  /** Shown where the response shows nothing. */
  readonly done?: string;
  /** Sent next, unless the command failed. */
  readonly next?: MessageParts | undefined;
}

/** What passes between the chat and the world: effects out, answers in, and what each request was for. */
import type { Message, MessageParts } from "../../irc/message.ts";
import type { SyncPurpose } from "./sync/sync_host.ts";
import type { ChatEntry } from "./model/chat_entry.ts";
import type { InfoRequest } from "./model/response_text.ts";
import type { UnsentMessage } from "./unsent_message.ts";

export type Effect =
  | { readonly kind: "show"; readonly entry: ChatEntry }
  /** Send, and bring the answer back by `Chat.answer`. */
  | { readonly kind: "ask"; readonly id: number; readonly message: MessageParts }
  /** Keep on disk what was typed, before it is sent; and let go of it once the server has answered. */
  | { readonly kind: "keep"; readonly message: UnsentMessage }
  | { readonly kind: "drop"; readonly id: string }
  /** Keep on disk whom we ignore. */
  | { readonly kind: "ignored"; readonly names: readonly string[] }
  | { readonly kind: "quit"; readonly reason: string };

/** What became of a request. "timed_out": it may have been carried out. "lost": the connection went. */
export type RequestResult =
  | { readonly kind: "answered"; readonly lines: readonly Message[] }
  | { readonly kind: "timed_out" | "lost" };

/** What a server lets us do. */
export interface ConnectionInfo {
  readonly nick: string;
  /** Capabilities in force. */
  readonly caps: ReadonlySet<string>;
  /** We have proved by a key who we are: over the next connection we are the same to the server. */
  readonly isClaimed: boolean;
  /** The account that we are logged in to. */
  readonly account?: string | undefined;
  /** What the server says of itself (RPL_ISUPPORT). */
  readonly isupport?: ReadonlyMap<string, string>;
}

/** Why something was asked, and so what its answer is for. */
export type RequestPurpose =
  | SyncPurpose
  /** What was shown has been read; nobody waits for the answer. */
  | { readonly for: "read" }
  | InfoRequest
  | { readonly for: "message"; readonly message: UnsentMessage }
  /** Its answer is shown as if it had come by itself. */
  | { readonly for: "change" }
  /** The same; `done` is said where the answer shows nothing, and `next` asked unless it failed. */
  | { readonly for: "order"; readonly done?: string; readonly next?: MessageParts | undefined };

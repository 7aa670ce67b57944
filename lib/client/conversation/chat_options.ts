/** What a chat is made with, and what it offers for completion. */
import type { ChatSettings } from "./model/chat_settings.ts";
import type { UnsentMessage } from "./unsent_message.ts";

export interface ChatOptions {
  readonly nick: string;
  /** The channel to join first, unless the server names another lobby; undefined: `channels` alone. */
  readonly home: string | undefined;
  /** Further channels to join, which do not become the current one. */
  readonly channels?: readonly string[];
  /** Local time of day. */
  readonly clock: (time: number) => string;
  /** A random id for a message (`isSenderId`), never twice the same. */
  readonly newId: () => string;
  /** Messages typed in earlier runs and not acknowledged; oldest first. */
  readonly unsent?: readonly UnsentMessage[];
  /** Names that were ignored in earlier runs. */
  readonly ignored?: readonly string[];
  /** What the person chooses at a terminal; left out: this is none. */
  readonly settings?: ChatSettings;
  /** A person reads what is shown. */
  readonly isInteractive?: boolean;
  /** Of all messages that are shown the person sees those of the current view only: a page, not a terminal. */
  readonly showsOneView?: boolean;
  /** Asks the server what has become of our messages. */
  readonly tracksReceipts?: boolean;
  /** The server as typed by the person (`--server`); undefined: not at all. */
  readonly server?: string | undefined;
}

/** What can be completed now. */
export interface CompletionWords {
  readonly names: Iterable<string>;
  /** Of those the people who have spoken here, the last one first; left out: unknown. */
  readonly speakers?: Iterable<string>;
  readonly channels: Iterable<string>;
  /** Of direct conversations alone; left out: none. */
  readonly people?: Iterable<string>;
  /** The channels that one can join; left out: {@link channels}. */
  readonly joinable?: Iterable<string>;
  /** What may answer the open questions; left out: none is. */
  readonly answers?: readonly string[];
}

/** Draws attention to mentions, direct messages and pages that ring: bell, title, notifications, a program of the person. */
import { TokenBucket } from "../../base/token_bucket.ts";
import type { Rate } from "../../base/token_bucket.ts";
import type { OutputStream } from "../../cli/standard_streams.ts";
import type { Chat } from "../../client/conversation/chat.ts";
import type { ChatEntry, MessageEntry } from "../../client/conversation/model/chat_entry.ts";
import type { ChatSettings } from "../../client/conversation/model/chat_settings.ts";
import type { RingingPage } from "../../client/conversation/oncall/ringing_pages.ts";
import type { Message } from "../../irc/message.ts";
import { LiveMessages } from "./live_messages.ts";
import { decideNotification, makeRingNotification } from "./notification.ts";
import { BELL, formatNotification, formatTitle, RESTORE_TITLE, SAVE_TITLE } from "./sequences.ts";
import type { TerminalFeatures } from "./terminal_features.ts";
import { makeTitle } from "./title.ts";

/** Faster than this the bell is one sound. */
const BELL_RATE: Rate = { count: 1, ms: 1000 };
/** Those beyond it are not shown: the desktop keeps each one until the person has seen it. */
const NOTIFICATION_RATE: Rate = { count: 10, ms: 60_000 };

/** The members of the chat that are needed. */
export type AttentionChat = Pick<Chat, "nick" | "views">;

export interface AttentionOptions {
  /** The terminal; undefined: there is none, and only `run` is called. */
  readonly output: Pick<OutputStream, "write" | "changeTerminal" | "isBacklogged"> | undefined;
  readonly features: TerminalFeatures;
  readonly settings: Pick<ChatSettings, "get" | "highlights" | "isChosen">;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Runs the program of the person for a message; left out: there is none. `me`: our nick. */
  readonly run?: ((entry: MessageEntry, me: string) => void) | undefined;
}

export class Attention {
  readonly #options: AttentionOptions;
  readonly #live = new LiveMessages();
  readonly #bells: TokenBucket;
  readonly #notifications: TokenBucket;
  /** The title that is shown; undefined: none of ours. */
  #title: string | undefined;
  #restoreTitle = () => {};
  #isFocused = false;
  #lastId = 0;

  constructor(options: AttentionOptions) {
    this.#options = options;
    this.#bells = new TokenBucket(BELL_RATE, options.now);
    this.#notifications = new TokenBucket(NOTIFICATION_RATE, options.now);
  }

  /** A line that answers no request: before the chat gets it. */
  receive(line: Message): void {
    this.#live.receive(line);
  }

  /** The terminal has the keyboard, or has it no longer. */
  setFocused(isFocused: boolean): void {
    this.#isFocused = isFocused;
  }

  /** `entry` is shown now. `showLine` writes what is to be seen of it, before a bell or notification. */
  consider(entry: ChatEntry, { nick, views }: AttentionChat, now: number, showLine: () => void): void {
    if (entry.kind !== "message" || !this.#live.take(entry, now)) return;
    const { output, features: { notification: sequence }, settings, run } = this.#options;
    const watched = this.#isFocused ? views.current : undefined;
    const wanted = decideNotification(entry, { nick, highlights: settings.highlights, watched });
    if (wanted === undefined) return;
    run?.(entry, nick);
    if (settings.get("bell") === "on" && this.#bells.take(1, now) === 1) {
      showLine();
      output?.write(BELL);
    }
    if (sequence === undefined || settings.get("notify") === "off") return;
    if (this.#notifications.take(1, now) === 0) return;
    showLine();
    output?.write(formatNotification(sequence, wanted, ++this.#lastId));
  }

  /** A page rings, and its line is shown: the bell, also where it was not switched on, and a notification. */
  ring(page: RingingPage, now: number): void {
    const { output, features: { notification: sequence }, settings } = this.#options;
    if (!settings.isChosen("bell", "off") && this.#bells.take(1, now) === 1) output?.write(BELL);
    if (sequence === undefined || settings.get("notify") === "off") return;
    if (this.#notifications.take(1, now) === 0) return;
    output?.write(formatNotification(sequence, makeRingNotification(page), ++this.#lastId));
  }

  /** Shows the title for what `chat` has unread now. */
  update({ views }: AttentionChat): void {
    const { output, features, settings } = this.#options;
    if (output === undefined || !features.hasTitle) return;
    if (settings.get("title") === "off") return this.close();
    const title = makeTitle(views.current, views.list());
    if (title === this.#title || output.isBacklogged) return;
    if (this.#title === undefined) this.#restoreTitle = output.changeTerminal(SAVE_TITLE, RESTORE_TITLE);
    this.#title = title;
    output.write(formatTitle(title));
  }

  /** Puts the old title back. */
  close(): void {
    this.#restoreTitle();
    this.#title = undefined;
  }
}

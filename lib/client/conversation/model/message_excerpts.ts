/**
 * The latest messages shown, in short, so that a reaction or a redaction can say which message it is about.
 */
import { makeExcerpt } from "../../../irc/reaction.ts";
import type { MessageEntry } from "./chat_entry.ts";

/** Messages of which the excerpt is kept. */
const MAX_EXCERPTS = 500;

export interface MessageExcerpt {
  /** The sender. */
  readonly of: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The beginning of the text. */
  readonly excerpt: string;
  /** The channel, or the other user of a direct conversation. */
  readonly where: string;
}

export class MessageExcerpts {
  /** By message id, the oldest first. */
  readonly #excerpts = new Map<string, MessageExcerpt>();

  /** `message` has been shown in the conversation `where`. */
  add({ id, from, time, text }: MessageEntry, where: string): void {
    if (id === undefined) return;
    this.#excerpts.set(id, { of: from, at: time, excerpt: makeExcerpt(text), where });
    if (this.#excerpts.size > MAX_EXCERPTS) this.#excerpts.delete(this.#excerpts.keys().next().value!);
  }

  get(id: string | undefined): MessageExcerpt | undefined {
    return this.#excerpts.get(id ?? "");
  }

  /** The id of the newest message that `isWanted`. */
  findNewest(isWanted: (message: MessageExcerpt) => boolean): string | undefined {
    return [...this.#excerpts].findLast(([, message]) => isWanted(message))?.[0];
  }
}

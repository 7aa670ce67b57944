/**
 * The latest messages shown, in short, so that a reaction or a redaction can say which message it is about.
 */
import { isSameName } from "../../../irc/names/casemap.ts";
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
  /** As in {@link MessageEntry}. */
  readonly seq: number | undefined;
}

export class MessageExcerpts {
  /** By message id, the oldest first. */
  readonly #excerpts = new Map<string, MessageExcerpt>();

  /** `message` has been shown in the conversation `where`. */
  add({ id, seq, from, time, text }: MessageEntry, where: string): void {
    if (id === undefined) return;
    this.#excerpts.set(id, { of: from, at: time, excerpt: makeExcerpt(text), where, seq });
    if (this.#excerpts.size > MAX_EXCERPTS) this.#excerpts.delete(this.#excerpts.keys().next().value!);
  }

  get(id: string | undefined): MessageExcerpt | undefined {
    return this.#excerpts.get(id ?? "");
  }

  /** The message `id` is removed. */
  delete(id: string): void {
    this.#excerpts.delete(id);
  }

  /** The channel `from` is now called `to`. */
  rename(from: string, to: string): void {
    for (const [id, message] of this.#excerpts) {
      if (isSameName(message.where, from)) this.#excerpts.set(id, { ...message, where: to });
    }
  }

  /** The messages that `isWanted`, by id, the newest last. */
  list(isWanted: (message: MessageExcerpt) => boolean): [id: string, message: MessageExcerpt][] {
    return [...this.#excerpts].filter(([, message]) => isWanted(message)).sort(([, a], [, b]) =>
      compareAge(a, b)
    );
  }

  /** The id of the newest message that `isWanted`. */
  findNewest(isWanted: (message: MessageExcerpt) => boolean): string | undefined {
    return [...this.#excerpts].findLast(([, message]) => isWanted(message))?.[0];
  }
}

/** By number: the times of different conversations may be out of step. */
function compareAge(a: MessageExcerpt, b: MessageExcerpt): number {
  return a.seq === undefined || b.seq === undefined ? a.at - b.at : a.seq - b.seq;
}

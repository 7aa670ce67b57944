/**
 * The latest messages shown, in short, so that a reaction or a redaction can say which message it is about; and our own
 * ones, which we can delete, from further back.
 */
import { isSameName } from "../../../irc/names/casemap.ts";
import { makeExcerpt } from "../../../irc/reaction.ts";
import type { MessageEntry } from "./chat_entry.ts";

/** Messages of which the excerpt is kept. */
const MAX_EXCERPTS = 500;
/** The same of our own messages, besides; and of those that `/logs` and `/search` have shown. */
export const MAX_OWN_EXCERPTS = 300;

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
  readonly replaces: string | undefined;
}

export type OwnMessage = MessageExcerpt & { readonly id: string };

/** By message id, the oldest first. */
type Excerpts = Map<string, MessageExcerpt>;

export class MessageExcerpts {
  readonly #latest: Excerpts = new Map();
  readonly #own: Excerpts = new Map();
  /** Our own messages that were looked up: of themselves they push no later one out. */
  readonly #ownEarlier: Excerpts = new Map();

  /** `message` has been shown in the conversation `where`; `isOwn`: it is ours. */
  add(message: MessageEntry, where: string, isOwn = false): void {
    put(this.#latest, message, where, MAX_EXCERPTS);
    if (isOwn) put(this.#own, message, where, MAX_OWN_EXCERPTS);
  }

  /** Our own `message` has been looked up. */
  addEarlier(message: MessageEntry, where: string): void {
    put(this.#ownEarlier, message, where, MAX_OWN_EXCERPTS);
  }

  get(id = ""): MessageExcerpt | undefined {
    return this.#latest.get(id) ?? this.#own.get(id) ?? this.#ownEarlier.get(id);
  }

  /** Whether `message` may be in the place of the one that it names: that of the same sender and conversation, if seen. */
  mayReplace({ replaces, from }: MessageEntry, where: string): boolean {
    const replaced = this.get(replaces);
    return replaced === undefined || isSameName(replaced.of, from) && isSameName(replaced.where, where);
  }

  /** Whether `by` has put a message in the place of `id`, which `by` removes in the conversation with `target`. */
  isReplaced(id: string, by: string, target: string): boolean {
    return this.findNewest(({ replaces, of, where }) =>
      replaces === id && isSameName(of, by) && (isSameName(where, target) || isSameName(where, by))
    ) !== undefined;
  }

  /** The message `id` is removed. */
  delete(id: string): void {
    for (const excerpts of this.#all()) excerpts.delete(id);
  }

  /** The channel `from` is now called `to`. */
  rename(from: string, to: string): void {
    for (const excerpts of this.#all()) {
      for (const [id, message] of excerpts) {
        if (isSameName(message.where, from)) excerpts.set(id, { ...message, where: to });
      }
    }
  }

  /** Our own message that was said last, of those shown as they came. */
  get newestOwn(): OwnMessage | undefined {
    return toOwnMessages(this.#own).at(-1);
  }

  /** Our own messages, also those that were looked up; the newest last. */
  listOwn(): OwnMessage[] {
    return toOwnMessages(new Map([...this.#ownEarlier, ...this.#own]));
  }

  /** The id of the newest message that `isWanted`. */
  findNewest(isWanted: (message: MessageExcerpt) => boolean): string | undefined {
    return [...this.#latest].findLast(([, message]) => isWanted(message))?.[0];
  }

  #all(): readonly Excerpts[] {
    return [this.#latest, this.#own, this.#ownEarlier];
  }
}

function put(excerpts: Excerpts, message: MessageEntry, where: string, most: number): void {
  const { id, seq, from, time, text, replaces } = message;
  if (id === undefined) return;
  excerpts.delete(id);
  excerpts.set(id, { of: from, at: time, excerpt: makeExcerpt(text), where, seq, replaces });
  if (excerpts.size > most) excerpts.delete(excerpts.keys().next().value!);
}

function toOwnMessages(excerpts: Excerpts): OwnMessage[] {
  return Array.from(excerpts, ([id, message]) => ({ ...message, id })).sort(compareAge);
}

/** By number: the times of different conversations may be out of step. */
function compareAge(a: MessageExcerpt, b: MessageExcerpt): number {
  return a.seq === undefined || b.seq === undefined ? a.at - b.at : a.seq - b.seq;
}

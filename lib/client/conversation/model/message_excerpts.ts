/**
 * The latest messages shown, in short, so that a reaction or a redaction can say which message it is about, and a command
 * can count back to one; and our own ones, which we can delete, from further back.
 */
import { isSameName } from "../../../irc/names/casemap.ts";
import { makeExcerpt } from "../../../irc/reaction.ts";
import type { MessageEntry, MessageManner } from "./chat_entry.ts";

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
  readonly isOwn: boolean;
  /** Its place among the others: a message of ours that replaces one has that of the one replaced. */
  readonly order: number;
  /** As in {@link MessageEntry}; or that of the message in the place of which it is. */
  readonly seq: number | undefined;
  readonly manner: MessageManner;
  readonly replyTo: string | undefined;
  readonly replaces: string | undefined;
}

/** `id` as in {@link MessageEntry}. */
export type ShownMessage = MessageExcerpt & { readonly id: string | undefined };

/** A reaction of ours to the message `id` in the conversation `where`. */
export interface GivenReaction {
  readonly where: string;
  readonly id: string;
  readonly text: string;
}

/** By message id, or a symbol where it has none; the oldest first. */
type Excerpts = Map<string | symbol, MessageExcerpt>;

export class MessageExcerpts {
  readonly #latest: Excerpts = new Map();
  readonly #own: Excerpts = new Map();
  /** Our own messages that were looked up: of themselves they push no later one out. */
  readonly #ownEarlier: Excerpts = new Map();
  /** Messages that were put here. */
  #count = 0;

  /** Reactions of ours, the latest last, for the commands that give and withdraw them. */
  readonly given: GivenReaction[] = [];

  /** `message` has been shown in the conversation `where`; `isOwn`: it is ours. */
  add(message: MessageEntry, where: string, isOwn = false): void {
    const order = this.#count++;
    put(this.#latest, message, where, isOwn, MAX_EXCERPTS, order);
    if (isOwn) put(this.#own, message, where, true, MAX_OWN_EXCERPTS, order);
  }

  /** Our own `message` has been looked up. */
  addEarlier(message: MessageEntry, where: string): void {
    put(this.#ownEarlier, message, where, true, MAX_OWN_EXCERPTS, this.#count++);
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
    return this.#latest.values().some(({ replaces, of, where }) =>
      replaces === id && isSameName(of, by) && (isSameName(where, target) || isSameName(where, by))
    );
  }

  /** The message `id` is removed. */
  delete(id: string): void {
    for (const excerpts of this.#all()) excerpts.delete(id);
  }

  /** The channel or user `from` is now called `to`. */
  rename(from: string, to: string): void {
    for (const excerpts of this.#all()) {
      for (const [id, message] of excerpts) {
        if (isSameName(message.where, from)) excerpts.set(id, { ...message, where: to });
      }
    }
  }

  /** Our own message that was said last, of those shown as they came. */
  get newestOwn(): ShownMessage | undefined {
    return toMessages(this.#own).sort(compareAge).at(-1);
  }

  /** Our own messages, also those that were looked up; the newest last. */
  listOwn(): ShownMessage[] {
    return toMessages(new Map([...this.#ownEarlier, ...this.#own])).sort(compareAge);
  }

  /** The messages of the conversation `where` as they were shown, the last one last; `isOwn`: ours alone, more of them. */
  listShown(where: string, isOwn = false): ShownMessage[] {
    return toMessages(isOwn ? this.#own : this.#latest).filter((message) => isSameName(message.where, where));
  }

  #all(): readonly Excerpts[] {
    return [this.#latest, this.#own, this.#ownEarlier];
  }
}

function put(
  excerpts: Excerpts,
  message: MessageEntry,
  where: string,
  isOwn: boolean,
  most: number,
  order: number,
): void {
  const { id = Symbol(), seq, from, time, text, manner, replyTo, replaces } = message;
  const old = isOwn ? excerpts.get(replaces!) : undefined;
  excerpts.delete(id);
  const excerpt = makeExcerpt(text);
  excerpts.set(id, {
    of: from,
    at: time,
    excerpt,
    where,
    isOwn,
    seq: old?.seq ?? seq,
    manner,
    replyTo,
    replaces,
    order: old?.order ?? order,
  });
  if (excerpts.size > most) excerpts.delete(excerpts.keys().next().value!);
}

function toMessages(excerpts: Excerpts): ShownMessage[] {
  return Array.from(
    excerpts,
    ([id, message]) => ({ ...message, id: typeof id === "string" ? id : undefined }),
  );
}

/** By number: the times of different conversations may be out of step. */
export function compareAge(a: MessageExcerpt, b: MessageExcerpt): number {
  return a.seq === undefined || b.seq === undefined ? a.at - b.at : a.seq - b.seq;
}

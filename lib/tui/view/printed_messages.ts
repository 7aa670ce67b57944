/** The latest messages on the screen, so that a removal or an edit can say which of them it is about. Pure. */
import { isSameName } from "../../irc/names/casemap.ts";
import type { MessageEntry } from "../../client/conversation/model/chat_entry.ts";

export const MAX_PRINTED_MESSAGES = 500;

/** Without its text. */
interface PrintedMessage {
  /** The conversation. */
  readonly where: string;
  readonly from: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

export class PrintedMessages {
  /** By message id, in the order of the screen; one that is printed again keeps its place. */
  readonly #messages = new Map<string, PrintedMessage>();

  add({ id, from, time }: MessageEntry, where: string): void {
    if (id === undefined) return;
    this.#messages.set(id, { where, from, time });
    if (this.#messages.size > MAX_PRINTED_MESSAGES) {
      this.#messages.delete(this.#messages.keys().next().value!);
    }
  }

  timeOf(id: string): number | undefined {
    return this.#messages.get(id)?.time;
  }

  /** 1: `id` is the last message of its sender in its conversation; 2: the one before. Undefined: it is not known. */
  countBack(id: string): number | undefined {
    const sought = this.#messages.get(id);
    if (sought === undefined) return undefined;
    const ids = this.#messages.entries()
      .filter(([, { where, from }]) => isSameName(where, sought.where) && isSameName(from, sought.from))
      .toArray()
      .sort(([, a], [, b]) => a.time - b.time) // those that /logs has shown are earlier
      .map(([each]) => each);
    return ids.length - ids.indexOf(id);
  }
}

/**
 * What is to be said, in order, until the server has taken it: a few messages are on their way at a time, the rest waits. When a
 * connection is lost, nobody knows what became of those on their way. A server that knows our ids is simply sent them again; with
 * any other one, what was missed tells (see {@link Outbox.findArrived}).
 */
import { isSameName } from "../../irc/names/casemap.ts";
import type { MessageEntry } from "./model/chat_entry.ts";
import type { UnsentMessage } from "./unsent_message.ts";

/** Messages on their way at once: enough to fill the line to a far server, few enough not to trip its flood control. */
export const MAX_IN_FLIGHT = 8;
/** Messages that may wait; the next one is refused. */
export const MAX_QUEUED = 1000;

/**
 * What is known of a message that has no answer. "sure": it has not been sent, or just now. "lost": it was sent, and the answer
 * never came. "kept": it is left over from a run of the program before this one; perhaps it was sent.
 */
type DeliveryState = "sure" | "lost" | "kept";

interface QueuedMessage extends UnsentMessage {
  doubt: DeliveryState;
}

export class Outbox {
  /** Oldest first: those on their way, then those that wait. */
  #items: QueuedMessage[] = [];
  #onTheWay = 0;

  constructor(kept: readonly UnsentMessage[] = []) {
    this.#items = kept.slice(0, MAX_QUEUED).map((message) => ({ ...message, doubt: "kept" }));
  }

  /** Messages that the server has not taken yet. */
  get size(): number {
    return this.#items.length;
  }

  /** Messages that wait, or of which nobody knows: all but those sent just now. */
  get unsentCount(): number {
    return this.#items.filter(({ doubt }, index) => index >= this.#onTheWay || doubt !== "sure").length;
  }

  /** Targets of messages of which nobody knows whether they arrived. */
  get unsureTargets(): string[] {
    return [...new Set(this.#items.filter(({ doubt }) => doubt !== "sure").map(({ target }) => target))];
  }

  /** False: no space left for `message`. */
  add(message: UnsentMessage): boolean {
    if (this.#items.length >= MAX_QUEUED) return false;
    this.#items.push({ ...message, doubt: "sure" });
    return true;
  }

  /** What to send now. */
  take(): UnsentMessage[] {
    const start = this.#onTheWay;
    this.#onTheWay = Math.min(this.#items.length, MAX_IN_FLIGHT);
    return this.#items.slice(start, this.#onTheWay);
  }

  /** The server has answered to `message`, with yes or no. */
  remove(message: UnsentMessage): void {
    const index = this.#indexOf(message);
    if (index < 0) return;
    this.#items.splice(index, 1);
    if (index < this.#onTheWay) this.#onTheWay--;
  }

  /** The server has not answered to `message` in time: it waits again. False: that is not the first time. */
  retry(message: UnsentMessage): boolean {
    const index = this.#indexOf(message);
    const item = this.#items[index];
    if (item === undefined || index >= this.#onTheWay) return false;
    const first = item.doubt !== "lost";
    item.doubt = "lost";
    this.#items.splice(index, 1);
    this.#onTheWay--;
    this.#items.splice(this.#onTheWay, 0, item);
    return first;
  }

  /** The connection is gone: what was on its way waits again. */
  noteConnectionLoss(): void {
    for (const item of this.#items.slice(0, this.#onTheWay)) if (item.doubt === "sure") item.doubt = "lost";
    this.#onTheWay = 0;
  }

  /** A message of ours has turned up among those missed: the one in doubt that it was, which need not be sent again. */
  findArrived(message: Pick<MessageEntry, "to" | "text" | "manner">): UnsentMessage | undefined {
    return this.#items.find((item) =>
      item.doubt !== "sure" && isSameName(item.target, message.to) && item.manner === message.manner &&
      item.text === message.text
    );
  }

  /** Takes out and answers messages in doubt of which nothing can tell what became: all, or those `kept`. */
  giveUp(which: "all" | "kept"): UnsentMessage[] {
    const isGone = ({ doubt }: QueuedMessage) => which === "all" ? doubt !== "sure" : doubt === "kept";
    const gone = this.#items.filter(isGone);
    for (const item of gone) this.remove(item);
    return gone;
  }

  #indexOf({ id }: UnsentMessage): number {
    return this.#items.findIndex((item) => item.id === id);
  }
}

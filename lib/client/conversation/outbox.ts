/**
 * Messages to send, in order, until the server has accepted them: a few are in flight at a time, the rest
 * waits. When a connection is lost, it is unknown whether those in flight have arrived. A server that knows
 * sender ids is sent them again; with any other one, history tells (see {@link Outbox.findArrived}).
 */
import { isSameName } from "../../irc/names/casemap.ts";
import { isMultiline } from "../../irc/multiline.ts";
import type { MessageEntry } from "./model/chat_entry.ts";
import type { UnsentMessage } from "./unsent_message.ts";

/**
 * Messages in flight at once: enough to fill a slow connection, few enough for the flood control of servers.
 */
export const MAX_IN_FLIGHT = 8;
/** Messages that may wait; the next one is refused. */
export const MAX_QUEUED = 1000;

/**
 * What is known of a message without response. "sure": it has not been sent, or is in flight. "lost": it was
 * sent, and the response never came. "kept": it is left over from an earlier run of the program, and may have
 * been sent.
 */
type DeliveryState = "sure" | "lost" | "kept";

interface QueuedMessage extends UnsentMessage {
  target: string;
  doubt: DeliveryState;
}

export class Outbox {
  /** Oldest first: those in flight, then those that wait. */
  #items: QueuedMessage[] = [];
  #inFlight = 0;

  constructor(kept: readonly UnsentMessage[] = []) {
    this.#items = kept.slice(0, MAX_QUEUED).map((message) => ({ ...message, doubt: "kept" }));
  }

  /** Messages that the server has not accepted yet. */
  get size(): number {
    return this.#items.length;
  }

  /** Messages that wait or are in doubt: all but those just sent. */
  get unsentCount(): number {
    return this.#items.filter(({ doubt }, index) => index >= this.#inFlight || doubt !== "sure").length;
  }

  /** Targets of messages of which it is unknown whether they have arrived. */
  get unsureTargets(): string[] {
    return [...new Set(this.#items.filter(({ doubt }) => doubt !== "sure").map(({ target }) => target))];
  }

  /** False: no space left for `message`. */
  add(message: UnsentMessage): boolean {
    if (this.#items.length >= MAX_QUEUED) return false;
    this.#items.push({ ...message, doubt: "sure" });
    return true;
  }

  /** The message `id`, unless it is in flight or a response to it was lost. */
  findUnsent(id: string): UnsentMessage | undefined {
    return this.#items.find((item, at) => item.id === id && at >= this.#inFlight && item.doubt !== "lost");
  }

  /** The user or channel `from` is now called `to`: what has not been sent to it goes there. */
  rename(from: string, to: string): void {
    for (const item of this.#items.slice(this.#inFlight)) if (isSameName(item.target, from)) item.target = to;
  }

  /** The messages to send now. */
  take(): UnsentMessage[] {
    const start = this.#inFlight;
    this.#inFlight = Math.min(this.#items.length, MAX_IN_FLIGHT);
    return this.#items.slice(start, this.#inFlight);
  }

  /** Those of several lines that are not in flight. */
  listMultiline(): UnsentMessage[] {
    return this.#items.slice(this.#inFlight).filter(({ text }) => isMultiline(text));
  }

  /** `parts` wait in the place of `message`, which is not in flight. */
  split(message: UnsentMessage, parts: readonly UnsentMessage[]): void {
    const index = this.#indexOf(message);
    const doubt = this.#items[index]?.doubt ?? "sure";
    if (index >= 0) this.#items.splice(index, 1, ...parts.map((part) => ({ ...part, doubt })));
  }

  /** The server has accepted or refused `message`. */
  remove(message: UnsentMessage): void {
    const index = this.#indexOf(message);
    if (index < 0) return;
    this.#items.splice(index, 1);
    if (index < this.#inFlight) this.#inFlight--;
  }

  /** The request for `message` has timed out: it waits again. False: that is not the first time. */
  retry(message: UnsentMessage): boolean {
    const index = this.#indexOf(message);
    const item = this.#items[index];
    if (item === undefined || index >= this.#inFlight) return false;
    const first = item.doubt !== "lost";
    item.doubt = "lost";
    this.#items.splice(index, 1);
    this.#inFlight--;
    this.#items.splice(this.#inFlight, 0, item);
    return first;
  }

  /** The connection is lost: what was in flight waits again. */
  noteConnectionLoss(): void {
    for (const item of this.#items.slice(0, this.#inFlight)) if (item.doubt === "sure") item.doubt = "lost";
    this.#inFlight = 0;
  }

  /** The message in doubt that history has as `message`; it need not be sent again. */
  findArrived(message: Pick<MessageEntry, "to" | "text" | "manner">): UnsentMessage | undefined {
    return this.#items.find((item) =>
      item.doubt !== "sure" && isSameName(item.target, message.to) && item.manner === message.manner &&
      item.text === message.text
    );
  }

  /**
   * Removes and returns messages in doubt of which nothing can tell whether they have arrived: all, or those
   * `kept`.
   */
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

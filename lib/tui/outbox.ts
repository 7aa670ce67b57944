/**
 * What is to be said, in order, until the server has taken it: a few messages are on their way at a time, the rest waits. When a
 * connection is lost, nobody knows what became of those on their way; what was missed tells (see {@link Outbox.arrived}).
 */
import { sameName } from "../irc/casemap.ts";
import type { Manner } from "./entry.ts";

export interface Outgoing {
  readonly target: string;
  readonly text: string;
  readonly manner: Manner;
}

/** Messages on their way at once: enough to fill the line to a far server, few enough not to trip its flood control. */
export const MAX_ON_THE_WAY = 8;
/** Messages that may wait; the next one is refused. */
export const MAX_WAITING = 1000;

interface Item extends Outgoing {
  /** Sent over a connection that was lost before the answer came. */
  unsure: boolean;
}

export class Outbox {
  /** Oldest first: those on their way, then those that wait. */
  #items: Item[] = [];
  #onTheWay = 0;

  /** Messages that the server has not taken yet. */
  get size(): number {
    return this.#items.length;
  }

  /** Messages that have not been sent at all, or of which nobody knows. */
  get waiting(): number {
    return this.#items.length - this.#onTheWay;
  }

  /** Targets of messages of which nobody knows whether they arrived. */
  get unsureTargets(): string[] {
    return [...new Set(this.#items.filter((item) => item.unsure).map((item) => item.target))];
  }

  /** False: no room left for `message`. */
  add(message: Outgoing): boolean {
    if (this.#items.length >= MAX_WAITING) return false;
    this.#items.push({ ...message, unsure: false });
    return true;
  }

  /** What to send now. */
  take(): Outgoing[] {
    const start = this.#onTheWay;
    this.#onTheWay = Math.min(this.#items.length, MAX_ON_THE_WAY);
    return this.#items.slice(start, this.#onTheWay);
  }

  /** The server has answered to `message`, with yes or no. */
  done(message: Outgoing): void {
    const index = this.#items.indexOf(message as Item);
    if (index < 0) return;
    this.#items.splice(index, 1);
    if (index < this.#onTheWay) this.#onTheWay--;
  }

  /** The connection is gone: what was on its way waits again, marked as unsure. */
  lost(): void {
    for (let i = 0; i < this.#onTheWay; i++) this.#items[i]!.unsure = true;
    this.#onTheWay = 0;
  }

  /** A message of ours has turned up among those missed: if it was one of the unsure, it need not be sent again. */
  arrived(message: Outgoing): void {
    const found = this.#items.find((item) =>
      item.unsure && sameName(item.target, message.target) && item.manner === message.manner &&
      item.text === message.text
    );
    if (found !== undefined) this.done(found);
  }

  /** Takes out and answers all unsure messages: nothing can tell what became of them. */
  giveUp(): Outgoing[] {
    const gone = this.#items.filter((item) => item.unsure);
    this.#items = this.#items.filter((item) => !item.unsure);
    return gone;
  }
}

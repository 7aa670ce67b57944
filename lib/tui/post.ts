/**
 * What we say, from typed to acknowledged. Each message has an id of ours. A server that knows these ids takes a message once, however
 * often it is sent: then whatever has no answer is sent again. With any other server, what was missed has to tell whether it arrived.
 */
import type { Message, MessageParts } from "../irc/message.ts";
import { isRoomName } from "../irc/names.ts";
import { ID_TAG } from "../irc/vendor.ts";
import type { Entry } from "./entry.ts";
import type { Effect } from "./exchange.ts";
import { failureText } from "./failure_text.ts";
import { writeText } from "./incoming.ts";
import { Outbox } from "./outbox.ts";
import type { Outgoing } from "./outbox.ts";
import type { Unsent } from "./unsent.ts";

/** What {@link Post} needs of the chat. */
export interface PostDesk {
  readonly nick: string;
  readonly online: boolean;
  readonly keepsHistory: boolean;
  /** The server sends our messages back to us. */
  readonly echoes: boolean;
  /** The server takes a message with an id of ours once, over this connection or another. */
  readonly knowsIds: boolean;
  ask(message: MessageParts, purpose: { for: "message"; message: Outgoing }, now: number): void;
  line(message: Message, now: number): void;
  show(entry: Entry): void;
  note(text: string, time: number): void;
  alarm(text: string, time: number): void;
  effect(effect: Effect & { kind: "keep" | "drop" }): void;
}

export class Post {
  readonly outbox: Outbox;
  /** Messages that the server refused, and those of which nobody knows. */
  readonly undelivered = { refused: 0, unknown: 0 };
  readonly #desk: PostDesk;
  readonly #newId: () => string;
  /** Messages left over from the last time, as long as nothing was said of them. */
  #leftOver: number;

  /** `newId`: random, 1 to 64 printable ASCII characters. `kept`: what was not acknowledged when the program last ended. */
  constructor(desk: PostDesk, newId: () => string, kept: readonly Unsent[]) {
    this.#desk = desk;
    this.#newId = newId;
    this.outbox = new Outbox(kept);
    this.#leftOver = this.outbox.size;
  }

  /** Says it as soon as that is possible; false: too much waits already. */
  say({ target, text, manner }: Pick<Unsent, "target" | "text" | "manner">, now: number): boolean {
    const message = { id: this.#newId(), target, text, manner, at: now };
    if (!this.outbox.add(message)) return false;
    this.#desk.effect({ kind: "keep", message });
    if (!this.#desk.online) this.#desk.note(`waits for the server: ${text}`, now);
    return true;
  }

  /** All is known of the past: sends what waits. */
  send(now: number): void {
    const desk = this.#desk;
    this.#tellLeftOver(now);
    const given = desk.knowsIds ? [] : this.outbox.giveUp(desk.keepsHistory ? "kept" : "all");
    for (const message of given) {
      this.undelivered.unknown++;
      desk.effect({ kind: "drop", id: message.id });
      desk.alarm(`this may not have arrived: ${message.text}`, now);
    }
    for (const message of this.outbox.take()) {
      const tags = desk.knowsIds ? new Map([[ID_TAG, message.id]]) : undefined;
      desk.ask({ ...writeText(message), tags }, { for: "message", message }, now);
    }
  }

  answered(message: Outgoing, lines: readonly Message[], failure: Message | undefined, now: number): void {
    this.#done(message);
    if (failure !== undefined) {
      this.undelivered.refused++;
      return this.#desk.alarm(`${failureText(failure)}; not delivered: ${message.text}`, now);
    }
    if (!this.#desk.echoes) this.#desk.show(spokenByUs(message, this.#desk.nick, now));
    for (const line of lines) this.#desk.line(line, now);
  }

  /** No answer in time. */
  unanswered(message: Outgoing, now: number): void {
    if (this.#desk.knowsIds) {
      const first = this.outbox.again(message);
      if (first) this.#desk.alarm(`no answer yet; it is sent again: ${message.text}`, now);
      return;
    }
    this.#done(message);
    this.undelivered.unknown++;
    this.#desk.alarm(`no answer; this may not have arrived: ${message.text}`, now);
  }

  /** It will never be sent. */
  discard(message: Outgoing): void {
    this.#done(message);
  }

  /** History has a message of ours. Where nothing else tells, it is the one in doubt that says the same. */
  recalled(message: Pick<Outgoing, "target" | "text"> & { manner: Outgoing["manner"] | "notice" }): void {
    const arrived = this.#desk.knowsIds ? undefined : this.outbox.arrived(message);
    if (arrived !== undefined) this.#done(arrived);
  }

  #done(message: Outgoing): void {
    this.outbox.done(message);
    this.#desk.effect({ kind: "drop", id: message.id });
  }

  #tellLeftOver(now: number): void {
    const count = this.#leftOver;
    this.#leftOver = 0;
    if (count === 0 || !this.#desk.knowsIds) return; // without ids each is told of by itself
    this.#desk.note(
      count === 1
        ? "1 message was not sent last time; sending it now"
        : `${count} messages were not sent last time; sending them now`,
      now,
    );
  }
}

/** Our own message, where the server sends no echo. */
function spokenByUs({ target, text, manner }: Outgoing, from: string, time: number): Entry {
  return isRoomName(target)
    ? { kind: "message", manner, time, room: target, from, text }
    : { kind: "direct", manner, time, from, to: target, text };
}

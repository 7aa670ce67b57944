/**
 * Which people are typing, and what we tell of ourselves (https://ircv3.net/specs/client-tags/typing). Pure.
 */
import { casefold, isSameName } from "../../irc/names/casemap.ts";
import type { Message, MessageParts } from "../../irc/message.ts";
import { isChannelName } from "../../irc/names/name_rules.ts";
import { readSender } from "./model/entry_parser.ts";

export const TYPING_TAG = "+typing";

/** "active": they type. "paused": they have typed, and not gone on for a while. "done": they have sent or dropped it. */
export type TypingState = "active" | "paused" | "done";

/** For how long a person counts as typing behind each notice (specification: "at least 6 seconds", and 30). */
export const TYPING_LIFETIMES_MS: Readonly<Record<"active" | "paused", number>> = {
  active: 6_000,
  paused: 30_000,
};
/** Shortest time between two notices that we are typing (specification: "3 seconds"). */
export const TYPING_INTERVAL_MS = 3_000;
/** People that are known to be typing at one time. */
export const MAX_TYPING = 200;

interface TypingPerson {
  readonly conversation: string;
  readonly nick: string;
  /** Until when they count as typing, milliseconds since the epoch. */
  readonly until: number;
}

export class TypingTracker {
  /** By folded conversation and nick. */
  readonly #people = new Map<string, TypingPerson>();
  /** What we have told last. */
  #told: { readonly target: string; readonly state: TypingState; readonly at: number } | undefined;

  /** Takes a TAGMSG with {@link TYPING_TAG}, or a message, which ends the typing. `nick`: ours. */
  receive(line: Message, nick: string, now: number): void {
    const { command, tags, params: [target = ""] } = line;
    const from = readSender(line);
    if (isSameName(from, nick)) return;
    const conversation = isChannelName(target) ? target : from;
    const key = `${casefold(conversation)} ${casefold(from)}`;
    const state = command === "TAGMSG" ? tags.get(TYPING_TAG) : "done";
    if (state === undefined) return;
    this.#people.delete(key);
    if (state !== "active" && state !== "paused" || this.#people.size >= MAX_TYPING) return;
    this.#people.set(key, { conversation, nick: from, until: now + TYPING_LIFETIMES_MS[state] });
  }

  /** Nicks of the people that are typing in `conversation`, the first one first. */
  list(conversation: string, now: number): string[] {
    const typing = this.#people.values().filter((person) =>
      person.until > now && isSameName(person.conversation, conversation)
    );
    return Array.from(typing, ({ nick }) => nick);
  }

  /** Milliseconds until the next person no longer counts as typing; undefined: no person does. */
  nextChangeMs(now: number): number | undefined {
    for (const [key, { until }] of this.#people) if (until <= now) this.#people.delete(key);
    let next: number | undefined;
    for (const { until } of this.#people.values()) next = Math.min(next ?? Infinity, until - now);
    return next;
  }

  /** The connection is lost. */
  clear(): void {
    this.#people.clear();
    this.#told = undefined;
  }

  /** What tells `target` that we are in the state `state`; undefined: they know, or need not. */
  tell(target: string, state: TypingState, now: number): MessageParts | undefined {
    const told = this.#told;
    const isSame = told !== undefined && isSameName(told.target, target);
    if (state === "done" && (!isSame || told.state === "done")) return undefined;
    if (isSame && told.state === state && now < told.at + TYPING_INTERVAL_MS && now >= told.at) {
      return undefined;
    }
    this.#told = { target, state, at: now };
    return { tags: new Map([[TYPING_TAG, state]]), command: "TAGMSG", params: [target] };
  }

  /** We have sent what we typed for `target`: the message itself tells it. */
  noteSent(target: string): void {
    if (this.#told !== undefined && isSameName(this.#told.target, target)) this.#told = undefined;
  }
}

/**
 * Coming in to rooms, and coming back after a loss. Both go the same way: JOIN, then what was said (LATEST, or AFTER what we have
 * seen), then who is here. What happens in the room meanwhile is held, so that everything is shown once, and in order.
 */
import { casefold } from "../irc/casemap.ts";
import type { Message, MessageParts } from "../irc/message.ts";
import { isRoomName } from "../irc/names.ts";
import { membersText, topicText } from "./answers.ts";
import type { Entry } from "./entry.ts";
import { failureText } from "./incoming.ts";
import type { Memory } from "./memory.ts";
import type { RoomBook } from "./rooms.ts";

export type ArrivalPurpose =
  | { readonly for: "enter"; readonly room: string; readonly again: boolean }
  /** What was said before we came. */
  | { readonly for: "recent"; readonly room: string }
  /** What was said while we were away, page by page. */
  | {
    readonly for: "missed";
    readonly target: string;
    readonly by: "msgid" | "timestamp";
    readonly page: number;
  }
  /** With whom there was talk while we were away. */
  | { readonly for: "partners" };

/** What {@link Arrivals} needs of the chat. */
export interface Desk {
  readonly keepsHistory: boolean;
  readonly rooms: RoomBook;
  readonly memory: Memory;
  ask(message: MessageParts, purpose: ArrivalPurpose, now: number): void;
  show(entry: Entry): void;
  note(text: string, time: number): void;
  alarm(text: string, time: number): void;
  /** What a line of history shows, unless it was seen before. */
  recall(line: Message, now: number): Entry | undefined;
}

interface Arrival {
  readonly again: boolean;
  /** What was said before we were back, oldest first. */
  readonly past: Entry[];
  /** What happened since we asked to come in. */
  readonly held: Entry[];
}

/** Messages shown of a room that one enters. */
export const RECENT_MESSAGES = 50;
/** Messages asked for at once of those missed. */
const MISSED_PAGE_MESSAGES = 100;
/** Pages of missed messages that are fetched of one conversation. */
const MAX_MISSED_PAGES = 20;
/** People whose conversations with us are looked through after a loss. */
const MAX_PARTNERS = 50;

/** Clocks differ: the end of the span looked through lies this far in the future. */
const CLOCK_SKEW_MS = 60 * 60 * 1000;

export class Arrivals {
  readonly #desk: Desk;
  readonly #open = new Map<string, Arrival>();

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  enter(room: string, again: boolean, now: number): void {
    this.#open.set(casefold(room), { again, past: [], held: [] });
    this.#desk.ask({ command: "JOIN", params: [room] }, { for: "enter", room, again }, now);
  }

  /** True while we are on the way to `room`. */
  expects(room: string): boolean {
    return this.#open.has(casefold(room));
  }

  /** Takes what happens in a room that we are on the way to; false: we are not. */
  hold(room: string, entry: Entry): boolean {
    const arrival = this.#open.get(casefold(room));
    arrival?.held.push(entry);
    return arrival !== undefined;
  }

  /** We are not let in, or are out again. */
  cancel(room: string): void {
    this.#open.delete(casefold(room));
  }

  /** The connection is gone: shows what was held, and forgets. */
  abandon(): void {
    for (const { held } of this.#open.values()) for (const entry of held) this.#desk.show(entry);
    this.#open.clear();
  }

  /** We are in `room`; asks for what was said. */
  entered(room: string, now: number): void {
    const arrival = this.#open.get(casefold(room));
    if (arrival === undefined) return;
    if (!this.#desk.keepsHistory) return this.#show(room, now);
    if (arrival.again) return this.askMissed(room, "msgid", 0, now);
    const params = ["LATEST", room, "*", String(RECENT_MESSAGES)];
    this.#desk.ask({ command: "CHATHISTORY", params }, { for: "recent", room }, now);
  }

  recent(room: string, lines: readonly Message[], failure: Message | undefined, now: number): void {
    if (failure !== undefined) this.#desk.alarm(failureText(failure), now);
    else this.#past(room, lines, now);
    this.#show(room, now);
  }

  /** Asks for what came after the last message that we know of `target`. */
  askMissed(target: string, by: "msgid" | "timestamp", page: number, now: number): void {
    const id = by === "msgid" ? this.#desk.memory.latestId(target) : undefined;
    const anchor = id === undefined ? timestamp(this.#desk.memory.lostAt) : `msgid=${id}`;
    const params = ["AFTER", target, anchor, String(MISSED_PAGE_MESSAGES)];
    const purpose = { for: "missed", target, by: id === undefined ? "timestamp" : "msgid", page } as const;
    this.#desk.ask({ command: "CHATHISTORY", params }, purpose, now);
  }

  missed(
    { target, by, page }: ArrivalPurpose & { for: "missed" },
    lines: readonly Message[],
    failure: Message | undefined,
    now: number,
  ): void {
    // A server whose log is a new one does not know our ids, but time goes on.
    if (failure !== undefined && by === "msgid") return this.askMissed(target, "timestamp", page, now);
    if (failure !== undefined) this.unknown(target, failureText(failure), now);
    const fresh = failure === undefined ? this.#past(target, lines, now) : 0;
    if (fresh > 0 && page + 1 < MAX_MISSED_PAGES) return this.askMissed(target, "msgid", page + 1, now);
    if (fresh > 0) this.#desk.alarm(`more was missed in ${target} than is shown here: /logs ${target}`, now);
    this.#show(target, now);
  }

  /** Nobody tells what was said in `target`. */
  unknown(target: string, why: string, now: number): void {
    this.#desk.alarm(`what was said in ${target} is not known: ${why}`, now);
    this.#show(target, now);
  }

  askPartners(now: number): void {
    const params = [
      "TARGETS",
      timestamp(this.#desk.memory.lostAt),
      timestamp(now + CLOCK_SKEW_MS),
      `${MAX_PARTNERS}`,
    ];
    this.#desk.ask({ command: "CHATHISTORY", params }, { for: "partners" }, now);
  }

  /** Asks for what was missed from the people that the answer names, and from those in `unsure`. */
  partners(lines: readonly Message[], unsure: readonly string[], now: number): void {
    // CHATHISTORY TARGETS <target> <timestamp>
    const named = lines.filter(({ command }) => command === "CHATHISTORY").map(({ params }) =>
      params[1] ?? ""
    );
    const people = [...unsure, ...named].filter((name) => name !== "" && !isRoomName(name));
    const distinct = new Map(people.map((name) => [casefold(name), name]));
    for (const name of distinct.values()) this.askMissed(name, "msgid", 0, now);
  }

  /** The messages among `lines` go before what is held. How many of them are new. */
  #past(target: string, lines: readonly Message[], now: number): number {
    const arrival = this.#open.get(casefold(target));
    const fresh = lines.map((line) => this.#desk.recall(line, now)).filter((entry) => entry !== undefined);
    for (const entry of fresh) {
      if (arrival === undefined) this.#desk.show(entry);
      else arrival.past.push(entry);
    }
    return fresh.length;
  }

  /** All is known of `room`: shows it, then what was held. */
  #show(room: string, now: number): void {
    const arrival = this.#open.get(casefold(room));
    if (arrival === undefined) return;
    this.#open.delete(casefold(room));
    const { again, past, held } = arrival;
    const desk = this.#desk;
    if (past.length > 0) desk.note(again ? `missed in ${room}:` : `said before in ${room}:`, now);
    for (const entry of past) desk.show(entry);
    const known = desk.rooms.get(room);
    if (known !== undefined) {
      if (!again && known.topic !== "") desk.note(topicText(known), now);
      desk.note(membersText(known), now);
    }
    for (const entry of held) desk.show(entry);
  }
}

function timestamp(time: number): string {
  return `timestamp=${new Date(time).toISOString()}`;
}

/**
 * The chat itself, without terminal and without connection: what the server says and what the person asks for goes in; what is
 * to be shown and to be sent comes out ({@link Effect}). No I/O and no clock.
 *
 * Everything sent is a request with a purpose; the answer comes back under the request's number.
 */
import { unreachable } from "../base/assert.ts";
import { casefold, sameName } from "../irc/casemap.ts";
import { formatMessage } from "../irc/message.ts";
import type { Message, MessageParts } from "../irc/message.ts";
import { isRoomName } from "../irc/names.ts";
import { RPL_TOPIC } from "../irc/numerics.ts";
import { roomsText, topicText, whoisText, whoText } from "./answers.ts";
import { Arrivals } from "./arrivals.ts";
import type { Vocabulary } from "./complete.ts";
import type { Entry } from "./entry.ts";
import type { Answer, Connection, Effect, Purpose } from "./exchange.ts";
import { entryOf, failureText, isFailure, senderOf, writeText } from "./incoming.ts";
import { Memory } from "./memory.ts";
import { Outbox } from "./outbox.ts";
import type { Outgoing } from "./outbox.ts";
import { RoomBook } from "./rooms.ts";

/** While one of these is open, it is not known which of the unsure messages have arrived, and nothing new is sent. */
const SETTLING: ReadonlySet<Purpose["for"]> = new Set(["enter", "recent", "missed", "partners"]);

/** People kept for completion beside those in the rooms. */
const MAX_PARTNERS = 50;

const HISTORY = "draft/chathistory";
const ECHO = "echo-message";

export class Chat {
  /** Our name. */
  nick: string;
  /** Where what is typed goes; undefined: we are in no room. */
  room: string | undefined;
  readonly rooms = new RoomBook();
  readonly outbox = new Outbox();
  readonly memory = new Memory();
  /** Messages that the server refused, and those of which nobody knows. */
  readonly undelivered = { refused: 0, unknown: 0 };
  readonly #arrivals = new Arrivals(this);
  readonly #clock: (time: number) => string;
  /** Rooms to be in, by folded name: what we come back to. */
  readonly #wanted = new Map<string, string>();
  readonly #purposes = new Map<number, Purpose>();
  /** People with whom direct messages were exchanged. */
  readonly #partners = new Set<string>();
  #caps: ReadonlySet<string> = new Set();
  #online = false;
  #failure = "";
  #next = 1;
  #effects: Effect[] = [];

  /** `home`: the room to enter first. `clock`: local time of day. */
  constructor(nick: string, home: string, clock: (time: number) => string) {
    this.nick = nick;
    this.room = home;
    this.#clock = clock;
    this.#wanted.set(casefold(home), home);
  }

  /** Connected and let in. */
  get online(): boolean {
    return this.#online;
  }

  /** True when nothing is on its way and nothing waits. */
  get idle(): boolean {
    return this.#purposes.size === 0 && this.outbox.size === 0;
  }

  get keepsHistory(): boolean {
    return this.#caps.has(HISTORY);
  }

  /** What can be completed: people we see or have talked to, and rooms we are in. */
  get vocabulary(): Vocabulary {
    const people = [...this.rooms.people(), ...this.#partners];
    return { names: people.filter((name) => !sameName(name, this.nick)), rooms: this.#wanted.values() };
  }

  /** What is to be done, in order; empties the list. */
  takeEffects(): Effect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** The connection is there, for the first time or `again`. */
  up(connection: Connection, again: boolean, now: number): void {
    this.#online = true;
    this.nick = connection.nick;
    this.#caps = connection.caps;
    if (again) this.note(`connected again, as ${this.nick}`, now);
    for (const room of this.#wanted.values()) this.#arrivals.enter(room, again, now);
    if (again && this.keepsHistory) this.#arrivals.askPartners(now);
    this.#settle(now);
  }

  /** The connection is lost; the next attempt is in `retryMs`. */
  down(why: string, retryMs: number, now: number): void {
    this.#online = false;
    this.#failure = "";
    this.#purposes.clear();
    this.#arrivals.abandon();
    this.outbox.lost();
    this.memory.lost();
    this.rooms.clear();
    const seconds = Math.max(1, Math.round(retryMs / 1000));
    this.alarm(`the connection is lost: ${why}; trying again in ${seconds} s`, now);
  }

  /** An attempt to come back has failed; there will be others. Said once for each reason. */
  failed(why: string, now: number): void {
    if (why !== this.#failure) this.note(`still not connected, and trying: ${why}`, now);
    this.#failure = why;
  }

  /** A line that answers nothing. */
  line(message: Message, now: number): void {
    const entry = this.#learn(message, now);
    if (entry === undefined) return;
    // A server may put a further session of ours where the others are, before we ask.
    if (entry.kind === "joined" && sameName(entry.nick, this.nick) && this.#arrivals.expects(entry.room)) {
      return;
    }
    if (!("room" in entry) || !this.#arrivals.hold(entry.room, entry)) this.show(entry);
  }

  /** The answer to the request `id`. */
  answer(id: number, answer: Answer, now: number): void {
    const purpose = this.#purposes.get(id);
    if (purpose === undefined || answer.kind === "lost") return; // what a loss means is said by `down`
    this.#purposes.delete(id);
    if (answer.kind === "answered") this.#use(purpose, answer.lines, now);
    else this.#miss(purpose, now);
    this.#settle(now);
  }

  /** Says `message`, as soon as that is possible; false: too much waits already. */
  say(message: Outgoing, now: number): boolean {
    if (!this.outbox.add(message)) return false;
    if (!this.#online) this.note(`waits for the server: ${message.text}`, now);
    this.#settle(now);
    return true;
  }

  /** Sends `message`; what it is for decides what its answer does. */
  ask(message: MessageParts, purpose: Purpose, now: number): void {
    try {
      formatMessage(message);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      if (purpose.for === "message") this.outbox.done(purpose.message);
      return this.alarm(`this cannot be sent: ${message.command} ${message.params?.join(" ")}`, now);
    }
    const id = this.#next++;
    this.#purposes.set(id, purpose);
    this.#effects.push({ kind: "ask", id, message });
  }

  /** Asks to come in to `room`, and makes it the current one when we are in. */
  enter(room: string, now: number): void {
    this.#arrivals.enter(room, false, now);
  }

  quit(reason: string): void {
    this.#effects.push({ kind: "quit", reason });
  }

  show(entry: Entry): void {
    this.#effects.push({ kind: "show", entry });
  }

  note(text: string, time: number): void {
    this.show({ kind: "note", time, text });
  }

  alarm(text: string, time: number): void {
    this.show({ kind: "alarm", time, text });
  }

  /** What a message of the past shows, unless it was seen before. One of ours that turns up has arrived. */
  recall(line: Message, now: number): Entry | undefined {
    this.memory.hear(line, now);
    const entry = entryOf(line, now);
    if (entry === undefined || !this.#isNew(line, entry)) return undefined;
    if ((entry.kind === "message" || entry.kind === "direct") && sameName(entry.from, this.nick)) {
      this.outbox.arrived({ target: line.params[0] ?? "", text: entry.text, manner: entry.manner });
    }
    return entry;
  }

  /** Bookkeeping for what happens now; what it shows, unless it was seen before. */
  #learn(message: Message, now: number): Entry | undefined {
    this.memory.hear(message, now);
    const entry = entryOf(message, now);
    if (entry !== undefined && !this.#isNew(message, entry)) return undefined;
    const { command, params: [first = "", second = ""] } = message;
    const ours = sameName(senderOf(message), this.nick);
    this.rooms.learn(message, this.nick);
    if (command === "JOIN" && ours) this.#wanted.set(casefold(first), first);
    else if (command === "PART" && ours) this.#leave(first);
    else if (command === "KICK" && sameName(second, this.nick)) this.#leave(first);
    else if (command === "NICK" && ours) this.nick = first;
    return entry;
  }

  #isNew(message: Message, entry: Entry): boolean {
    if (entry.kind === "message") return this.memory.isNew(message, entry.room);
    if (entry.kind !== "direct") return true;
    const partner = sameName(entry.from, this.nick) ? entry.to : entry.from;
    if (this.#partners.size < MAX_PARTNERS) this.#partners.add(partner);
    return this.memory.isNew(message, partner);
  }

  #leave(room: string): void {
    this.#wanted.delete(casefold(room));
    this.#arrivals.cancel(room);
    if (this.room !== undefined && sameName(this.room, room)) this.room = [...this.#wanted.values()].at(-1);
  }

  #use(purpose: Purpose, lines: readonly Message[], now: number): void {
    const failure = lines.find(isFailure);
    switch (purpose.for) {
      case "enter":
        return this.#entered(purpose, lines, failure, now);
      case "recent":
        return this.#arrivals.recent(purpose.room, lines, failure, now);
      case "missed":
        return this.#arrivals.missed(purpose, lines, failure, now);
      case "partners":
        return this.#arrivals.partners(lines, this.outbox.unsureTargets, now);
      case "message":
        return this.#delivered(purpose.message, lines, failure, now);
      case "logs":
        return this.#showLogs(purpose.target, lines, failure, now);
      case "who":
        return this.#tell(failure, [whoText(lines, purpose.where)], now);
      case "whois":
        return this.#tell(failure, whoisText(lines, this.#clock), now);
      case "rooms":
        return this.#tell(failure, roomsText(lines), now);
      case "topic": {
        const topic = lines.find(({ command }) => command === RPL_TOPIC)?.params[2] ?? "";
        return this.#tell(failure, [topicText({ name: purpose.room, topic })], now);
      }
      case "change":
        for (const line of lines) this.line(line, now);
        return;
      default:
        return unreachable(purpose);
    }
  }

  /** No answer in time. */
  #miss(purpose: Purpose, now: number): void {
    switch (purpose.for) {
      case "message":
        this.outbox.done(purpose.message);
        this.undelivered.unknown++;
        return this.alarm(`no answer; this may not have arrived: ${purpose.message.text}`, now);
      case "enter":
      case "recent":
        return this.#arrivals.unknown(purpose.room, "no answer", now);
      case "missed":
        return this.#arrivals.unknown(purpose.target, "no answer", now);
      default:
        return this.alarm("the server has not answered", now);
    }
  }

  #tell(failure: Message | undefined, texts: readonly string[], now: number): void {
    if (failure !== undefined) return this.alarm(failureText(failure), now);
    for (const text of texts) this.note(text, now);
  }

  #entered(
    { room, again }: Purpose & { for: "enter" },
    lines: readonly Message[],
    failure: Message | undefined,
    now: number,
  ): void {
    for (const line of lines) this.#learn(line, now);
    const entered = this.rooms.get(room);
    if (entered === undefined) {
      this.#leave(room);
      return this.alarm(failure === undefined ? `${room} is closed to us` : failureText(failure), now);
    }
    if (!again) this.room = entered.name;
    this.#arrivals.entered(room, now);
  }

  #delivered(message: Outgoing, lines: readonly Message[], failure: Message | undefined, now: number): void {
    this.outbox.done(message);
    if (failure !== undefined) {
      this.undelivered.refused++;
      return this.alarm(`${failureText(failure)}; not delivered: ${message.text}`, now);
    }
    if (!this.#caps.has(ECHO)) this.show(spokenByUs(message, this.nick, now));
    for (const line of lines) this.line(line, now);
  }

  #showLogs(target: string, lines: readonly Message[], failure: Message | undefined, now: number): void {
    if (failure !== undefined) return this.alarm(failureText(failure), now);
    const entries = lines.map((line) => entryOf(line, now)).filter((entry) => entry !== undefined);
    const where = isRoomName(target) ? `in ${target}` : `with ${target}`;
    if (entries.length === 0) return this.note(`nothing has been said ${where}`, now);
    this.note(`said before ${where}:`, now);
    for (const entry of entries) this.show(entry);
    this.note(`(so far ${where})`, now);
  }

  /** Once all is known about the past, what waits is sent. */
  #settle(now: number): void {
    if (!this.#online) return;
    for (const purpose of this.#purposes.values()) if (SETTLING.has(purpose.for)) return;
    for (const { text } of this.keepsHistory ? [] : this.outbox.giveUp()) {
      this.undelivered.unknown++;
      this.alarm(`this may not have arrived: ${text}`, now);
    }
    for (const message of this.outbox.take()) this.ask(writeText(message), { for: "message", message }, now);
  }
}

/** Our own message, where the server sends no echo. */
function spokenByUs({ target, text, manner }: Outgoing, from: string, time: number): Entry {
  return isRoomName(target)
    ? { kind: "message", manner, time, room: target, from, text }
    : { kind: "direct", manner, time, from, to: target, text };
}

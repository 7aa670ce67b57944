/**
 * Coming in to rooms, and coming back after a loss. Both go the same way: JOIN, then what was said (LATEST, or AFTER what we have
 * seen), then who is here. What happens in the room meanwhile is held, so that everything is shown once, and in order. Direct
 * messages are caught up with alike, all together.
 *
 * Up to where a conversation is known (its mark) moves only when what comes next is shown. A loss in the middle of this forgets what
 * is held, and the next time begins at the same mark.
 */
import { casefold } from "../irc/casemap.ts";
import type { Message, MessageParts } from "../irc/message.ts";
import { isRoomName } from "../irc/names.ts";
import { parseGap } from "../irc/vendor.ts";
import type { Gap } from "../irc/vendor.ts";
import { wireTime } from "../irc/wire_number.ts";
import { membersText, topicText } from "./answers.ts";
import { CatchUp } from "./catch_up.ts";
import type { Heard } from "./catch_up.ts";
import type { Entry } from "./entry.ts";
import { failureText } from "./failure_text.ts";
import { timeOf } from "./incoming.ts";
import type { Memory } from "./memory.ts";
import type { RoomBook } from "./rooms.ts";

export type ArrivalPurpose =
  /** `redirected`: the server has led us there from another room. */
  | { readonly for: "enter"; readonly room: string; readonly again: boolean; readonly redirected: boolean }
  /** What was said before we came. */
  | { readonly for: "recent"; readonly room: string }
  /** How much of it has not been read. */
  | { readonly for: "count"; readonly room: string }
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
  /** A person reads what is shown, and the server remembers how far. */
  readonly marks: boolean;
  readonly rooms: RoomBook;
  readonly memory: Memory;
  ask(message: MessageParts, purpose: ArrivalPurpose, now: number): void;
  show(entry: Entry): void;
  /** Shows what `line` told, and with it the conversation is known up to there. */
  tell(heard: Heard): void;
  note(text: string, time: number): void;
  alarm(text: string, time: number): void;
  /** What a line of history shows, unless it was seen before. */
  recall(line: Message, now: number): Entry | undefined;
  /** Messages from `target` (undefined: from anyone) are not shown: what comes after them does not count as read. */
  keepUnread(target: string | undefined): void;
  /** The command that shows what was said in or with `target` from `since` on. */
  logsCommand(target: string, since: number): string;
}

/** Something of the past: a message, or a place where messages are lost. */
type Past = Heard | { readonly entry: Entry & { kind: "gap" }; readonly line?: undefined };

interface Arrival {
  /** We have been in this room before, and know what was said up to its mark. */
  readonly again: boolean;
  /** What was said before we were back, oldest first. */
  readonly past: Past[];
  /** What happened since we asked to come in. */
  readonly present: CatchUp;
  /** The time of the last message that has been read, milliseconds since the epoch; 0: none is known to be. */
  readUntil: number;
  /** How many have not, where these are more than were asked for at first. */
  unread: { readonly count: number; readonly isAtLeast: boolean } | undefined;
  /** Our JOIN: the first that we know of a room in which nothing has been said. */
  came: Message | undefined;
}

/** Messages shown of a room that one enters. */
export const RECENT_MESSAGES = 50;
/** Messages that are counted where more than these have not been read: a server of ours answers so many at once. */
export const MAX_COUNTED = 1000;
/** Messages asked for at once of those missed. */
export const MISSED_PAGE_MESSAGES = 100;
/** Pages of missed messages that are fetched of one conversation. */
export const MAX_MISSED_PAGES = 20;
/** Rooms and people in whose conversations with us is looked for what came during a loss; the rooms that we are in are among them. */
const MAX_PARTNERS = 200;

/** The end of the span looked through, the last time that a timestamp can tell: a message of a time when a clock was wrong is in it. */
const END_OF_TIME = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

export class Arrivals {
  readonly #desk: Desk;
  readonly #open = new Map<string, Arrival>();
  /** Rooms whose past has been shown since we are in them. */
  readonly #known = new Set<string>();
  /** Direct messages held, while some of what was missed of them is on its way. */
  #talks: CatchUp | undefined;
  /** Answers about direct messages that have not come yet. */
  #talksAwaited = 0;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** True when nothing of what was missed is still to be read. */
  get settled(): boolean {
    return this.#talks === undefined && !this.#open.values().some(({ again }) => again);
  }

  /** `key`: what the room wants to be told (mode +k); "": nothing. */
  enter(room: string, key: string, again: boolean, now: number, redirected = false): void {
    const known = again && this.#known.has(casefold(room));
    this.#open.set(casefold(room), {
      again: known,
      past: [],
      present: new CatchUp(),
      readUntil: 0,
      unread: undefined,
      came: undefined,
    });
    const params = key === "" ? [room] : [room, key];
    this.#desk.ask({ command: "JOIN", params }, { for: "enter", room, again, redirected }, now);
  }

  /** True while we are on the way to `room`. */
  expects(room: string): boolean {
    return this.#open.has(casefold(room));
  }

  /** `MARKREAD <room> timestamp=…|*`, which comes with JOIN (https://ircv3.net/specs/extensions/read-marker). */
  marked(room: string, until: string): void {
    const arrival = this.#open.get(casefold(room));
    if (arrival === undefined || !this.#desk.marks) return;
    arrival.readUntil = wireTime(until.replace(/^timestamp=/, "")) ?? 0;
  }

  /** Takes what happens where not all that came before is known yet; false: show it. */
  hold(heard: Heard, now: number): boolean {
    const { entry } = heard;
    const room = "room" in entry ? entry.room : undefined;
    const present = room !== undefined
      ? this.#open.get(casefold(room))?.present
      : entry.kind === "direct"
      ? this.#talks
      : undefined;
    if (present === undefined) return false;
    present.hold(heard);
    if (!present.full) return true;
    this.#desk.alarm(
      `too much happens ${room === undefined ? "" : `in ${room} `}to show what was missed`,
      now,
    );
    if (room === undefined) {
      this.#desk.keepUnread(undefined);
      this.#showTalks();
    } else this.#show(room, now);
    return true;
  }

  /** A room that we are in is called otherwise now. */
  renamed(from: string, to: string): void {
    if (this.#known.delete(casefold(from))) this.#known.add(casefold(to));
  }

  /** We are not let in, or are out again. */
  cancel(room: string): void {
    this.#open.delete(casefold(room));
    this.#known.delete(casefold(room));
  }

  /** The connection is gone. What has been read of the past is shown; what was held will be part of the past. */
  abandon(now: number): void {
    for (const [room, { again, past, present }] of [...this.#open]) {
      const name = this.#desk.rooms.get(room)?.name ?? room;
      this.#showPast(name, again, past, now);
      this.#drop(present);
    }
    if (this.#talks !== undefined) this.#drop(this.#talks);
    this.#open.clear();
    this.#talks = undefined;
    this.#talksAwaited = 0;
  }

  /** We are in `room`, by the JOIN among `lines`; asks for what was said. */
  entered(room: string, lines: readonly Message[], now: number): void {
    const arrival = this.#open.get(casefold(room));
    if (arrival === undefined) return;
    arrival.came = lines.find(({ command }) => command === "JOIN");
    if (!this.#desk.keepsHistory) return this.#show(room, now);
    if (arrival.again) return this.#askMissed(room, now);
    const params = ["LATEST", room, "*", String(RECENT_MESSAGES)];
    this.#desk.ask({ command: "CHATHISTORY", params }, { for: "recent", room }, now);
  }

  recent(room: string, lines: readonly Message[], failure: Message | undefined, now: number): void {
    if (failure !== undefined) this.#desk.alarm(failureText(failure), now);
    else this.#read(room, lines, now);
    const arrival = this.#open.get(casefold(room));
    const spoken = lines.filter(isSpoken);
    const isAllNew = arrival !== undefined && arrival.readUntil > 0 && spoken.length >= RECENT_MESSAGES &&
      timeOf(spoken[0]!, now) > arrival.readUntil;
    if (!isAllNew) return this.#show(room, now);
    const params = ["LATEST", room, timestamp(arrival.readUntil), String(MAX_COUNTED)];
    this.#desk.ask({ command: "CHATHISTORY", params }, { for: "count", room }, now);
  }

  /** `lines`: everything in `room` since it was read, of which the end is known already; none: there was no answer. */
  counted(room: string, lines: readonly Message[], now: number): void {
    const arrival = this.#open.get(casefold(room));
    const last = arrival?.past.findLast(({ line }) => line !== undefined)?.line;
    if (arrival !== undefined && last !== undefined) {
      // What was said since we asked for the end is held, and not counted.
      const until = timeOf(last, now);
      const spoken = lines.filter(isSpoken);
      const count = spoken.filter((line) => timeOf(line, now) <= until).length;
      arrival.unread = { count, isAtLeast: count === 0 || spoken.length >= MAX_COUNTED };
    }
    this.#show(room, now);
  }

  missed(
    { target, by, page }: ArrivalPurpose & { for: "missed" },
    lines: readonly Message[],
    failure: Message | undefined,
    now: number,
  ): void {
    // A server whose log is a new one does not know our ids, but time goes on.
    if (failure !== undefined && by === "msgid") return this.#askSinceLoss(target, page, now);
    if (failure !== undefined) return this.unknown(target, failureText(failure), now);
    const { next, met } = this.#read(target, lines, now);
    if (next === undefined || met) return this.#done(target, now);
    if (page + 1 < MAX_MISSED_PAGES) return this.#askAfter(target, next, page + 1, now);
    const since = timeOf(lines.findLast(isSpoken)!, now);
    this.#desk.alarm(`more was missed in ${target} than is shown here:`, now);
    this.#desk.note(this.#desk.logsCommand(target, since), now);
    this.#leaveUnread(target);
    this.#done(target, now);
  }

  /** Nobody tells what was said in `target`. */
  unknown(target: string, why: string, now: number): void {
    this.#desk.alarm(`what was said in ${target} is not known: ${why}`, now);
    this.#leaveUnread(target);
    this.#done(target, now);
  }

  /** Not all that was missed is shown. How far a room has been read is told to no sender, and is counted anew at the next coming in. */
  #leaveUnread(target: string): void {
    if (!isRoomName(target)) this.#desk.keepUnread(target);
  }

  askPartners(now: number): void {
    const params = [
      "TARGETS",
      timestamp(this.#desk.memory.lostAt),
      timestamp(END_OF_TIME),
      `${MAX_PARTNERS}`,
    ];
    this.#talks = new CatchUp();
    this.#talksAwaited = 1;
    this.#desk.ask({ command: "CHATHISTORY", params }, { for: "partners" }, now);
  }

  /** Asks for what was missed from the people that the answer names, and from those in `unsure`. */
  partners(lines: readonly Message[], unsure: readonly string[], now: number): void {
    // CHATHISTORY TARGETS <target> <timestamp>
    const named = lines.filter(({ command }) => command === "CHATHISTORY").map(({ params }) =>
      params[1] ?? ""
    );
    const people = [...unsure, ...named].filter((name) => name !== "" && !isRoomName(name));
    if (named.length >= MAX_PARTNERS) {
      this.#desk.alarm("others may have written to you meanwhile, too: not all are looked at", now);
      this.#desk.keepUnread(undefined);
    }
    const distinct = new Map(people.map((name) => [casefold(name), name]));
    for (const name of distinct.values()) {
      this.#talksAwaited++;
      this.#askMissed(name, now);
    }
    this.#talkDone();
  }

  /** Nobody tells with whom there was talk. */
  partnersUnknown(why: string, now: number): void {
    this.#desk.alarm(`what was said to you meanwhile is not known: ${why}`, now);
    this.#desk.keepUnread(undefined);
    this.#talkDone();
  }

  /** Asks for what came after the last message that we know of `target`. */
  #askMissed(target: string, now: number): void {
    const mark = this.#desk.memory.mark(target);
    if (mark?.id === undefined) this.#askSinceLoss(target, 0, now);
    else this.#askAfter(target, `msgid=${mark.id}`, 0, now);
  }

  #askSinceLoss(target: string, page: number, now: number): void {
    this.#askAfter(target, timestamp(this.#desk.memory.lostAt), page, now);
  }

  #askAfter(target: string, anchor: string, page: number, now: number): void {
    const params = ["AFTER", target, anchor, String(MISSED_PAGE_MESSAGES)];
    const by = anchor.startsWith("msgid=") ? "msgid" : "timestamp";
    this.#desk.ask({ command: "CHATHISTORY", params }, { for: "missed", target, by, page }, now);
  }

  /**
   * Takes one answer of history in. `next`: the anchor from which it goes on; undefined where it is at its end. `met`: it has come
   * to what was heard live, so that nothing lies between.
   */
  #read(target: string, lines: readonly Message[], now: number): { next: string | undefined; met: boolean } {
    const arrival = this.#open.get(casefold(target));
    const present = arrival?.present ?? (isRoomName(target) ? undefined : this.#talks);
    if (present === undefined) return { next: undefined, met: false }; // we are out again
    const read: Past[] = [];
    let last: Message | undefined;
    let met = false;
    for (const [index, line] of lines.entries()) {
      const gap = parseGap(line);
      if (gap !== undefined) {
        read.push({ entry: this.#gapEntry(gap, target, lines.slice(index + 1).find(isSpoken), now) });
      }
      if (!isSpoken(line)) continue;
      last = line;
      const entry = this.#desk.recall(line, now);
      const heard = entry === undefined ? present.reach(line) : { entry, line };
      if (entry === undefined && heard !== undefined) met = true;
      if (heard !== undefined) read.push(heard);
    }
    if (arrival === undefined) { for (const one of read) this.#tell(one); }
    else arrival.past.push(...read);
    return { next: last && anchorOf(last), met };
  }

  #gapEntry(gap: Gap, target: string, next: Message | undefined, now: number): Entry & { kind: "gap" } {
    const to = next && timeOf(next, now);
    const from = this.#desk.memory.mark(target)?.time;
    return { kind: "gap", time: to ?? now, target, count: gap.count, why: gap.why, from, to };
  }

  #tell(past: Past): void {
    if (past.line === undefined) this.#desk.show(past.entry);
    else this.#desk.tell(past);
  }

  #done(target: string, now: number): void {
    if (isRoomName(target)) this.#show(target, now);
    else this.#talkDone();
  }

  #talkDone(): void {
    if (--this.#talksAwaited <= 0) this.#showTalks();
  }

  #showTalks(): void {
    const held = this.#talks?.held ?? [];
    this.#talks = undefined;
    for (const heard of held) this.#desk.tell(heard);
  }

  /** All is known of `room`: shows it, then what was held. */
  #show(room: string, now: number): void {
    const arrival = this.#open.get(casefold(room));
    if (arrival === undefined) return;
    this.#open.delete(casefold(room));
    this.#known.add(casefold(room));
    const { again, past, present, came } = arrival;
    if (arrival.readUntil > 0 && !again) this.#showUnread(room, arrival, now);
    else this.#showPast(room, again, past, now);
    const { memory } = this.#desk;
    if (came !== undefined && memory.mark(room) === undefined) memory.advance(room, came, timeOf(came, now));
    const known = this.#desk.rooms.get(room);
    if (known !== undefined) {
      if (!again && known.topic !== "") this.#desk.note(topicText(known), now);
      this.#desk.note(membersText(known), now);
    }
    for (const heard of present.held) this.#desk.tell(heard);
  }

  #showPast(room: string, again: boolean, past: readonly Past[], now: number): void {
    if (past.length > 0) this.#desk.note(again ? `missed in ${room}:` : `said before in ${room}:`, now);
    for (const one of past) this.#tell(one);
  }

  /** What was said before we came: first what has been read, then, behind a line that counts it, what has not. */
  #showUnread(room: string, { past, readUntil, unread }: Arrival, now: number): void {
    const first = past.findIndex(({ entry }) => entry.kind === "message" && entry.time > readUntil);
    const start = first < 0 ? past.length : first;
    this.#showPast(room, false, past.slice(0, start), now);
    const rest = past.slice(start);
    const shown = rest.filter(({ line }) => line !== undefined).length;
    if (shown === 0) return;
    const { count, isAtLeast } = unread ?? { count: shown, isAtLeast: false };
    const entry = { kind: "unread", time: now, room, since: readUntil, shown } as const;
    this.#desk.show({ ...entry, count: Math.max(count, shown), isAtLeast });
    for (const one of rest) this.#tell(one);
  }

  /** Shown now, it would stand behind what is still missing; without history there will be nothing before it. */
  #drop(present: CatchUp): void {
    for (const heard of present.held) {
      if (this.#desk.keepsHistory) this.#desk.memory.forget(heard.line);
      else this.#desk.tell(heard);
    }
  }
}

function isSpoken({ command }: Message): boolean {
  return command === "PRIVMSG" || command === "NOTICE";
}

/** Undefined: nothing of `line` would tell the server where we are. */
function anchorOf({ tags }: Message): string | undefined {
  const id = tags.get("msgid");
  if (id !== undefined) return `msgid=${id}`;
  const time = tags.get("time");
  return time === undefined ? undefined : `timestamp=${time}`;
}

function timestamp(time: number): string {
  return `timestamp=${new Date(time).toISOString()}`;
}

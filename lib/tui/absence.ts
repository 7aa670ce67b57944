/**
 * What was said to us while we were away: at the first coming in, the talks that have something we have not read, by our read
 * markers (https://ircv3.net/specs/extensions/read-marker). It is shown together; what is said to us meanwhile is held until then.
 */
import { sameName } from "../irc/casemap.ts";
import type { Message, MessageParts } from "../irc/message.ts";
import { isRoomName } from "../irc/names.ts";
import { parseGap } from "../irc/vendor.ts";
import { wireTime } from "../irc/wire_number.ts";
import { CatchUp } from "./catch_up.ts";
import type { Heard } from "./catch_up.ts";
import type { Entry } from "./entry.ts";
import { timeOf } from "./incoming.ts";

export type AbsencePurpose =
  /** With whom there was talk. */
  | { readonly for: "talks" }
  /** Up to where the talk with `target` has been read; its latest message is of the time `latest`. */
  | { readonly for: "marker"; readonly target: string; readonly latest: number }
  /** What came after that, the time `since`. */
  | { readonly for: "unread"; readonly target: string; readonly latest: number; readonly since: number };

/** What {@link Absence} needs of the chat. Times in milliseconds since the epoch. */
export interface AbsenceDesk {
  readonly nick: string;
  ask(message: MessageParts, purpose: AbsencePurpose, now: number): void;
  show(entry: Entry): void;
  /** Shows what `line` told, and with it the conversation is known up to there. */
  tell(heard: Heard): void;
  note(text: string, time: number): void;
  alarm(text: string, time: number): void;
  /** What a line of history shows, unless it was seen before. */
  recall(line: Message, now: number): Entry | undefined;
  /** The person has been shown all of `target` up to `time`. */
  seen(target: string, time: number): void;
  /** The person does not want to see that. */
  hides(entry: Entry): boolean;
}

/** What is new of one talk. */
interface Unread {
  readonly target: string;
  readonly latest: number;
  readonly heard: readonly Heard[];
  readonly gap: Entry | undefined;
  /** There is more than is shown. */
  readonly more: boolean;
}

/** Talks that are looked through, those with the latest messages. */
export const MAX_TALKS = 50;
/** Rows asked for: the rooms that we are in are among them, a hundred on a server of ours. */
const MAX_ROWS = 200;
/** Messages shown of one talk, the latest. */
export const MAX_UNREAD = 100;
/** The end of the span looked through, the last time that a timestamp can tell: a message of a time when a clock was wrong is in it. */
const END_OF_TIME = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

export class Absence {
  readonly #desk: AbsenceDesk;
  /** Direct messages that come while this is being found out; undefined: it is not. */
  #present: CatchUp | undefined;
  #done = false;
  /** Answers that have not come yet. */
  #awaited = 0;
  #found: Unread[] = [];
  #moreTalks = false;

  constructor(desk: AbsenceDesk) {
    this.#desk = desk;
  }

  /** Asks for it, unless it is known already: then false. */
  begin(now: number): boolean {
    if (this.#done) return false;
    this.#present = new CatchUp();
    this.#awaited = 1;
    const params = ["TARGETS", stamp(END_OF_TIME), stamp(0), String(MAX_ROWS)];
    this.#desk.ask({ command: "CHATHISTORY", params }, { for: "talks" }, now);
    return true;
  }

  /** Takes what is said to us while this is being found out; false: show it. */
  hold(heard: Heard): boolean {
    if (this.#present === undefined || heard.entry.kind !== "direct") return false;
    this.#present.hold(heard);
    if (this.#present.full) this.#finish(heard.entry.time);
    return true;
  }

  /** The connection is gone: all of it is asked for again over the next one. `forget` what was held. */
  abandon(forget: (line: Message) => void): void {
    for (const { line } of this.#present?.held ?? []) forget(line);
    for (const { heard } of this.#found) for (const { line } of heard) forget(line);
    this.#present = undefined;
    this.#found = [];
  }

  answered(purpose: AbsencePurpose, lines: readonly Message[], now: number): void {
    if (this.#present === undefined) return;
    switch (purpose.for) {
      case "talks":
        this.#talks(lines, now);
        break;
      case "marker":
        this.#marker(purpose, lines, now);
        break;
      case "unread":
        this.#unread(purpose, lines, now);
    }
    if (--this.#awaited === 0) this.#finish(now);
  }

  /** Nobody tells; `why` in words. */
  unknown(why: string, now: number): void {
    if (this.#present === undefined) return;
    this.#desk.alarm(`not all that was said to you while you were away is known: ${why}`, now);
    if (--this.#awaited === 0) this.#finish(now);
  }

  /** Lines `CHATHISTORY TARGETS <target> <timestamp>`, the latest first. */
  #talks(lines: readonly Message[], now: number): void {
    const talks = lines.filter(({ command, params }) =>
      command === "CHATHISTORY" && !isRoomName(params[1] ?? "#")
    );
    this.#moreTalks = talks.length > MAX_TALKS;
    for (const { params: [, target = "", latest = ""] } of talks.slice(0, MAX_TALKS)) {
      this.#awaited++;
      const purpose = { for: "marker", target, latest: wireTime(latest) ?? now } as const;
      this.#desk.ask({ command: "MARKREAD", params: [target] }, purpose, now);
    }
  }

  /** `MARKREAD <target> timestamp=…|*` */
  #marker(
    { target, latest }: AbsencePurpose & { for: "marker" },
    lines: readonly Message[],
    now: number,
  ): void {
    const told = lines.find(({ command, params }) =>
      command === "MARKREAD" && sameName(params[0] ?? "", target)
    );
    const since = wireTime(told?.params[1]?.replace(/^timestamp=/, "")) ?? 0;
    if (latest <= since) return;
    this.#awaited++;
    const params = ["LATEST", target, stamp(since), String(MAX_UNREAD + 1)];
    this.#desk.ask({ command: "CHATHISTORY", params }, { for: "unread", target, latest, since }, now);
  }

  #unread(
    { target, latest, since }: AbsencePurpose & { for: "unread" },
    lines: readonly Message[],
    now: number,
  ): void {
    const heard: Heard[] = [];
    let gap: Entry | undefined;
    let first: number | undefined;
    const spoken = lines.filter(({ command }) => command === "PRIVMSG" || command === "NOTICE");
    for (const line of spoken.slice(-MAX_UNREAD)) {
      first ??= timeOf(line, now);
      const entry = this.#desk.recall(line, now);
      if (entry !== undefined) heard.push({ entry, line }); // else it has come meanwhile, and is held
    }
    for (const told of lines.map(parseGap)) {
      if (told === undefined) continue;
      const { count, why } = told;
      gap = { kind: "gap", time: first ?? latest, target, count, why, from: since || undefined, to: first };
    }
    this.#found.push({ target, latest, heard, gap, more: spoken.length > MAX_UNREAD });
  }

  /** Shows what was found, the talk with the latest message last, and then what has been said since. */
  #finish(now: number): void {
    const held = [...this.#present?.held ?? []];
    this.#present = undefined;
    this.#done = true;
    const desk = this.#desk;
    const isTheirs = ({ entry }: Heard) =>
      entry.kind === "direct" && !sameName(entry.from, desk.nick) && !desk.hides(entry);
    // What we have said ourselves, over another connection, is no news by itself.
    const news = this.#found.filter(({ heard, gap }) => gap !== undefined || heard.some(isTheirs));
    const count = news.reduce((sum, { heard }) => sum + heard.filter(isTheirs).length, 0);
    const atLeast = news.some(({ more }) => more) ? "more than " : "";
    if (count > 0) {
      desk.note(`${atLeast}${count} ${count === 1 ? "message" : "messages"} while you were away:`, now);
    }
    for (const { target, latest, heard, gap, more } of news.sort((a, b) => a.latest - b.latest)) {
      if (gap !== undefined) desk.show(gap);
      if (more) {
        desk.alarm(`more came from ${target} than is shown here: chatterbox logs --with ${target}`, now);
      }
      for (const one of heard) desk.tell(one);
      if (gap !== undefined) desk.seen(target, latest);
    }
    if (this.#moreTalks) {
      desk.alarm(`others may have written to you, too: only ${MAX_TALKS} talks are looked at`, now);
    }
    this.#found = [];
    for (const one of held) desk.tell(one);
  }
}

function stamp(time: number): string {
  return `timestamp=${new Date(time).toISOString()}`;
}

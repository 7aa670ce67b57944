/** What a server has told of one page of ours (docs/protocol/oncall.md): that it is open, each ring once, and the end. */
import type { Message } from "../../irc/message.ts";
import { PAGE_ENDS } from "../../irc/oncall.ts";
import type { PageEndKind, PageState } from "../../irc/oncall.ts";
import { parseWireCount, parseWireTime } from "../../irc/wire_number.ts";
import { parseOptionalWord, parsePageState } from "../conversation/oncall/page_item.ts";

/** The server has the page. */
export interface OpenedPage {
  /** Whether it is on the server's disk; else a restart of the server loses it. */
  readonly isSaved: boolean;
  /** By which people acknowledge it. */
  readonly number: number;
  readonly state: PageState;
  /** Of a silenced page: when it begins to ring, in milliseconds since the epoch. */
  readonly silencedUntil: number | undefined;
}

/** A person was rung, or could not be. */
export interface PageRing {
  /** Number of the step of the list, from 1 on; undefined: the server did not say. */
  readonly step: number | undefined;
  readonly nick: string;
  /** `session`, `offline`, `notify`, `unreachable`, `failed`, or a word of a later server. */
  readonly how: string;
  /** The server's words. */
  readonly text: string;
}

export interface PageEnding {
  readonly kind: "ended";
  /** Whether the end is on the server's disk; else the page rings again after a restart of the server. */
  readonly isSaved: boolean;
  readonly number: number;
  readonly how: PageEndKind;
  /** The person that ended it; undefined: there is none. */
  readonly nick: string | undefined;
  readonly account: string | undefined;
  /** Milliseconds since the epoch; undefined: the server did not say. */
  readonly time: number | undefined;
  /** The server's words. */
  readonly text: string;
}

export interface PageLogEvents {
  /** The server keeps the page. Called once for a number: a page that a restart has lost gets another one. */
  readonly onOpen: (page: OpenedPage) => void;
  /** A page that was not saved is on the server's disk now. */
  readonly onSaved: (page: OpenedPage) => void;
  /** Each person, step and way is told once. */
  readonly onRing: (ring: PageRing) => void;
}

/** Whether the line is `WARN PAGE NOT_SAVED <about>`: what the next line tells counts, and a restart undoes it. */
export function isNotSaved({ command, params: [verb, code, of] }: Message, about: string): boolean {
  return command === "WARN" && verb === "PAGE" && code === "NOT_SAVED" && of === about;
}

export class PageLog {
  /** Resolves when the server has told the end. */
  readonly ended: Promise<PageEnding>;
  readonly #id: string;
  readonly #on: PageLogEvents;
  readonly #ended = Promise.withResolvers<PageEnding>();
  /** The rings that were told. */
  readonly #rings = new Set<string>();
  /** Those that came before the response that has the number of the page: it arrives by promise. */
  readonly #early: PageRing[] = [];
  #opened: OpenedPage | undefined;
  #ending: PageEnding | undefined;
  /** The server has warned that what the next line OPEN or END tells is not saved. */
  #isWarned = false;
  /** That it is saved was told before the response that has the number of the page. */
  #wasSavedEarly = false;

  constructor(id: string, on: PageLogEvents) {
    this.#id = id;
    this.#on = on;
    this.ended = this.#ended.promise;
  }

  /** Undefined: the server has not confirmed it. */
  get opened(): OpenedPage | undefined {
    return this.#opened;
  }

  get ending(): PageEnding | undefined {
    return this.#ending;
  }

  receive(lines: readonly Message[]): void {
    for (const message of lines) {
      const { command, params: [word, id, ...rest] } = message;
      if (isNotSaved(message, this.#id)) this.#isWarned = true;
      if (command === "NOTE" && word === "PAGE" && id === "SAVED" && rest[0] === this.#id) {
        this.#handleSaved();
      }
      if (command !== "PAGE" || id !== this.#id) continue;
      if (word === "OPEN") this.#handleOpen(rest);
      if (word === "RUNG") this.#handleRing(rest);
      if (word === "END") this.#handleEnd(rest);
    }
  }

  #handleOpen([number, word, until]: readonly string[]): void {
    const state = parsePageState(word);
    const count = parseWireCount(number);
    const isSaved = this.#takeWarning();
    if (count === undefined || state === undefined || this.#opened?.number === count) return;
    if (this.#opened !== undefined) this.#rings.clear();
    this.#opened = { number: count, state, silencedUntil: parseWireTime(until), isSaved };
    this.#on.onOpen(this.#opened);
    if (this.#wasSavedEarly) this.#handleSaved();
    for (const ring of this.#early.splice(0)) this.#on.onRing(ring);
  }

  #handleSaved(): void {
    this.#wasSavedEarly = this.#opened === undefined;
    if (this.#opened === undefined || this.#opened.isSaved) return;
    this.#opened = { ...this.#opened, isSaved: true };
    this.#on.onSaved(this.#opened);
  }

  #takeWarning(): boolean {
    const isSaved = !this.#isWarned;
    this.#isWarned = false;
    return isSaved;
  }

  #handleRing([step, nick = "", how = "", text = ""]: readonly string[]): void {
    const key = `${step} ${nick} ${how}`;
    if (this.#rings.has(key)) return;
    this.#rings.add(key);
    const ring = { step: parseWireCount(step), nick, how, text };
    if (this.#opened === undefined) this.#early.push(ring);
    else this.#on.onRing(ring);
  }

  #handleEnd([number, word, nick, account, time, text = ""]: readonly string[]): void {
    const how = PAGE_ENDS.find((each) => each === word);
    const count = parseWireCount(number);
    const isSaved = this.#takeWarning();
    if (how === undefined || count === undefined || this.#ending !== undefined) return;
    this.#ending = {
      kind: "ended",
      isSaved,
      number: count,
      how,
      nick: parseOptionalWord(nick),
      account: parseOptionalWord(account),
      time: parseWireTime(time),
      text,
    };
    this.#ended.resolve(this.#ending);
  }
}

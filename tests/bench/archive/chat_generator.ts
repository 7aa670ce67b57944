/**
 * The log of a chat that never was, event by event, the same for the same seed: rooms and direct conversations of which
 * few are busy, in several languages, with joins and quits, reactions, links, texts of several lines, and redactions.
 */
import type { RecordedEvent, RecordedMessage, RecordedTarget } from "../../../lib/hub/model/state/event.ts";
import { formatMsgid } from "../../../lib/hub/output/render.ts";
import { LINE_END } from "../../../lib/irc/multiline.ts";
import { Random } from "../../irc/property.ts";
import { type Language, languageOf, Vocabulary } from "./vocabulary.ts";

export const ROOMS = 200;
export const PEOPLE = 500;
export const LOG_ID = "bench";

/** 2023-01-01. */
const START = 1_672_531_200_000;
const SPAN_MS = 3 * 365 * 86_400_000;
/** One message in so many … */
const DIRECT = 8,
  NOTICE = 50,
  REACTION = 40,
  REPLY = 20,
  LINES = 70,
  ACTION = 100,
  LINK = 25,
  REDACTION = 500;
/** … is followed by the quit of a person. */
const QUIT = 2000;
/** … is followed by a clock that is set back. */
const CLOCK_BACK = 1_000_000;
const CLOCK_BACK_MS = 3_600_000;
/** People that one person has direct conversations with. */
const CONTACTS = 12;
/** Messages of which one may be redacted. */
const REMEMBERED = 500;

export interface GeneratedRecord {
  readonly event: RecordedEvent;
  readonly time: number;
  readonly isMessage: boolean;
}

interface Person {
  readonly nth: number;
  readonly nick: string;
  readonly source: string;
  readonly owner: string;
  readonly language: Language;
  /** Rooms that the person is in. */
  readonly rooms: Set<number>;
}

interface Said {
  readonly seq: number;
  readonly message: RecordedMessage;
}

export function roomName(nth: number): string {
  return `#room-${nth}`;
}

export function nickOf(nth: number): string {
  return `person${nth}`;
}

export function ownerOf(nth: number): string {
  return `owner-${String(nth).padStart(10, "0")}`;
}

export class ChatGenerator {
  readonly #random: Random;
  readonly #stepMs: number;
  readonly #vocabularies = new Map<Language, Vocabulary>();
  readonly #people: readonly Person[];
  readonly #said: Said[] = [];
  /** Number of the next record. */
  #seq = 1;
  #time = START;

  /** A chat of so many messages in three years. */
  constructor(seed: number, messages: number) {
    this.#random = new Random(seed);
    this.#stepMs = SPAN_MS / messages;
    this.#people = Array.from({ length: PEOPLE }, (_, nth) => ({
      nth,
      nick: nickOf(nth),
      source: `${nickOf(nth)}!user@c${nth.toString(36)}.cloak`,
      owner: ownerOf(nth),
      language: languageOf(nth),
      rooms: new Set<number>(),
    }));
  }

  /** The records of the next message: it, and what leads to it or follows. */
  next(): GeneratedRecord[] {
    const random = this.#random;
    this.#time += Math.round(-Math.log1p(-random.below(65_536) / 65_536) * this.#stepMs);
    if (random.chance(CLOCK_BACK)) this.#time -= CLOCK_BACK_MS;
    const author = this.#people[this.#skewed(PEOPLE)]!;
    const isDirect = random.chance(DIRECT);
    const room = isDirect ? undefined : this.#roomOf(author);
    const records: GeneratedRecord[] = [];
    if (room !== undefined && !author.rooms.has(room)) {
      author.rooms.add(room);
      records.push(
        this.#record({ kind: "join", source: author.source, channel: roomName(room), realname: "" }),
      );
    }
    const target: RecordedTarget = room === undefined
      ? this.#contactOf(author)
      : { kind: "channel", name: roomName(room) };
    const language = room === undefined ? author.language : languageOf(room);
    records.push(this.#say(author, target, this.#text(this.#vocabulary(language))));
    if (random.chance(REACTION)) records.push(this.#react(author, target));
    if (random.chance(REDACTION)) records.push(this.#redact());
    if (random.chance(QUIT)) {
      author.rooms.clear();
      records.push(this.#record({ kind: "quit", source: author.source, reason: "Quit" }));
    }
    return records;
  }

  #record(event: RecordedEvent, isMessage = false): GeneratedRecord {
    this.#seq++;
    return { event, time: this.#time, isMessage };
  }

  #say(author: Person, target: RecordedTarget, text: string): GeneratedRecord {
    const random = this.#random;
    const answered = this.#said.at(-1);
    const isReply = answered !== undefined && random.chance(REPLY);
    const message: RecordedMessage = {
      kind: "message",
      verb: random.chance(NOTICE) ? "NOTICE" : "PRIVMSG",
      source: author.source,
      target,
      text,
      tags: isReply ? `+draft/reply=${formatMsgid(answered.seq, LOG_ID)}` : "",
      from: author.owner,
      id: random.chance(2) ? this.#seq.toString(36).padStart(16, "k") : undefined,
    };
    this.#said.push({ seq: this.#seq, message });
    if (this.#said.length > 2 * REMEMBERED) this.#said.splice(0, REMEMBERED);
    return this.#record(message, true);
  }

  #react({ source, owner: from }: Person, target: RecordedTarget): GeneratedRecord {
    const { seq } = this.#said.at(-1)!;
    const tags = `+draft/react=👍;+draft/reply=${formatMsgid(seq, LOG_ID)}`;
    return this.#record({
      kind: "message",
      verb: "TAGMSG",
      source,
      target,
      text: "",
      tags,
      from,
      id: undefined,
    });
  }

  #redact(): GeneratedRecord {
    const [{ seq, message }] = this.#said.splice(this.#random.below(this.#said.length), 1) as [Said];
    const { source, target, from } = message;
    return this.#record({
      kind: "redact",
      source,
      target,
      from,
      msgid: formatMsgid(seq, LOG_ID),
      reason: "",
    });
  }

  /** One of the rooms that a person speaks in: a quarter of all. */
  #roomOf({ nth }: Person): number {
    for (;;) {
      const room = this.#skewed(ROOMS);
      if ((room + nth) % 4 === 0) return room;
    }
  }

  #contactOf(person: Person): RecordedTarget {
    const nth = (person.nth + 1 + this.#skewed(CONTACTS)) % PEOPLE;
    const { nick: name, owner } = this.#people[nth]!;
    return { kind: "direct", name, owner };
  }

  #text(vocabulary: Vocabulary): string {
    const random = this.#random;
    const line = () => vocabulary.sentence(random, 1 + this.#skewed(24));
    const text = random.chance(LINES)
      ? Array.from({ length: 2 + random.below(6) }, line).join(LINE_END)
      : line();
    if (random.chance(LINK)) {
      return `${text} https://host${this.#skewed(900)}.example/issue-${random.below(90_000)}`;
    }
    return random.chance(ACTION) ? `\x01ACTION ${text}\x01` : text;
  }

  #vocabulary(language: Language): Vocabulary {
    let vocabulary = this.#vocabularies.get(language);
    if (vocabulary === undefined) this.#vocabularies.set(language, vocabulary = new Vocabulary(language));
    return vocabulary;
  }

  /** A number below `below`, small ones more often. */
  #skewed(below: number): number {
    return Math.floor(below * (this.#random.below(65_536) / 65_536) ** 2);
  }
}

/** What a server has told of one question of ours (docs/protocol/ask.md): each answer once, and the end. */
import type { Message } from "../../irc/message.ts";
import { QUESTION_ENDS } from "../../irc/question.ts";
import type { QuestionEndKind } from "../../irc/question.ts";
import { QUEUED_CODE } from "../../irc/vendor_extensions.ts";
import { parseWireCount, parseWireTime } from "../../irc/wire_number.ts";

/** One answer, as the server tells it. */
export interface Answer {
  /** From 1 on, in the order in which they were given. */
  readonly nth: number;
  readonly nick: string;
  /** Undefined: they have none. */
  readonly account: string | undefined;
  /** Milliseconds since the epoch; undefined: the server did not say. */
  readonly time: number | undefined;
  readonly msgid: string;
  /** Index of the option; undefined for a text. */
  readonly option: number | undefined;
  readonly text: string;
}

export interface QuestionEnding {
  readonly kind: "ended";
  readonly how: QuestionEndKind;
  /** Index of the option that is the outcome; undefined: there is none. */
  readonly option: number | undefined;
  /** The server's words, as the rest of a sentence. */
  readonly text: string;
}

export interface QuestionLogEvents {
  /** The server keeps the question, under this number; it is over in `leftMs`. Called once. */
  readonly onOpen: (number: number, leftMs: number) => void;
  /** A person who is asked is offline, and is asked when they return. */
  readonly onQueued: (nick: string) => void;
  /** An answer; each is told once. */
  readonly onAnswer: (answer: Answer) => void;
}

export class QuestionLog {
  /** Resolves when the server has told the end and all answers. */
  readonly ended: Promise<QuestionEnding>;
  /** Resolves when it has told the end, and not all answers. */
  readonly incomplete: Promise<void>;
  readonly #id: string;
  readonly #now: () => number;
  readonly #on: QuestionLogEvents;
  readonly #told = new Set<number>();
  readonly #ended = Promise.withResolvers<QuestionEnding>();
  readonly #incomplete = Promise.withResolvers<void>();
  #ending: QuestionEnding | undefined;
  /** Number of answers that there are in the end. */
  #answerCount = 0;
  #until: number | undefined;

  constructor(id: string, now: () => number, on: QuestionLogEvents) {
    this.#id = id;
    this.#now = now;
    this.#on = on;
    this.ended = this.#ended.promise;
    this.incomplete = this.#incomplete.promise;
  }

  /** When it is over, by our clock; undefined: the server has not confirmed it. */
  get until(): number | undefined {
    return this.#until;
  }

  /** The end, as far as it has been told. */
  get ending(): QuestionEnding | undefined {
    return this.#ending;
  }

  receive(lines: readonly Message[]): void {
    for (const { command, params } of lines) {
      if (command === "NOTE" && params[1] === QUEUED_CODE) this.#on.onQueued(params[2] ?? "");
      if (command === "ASK" && params[1] === this.#id) this.#handle(params);
    }
  }

  #handle([word, , ...params]: readonly string[]): void {
    switch (word) {
      case "OPEN":
        return this.#handleOpen(params);
      case "ANSWER":
        return this.#handleAnswer(params);
      case "END":
        return this.#handleEnd(params);
    }
  }

  #handleOpen([number, left]: readonly string[]): void {
    const leftMs = parseWireCount(left) ?? 0;
    const isFirst = this.#until === undefined;
    this.#until = this.#now() + leftMs;
    if (isFirst) this.#on.onOpen(parseWireCount(number) ?? 0, leftMs);
  }

  #handleAnswer([count, nick = "", account, time, msgid = "", option, text = ""]: readonly string[]): void {
    const nth = parseWireCount(count);
    if (nth === undefined || this.#told.has(nth)) return;
    this.#told.add(nth);
    this.#on.onAnswer({
      nth,
      nick,
      account: account === "*" ? undefined : account,
      time: parseWireTime(time),
      msgid,
      option: parseOption(option),
      text,
    });
    this.#settle();
  }

  #handleEnd([word, option, count, text = ""]: readonly string[]): void {
    const how = QUESTION_ENDS.find((each) => each === word);
    if (how === undefined || this.#ending !== undefined) return;
    this.#ending = { kind: "ended", how, option: parseOption(option), text };
    this.#answerCount = parseWireCount(count) ?? 0;
    this.#settle();
    if (this.#told.size < this.#answerCount) this.#incomplete.resolve();
  }

  /** The question has ended, once all of its answers are known. */
  #settle(): void {
    if (this.#ending !== undefined && this.#told.size >= this.#answerCount) this.#ended.resolve(this.#ending);
  }
}

/** Options count from 1 on on the wire. */
function parseOption(text: string | undefined): number | undefined {
  const number = parseWireCount(text);
  return number === undefined || number === 0 ? undefined : number - 1;
}

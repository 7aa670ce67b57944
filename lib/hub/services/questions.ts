/**
 * Questions that wait for answers (docs/protocol/ask.md), and for a time those that have ended, so that a late answer
 * learns the outcome and an asker that was killed finds it.
 *
 *     fact question, by number: { id, owner, source, site, text, options, rule, targets, people, until, answers, end }
 */
import { casefold } from "../../irc/names/casemap.ts";
import { parseQuestionRule } from "../../irc/question.ts";
import { DAY_MS } from "../../base/values/time_unit.ts";
import type { OwnerId } from "../model/identifiers.ts";
import type { AskedTarget, Question, QuestionAnswer, QuestionEnd } from "../model/question.ts";
import type { FactBuffer } from "../log/facts.ts";
import { readQuestion } from "./question_fact.ts";

/** Most open questions of one account or claim key, or of one user without either. */
export const MAX_QUESTIONS_PER_OWNER = 20;
/** Most open questions of the clients of one site. */
export const MAX_QUESTIONS_PER_SITE = 50;
/** Most open questions of the server. */
export const MAX_QUESTIONS = 1000;
/** Most questions of one owner that have ended and are kept; beyond that the oldest is dropped. */
export const MAX_ENDED_QUESTIONS_PER_OWNER = 50;
/** Most questions of the server that have ended and are kept. */
export const MAX_ENDED_QUESTIONS = 1000;
/** Time for which a question is kept after its end, in milliseconds. */
export const QUESTION_RETENTION_MS = DAY_MS;
/** Most answers to one question. */
export const MAX_QUESTION_ANSWERS = 50;

const NONE: ReadonlySet<Question> = new Set();

export class Questions {
  readonly #facts: FactBuffer;
  readonly #byNumber = new Map<number, Question>();
  readonly #numberBySeq = new Map<number, number>();
  readonly #numbersByOwner = new Map<OwnerId, Set<number>>();
  #nextNumber = 1;
  #openCount = 0;
  /** Lower bound of the times at which a question is over or is dropped. */
  #nextExpiry = Infinity;

  constructor(facts: FactBuffer) {
    this.#facts = facts;
  }

  get isEmpty(): boolean {
    return this.#byNumber.size === 0;
  }

  /** Number of open questions. */
  get openCount(): number {
    return this.#openCount;
  }

  /** Number of open questions of a site. */
  openCountOfSite(site: string): number {
    return this.open().filter((each) => each.site === site).toArray().length;
  }

  /** The number of the next question, unless another one is asked before. */
  get nextNumber(): number {
    return this.#nextNumber;
  }

  get(number: number): Question | undefined {
    return this.#byNumber.get(number);
  }

  /** The question that the message `seq` asks. */
  bySeq(seq: number): Question | undefined {
    return this.#byNumber.get(this.#numberBySeq.get(seq) ?? 0);
  }

  /** The questions of `owner`, the oldest first. */
  of(owner: OwnerId): ReadonlySet<Question> {
    const numbers = this.#numbersByOwner.get(owner);
    return numbers === undefined
      ? NONE
      : new Set(Array.from(numbers, (number) => this.#byNumber.get(number)!));
  }

  /** All open questions, the oldest first. */
  open(): IteratorObject<Question> {
    return this.#byNumber.values().filter(({ end }) => end === undefined);
  }

  /** Questions that have ended of which the people asked have not been told. */
  untold(): Question[] {
    return this.#byNumber.values().filter(({ end }) => end?.isTold === false).toArray();
  }

  /** Adds a question; `seq`: the last record that it follows from. The caller has checked that the bounds permit it. */
  add(question: Question, seq: number): void {
    this.#insert(question);
    this.#save(question, seq);
  }

  /** Adds an answer, and returns the question with it. */
  answer(question: Question, answer: Omit<QuestionAnswer, "nth">): Question {
    const answers = [...question.answers, { nth: question.answers.length + 1, ...answer }];
    return this.#change({ ...question, answers }, answer.seq);
  }

  /** Ends an open question, and returns it as it is then. */
  end(question: Question, end: Omit<QuestionEnd, "isTold">, seq: number): Question {
    this.#openCount--;
    const ended = this.#change({ ...question, end: { ...end, isTold: false } }, seq);
    this.#noteExpiry(ended);
    this.#dropSurplus(question.owner);
    return ended;
  }

  /** Notes of a question that has ended that the people asked have been told, or that the asker knows. */
  mark(question: Question, mark: Partial<Pick<QuestionEnd, "isTold" | "isAcknowledged">>, seq: number): void {
    const { end } = this.#byNumber.get(question.number) ?? {};
    if (end !== undefined) this.#change({ ...question, end: { ...end, ...mark } }, seq);
  }

  /** Open questions of which the time is over at `now`. Drops those that have ended long ago. */
  expire(now: number): Question[] {
    if (now < this.#nextExpiry) return [];
    this.#nextExpiry = Infinity;
    const over: Question[] = [];
    for (const question of [...this.#byNumber.values()]) {
      const { end, until } = question;
      if (end !== undefined && now >= end.at + QUESTION_RETENTION_MS) this.#drop(question);
      else if (end === undefined && now >= until) over.push(question);
      else this.#noteExpiry(question);
    }
    return over;
  }

  /** The room `former` is called `to` from the record `seq` on. */
  renameRoom(former: string, to: string, seq: number): void {
    const folded = casefold(former);
    const isThere = (each: AskedTarget) =>
      each.kind === "room" && casefold(each.name) === folded && each.seq < seq;
    for (const question of this.#byNumber.values()) {
      if (!question.targets.some(isThere)) continue;
      const targets = question.targets.map((each) => isThere(each) ? { ...each, name: to } : each);
      this.#change({ ...question, targets }, seq);
    }
  }

  /** Restores the fact `question`. */
  restore(key: string, value: unknown): void {
    const number = Number(key);
    if (!Number.isSafeInteger(number) || number < 1) throw new TypeError("its key is not a number");
    const rule = parseQuestionRule(String((value as { rule?: unknown } | null)?.rule));
    if (rule === undefined) throw new TypeError("rule is none");
    this.#insert({ number, rule, ...readQuestion(value) });
  }

  #insert(question: Question): void {
    const { number, owner, targets, end } = question;
    this.#byNumber.set(number, question);
    for (const { seq } of targets) this.#numberBySeq.set(seq, number);
    const numbers = this.#numbersByOwner.get(owner) ?? new Set();
    this.#numbersByOwner.set(owner, numbers.add(number));
    this.#nextNumber = Math.max(this.#nextNumber, number + 1);
    if (end === undefined) this.#openCount++;
    this.#noteExpiry(question);
  }

  #change(question: Question, seq: number): Question {
    this.#byNumber.set(question.number, question);
    this.#save(question, seq);
    return question;
  }

  #save({ number, ...value }: Question, seq: number): void {
    this.#facts.put("question", String(number), value, seq);
  }

  #drop({ number, owner, targets }: Question): void {
    this.#byNumber.delete(number);
    for (const { seq } of targets) this.#numberBySeq.delete(seq);
    const numbers = this.#numbersByOwner.get(owner);
    numbers?.delete(number);
    if (numbers?.size === 0) this.#numbersByOwner.delete(owner);
    this.#facts.put("question", String(number), undefined);
  }

  #noteExpiry({ end, until }: Question): void {
    const at = end === undefined ? until : end.at + QUESTION_RETENTION_MS;
    this.#nextExpiry = Math.min(this.#nextExpiry, at);
  }

  /** Drops ended questions beyond the bounds: first those that their asker knows the end of, then the oldest. */
  #dropSurplus(owner: OwnerId): void {
    const ended = [...this.of(owner)].filter(({ end }) => end !== undefined);
    if (ended.length > MAX_ENDED_QUESTIONS_PER_OWNER) this.#drop(firstToDrop(ended));
    if (this.#byNumber.size - this.#openCount <= MAX_ENDED_QUESTIONS) return;
    this.#drop(firstToDrop([...this.#byNumber.values()].filter(({ end }) => end !== undefined)));
  }
}

function firstToDrop(ended: readonly Question[]): Question {
  return ended.find(({ end }) => end!.isAcknowledged) ?? ended[0]!;
}

/** Reads the saved value of a question; it is untrusted data. */
import { QUESTION_ENDS } from "../../irc/question.ts";
import { readMember, readTime } from "../log/facts.ts";
import type { AskedTarget, Question, QuestionAnswer, QuestionEnd } from "../model/question.ts";

/** What the fact `question` says, apart from the number and the rule. Throws if it is not valid. */
export function readQuestion(value: unknown): Omit<Question, "number" | "rule"> {
  const text = (name: string) => readMember(value, name, "string");
  const { people, end } = (value ?? {}) as { people?: unknown; end?: unknown };
  return {
    id: text("id"),
    owner: text("owner"),
    source: text("source"),
    site: text("site"),
    text: text("text"),
    options: readList(value, "options", readText),
    targets: readList(value, "targets", readTarget),
    people: people === undefined ? undefined : readList(value, "people", readText),
    until: readTime(value, "until"),
    answers: readList(value, "answers", readAnswer),
    end: end === undefined ? undefined : readEnd(end),
  };
}

function readList<T>(value: unknown, name: string, read: (item: unknown, index: number) => T): T[] {
  const list = (value as Record<string, unknown>)[name];
  if (!Array.isArray(list)) throw new TypeError(`${name} is not a list`);
  return list.map(read);
}

function readText(value: unknown): string {
  if (typeof value !== "string") throw new TypeError("an item is not a string");
  return value;
}

function readTarget(value: unknown): AskedTarget {
  const kind = readMember(value, "kind", "string");
  if (kind !== "person" && kind !== "room") throw new TypeError(`${kind} is no kind of target`);
  return {
    kind,
    name: readMember(value, "name", "string"),
    owner: readMember(value, "owner", "string"),
    seq: readMember(value, "seq", "number"),
  };
}

function readAnswer(value: unknown, index: number): QuestionAnswer {
  const text = (name: string) => readMember(value, name, "string");
  return {
    nth: index + 1,
    owner: text("owner"),
    nick: text("nick"),
    account: text("account"),
    text: text("text"),
    option: readMember(value, "option", "number"),
    time: readTime(value, "time"),
    seq: readMember(value, "seq", "number"),
  };
}

function readEnd(value: unknown): QuestionEnd {
  const how = QUESTION_ENDS.find((each) => each === readMember(value, "how", "string"));
  if (how === undefined) throw new TypeError("how it ended is not known");
  const { isTold, isAcknowledged } = value as { isTold?: unknown; isAcknowledged?: unknown };
  return {
    how,
    option: readMember(value, "option", "number"),
    at: readTime(value, "at"),
    isTold: isTold === true,
    isAcknowledged: isAcknowledged === true,
  };
}

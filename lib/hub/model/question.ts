/** A question that waits for answers, and the rules of its end: plain data and pure functions. */
import { foldAnswer } from "../../irc/question.ts";
import type { QuestionEndKind, QuestionRule } from "../../irc/question.ts";
import type { OwnerId, Source } from "./identifiers.ts";

/** One person or room that was asked. */
export interface AskedTarget {
  readonly kind: "person" | "room";
  readonly name: string;
  /** Owner id of the person; "" for a room. */
  readonly owner: OwnerId;
  /** Sequence number of the message that asks. */
  readonly seq: number;
}

/** The answer of one person: the first that they gave. */
export interface QuestionAnswer {
  /** From 1 on, in the order in which they were given. */
  readonly nth: number;
  readonly owner: OwnerId;
  readonly nick: string;
  /** Name of their account; "": they have none. */
  readonly account: string;
  readonly text: string;
  /** Index of the option; -1 for a text. */
  readonly option: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** Sequence number of the message that answers. */
  readonly seq: number;
}

export interface QuestionEnd {
  readonly how: QuestionEndKind;
  /** Index of the option that is the outcome; -1: there is none. */
  readonly option: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Whether the people asked have been told. */
  readonly isTold: boolean;
  /** Whether the asker knows how it ended. */
  readonly isAcknowledged: boolean;
}

/** What an asker wants. */
export interface QuestionWish {
  /** As the asker calls it; unique among the questions of one owner. */
  readonly id: string;
  readonly owner: OwnerId;
  readonly text: string;
  /** Empty: the answer is a text. */
  readonly options: readonly string[];
  readonly rule: QuestionRule;
}

export interface Question extends QuestionWish {
  /** By which people name it; unique on the server. */
  readonly number: number;
  /** The asker at the time of asking. */
  readonly source: Source;
  /** Site of the address that it was asked from, as limits count it. */
  readonly site: string;
  readonly targets: readonly AskedTarget[];
  /** Owner ids of the people who may answer; undefined: every member of a room that was asked, too. */
  readonly people: readonly OwnerId[] | undefined;
  /** Milliseconds since the epoch. */
  readonly until: number;
  readonly answers: readonly QuestionAnswer[];
  readonly end: QuestionEnd | undefined;
}

/** Outcome of a question with these answers, by its rule; undefined: it has none yet. */
export function decide(
  { rule, options, people, answers }: Question,
): Pick<QuestionEnd, "how" | "option"> | undefined {
  const last = answers.at(-1);
  if (last === undefined) return undefined;
  if (rule === "first") return { how: "answered", option: last.option };
  const isComplete = people !== undefined && answers.length >= people.length;
  if (rule === "all") {
    // The last of the options that were given: the first one only if everyone gave it.
    const option = options.length === 0 ? -1 : Math.max(...answers.map((each) => each.option));
    return isComplete ? { how: "answered", option } : undefined;
  }
  const folded = foldAnswer(last.text);
  const equal = answers.filter(({ text }) => foldAnswer(text) === folded).length;
  if (equal >= rule) return { how: "answered", option: last.option };
  return isComplete ? { how: "undecided", option: -1 } : undefined;
}

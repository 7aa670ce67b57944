/**
 * Questions (docs/protocol/ask.md): the forms that hub and clients agree on. A question has 2 to 16 options, which are
 * words, or none: then it is answered with a text.
 */
import { utf8Length } from "../base/bytes.ts";
import { casefold } from "./names/casemap.ts";

/** Most options of a question: their numbers are exit codes below those of `sysexits.h`, which begin with 64. */
export const MAX_QUESTION_OPTIONS = 16;
/** Most bytes of UTF-8 of one option. */
export const MAX_OPTION_BYTES = 24;
/** Most bytes of UTF-8 of the text of a question, so that it fits a line together with how to answer it. */
export const MAX_QUESTION_BYTES = 200;
/** Longest id of a question that an asker chooses, in characters: its messages have longer ids made of it. */
export const MAX_QUESTION_ID_LENGTH = 48;
/** Longest time for which a question is open, in milliseconds. */
export const MAX_QUESTION_MS = 7 * 86_400_000;
/** Most equal answers that a question can wait for. */
export const MAX_QUORUM = 50;

/** When a question has its outcome: with the first answer, with so many equal ones, or with that of every person asked. */
export type QuestionRule = "first" | "all" | number;

/**
 * How a question ends: it has its outcome; everyone has answered and no answer has its quorum; its time is over; its
 * asker gave it up.
 */
export const QUESTION_ENDS = ["answered", "undecided", "timeout", "withdrawn"] as const;

export type QuestionEndKind = (typeof QUESTION_ENDS)[number];

/** The rule that `text` is on the wire: `first`, `all` or a number from 2 on; undefined: it is none. */
export function parseQuestionRule(text: string): QuestionRule | undefined {
  if (text === "first" || text === "all") return text;
  if (!/^\d{1,3}$/.test(text)) return undefined;
  const count = Number(text);
  return count >= 2 && count <= MAX_QUORUM ? count : undefined;
}

/** Why `options` cannot be those of a question, as a clause; undefined: they can. */
export function findOptionsFault(options: readonly string[]): string | undefined {
  if (options.length < 2 || options.length > MAX_QUESTION_OPTIONS) {
    return `there are ${options.length}; a question has 2 to ${MAX_QUESTION_OPTIONS}`;
  }
  const folded = new Set<string>();
  for (const option of options) {
    if (
      option === "" || option === "*" || /[\p{White_Space}\p{Cc},]/u.test(option) || option.startsWith(":")
    ) {
      return `${JSON.stringify(option)} is not a word`;
    }
    if (utf8Length(option) > MAX_OPTION_BYTES) return `${option} is longer than ${MAX_OPTION_BYTES} bytes`;
    if (folded.has(foldAnswer(option))) return `${option} is there twice`;
    folded.add(foldAnswer(option));
  }
  return undefined;
}

/** What answers are compared by: without regard to case and to spaces around them. */
export function foldAnswer(text: string): string {
  return casefold(text.trim()).toLowerCase();
}

/** The option that `text` is, as an index; -1: none. */
export function findOption(options: readonly string[], text: string): number {
  const folded = foldAnswer(text);
  return options.findIndex((option) => foldAnswer(option) === folded);
}

/** `yes`, `yes or no`, `a, b or c`. */
export function listChoices(options: readonly string[]): string {
  const last = options.at(-1) ?? "";
  return options.length < 2 ? last : `${options.slice(0, -1).join(", ")} or ${last}`;
}

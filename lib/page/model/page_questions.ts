/** Questions that the person is asked (docs/protocol/ask.md), as the page shows them below their messages. Pure. */
import type { Message } from "../../irc/message.ts";
import { parseWireCount } from "../../irc/wire_number.ts";
import { MAX_KNOWN_QUESTIONS } from "../../client/conversation/asked_questions.ts";
import type { AskedQuestion, AskedQuestions } from "../../client/conversation/asked_questions.ts";

export interface QuestionState {
  readonly question: AskedQuestion;
  /** How it has ended, as the rest of a sentence: `is answered: yes (bob)`; "": it is open. */
  readonly end: string;
}

/** By the id of the message that asks; undefined: that message is a page that rings, or has. */
export type QuestionStates = ReadonlyMap<string, QuestionState | undefined>;

export class PageQuestions {
  readonly #asked: AskedQuestions;
  /** The newest {@link MAX_KNOWN_QUESTIONS}. */
  readonly #ended = new Map<string, QuestionState>();

  constructor(asked: AskedQuestions) {
    this.#asked = asked;
  }

  get states(): Map<string, QuestionState | undefined> {
    const states = new Map<string, QuestionState | undefined>(this.#ended);
    for (const number of this.#asked.numbers) {
      const question = this.#asked.get(number)!;
      states.set(question.msgid, { question, end: "" });
    }
    return states;
  }

  /** Handles a line `ASK …`, live. */
  receive(line: Message): void {
    const [word, number, , words = ""] = line.params;
    const question = word === "ENDED" ? this.#asked.get(parseWireCount(number) ?? 0) : undefined;
    if (question !== undefined) this.#end(question, words);
    this.#asked.receive(line);
  }

  /** Handles the response to `ASK LIST`, as {@link AskedQuestions.receiveList}; of what it leaves out the end was missed. */
  receiveList(lines: readonly Message[], before: ReadonlySet<number>): void {
    if (!lines.some(({ command, params }) => command === "ASK" && params[0] === "LIST")) return;
    const known = Array.from(before, (number) => this.#asked.get(number));
    this.#asked.receiveList(lines, before);
    for (const question of known) {
      if (question !== undefined && this.#asked.get(question.number) === undefined) {
        this.#end(question, "has ended");
      }
    }
  }

  #end(question: AskedQuestion, end: string): void {
    this.#ended.set(question.msgid, { question, end });
    if (this.#ended.size > MAX_KNOWN_QUESTIONS) this.#ended.delete(this.#ended.keys().next().value!);
  }
}

/** What has become of a question, in sentences; "": it waits for the answer. */
export function describeOutcome({ question: { answer, isConfirmed }, end }: QuestionState): string {
  if (end === "") {
    return answer === undefined
      ? ""
      : isConfirmed
      ? `Your answer: ${answer}`
      : `Sending your answer: ${answer}`;
  }
  if (answer === undefined) return `This question ${end}.`;
  return isConfirmed
    ? `Your answer: ${answer}. This question ${end}.`
    : `Your answer (${answer}) came too late: this question ${end}.`;
}

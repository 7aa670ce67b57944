/** Questions that we are asked (docs/protocol/ask.md), and what we have answered. Pure. */
import type { Message } from "../../irc/message.ts";
import { foldAnswer, listChoices } from "../../irc/question.ts";
import { parseWireCount } from "../../irc/wire_number.ts";

/** Questions that are known at a time; the server keeps fewer for one person to answer. */
export const MAX_KNOWN_QUESTIONS = 200;

export interface AskedQuestion {
  readonly number: number;
  /** Id of the message that asks. */
  readonly msgid: string;
  readonly asker: string;
  /** Our nick, or the room in which it is asked. */
  readonly target: string;
  /** Empty: the answer is a text. */
  readonly options: readonly string[];
  readonly text: string;
  /** What we have answered; undefined: nothing. */
  readonly answer: string | undefined;
  /** Whether the server has confirmed that. */
  readonly isConfirmed: boolean;
}

export class AskedQuestions {
  readonly #byNumber = new Map<number, AskedQuestion>();

  /** Questions that wait for our answer, the oldest first. */
  get open(): AskedQuestion[] {
    return [...this.#byNumber.values()].filter(({ answer }) => answer === undefined);
  }

  /** Questions of which we do not know whether our answer has arrived. */
  get unconfirmed(): AskedQuestion[] {
    return [...this.#byNumber.values()].filter(({ answer, isConfirmed }) =>
      answer !== undefined && !isConfirmed
    );
  }

  get(number: number): AskedQuestion | undefined {
    return this.#byNumber.get(number);
  }

  /** We have answered the question `number`. */
  noteAnswer(number: number, answer: string): void {
    const question = this.#byNumber.get(number);
    if (question !== undefined) this.#byNumber.set(number, { ...question, answer, isConfirmed: false });
  }

  /** Handles a line `ASK …`, live. Returns a note for the person, if there is something to say. */
  receive({ params: [word, first, ...rest] }: Message): string | undefined {
    switch (word) {
      case "QUESTION": {
        const question = this.#add(first, rest);
        return question && this.describe(question);
      }
      case "ANSWERED":
        this.#confirm(first, rest[0] ?? "");
        return undefined;
      case "ENDED":
        this.#byNumber.delete(parseWireCount(first) ?? 0);
        return undefined;
    }
    return undefined;
  }

  /** Numbers of all questions that are known. */
  get numbers(): ReadonlySet<number> {
    return new Set(this.#byNumber.keys());
  }

  /**
   * Handles the response to `ASK LIST`; `before`: what was known when it was requested, of which the list has all that is
   * still open. Returns a note for each question that was not known, and is not of an ignored person.
   */
  receiveList(
    lines: readonly Message[],
    before: ReadonlySet<number>,
    isIgnored: (nick: string) => boolean = () => false,
  ): string[] {
    const known = this.numbers;
    const listed = lines.filter(({ command, params }) => command === "ASK" && params[0] === "QUESTION");
    const numbers = new Set(listed.map(({ params }) => parseWireCount(params[1])));
    for (const number of before) if (!numbers.has(number)) this.#byNumber.delete(number);
    for (const line of lines) if (line.command === "ASK") this.receive(line);
    const isNews = ({ number, asker }: AskedQuestion) => !known.has(number) && !isIgnored(asker);
    return this.open.filter(isNews).map((question) => this.describe(question));
  }

  /** `alice asks: deploy? 1 yes, 2 no (/answer NUMBER)`, for the person. */
  describe({ number, asker, text, options }: AskedQuestion): string {
    const command = this.open.length > 1 ? `/answer ${number}` : "/answer";
    const choices = options.map((option, index) => `${index + 1} ${option}`).join(", ");
    const how = options.length === 0 ? `(${command} TEXT)` : `${choices} (${command} NUMBER)`;
    return `${asker} asks: ${text} ${how}`;
  }

  #add(number: string | undefined, params: readonly string[]): AskedQuestion | undefined {
    const [msgid = "", asker = "", target = "", , options = "*", text = ""] = params;
    const count = parseWireCount(number);
    if (count === undefined || this.#byNumber.get(count)?.msgid === msgid) return undefined;
    if (this.#byNumber.size >= MAX_KNOWN_QUESTIONS) return undefined;
    const words = options === "*" ? [] : options.split(",");
    const question = {
      number: count,
      msgid,
      asker,
      target,
      options: words,
      text,
      answer: undefined,
      isConfirmed: false,
    };
    this.#byNumber.set(count, question);
    return question;
  }

  #confirm(number: string | undefined, answer: string): void {
    const question = this.#byNumber.get(parseWireCount(number) ?? 0);
    if (question !== undefined) {
      this.#byNumber.set(question.number, { ...question, answer, isConfirmed: true });
    }
  }
}

/** The answer that `text` stands for, an option or its number; undefined: it is none of the options. */
export function readChoice({ options }: AskedQuestion, text: string): string | undefined {
  if (options.length === 0) return text;
  const folded = foldAnswer(text);
  return options.find((option) => foldAnswer(option) === folded) ??
    (/^\d{1,2}$/.test(text) ? options[Number(text) - 1] : undefined);
}

/** `yes or no`. */
export function describeOptions({ options }: AskedQuestion): string {
  return listChoices(options);
}

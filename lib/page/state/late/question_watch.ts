/** Asks the server which questions the person is asked, and sends their answers. */
import {
  answerIdOf,
  giveAnswer,
  questionsOf,
  REQUEST_CAPABILITY,
} from "../../../client/commands/messages/question_commands.ts";
import type { RequestResult } from "../../../client/conversation/effects.ts";
import type { Message, MessageParts } from "../../../irc/message.ts";
import type { AskedQuestion } from "../../../client/conversation/asked_questions.ts";
import { PageQuestions } from "../../model/page_questions.ts";
import type { MessageRow, RowList } from "../../model/row.ts";
import type { ChatSignals } from "../chat_signals.ts";
import { Timer } from "../timer.ts";
import { listPages } from "./ringing_page.ts";
import { dismiss } from "./unsent_messages.ts";
import type { UnsentHost } from "./unsent_messages.ts";

/** The session. */
export interface QuestionHost extends UnsentHost, Pick<ChatSignals, "questions"> {
  readonly rows: RowList;
  readonly isClosed: boolean;
  onLine: ((line: Message) => void) | undefined;
  request(message: MessageParts): Promise<RequestResult>;
}

const watches = new WeakMap<QuestionHost, QuestionWatch>();

/** Time for the server to confirm an answer, which has to be on disk; then it is asked for. */
const CONFIRMATION_MS = 15_000;

export class QuestionWatch {
  readonly #session: QuestionHost;
  readonly #questions: PageQuestions;
  readonly #timer = new Timer();
  /** Ids of the messages of the open conversation that are pages. */
  #pages: readonly string[] = [];

  constructor(session: QuestionHost) {
    this.#session = session;
    this.#questions = new PageQuestions(questionsOf(session.chat));
    watches.set(session, this);
    session.onLine = (line) => {
      if (line.command !== "ASK") return;
      this.#questions.receive(line);
      this.#show();
    };
  }

  /** Called when there is a connection: requests to be told of questions, and those that are open. */
  start(): void {
    void this.#session.request(REQUEST_CAPABILITY).then(() => this.#list());
  }

  close(): void {
    this.#timer.stop();
  }

  async #list(): Promise<void> {
    const session = this.#session;
    const asked = questionsOf(session.chat);
    const before = asked.numbers;
    const result = await session.request({ command: "ASK", params: ["LIST"] });
    if (session.isClosed || result.kind !== "answered") return;
    this.#questions.receiveList(result.lines, before);
    // The server has lost an answer that it had not saved; what waits to be sent is on its way.
    if (session.chat.outbox.size === 0) {
      for (const each of asked.unconfirmed) {
        if (failedAnswer(session, each) === undefined) send(session, each, each.answer!);
      }
    }
    this.#show();
  }

  /** Notes which messages of the open conversation are pages. */
  notePages(): void {
    const ids = listPages(this.#session.rows);
    if (ids.join() === this.#pages.join()) return;
    this.#pages = ids;
    this.#show();
  }

  #show(): void {
    const { chat, questions } = this.#session;
    const states = this.#questions.states;
    for (const id of this.#pages) states.set(id, undefined);
    questions.value = states;
    const isAwaited = questionsOf(chat).unconfirmed.length > 0;
    this.#timer.set(isAwaited ? CONFIRMATION_MS : undefined, () => void this.#list());
  }

  answer(question: AskedQuestion, choice: string): void {
    const failed = failedAnswer(this.#session, question);
    if (failed !== undefined) dismiss(this.#session, failed);
    send(this.#session, question, choice);
    this.#show();
  }
}

/** Answers `question`, below its message in the open conversation, with `choice`. */
export function answerQuestion(session: QuestionHost, question: AskedQuestion, choice: string): void {
  watches.get(session)?.answer(question, choice);
}

function send(session: QuestionHost, question: AskedQuestion, choice: string): void {
  session.update("other", (now) => giveAnswer(session.chat, question, choice, now));
}

/** The row of our answer to `question`, which could not be delivered; undefined: there is none. */
export function failedAnswer(session: QuestionHost, question: AskedQuestion): MessageRow | undefined {
  const { rows } = session;
  const id = answerIdOf(question);
  for (let index = rows.count - 1; index >= 0; index--) {
    const row = rows.at(index);
    if (row.kind === "message" && row.senderId === id && row.sendState === "failed") return row;
  }
  return undefined;
}

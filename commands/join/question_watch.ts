/** Questions in `join`: asks the server for them, and tells the person. */
import { callAfter } from "../../lib/base/deadlines.ts";
import {
  questionsOf,
  REQUEST_CAPABILITY,
  requestQuestions,
} from "../../lib/client/commands/messages/question_commands.ts";
import type { Link } from "../../lib/client/connection/link.ts";
import type { Chat } from "../../lib/client/conversation/chat.ts";
import type { Message } from "../../lib/irc/message.ts";
import { ASK_CAPABILITY } from "../../lib/irc/vendor_extensions.ts";
import { AfterRooms } from "./after_rooms.ts";

/** Time for the server to confirm an answer: it has to be on disk. */
const CONFIRMATION_MS = 15_000;

export class QuestionWatch {
  readonly #chat: Chat;
  readonly #update: (change: (chat: Chat, now: number) => void) => void;
  /** The server is asked which questions are open. */
  readonly #list: AfterRooms;
  #isCheckDue = false;

  /** `update`: see `ChatRunner.update`. */
  constructor(chat: Chat, update: (change: (chat: Chat, now: number) => void) => void) {
    this.#chat = chat;
    this.#update = update;
    this.#list = new AfterRooms(chat, () => update(requestQuestions));
  }

  /** We are connected: requests to be told of questions, if the server has any. */
  start(link: Link): void {
    this.#list.isDue = link.session.capValue(ASK_CAPABILITY) !== undefined;
    if (this.#list.isDue) link.send(REQUEST_CAPABILITY);
  }

  /** Handles `line`, if it is about a question. */
  receive({ command, params, ...rest }: Message): boolean {
    if (command !== "ASK") return false;
    this.#update((chat, now) => {
      const text = questionsOf(chat).receive({ command, params, ...rest });
      if (text !== undefined && !chat.ignoreList.has(params[3] ?? "")) chat.note(text, now);
    });
    return true;
  }

  /**
   * A response has come. Once the rooms have been shown, asks which questions are open: they stand below. An answer that is
   * not confirmed soon is sent again then: a hub behind a front may have been replaced.
   */
  noteResponse(): void {
    if (this.#list.isDue) return this.#list.noteResponse();
    if (this.#isCheckDue || questionsOf(this.#chat).unconfirmed.length === 0) return;
    this.#isCheckDue = true;
    callAfter(CONFIRMATION_MS, () => this.#check());
  }

  #check(): void {
    this.#isCheckDue = false;
    if (!this.#chat.isOnline || questionsOf(this.#chat).unconfirmed.length === 0) return;
    this.#list.isDue = true;
    this.#list.sendIfReady();
  }
}

/** Pages in `join`: asks the server for those that ring, tells the person, and draws their attention. */
import {
  explainPageFailure,
  receivePage,
  REQUEST_CAPABILITY,
  requestPages,
} from "../../lib/client/commands/operators/oncall_commands.ts";
import type { Link } from "../../lib/client/connection/link.ts";
import type { Chat } from "../../lib/client/conversation/chat.ts";
import type { RequestResult } from "../../lib/client/conversation/effects.ts";
import type { PageNote, RingingPage } from "../../lib/client/conversation/oncall/ringing_pages.ts";
import type { Message, MessageParts } from "../../lib/irc/message.ts";
import { ONCALL_CAPABILITY } from "../../lib/irc/vendor_extensions.ts";
import { AfterRooms } from "./after_rooms.ts";

export interface PageWatchOptions {
  readonly chat: Chat;
  /** See `ChatRunner.update`. */
  readonly update: (change: (chat: Chat, now: number) => void) => void;
  /** The page rings, and the line that says so is shown. */
  readonly onRing: (page: RingingPage) => void;
}

export class PageWatch {
  readonly #options: PageWatchOptions;
  readonly #list: AfterRooms;

  constructor(options: PageWatchOptions) {
    const { chat, update } = options;
    this.#options = options;
    this.#list = new AfterRooms(
      chat,
      () => update((chat, now) => requestPages(chat, now, (note) => queueMicrotask(() => this.#tell(note)))),
    );
  }

  /** We are connected: requests to be told of pages, if the server has any. */
  start(link: Link): void {
    this.#list.isDue = link.session.capValue(ONCALL_CAPABILITY) !== undefined;
    if (this.#list.isDue) link.send(REQUEST_CAPABILITY);
  }

  /** Handles `line`, if it is about a page. */
  receive(line: Message): boolean {
    if (line.command !== "PAGE") return false;
    this.#options.update((chat) => {
      const note = receivePage(chat, line);
      if (note !== undefined) queueMicrotask(() => this.#tell(note));
    });
    return true;
  }

  /** As {@link explainPageFailure}. */
  explain(message: MessageParts, result: RequestResult): RequestResult {
    return explainPageFailure(this.#options.chat, message, result);
  }

  /** A response has come. */
  noteResponse(): void {
    this.#list.noteResponse();
  }

  #tell({ text, ring }: PageNote): void {
    const { chat, update, onRing } = this.#options;
    if (ring !== undefined && chat.ignoreList.has(ring.pager)) return;
    update((chat, now) => ring === undefined ? chat.note(text, now) : chat.alarm(text, now));
    if (ring !== undefined) onRing(ring);
  }
}

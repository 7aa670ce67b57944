/** A request that is sent over a connection once the rooms have been shown, so that what it tells stands below them. */
import { callAfter } from "../../lib/base/deadlines.ts";
import type { Chat } from "../../lib/client/conversation/chat.ts";

export class AfterRooms {
  readonly #chat: Chat;
  readonly #send: () => void;
  #isDue = false;

  constructor(chat: Chat, send: () => void) {
    this.#chat = chat;
    this.#send = send;
  }

  /** Whether it has still to be sent. */
  get isDue(): boolean {
    return this.#isDue;
  }

  set isDue(isDue: boolean) {
    this.#isDue = isDue;
  }

  /** A response has come, which may be the last one of a room. */
  noteResponse(): void {
    if (this.#isDue) callAfter(0, () => this.sendIfReady());
  }

  sendIfReady(): void {
    const { wantedChannels, joinSync, directSync, isOnline } = this.#chat;
    const isEntering = [...wantedChannels].some((channel) => joinSync.isJoining(channel));
    if (!this.#isDue || !isOnline || isEntering || !directSync.isSettled) return;
    this.#isDue = false;
    this.#send();
  }
}

/**
 * The rooms that one can join, for the key Tab behind `/join`: the server is asked when it is pressed, and not again for a
 * while.
 */
import { RPL_LIST } from "../../irc/numerics.ts";
import type { Chat } from "../../client/conversation/chat.ts";
import { JOIN_ARGUMENT } from "../completion.ts";

/** Rooms kept of an answer; larger networks have more, and these are enough to choose from. */
export const MAX_OFFERED_CHANNELS = 1000;
/** After so long the server is asked again. */
export const ROOM_LIST_MS = 60_000;

export class RoomList {
  readonly #chat: Chat;
  #rooms: readonly string[] = [];
  #askedAt = -Infinity;

  constructor(chat: Chat) {
    this.#chat = chat;
  }

  /** Those that we are not in, by all that is known now. */
  get joinable(): string[] {
    const { channels, views } = this.#chat;
    const all = [...this.#rooms, ...views.listNames("channel")];
    return all.filter((name) => channels.get(name) === undefined);
  }

  /** Tab was pressed behind `line`. Asks if that is due; calls `later` when there is an answer. */
  ask(line: string, now: number, later: () => void): void {
    const isDue = now - this.#askedAt >= ROOM_LIST_MS || now < this.#askedAt;
    if (!isDue || !this.#chat.isOnline || !JOIN_ARGUMENT.test(line.replace(/\S*$/, ""))) return;
    this.#askedAt = now;
    this.#chat.ask({ command: "LIST" }, {
      for: "info",
      describe: (lines) => {
        const rooms = lines.filter(({ command }) => command === RPL_LIST).map(({ params }) =>
          params[1] ?? ""
        );
        this.#rooms = rooms.slice(0, MAX_OFFERED_CHANNELS);
        later();
        return [];
      },
    }, now);
  }
}

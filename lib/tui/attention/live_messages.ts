/** Tells messages that have just been sent from those of history, when they are shown. Bounded. */
import type { MessageEntry } from "../../client/conversation/model/chat_entry.ts";
import type { Message } from "../../irc/message.ts";

/** Live messages that wait to be shown, while the history before them is read. */
const MAX_LIVE_IDS = 1000;
/** A message without an id that is older than this when it is shown is history. */
const LIVE_MS = 60_000;

export class LiveMessages {
  readonly #ids = new Set<string>();

  /** A line that answers no request. One of a batch may be what a server or bouncer plays back. */
  receive({ command, tags }: Message): void {
    const id = tags.get("msgid");
    if (command !== "PRIVMSG" || id === undefined || tags.has("batch")) return;
    this.#ids.add(id);
    if (this.#ids.size > MAX_LIVE_IDS) this.#ids.delete(this.#ids.values().next().value!);
  }

  /** Whether `entry`, which is shown now, is live: true once. */
  take({ id, time }: MessageEntry, now: number): boolean {
    return id === undefined ? now - time <= LIVE_MS : this.#ids.delete(id);
  }
}

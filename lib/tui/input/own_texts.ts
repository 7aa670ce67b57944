/** The texts of our own messages, for the editor: what refers to a message elsewhere has its beginning only. Pure. */
import { isSameName } from "../../irc/names/casemap.ts";
import { MAX_OWN_EXCERPTS } from "../../client/conversation/model/message_excerpts.ts";
import type { ChatEntry } from "../../client/conversation/model/chat_entry.ts";

export class OwnTexts {
  /** By message id, the oldest first. */
  readonly #texts = new Map<string, string>();

  /** `entry` is shown, now or later; `nick` is ours. */
  note(entry: ChatEntry, nick: string): void {
    if (entry.kind !== "message" || entry.id === undefined || !isSameName(entry.from, nick)) return;
    this.#texts.delete(entry.id);
    this.#texts.set(entry.id, entry.text);
    if (this.#texts.size > MAX_OWN_EXCERPTS) this.#texts.delete(this.#texts.keys().next().value!);
  }

  get(id: string): string | undefined {
    return this.#texts.get(id);
  }
}

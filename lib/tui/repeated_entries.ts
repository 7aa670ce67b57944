/** What tells the same once more: a reaction that is there already, and that a person is still offline. Pure. */
import { casefold } from "../irc/names/casemap.ts";
import { MAX_OWN_EXCERPTS } from "../client/conversation/model/message_excerpts.ts";
import type { ChatEntry } from "../client/conversation/model/chat_entry.ts";

/** What a ChatterBox server says of a message that is queued. */
const OFFLINE_PATTERN = /(\S+) is offline; the message will be delivered when they return$/;

export class RepeatedEntries {
  /** The latest things told, the oldest first. */
  readonly #told = new Set<string>();

  /** Whether `entry` was told before, and nothing has changed since. */
  has(entry: ChatEntry): boolean {
    switch (entry.kind) {
      case "message":
        this.#told.delete(offlineKey(entry.from));
        return false;
      case "joined":
        this.#told.delete(offlineKey(entry.nick));
        return false;
      case "note": {
        const name = OFFLINE_PATTERN.exec(entry.text)?.[1];
        return name !== undefined && !this.#tell(offlineKey(name));
      }
      case "reaction": {
        const key = `reaction ${entry.to} ${casefold(entry.from)} ${entry.text}`;
        if (entry.removed) this.#told.delete(key);
        return !entry.removed && entry.to !== undefined && !this.#tell(key);
      }
      default:
        return false;
    }
  }

  /** False: it was told before. */
  #tell(key: string): boolean {
    if (this.#told.has(key)) return false;
    this.#told.add(key);
    if (this.#told.size > MAX_OWN_EXCERPTS) this.#told.delete(this.#told.values().next().value!);
    return true;
  }
}

function offlineKey(name: string): string {
  return `offline ${casefold(name)}`;
}

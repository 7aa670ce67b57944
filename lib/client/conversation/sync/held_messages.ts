/**
 * Where the past and the present of a conversation meet. What happens while the past is being read is held; what the past has of
 * it too is taken out of what is held and stands where the past says.
 */
import type { Message } from "../../../irc/message.ts";
import type { ChatEntry } from "../model/chat_entry.ts";

/** Something to show, and the line that told it. */
export interface ReceivedEntry {
  readonly entry: ChatEntry;
  readonly line: Message;
}

/** What may be held of one conversation. */
export const MAX_HELD = 5_000;

export class HeldMessages {
  readonly #held = new Set<ReceivedEntry>();
  readonly #byId = new Map<string, ReceivedEntry>();

  /** What was heard meanwhile and the past did not have, in order. */
  get held(): Iterable<ReceivedEntry> {
    return this.#held;
  }

  /** True when no more can be held. */
  get isFull(): boolean {
    return this.#held.size >= MAX_HELD;
  }

  hold(heard: ReceivedEntry): void {
    this.#held.add(heard);
    const id = heard.line.tags.get("msgid");
    if (id !== undefined) this.#byId.set(id, heard);
  }

  /** The past has come to `line`: what was held of it, if it was heard before. */
  takeMatching(line: Message): ReceivedEntry | undefined {
    const heard = this.#byId.get(line.tags.get("msgid") ?? "");
    if (heard === undefined || !this.#held.delete(heard)) return undefined;
    return heard;
  }
}

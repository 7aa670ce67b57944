/**
 * Who was in which channels, as far as the log tells: a QUIT and a NICK name no channel, and belong to all in which their author was.
 * Needed at a start only; whoever came before the oldest record is in none.
 */
import { casefold } from "../../irc/names/casemap.ts";
import type { Archive } from "./archive.ts";
import type { ConversationLog } from "../model/conversation_log.ts";
import { nickOf } from "../model/identifiers.ts";
import type { RecordedEvent } from "../model/state/event.ts";

export class PastMembership {
  /** By folded nick. */
  readonly #channels = new Map<string, Set<ConversationLog>>();

  /** The channels of the author of `event`, before it; takes note of what it changes. */
  channelsAt(event: RecordedEvent, archive: Archive): Iterable<{ conversation: ConversationLog }> {
    switch (event.kind) {
      case "join": {
        const folded = casefold(nickOf(event.source));
        const channels = this.#channels.get(folded) ?? new Set();
        this.#channels.set(folded, channels.add(archive.channel(event.channel)));
        return [];
      }
      case "part":
        this.#channels.get(casefold(nickOf(event.source)))?.delete(archive.channel(event.channel));
        return [];
      case "kick":
        this.#channels.get(casefold(event.nick))?.delete(archive.channel(event.channel));
        return [];
      case "quit":
        return this.#take(event.source);
      case "nick": {
        const channels = this.#take(event.source);
        this.#channels.set(casefold(event.nick), new Set(channels.map(({ conversation }) => conversation)));
        return channels;
      }
      case "boot":
        this.#channels.clear();
        return [];
      default:
        return [];
    }
  }

  #take(source: string): { conversation: ConversationLog }[] {
    const folded = casefold(nickOf(source));
    const channels = this.#channels.get(folded) ?? [];
    this.#channels.delete(folded);
    return Array.from(channels, (conversation) => ({ conversation }));
  }
}

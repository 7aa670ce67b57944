/**
 * Past membership: channels that users were in, according to the log. A QUIT and a NICK name no channel, and belong
 * to all channels of their author. Used only for log replay; a user that joined before the oldest record is in
 * none.
 */
import { casefold } from "../../irc/names/casemap.ts";
import type { HistoryIndex } from "./history_index.ts";
import type { ConversationLog } from "../model/conversation_log.ts";
import { nickOf } from "../model/identifiers.ts";
import type { RecordedEvent } from "../model/state/event.ts";

export class PastMembership {
  /** Channels by folded nick. */
  readonly #channels = new Map<string, Set<ConversationLog>>();

  /**
   * Channels of the author of a QUIT or NICK before it; undefined for events that name their own. Updates the
   * membership by `event`.
   */
  channelsAt(event: RecordedEvent, history: HistoryIndex): ConversationLog[] | undefined {
    switch (event.kind) {
      case "join": {
        const folded = casefold(nickOf(event.source));
        const channels = this.#channels.get(folded) ?? new Set();
        this.#channels.set(folded, channels.add(history.channel(event.channel)));
        return undefined;
      }
      case "part":
        this.#channels.get(casefold(nickOf(event.source)))?.delete(history.channel(event.channel));
        return undefined;
      case "kick":
        this.#channels.get(casefold(event.nick))?.delete(history.channel(event.channel));
        return undefined;
      case "quit":
        return this.#take(event.source);
      case "nick": {
        const channels = this.#take(event.source);
        this.#channels.set(casefold(event.nick), new Set(channels));
        return channels;
      }
      case "boot":
        this.#channels.clear();
        return undefined;
      default:
        return undefined;
    }
  }

  #take(source: string): ConversationLog[] {
    const folded = casefold(nickOf(source));
    const channels = this.#channels.get(folded) ?? [];
    this.#channels.delete(folded);
    return [...channels];
  }
}

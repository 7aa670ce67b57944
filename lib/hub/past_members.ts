/**
 * Who was in which rooms, as far as the log tells: a QUIT and a NICK name no room, and belong to all in which their author was.
 * Needed at a start only; whoever came before the oldest record is in none.
 */
import { casefold } from "../irc/casemap.ts";
import type { Archive, Target } from "./archive.ts";
import { nickOf } from "./event.ts";
import type { RecordedEvent } from "./event.ts";

export class PastMembers {
  /** By folded nick. */
  readonly #rooms = new Map<string, Set<Target>>();

  /** The rooms of the author of `event`, before it; takes note of what it changes. */
  roomsAt(event: RecordedEvent, archive: Archive): Iterable<{ target: Target }> {
    switch (event.kind) {
      case "join": {
        const folded = casefold(nickOf(event.source));
        const rooms = this.#rooms.get(folded) ?? new Set();
        this.#rooms.set(folded, rooms.add(archive.room(event.room)));
        return [];
      }
      case "part":
        this.#rooms.get(casefold(nickOf(event.source)))?.delete(archive.room(event.room));
        return [];
      case "kick":
        this.#rooms.get(casefold(event.nick))?.delete(archive.room(event.room));
        return [];
      case "quit":
        return this.#take(event.source);
      case "nick": {
        const rooms = this.#take(event.source);
        this.#rooms.set(casefold(event.nick), new Set(rooms.map(({ target }) => target)));
        return rooms;
      }
      case "boot":
        this.#rooms.clear();
        return [];
      default:
        return [];
    }
  }

  #take(source: string): { target: Target }[] {
    const folded = casefold(nickOf(source));
    const rooms = this.#rooms.get(folded) ?? [];
    this.#rooms.delete(folded);
    return Array.from(rooms, (target) => ({ target }));
  }
}

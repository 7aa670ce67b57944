/** The rooms to be in: what we come back to, with the keys of those that want one (mode +k). */
import { casefold } from "../irc/casemap.ts";

export class WantedRooms {
  /** By folded name, the latest last. */
  readonly #rooms = new Map<string, string>();
  /** By folded name; of rooms that we only try to enter, too. */
  readonly #keys = new Map<string, string>();

  [Symbol.iterator](): Iterator<string> {
    return this.#rooms.values();
  }

  add(room: string): void {
    this.#rooms.set(casefold(room), room);
  }

  /** `room` is entered with `key`. */
  keep(room: string, key: string): void {
    if (key !== "") this.#keys.set(casefold(room), key);
  }

  /** "": it wants none. */
  keyOf(room: string): string {
    return this.#keys.get(casefold(room)) ?? "";
  }

  /** A room that we want is called otherwise now; false: it is none of them. */
  rename(from: string, to: string): boolean {
    if (!this.#rooms.has(casefold(from))) return false;
    const key = this.keyOf(from);
    this.remove(from);
    this.add(to);
    this.keep(to, key);
    return true;
  }

  /** With its key. */
  remove(room: string): void {
    this.#rooms.delete(casefold(room));
    this.#keys.delete(casefold(room));
  }
}

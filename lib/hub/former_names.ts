/**
 * Names that rooms had before RENAME, and the rooms that they lead to. Such a name is taken as long as that holds; whether the
 * room is still there is for the caller to judge (room_rename.ts).
 */
import { elapsed } from "../base/clock.ts";
import { casefold } from "../irc/casemap.ts";
import type { Target } from "./archive.ts";
import { MAX_FORMER_NAMES, MAX_FORMER_NAMES_OF_ROOM, RENAME_KNOWN_MS } from "./config.ts";

export class FormerNames {
  /** By folded name, the oldest first; `at` is in milliseconds since the epoch. */
  readonly #names = new Map<string, { readonly target: Target; readonly at: number }>();

  get size(): number {
    return this.#names.size;
  }

  /** `target`, which was called `old` (folded), has its new name since `at`. */
  add(old: string, target: Target, at: number): void {
    this.remove(casefold(target.name));
    this.remove(old);
    const own = [...this.#names].filter(([, known]) => known.target === target);
    if (own.length >= MAX_FORMER_NAMES_OF_ROOM) this.remove(own[0]![0]);
    this.#names.set(old, { target, at });
    if (this.#names.size > MAX_FORMER_NAMES) this.remove(this.#names.keys().next().value!);
  }

  /** Another room is called `folded` from now on. */
  remove(folded: string): void {
    this.#names.delete(folded);
  }

  /** What the room is now that was called `name`; undefined: none was, or it was too long ago (`now` 0: however long ago). */
  find(name: string, now: number): Target | undefined {
    const known = this.#names.get(casefold(name));
    return known === undefined || now > 0 && elapsed(known.at, now) > RENAME_KNOWN_MS
      ? undefined
      : known.target;
  }
}

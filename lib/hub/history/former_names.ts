/**
 * Former names: names that channels had before RENAME, and the channels that they lead to. Such a name is taken
 * while it leads to a channel; whether that channel still exists is decided by the caller
 * (policy/name_availability.ts).
 */
import { elapsedMs } from "../../base/clock.ts";
import { casefold } from "../../irc/names/casemap.ts";
import type { ConversationLog } from "../model/conversation_log.ts";
import { FORMER_NAME_MS, MAX_FORMER_NAMES, MAX_FORMER_NAMES_OF_CHANNEL } from "../model/config.ts";

export class FormerNames {
  /** Former names, folded, the oldest first; `at` is in milliseconds since the epoch. */
  readonly #names = new Map<string, { readonly target: ConversationLog; readonly at: number }>();

  get size(): number {
    return this.#names.size;
  }

  /** Adds `old` (folded) as a former name of `target`, which was renamed at `at`. */
  add(old: string, target: ConversationLog, at: number): void {
    this.remove(casefold(target.name));
    this.remove(old);
    const own = [...this.#names].filter(([, known]) => known.target === target);
    if (own.length >= MAX_FORMER_NAMES_OF_CHANNEL) this.remove(own[0]![0]);
    this.#names.set(old, { target, at });
    if (this.#names.size > MAX_FORMER_NAMES) this.remove(this.#names.keys().next().value!);
  }

  /** Removes `folded`, which is the name of another channel from now on. */
  remove(folded: string): void {
    this.#names.delete(folded);
  }

  /** The channel that had the name `name`; undefined: none had, or the rename was too long ago (`now` 0: no limit). */
  find(name: string, now: number): ConversationLog | undefined {
    const known = this.#names.get(casefold(name));
    return known === undefined || now > 0 && elapsedMs(known.at, now) > FORMER_NAME_MS
      ? undefined
      : known.target;
  }
}

/**
 * Names that channels had before RENAME, and the channels that they lead to. Such a name is taken as long as that holds; whether the
 * channel is still there is for the caller to judge (policy/name_availability.ts).
 */
import { elapsedMs } from "../../base/clock.ts";
import { casefold } from "../../irc/names/casemap.ts";
import type { ConversationLog } from "../model/conversation_log.ts";
import { FORMER_NAME_MS, MAX_FORMER_NAMES, MAX_FORMER_NAMES_OF_CHANNEL } from "../model/config.ts";

export class FormerNames {
  /** By folded name, the oldest first; `at` is in milliseconds since the epoch. */
  readonly #names = new Map<string, { readonly target: ConversationLog; readonly at: number }>();

  get size(): number {
    return this.#names.size;
  }

  /** `target`, which was called `old` (folded), has its new name since `at`. */
  add(old: string, target: ConversationLog, at: number): void {
    this.remove(casefold(target.name));
    this.remove(old);
    const own = [...this.#names].filter(([, known]) => known.target === target);
    if (own.length >= MAX_FORMER_NAMES_OF_CHANNEL) this.remove(own[0]![0]);
    this.#names.set(old, { target, at });
    if (this.#names.size > MAX_FORMER_NAMES) this.remove(this.#names.keys().next().value!);
  }

  /** Another channel is called `folded` from now on. */
  remove(folded: string): void {
    this.#names.delete(folded);
  }

  /** What the channel is now that was called `name`; undefined: none was, or it was too long ago (`now` 0: however long ago). */
  find(name: string, now: number): ConversationLog | undefined {
    const known = this.#names.get(casefold(name));
    return known === undefined || now > 0 && elapsedMs(known.at, now) > FORMER_NAME_MS
      ? undefined
      : known.target;
  }
}

/** Reactions to messages that are not loaded, until they are. Pure. */
import type { ReactionEntry } from "../../../client/conversation/history_page.ts";

export type { ReactionEntry };

/** Reactions that wait; further ones are not shown. */
export const MAX_WAITING_REACTIONS = 1_000;

export class WaitingReactions {
  /** By message id, in the order in which they were made. */
  readonly #reactions = new Map<string, ReactionEntry[]>();
  #count = 0;

  add(reaction: ReactionEntry): void {
    this.#put(reaction, (known) => [...known, reaction]);
  }

  /** Takes reactions, in order, that were made before all that wait. */
  addEarlier(reactions: readonly ReactionEntry[]): void {
    for (const reaction of reactions.toReversed()) this.#put(reaction, (known) => [reaction, ...known]);
  }

  /** The message `id` is loaded: gives the reactions to it. */
  take(id: string | undefined): readonly ReactionEntry[] {
    const reactions = this.#reactions.get(id ?? "") ?? [];
    this.#reactions.delete(id ?? "");
    this.#count -= reactions.length;
    return reactions;
  }

  #put({ to }: ReactionEntry, change: (known: readonly ReactionEntry[]) => ReactionEntry[]): void {
    if (to === undefined || this.#count >= MAX_WAITING_REACTIONS) return;
    this.#reactions.set(to, change(this.#reactions.get(to) ?? []));
    this.#count++;
  }
}

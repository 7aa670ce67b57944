/** Whether we are marked as away, for the prompt. Pure. */
import type { Message } from "../irc/message.ts";
import { RPL_NOWAWAY, RPL_UNAWAY } from "../irc/numerics.ts";

export class AwayStatus {
  #isAway = false;

  /** Lines of the server, of an answer or not. */
  note(lines: readonly Message[]): void {
    for (const { command } of lines) {
      if (command === RPL_NOWAWAY) this.#isAway = true;
      if (command === RPL_UNAWAY) this.#isAway = false;
    }
  }

  /** The mark is lost with the connection. */
  isAwayIn({ isOnline }: { readonly isOnline: boolean }): boolean {
    this.#isAway &&= isOnline;
    return this.#isAway;
  }
}

import type { User } from "./entities.ts";
import type { ReadonlyState } from "./state.ts";

/** ISUPPORT BOT. */
export const BOT_MODE = "B";
/**
 * Modes that a user sets for itself: `B`, a bot (https://ircv3.net/specs/extensions/bot-mode); `i`, not to be found by who shares
 * no channel with it (modern, "Invisible User Mode"). For each the set of the state that holds its users.
 */
export const SELF_SET_MODES: Readonly<Record<string, "bots" | "invisible">> = {
  [BOT_MODE]: "bots",
  i: "invisible",
};

/** All letters of user modes (004): the operator's, which nobody sets for himself, behind those of {@link setUserModes}. */
export const USER_MODE_LETTERS = Object.keys(SELF_SET_MODES).join("") + "o";

/** What `user` may set for itself. */
export function isSelfSetMode(letter: string): boolean {
  return Object.hasOwn(SELF_SET_MODES, letter);
}

/** `+` and the letters of the modes of `user`. */
export function formatUserModes(state: ReadonlyState, user: User): string {
  const own = Object.entries(SELF_SET_MODES).flatMap(([letter, set]) => state[set].has(user) ? letter : []);
  return `+${own.join("")}${user.isServerOperator ? "o" : ""}`;
}

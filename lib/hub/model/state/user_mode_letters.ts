import type { User } from "./entities.ts";
import type { ReadonlyState } from "./state.ts";

/** User mode of bots (ISUPPORT BOT). */
export const BOT_MODE = "B";
/** Flag in WHO of a user in its grace period (ISUPPORT `chatterbox.chat/LOST`). It is no mode: no letter of one is the same. */
export const LOST_FLAG = "L";

/**
 * Modes that a user sets for itself, with the set of the state that holds its users: `B`, a bot
 * (https://ircv3.net/specs/extensions/bot-mode); `i`, not listed to users that share no channel with it (modern,
 * "Invisible User Mode").
 */
export const SELF_SET_MODES: Readonly<Record<string, "bots" | "invisible">> = {
  [BOT_MODE]: "bots",
  i: "invisible",
};

/**
 * All letters of user modes (004): those of {@link SELF_SET_MODES} and the operator's, which no user can set for
 * itself.
 */
export const USER_MODE_LETTERS = Object.keys(SELF_SET_MODES).join("") + "o";

/** Whether a user may set the mode for itself. */
export function isSelfSetMode(letter: string): boolean {
  return Object.hasOwn(SELF_SET_MODES, letter);
}

/** `+` and the letters of the modes of `user`. */
export function formatUserModes(state: ReadonlyState, user: User): string {
  const own = Object.entries(SELF_SET_MODES).flatMap(([letter, set]) => state[set].has(user) ? letter : []);
  return `+${own.join("")}${user.isServerOperator ? "o" : ""}`;
}

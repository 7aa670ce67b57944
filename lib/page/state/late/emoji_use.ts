/** The emoji that are used most in this browser. They are no secret, and are needed at once: localStorage keeps them. */
import { countUse, listMostUsed } from "../../model/emoji/emoji_use.ts";

const KEY = "emoji";

/** A browser that keeps nothing has none. */
function read(): unknown {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "[]");
  } catch {
    return [];
  }
}

export function mostUsedEmoji(): string[] {
  return listMostUsed(read());
}

export function noteEmojiUse(emoji: string): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(countUse(read(), emoji)));
  } catch {
    // The next visit has them in their first order.
  }
}

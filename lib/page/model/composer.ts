/** What a key does in the composer, and what is sent of what is typed there. Pure. */

/** A key that is pressed, as the browser tells it. */
export interface KeyPress {
  /** `KeyboardEvent.key`. */
  readonly key: string;
  readonly shift: boolean;
  readonly ctrl: boolean;
  readonly alt: boolean;
  readonly meta: boolean;
  /** An input method is composing a character: the key belongs to it. */
  readonly isComposing: boolean;
}

export interface ComposerState {
  readonly text: string;
  /** It replies to a message, or stands in the place of one. */
  readonly hasReference: boolean;
  /** Names or emoji are offered below the caret. */
  readonly offersCompletion: boolean;
  /** Enter breaks the line, as on a keyboard on the screen, and a button sends. */
  readonly enterBreaks: boolean;
}

export type ComposerAction =
  | "send"
  /** The browser breaks the line. */
  | "break_line"
  /** Take the completion that is chosen. */
  | "complete"
  | "next_completion"
  | "previous_completion"
  | "close_completion"
  /** No longer reply or edit. */
  | "drop_reference"
  /** Edit the latest message of ours. */
  | "edit_last"
  /** The browser does what it does with the key. */
  | "none";

/** What `press` does. */
export function decideKey(press: KeyPress, state: ComposerState): ComposerAction {
  if (press.isComposing) return "none";
  const { key, shift, ctrl, alt, meta } = press;
  const isPlain = !shift && !ctrl && !alt && !meta;
  if (state.offersCompletion && isPlain) {
    const action = COMPLETION_KEYS[key];
    if (action !== undefined) return action;
  }
  switch (key) {
    case "Enter":
      if (shift || alt || state.enterBreaks && isPlain) return "break_line";
      return state.text.trim() === "" ? "none" : "send";
    case "Escape":
      return isPlain && state.hasReference ? "drop_reference" : "none";
    case "ArrowUp":
      return isPlain && state.text === "" && !state.hasReference ? "edit_last" : "none";
    default:
      return "none";
  }
}

const COMPLETION_KEYS: Readonly<Record<string, ComposerAction>> = {
  Enter: "complete",
  Tab: "complete",
  ArrowDown: "next_completion",
  ArrowUp: "previous_completion",
  Escape: "close_completion",
};

/**
 * What is sent of `typed`: lines end with a line feed, empty ones at both ends go, and so do spaces behind the text. ""
 * where nothing is left. NUL, which no message can carry, goes as well.
 */
export function makeSentText(typed: string): string {
  return typed.replaceAll("\0", "").replace(/\r\n?/g, "\n").replace(/^(?:[^\S\n]*\n)+/, "").trimEnd();
}

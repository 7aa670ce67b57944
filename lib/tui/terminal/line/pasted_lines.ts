/** Several lines that were pasted, until the person has said what becomes of them. Pure. */
import type { SendingPlan } from "../../../client/commands/messages/text_sending.ts";
import { formatViewName } from "../../view/view_rule.ts";
import type { EditorLine } from "./editor_line.ts";
import { MAX_INPUT_UNITS } from "./line_editor.ts";

/** What becomes of a paste. "send": a text to submit, which is no command. "sendLines": each by itself. "edit": it is put into the line. */
export type PasteChoice =
  | { readonly kind: "send"; readonly text: string }
  | { readonly kind: "sendLines"; readonly texts: readonly string[] }
  | { readonly kind: "edit" | "discard" | "none" };

export class PastedLines {
  readonly text: string;
  /** The line has nothing else. */
  readonly #isAlone: boolean;
  readonly #count: string;
  /** What does not fit, in words. */
  readonly #cut: string;

  /**
   * `text`: with LF as line ends. `room`: characters that the line can take, all of it if `isAlone`: the line is empty.
   */
  constructor(text: string, room: number, isAlone: boolean) {
    this.text = text;
    this.#isAlone = isAlone;
    this.#count = text.split("\n").length.toLocaleString("en");
    this.#cut = text.length > room ? `, of which ${room.toLocaleString("en")} characters fit` : "";
  }

  /** The question. `plan`: for what {@link join} gives. */
  ask(plan: SendingPlan | undefined): string {
    const target = plan === undefined ? "" : ` for ${formatViewName(plan.target)}`;
    const what = plan === undefined
      ? "sends all"
      : plan.messageCount === 1
      ? "sends one message"
      : `sends ${plan.messageCount.toLocaleString("en")} messages`;
    const singly = this.#isAlone ? " · L line by line" : "";
    return `${this.#count} lines pasted${target}${this.#cut}: Enter ${what}${singly} · E to the line · Esc discards`;
  }

  /** The line with the paste in it, as Enter submits it: what is pasted is no command. */
  join({ text, cursor }: EditorLine): string {
    const whole = text.slice(0, cursor) + this.text + text.slice(cursor);
    const fitting = whole.slice(0, MAX_INPUT_UNITS).toWellFormed();
    return whole.startsWith(this.text) ? escapeCommand(fitting) : fitting;
  }

  /** What the key typed as `letter` chooses, the line being `line`. */
  choose(letter: string, line: EditorLine): PasteChoice {
    switch (letter.toLowerCase()) {
      case "\r":
        return { kind: "send", text: this.join(line) };
      case "l":
        if (!this.#isAlone) return { kind: "none" };
        return {
          kind: "sendLines",
          texts: this.text.split("\n").filter((line) => line.trim() !== ""),
        };
      case "e":
        return { kind: "edit" };
      default:
        return { kind: "none" };
    }
  }
}

/** What is pasted is never a command: `//text` sends "/text". */
export function escapeCommand(text: string): string {
  return text.startsWith("/") ? `/${text}` : text;
}

/** What is sent of `text`, which is no command. */
export function unescapeCommand(text: string): string {
  return text.startsWith("/") ? text.slice(1) : text;
}

/** The pasted text with LF as line ends, without the line ends behind its last line. */
export function normalizePaste(text: string): string {
  return text.replace(/\r\n?/g, "\n").replace(/\n+$/, "");
}

/** Several lines that were pasted, until the person has said what becomes of them. Pure. */

/** What becomes of a paste. "send": texts to submit, none of which is a command. "edit": it is put into the line. */
export type PasteChoice =
  | { readonly kind: "send"; readonly texts: readonly string[] }
  | { readonly kind: "edit" | "discard" | "none" };

export class PastedLines {
  readonly text: string;
  /** The line has nothing else. */
  readonly #isAlone: boolean;
  readonly #question: string;

  /**
   * `text`: with LF as line ends. `room`: characters that the line can take, all of it if `isAlone`: the line is empty.
   */
  constructor(text: string, room: number, isAlone: boolean) {
    this.text = text;
    this.#isAlone = isAlone;
    const count = text.split("\n").length.toLocaleString("en");
    const cut = text.length > room ? `, ${room.toLocaleString("en")} characters fit one message` : "";
    const singly = isAlone ? " · L line by line" : "";
    this.#question = `${count} lines pasted${cut}: Enter sends one message${singly} · E edit · Esc discards`;
  }

  get prompt(): string {
    return this.#question;
  }

  /** What the key typed as `letter` chooses; undefined: nothing. `whole`: the line with the paste in it. */
  choose(letter: string, whole: string): PasteChoice {
    switch (letter.toLowerCase()) {
      case "\r":
        return { kind: "send", texts: [whole.startsWith(this.text) ? escapeCommand(whole) : whole] };
      case "l":
        if (!this.#isAlone) return { kind: "none" };
        return {
          kind: "send",
          texts: this.text.split("\n").filter((line) => line.trim() !== "").map(escapeCommand),
        };
      case "e":
        return { kind: "edit" };
      default:
        return { kind: "none" };
    }
  }
}

/** What is pasted is never a command: `//text` sends "/text". */
function escapeCommand(text: string): string {
  return text.startsWith("/") ? `/${text}` : text;
}

/** The pasted text with LF as line ends, without the line ends behind its last line. */
export function normalizePaste(text: string): string {
  return text.replace(/\r\n?/g, "\n").replace(/\n+$/, "");
}

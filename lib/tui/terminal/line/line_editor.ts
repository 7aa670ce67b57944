/** Editor of the input line, with history, undo and killed texts. Pure: keys in, changed text and results out. */
import { unreachable } from "../../../base/assert.ts";
import { graphemeAfter, graphemeBefore } from "../../../base/text_width.ts";
import type { TerminalKey as AnyKey } from "../keys.ts";
import { EMPTY_LINE } from "./editor_line.ts";
import type { EditorLine } from "./editor_line.ts";
import { KillRing } from "./kill_ring.ts";
import { LineHistory } from "./line_history.ts";
import { type ChangeKind, UndoStack } from "./undo_stack.ts";
import { findWordEnd, findWordStart } from "./word_bounds.ts";

/** A key that a person pressed for this line. */
export type EditorKey = Exclude<AnyKey, { kind: "report" | "goTo" }>;

/** What the caller does after a key; after "edited" and "ignored" it only redraws. */
export type EditResult =
  | {
    readonly kind:
      | "edited"
      | "ignored"
      | "complete"
      | "completeBack"
      | "search"
      | "clear"
      | "pageUp"
      | "interrupt"
      | "end"
      | "suspend"
      | "editOutside"
      | "cancel";
  }
  | { readonly kind: "submit"; readonly text: string };

/** Longest line that can be typed or pasted; the rest is dropped. It is sent as some 40 messages. */
export const MAX_INPUT_UNITS = 16_384;

type MoveAction =
  | "left"
  | "right"
  | "wordLeft"
  | "wordRight"
  | "home"
  | "end"
  | "previous"
  | "next";

const EDITED: EditResult = { kind: "edited" };
const IGNORED: EditResult = { kind: "ignored" };

/** Before the cursor at Enter it means that the line goes on. */
const CONTINUATION = "\\";

export class LineEditor {
  readonly history: LineHistory;
  readonly #kills = new KillRing();
  readonly #undo = new UndoStack();
  #text = "";
  #cursor = 0;
  /** What the key before did, where the next one continues it. */
  #before: "kill" | "yank" | undefined;
  /** Where the text begins that was yanked last. */
  #yankStart = 0;

  /** `history`: lines of earlier runs, the oldest first. */
  constructor(history: readonly string[] = []) {
    this.history = new LineHistory(history);
  }

  get line(): EditorLine {
    return { text: this.#text, cursor: this.#cursor };
  }

  /** Replaces the line (by a completion), which can be undone. */
  set line(line: EditorLine) {
    if (line.text !== this.#text) this.#undo.note(this.line, "other");
    this.#undo.endStep();
    this.#before = undefined;
    this.#set(line);
  }

  /** Shows another line, with changes of its own. */
  switchTo(line: EditorLine): void {
    this.#undo.clear();
    this.history.endWalk();
    this.#before = undefined;
    this.#set(line);
  }

  /** Moves the line to the killed texts. */
  killLine(): void {
    this.#kill(0, this.#text.length);
    this.#before = undefined;
  }

  /** Takes the line away, to be submitted as `text`, which the history keeps. */
  submit(text = this.#text): string {
    this.history.add(text);
    this.switchTo(EMPTY_LINE);
    return text;
  }

  /** Shows the line `index` of the history. */
  recall(index: number): void {
    this.#recall(this.history.goTo(index, this.#text));
  }

  press(key: EditorKey): EditResult {
    const before = this.#before;
    this.#before = undefined;
    if (key.kind !== "type" && key.kind !== "backspace" && key.kind !== "delete") this.#undo.endStep();
    switch (key.kind) {
      case "type":
        return this.#insert(key.text, /^\s+$/.test(key.text) ? "other" : "type");
      case "paste":
        return this.#insert(key.text);
      case "newLine":
        return this.#insert("\n");
      case "backspace":
        return this.#remove(graphemeBefore(this.#text, this.#cursor), this.#cursor, "backspace");
      case "delete":
        return this.#remove(this.#cursor, graphemeAfter(this.#text, this.#cursor), "delete");
      case "deleteOrEnd":
        return this.#text === "" ? { kind: "end" } : this.press({ kind: "delete" });
      case "killWordBefore":
        return this.#kill(findWordStart(this.#text, this.#cursor), this.#cursor, before);
      case "killWordAfter":
        return this.#kill(this.#cursor, findWordEnd(this.#text, this.#cursor), before);
      case "killBefore":
        return this.#kill(this.#killStart(), this.#cursor, before);
      case "killAfter":
        return this.#kill(this.#cursor, this.#killEnd(), before);
      case "yank":
        return this.#yank(this.#kills.yank(), this.#cursor);
      case "yankEarlier":
        return before === "yank" ? this.#yank(this.#kills.yankEarlier(), this.#yankStart) : IGNORED;
      case "transpose":
        return this.#transpose();
      case "undo":
        return this.#undoStep();
      case "enter":
        return this.#enter();
      case "complete":
      case "completeBack":
      case "search":
      case "clear":
      case "pageUp":
      case "interrupt":
      case "suspend":
      case "editOutside":
      case "cancel":
        return { kind: key.kind };
      default:
        return this.#move(key.kind);
    }
  }

  #move(key: MoveAction): EditResult {
    switch (key) {
      case "left":
        return this.#moveTo(graphemeBefore(this.#text, this.#cursor));
      case "right":
        return this.#moveTo(graphemeAfter(this.#text, this.#cursor));
      case "wordLeft":
        return this.#moveTo(findWordStart(this.#text, this.#cursor));
      case "wordRight":
        return this.#moveTo(findWordEnd(this.#text, this.#cursor));
      case "home":
        return this.#moveTo(findLineStart(this.#text, this.#cursor));
      case "end":
        return this.#moveTo(findLineEnd(this.#text, this.#cursor));
      case "previous":
        return this.#recall(this.history.walk(this.#text, -1));
      case "next":
        return this.#recall(this.history.walk(this.#text, 1));
      default:
        return unreachable(key);
    }
  }

  #set({ text, cursor }: EditorLine): void {
    this.#text = text.slice(0, MAX_INPUT_UNITS);
    this.#cursor = Math.min(cursor, this.#text.length);
  }

  #insert(text: string, kind: ChangeKind = "other"): EditResult {
    const free = MAX_INPUT_UNITS - this.#text.length;
    const taken = text.replace(/\r\n?/g, "\n").slice(0, Math.max(0, free)).toWellFormed();
    if (taken === "") return IGNORED;
    this.#undo.note(this.line, kind);
    this.#text = this.#text.slice(0, this.#cursor) + taken + this.#text.slice(this.#cursor);
    this.#cursor += taken.length;
    return EDITED;
  }

  #moveTo(cursor: number): EditResult {
    if (cursor === this.#cursor) return IGNORED;
    this.#cursor = cursor;
    return EDITED;
  }

  #remove(start: number, end: number, kind: ChangeKind = "other"): EditResult {
    if (start === end) return IGNORED;
    this.#undo.note(this.line, kind);
    this.#text = this.#text.slice(0, start) + this.#text.slice(end);
    this.#cursor = start;
    return EDITED;
  }

  #kill(start: number, end: number, before?: "kill" | "yank"): EditResult {
    this.#kills.add(this.#text.slice(start, end), before === "kill", end === this.#cursor);
    this.#before = "kill";
    return this.#remove(start, end);
  }

  /** Where Ctrl-U begins: with the line of the text that has the cursor, or with the line break before the cursor. */
  #killStart(): number {
    const start = findLineStart(this.#text, this.#cursor);
    return start === this.#cursor ? Math.max(0, start - 1) : start;
  }

  #killEnd(): number {
    const end = findLineEnd(this.#text, this.#cursor);
    return end === this.#cursor ? Math.min(end + 1, this.#text.length) : end;
  }

  /** Inserts `text` in place of what is between `start` and the cursor. */
  #yank(text: string, start: number): EditResult {
    if (text === "") return IGNORED;
    this.#undo.note(this.line, "other");
    const after = this.#text.slice(this.#cursor);
    this.#set({ text: this.#text.slice(0, start) + text + after, cursor: start + text.length });
    this.#before = "yank";
    this.#yankStart = start;
    return EDITED;
  }

  /** Swaps the characters around the cursor; at the end of the line, the last two. */
  #transpose(): EditResult {
    const middle = this.#cursor === this.#text.length
      ? graphemeBefore(this.#text, this.#cursor)
      : this.#cursor;
    const start = graphemeBefore(this.#text, middle);
    const end = graphemeAfter(this.#text, middle);
    if (start === middle || middle === end) return IGNORED;
    this.#undo.note(this.line, "other");
    const text = this.#text;
    this.#text = text.slice(0, start) + text.slice(middle, end) + text.slice(start, middle) + text.slice(end);
    this.#cursor = end;
    return EDITED;
  }

  #undoStep(): EditResult {
    const line = this.#undo.undo();
    if (line === undefined) return IGNORED;
    this.#set(line);
    return EDITED;
  }

  #recall(text: string | undefined): EditResult {
    if (text === undefined) return IGNORED;
    this.#undo.clear();
    this.#set({ text, cursor: text.length });
    return EDITED;
  }

  #enter(): EditResult {
    if (this.#text[this.#cursor - 1] === CONTINUATION) {
      this.#remove(this.#cursor - 1, this.#cursor);
      return this.#insert("\n");
    }
    return { kind: "submit", text: this.submit() };
  }
}

/** Where the line of `text` that holds `index` begins. */
function findLineStart(text: string, index: number): number {
  return index === 0 ? 0 : text.lastIndexOf("\n", index - 1) + 1;
}

/** Where the line of `text` that holds `index` ends. */
function findLineEnd(text: string, index: number): number {
  const end = text.indexOf("\n", index);
  return end < 0 ? text.length : end;
}

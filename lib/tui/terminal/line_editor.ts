/** Editor of the input line, with history and a kill buffer. Pure: keys in, changed text and results out. */
import { unreachable } from "../../base/assert.ts";
import type { TerminalKey as AnyKey } from "./keys.ts";
import { graphemeAfter, graphemeBefore } from "../../base/text_width.ts";

/** The text of the line, and the cursor in UTF-16 units. */
export interface EditorLine {
  readonly text: string;
  readonly cursor: number;
}

/** A key that a person pressed for this line. */
export type EditorKey = Exclude<AnyKey, { kind: "report" | "goTo" }>;

/** What the caller does after a key; after "edited" and "ignored" it only redraws. */
export type EditResult =
  | { readonly kind: "edited" | "ignored" | "complete" | "clear" | "pageUp" | "interrupt" | "end" }
  | { readonly kind: "submit"; readonly text: string };

/** Longest line that can be typed or pasted; the rest is dropped. It is sent as some 40 messages. */
export const MAX_INPUT_UNITS = 16_384;

/** Lines kept for the up-arrow; the default of bash (HISTSIZE). */
export const MAX_HISTORY_LINES = 500;

const EDITED: EditResult = { kind: "edited" };
const IGNORED: EditResult = { kind: "ignored" };

export class LineEditor {
  #text = "";
  #cursor = 0;
  #killed = "";
  /** Oldest first. */
  readonly #history: string[] = [];
  /** Index in the history of the line shown; the length of the history stands for the draft. */
  #shown = 0;
  #draft = "";

  get line(): EditorLine {
    return { text: this.#text, cursor: this.#cursor };
  }

  /** Replaces the line (by a completion). */
  set line(line: EditorLine) {
    this.#text = line.text.slice(0, MAX_INPUT_UNITS);
    this.#cursor = Math.min(line.cursor, this.#text.length);
  }

  press(key: EditorKey): EditResult {
    switch (key.kind) {
      case "type":
      case "paste":
        return this.#insert(key.text);
      case "left":
        return this.#moveTo(graphemeBefore(this.#text, this.#cursor));
      case "right":
        return this.#moveTo(graphemeAfter(this.#text, this.#cursor));
      case "wordLeft":
        return this.#moveTo(findWordStart(this.#text, this.#cursor));
      case "wordRight":
        return this.#moveTo(findWordEnd(this.#text, this.#cursor));
      case "home":
        return this.#moveTo(0);
      case "end":
        return this.#moveTo(this.#text.length);
      case "previous":
        return this.#recall(this.#shown - 1);
      case "next":
        return this.#recall(this.#shown + 1);
      case "backspace":
        return this.#remove(graphemeBefore(this.#text, this.#cursor), this.#cursor);
      case "delete":
        return this.#remove(this.#cursor, graphemeAfter(this.#text, this.#cursor));
      case "deleteOrEnd":
        return this.#text === "" ? { kind: "end" } : this.press({ kind: "delete" });
      case "killWordBefore":
        return this.#kill(findWordStart(this.#text, this.#cursor), this.#cursor);
      case "killWordAfter":
        return this.#kill(this.#cursor, findWordEnd(this.#text, this.#cursor));
      case "killBefore":
        return this.#kill(0, this.#cursor);
      case "killAfter":
        return this.#kill(this.#cursor, this.#text.length);
      case "yank":
        return this.#insert(this.#killed);
      case "transpose":
        return this.#transpose();
      case "enter":
        return this.#submit();
      case "complete":
      case "clear":
      case "pageUp":
      case "interrupt":
        return { kind: key.kind };
      default:
        return unreachable(key);
    }
  }

  #insert(text: string): EditResult {
    const free = MAX_INPUT_UNITS - this.#text.length;
    const taken = text.replace(/\r\n?/g, "\n").slice(0, Math.max(0, free)).toWellFormed();
    if (taken === "") return IGNORED;
    this.#text = this.#text.slice(0, this.#cursor) + taken + this.#text.slice(this.#cursor);
    this.#cursor += taken.length;
    return EDITED;
  }

  #moveTo(cursor: number): EditResult {
    if (cursor === this.#cursor) return IGNORED;
    this.#cursor = cursor;
    return EDITED;
  }

  #remove(start: number, end: number): EditResult {
    if (start === end) return IGNORED;
    this.#text = this.#text.slice(0, start) + this.#text.slice(end);
    this.#cursor = start;
    return EDITED;
  }

  #kill(start: number, end: number): EditResult {
    if (start !== end) this.#killed = this.#text.slice(start, end);
    return this.#remove(start, end);
  }

  /** Swaps the characters around the cursor; at the end of the line, the last two. */
  #transpose(): EditResult {
    const middle = this.#cursor === this.#text.length
      ? graphemeBefore(this.#text, this.#cursor)
      : this.#cursor;
    const start = graphemeBefore(this.#text, middle);
    const end = graphemeAfter(this.#text, middle);
    if (start === middle || middle === end) return IGNORED;
    const text = this.#text;
    this.#text = text.slice(0, start) + text.slice(middle, end) + text.slice(start, middle) + text.slice(end);
    this.#cursor = end;
    return EDITED;
  }

  #recall(index: number): EditResult {
    if (index < 0 || index > this.#history.length) return IGNORED;
    if (this.#shown === this.#history.length) this.#draft = this.#text;
    this.#shown = index;
    this.#text = this.#history[index] ?? this.#draft;
    this.#cursor = this.#text.length;
    return EDITED;
  }

  #submit(): EditResult {
    const text = this.#text;
    if (text.trim() !== "" && text !== this.#history.at(-1)) {
      this.#history.push(text);
      if (this.#history.length > MAX_HISTORY_LINES) this.#history.shift();
    }
    this.#shown = this.#history.length;
    this.#draft = "";
    this.#text = "";
    this.#cursor = 0;
    return { kind: "submit", text };
  }
}

const wordSegmenter = new Intl.Segmenter(undefined, { granularity: "word" });

/** Start of the word that ends at or before `index`. Words are those of UAX 29, so 日本語 has some too. */
function findWordStart(text: string, index: number): number {
  let start = 0;
  for (const { segment, index: at, isWordLike } of wordSegmenter.segment(text)) {
    if (at >= index) break;
    if (isWordLike && segment !== "") start = at;
  }
  return start;
}

function findWordEnd(text: string, index: number): number {
  for (const { segment, index: at, isWordLike } of wordSegmenter.segment(text)) {
    const end = at + segment.length;
    if (isWordLike && end > index) return end;
  }
  return text.length;
}

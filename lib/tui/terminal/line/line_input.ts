/**
 * The input line as a person uses it: the editor, and what takes its place for a while, the search of Ctrl-R or the
 * question of a paste. Pure: keys in, results and what is shown out.
 */
import { moveByRow } from "./layout.ts";
import { EMPTY_LINE } from "./editor_line.ts";
import { LineEditor, MAX_INPUT_UNITS } from "./line_editor.ts";
import type { EditorLine } from "./editor_line.ts";
import type { EditorKey, EditResult } from "./line_editor.ts";
import type { SendingPlan } from "../../../client/commands/messages/text_sending.ts";
import { HistorySearch } from "./history_search.ts";
import { normalizePaste, PastedLines } from "./pasted_lines.ts";

/** What the caller does after a key; after "edited" and "ignored" it only redraws. */
export type InputResult =
  | Exclude<EditResult, { kind: "search" | "cancel" }>
  /** Lines to send, in order; none is a command. */
  | { readonly kind: "submitLines"; readonly texts: readonly string[] };

/** What is shown of the input line. */
export interface InputView {
  readonly prompt: string;
  readonly line: EditorLine;
  /** A row below the line; undefined: none. */
  readonly hint: string | undefined;
}

const LEAVE_HINT = "Ctrl-C again leaves";

const EDITED: InputResult = { kind: "edited" };
const IGNORED: InputResult = { kind: "ignored" };

export interface LineInputOptions {
  /** Columns of the terminal now. */
  readonly columns: () => number;
  /** A single Ctrl-C on the empty line leaves; else it takes a second one. */
  readonly leavesAtOnce: boolean;
  /** As in `ChatInput`. */
  readonly plan?: (line: string) => SendingPlan | undefined;
}

export class LineInput {
  readonly editor: LineEditor;
  readonly #options: LineInputOptions;
  #prompt = "";
  #search: HistorySearch | undefined;
  #lastQuery = "";
  #pasted: PastedLines | undefined;
  /** Ctrl-C was pressed on the empty line, and no other key since. */
  #isLeaving = false;
  /** The column that the cursor keeps to on its way up and down. */
  #goal: number | undefined;

  /** `history`: lines of earlier runs, the oldest first. */
  constructor(history: readonly string[], options: LineInputOptions) {
    this.editor = new LineEditor(history);
    this.#options = options;
  }

  set prompt(prompt: string) {
    this.#prompt = prompt;
  }

  /** A question or a search stands in the place of the line. */
  get isAsking(): boolean {
    return this.#search !== undefined || this.#pasted !== undefined;
  }

  get view(): InputView {
    if (this.#pasted !== undefined) {
      const plan = this.#options.plan?.(this.#pasted.join(this.editor.line));
      return { prompt: this.#pasted.ask(plan), line: EMPTY_LINE, hint: undefined };
    }
    if (this.#search !== undefined) {
      return { prompt: this.#search.prompt, line: this.#search.line, hint: undefined };
    }
    const hint = this.#isLeaving ? LEAVE_HINT : undefined;
    return { prompt: this.#prompt, line: this.editor.line, hint };
  }

  press(key: EditorKey): InputResult {
    const isLeaving = this.#isLeaving;
    const goal = this.#goal;
    this.#isLeaving = false;
    this.#goal = undefined;
    if (this.#pasted !== undefined) return this.#answer(this.#pasted, key);
    if (this.#search !== undefined) return this.#pressInSearch(this.#search, key);
    switch (key.kind) {
      case "paste":
        return this.#paste(key.text);
      case "interrupt":
        return this.#interrupt(isLeaving);
      case "previous":
      case "next":
        return this.#moveByRow(key.kind === "next" ? 1 : -1, goal) ?? this.#pressInEditor(key);
      default:
        return this.#pressInEditor(key);
    }
  }

  #pressInEditor(key: EditorKey): InputResult {
    const result = this.editor.press(key);
    switch (result.kind) {
      case "search":
        this.#search = new HistorySearch(this.editor.history, this.#lastQuery);
        return EDITED;
      case "cancel":
        return IGNORED;
      default:
        return result;
    }
  }

  #moveByRow(steps: 1 | -1, goal: number | undefined): InputResult | undefined {
    const { line } = this.editor;
    const moved = moveByRow(this.#prompt, line, this.#options.columns(), steps, goal);
    if (moved === undefined) return undefined;
    this.#goal = moved.goal;
    this.editor.line = { text: line.text, cursor: moved.cursor };
    return EDITED;
  }

  /** Ctrl-C: takes the text away; on an empty line the first one asks for a second one. */
  #interrupt(isLeaving: boolean): InputResult {
    if (this.editor.line.text !== "") this.editor.killLine();
    else if (isLeaving || this.#options.leavesAtOnce) return { kind: "interrupt" };
    else this.#isLeaving = true;
    return EDITED;
  }

  #paste(pasted: string): InputResult {
    const text = normalizePaste(pasted);
    if (!text.includes("\n")) return this.#pressInEditor({ kind: "paste", text });
    const { length } = this.editor.line.text;
    this.#pasted = new PastedLines(text, MAX_INPUT_UNITS - length, length === 0);
    return EDITED;
  }

  #answer(pasted: PastedLines, key: EditorKey): InputResult {
    if (key.kind === "cancel" || key.kind === "interrupt") {
      this.#pasted = undefined;
      return EDITED;
    }
    const letter = key.kind === "enter" ? "\r" : key.kind === "type" ? key.text.slice(0, 1) : "";
    const choice = pasted.choose(letter, this.editor.line);
    if (choice.kind === "none") return IGNORED;
    this.#pasted = undefined;
    if (choice.kind === "edit") this.editor.press({ kind: "paste", text: pasted.text });
    if (choice.kind === "send") return { kind: "submit", text: this.editor.submit(choice.text) };
    if (choice.kind !== "sendLines") return EDITED;
    this.editor.switchTo(EMPTY_LINE); // so many lines would push all others out of the history
    return { kind: "submitLines", texts: choice.texts };
  }

  #pressInSearch(search: HistorySearch, key: EditorKey): InputResult {
    switch (key.kind) {
      case "type":
      case "paste":
        search.type(key.text);
        return EDITED;
      case "backspace":
        search.backspace();
        return EDITED;
      case "search":
        search.goOn();
        return EDITED;
      case "cancel":
      case "interrupt":
        this.#search = undefined;
        return EDITED;
      default:
        this.#take(search);
        return key.kind === "enter" ? EDITED : this.press(key);
    }
  }

  /** The line found takes the place of the one that was written. */
  #take(search: HistorySearch): void {
    this.#search = undefined;
    this.#lastQuery = search.query;
    if (search.found !== undefined) this.editor.recall(search.found.index);
  }
}

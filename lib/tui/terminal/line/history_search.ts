/** The search of Ctrl-R in the submitted lines. Pure. */
import { graphemeBefore } from "../../../base/text_width.ts";
import type { EditorLine } from "./editor_line.ts";
import { EMPTY_LINE } from "./editor_line.ts";
import type { FoundLine, LineHistory } from "./line_history.ts";

/** Longest text that is searched for; the rest is dropped. */
export const MAX_QUERY_UNITS = 200;

export class HistorySearch {
  readonly #history: LineHistory;
  /** What was searched for before; Ctrl-R takes it where nothing has been typed. */
  readonly #last: string;
  #query = "";
  #found: FoundLine | undefined;
  #isMissing = false;

  constructor(history: LineHistory, last: string) {
    this.#history = history;
    this.#last = last;
  }

  get query(): string {
    return this.#query;
  }

  /** The line found last; undefined: none yet. */
  get found(): FoundLine | undefined {
    return this.#found;
  }

  /** The query goes on: the line found stays, if it has it. */
  type(text: string): void {
    this.#query = (this.#query + text.replaceAll(/\s+/g, " ")).slice(0, MAX_QUERY_UNITS).toWellFormed();
    this.#find(this.#found === undefined ? undefined : this.#found.index + 1);
  }

  backspace(): void {
    this.#query = this.#query.slice(0, graphemeBefore(this.#query, this.#query.length));
    this.#found = undefined;
    this.#find(undefined);
  }

  /** To the line before the one found. */
  goOn(): void {
    if (this.#query === "") return this.type(this.#last);
    this.#find(this.#found?.index);
  }

  get prompt(): string {
    const query = `search «${this.#query}»`;
    return this.#isMissing ? `${query}, none${this.#found === undefined ? "" : " before"}: ` : `${query}: `;
  }

  /** The line found, with the cursor where the query is. */
  get line(): EditorLine {
    if (this.#found === undefined) return EMPTY_LINE;
    const { text } = this.#found;
    return { text, cursor: Math.max(0, text.toLowerCase().indexOf(this.#query.toLowerCase())) };
  }

  #find(before: number | undefined): void {
    if (this.#query === "") {
      this.#isMissing = false;
      return;
    }
    const found = this.#history.find(this.#query, before);
    this.#isMissing = found === undefined;
    if (found !== undefined) this.#found = found;
  }
}

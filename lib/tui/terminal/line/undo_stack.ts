/** Earlier states of the line. Pure. */
import type { EditorLine } from "./editor_line.ts";

/** Changes that can be undone. */
export const MAX_UNDO_STEPS = 200;

/** What changed the line: changes of one kind in a row are one step, except for "other". */
export type ChangeKind = "type" | "backspace" | "delete" | "other";

export class UndoStack {
  readonly #lines: EditorLine[] = [];
  #last: ChangeKind | undefined;

  /** `line` is about to be changed. */
  note(line: EditorLine, kind: ChangeKind): void {
    const joins = kind !== "other" && kind === this.#last;
    this.#last = kind;
    if (joins) return;
    this.#lines.push(line);
    if (this.#lines.length > MAX_UNDO_STEPS) this.#lines.shift();
  }

  /** The next change begins a step of its own. */
  endStep(): void {
    this.#last = undefined;
  }

  /** The line before the last step; undefined: there is none. */
  undo(): EditorLine | undefined {
    this.#last = undefined;
    return this.#lines.pop();
  }

  clear(): void {
    this.#lines.length = 0;
    this.#last = undefined;
  }
}

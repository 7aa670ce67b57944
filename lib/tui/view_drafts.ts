/** Lines that are being written, one for each view. Pure. */
import { casefold } from "../irc/names/casemap.ts";
import type { EditorLine } from "./terminal/line/editor_line.ts";
import { EMPTY_LINE } from "./terminal/line/editor_line.ts";

/** Drafts kept; the one of the view that was left longest ago goes first. */
export const MAX_DRAFTS = 100;

export class ViewDrafts {
  /** By folded name, the view left last at the end. */
  readonly #texts = new Map<string, string>();
  /** The folded name of the view that is shown; "": none; undefined: not known yet. */
  #shown: string | undefined;

  /** `kept`: by the name of the view. */
  constructor(kept: Readonly<Record<string, string>> = {}) {
    for (const [view, text] of Object.entries(kept)) this.#put(casefold(view), text);
  }

  /** `view` is shown from now on; `line` is what has been written for the one before. Undefined: it is the same view. */
  switchTo(view: string | undefined, line: EditorLine): EditorLine | undefined {
    const folded = view === undefined ? "" : casefold(view);
    const before = this.#shown;
    this.#shown = folded;
    if (folded === before || before === undefined && line.text !== "") return undefined; // it was typed ahead
    if (before !== undefined) this.#put(before, line.text);
    const text = this.#texts.get(folded);
    return text === undefined ? EMPTY_LINE : { text, cursor: text.length };
  }

  /** All drafts by the name of their view; `text` is the one of the view that is shown. */
  list(text: string): Readonly<Record<string, string>> {
    this.#put(this.#shown ?? "", text);
    return Object.fromEntries(this.#texts);
  }

  #put(folded: string, text: string): void {
    this.#texts.delete(folded);
    if (text.trim() !== "") this.#texts.set(folded, text);
    if (this.#texts.size > MAX_DRAFTS) this.#texts.delete(this.#texts.keys().next().value!);
  }
}

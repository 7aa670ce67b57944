/** Lines that are being written, one for each view. Pure. */
import { resolveView } from "../client/conversation/model/views.ts";
import type { ViewKey } from "../client/conversation/model/views.ts";
import { casefold } from "../irc/names/casemap.ts";
import type { EditorLine } from "./terminal/line/editor_line.ts";
import { EMPTY_LINE } from "./terminal/line/editor_line.ts";

/** Drafts kept; the one of the view that was left longest ago goes first. */
export const MAX_DRAFTS = 100;

/** A draft that has lost its view to that of another one. */
export interface FurtherDraft {
  /** The name of both by now. */
  readonly name: string;
  readonly text: string;
}

/** Stands for a view where there is none. */
const NO_VIEW: ViewKey = { name: "" };

export class ViewDrafts {
  /** By view; those of earlier runs by folded name, until the view is shown. The view left last is at the end. */
  readonly #texts = new Map<ViewKey | string, string>();
  /** The view that is shown; undefined: not known yet. */
  #shown: ViewKey | undefined;

  /** `kept`: by the name of the view. */
  constructor(kept: Readonly<Record<string, string>> = {}) {
    for (const [view, text] of Object.entries(kept)) this.#put(casefold(view), text);
  }

  /** `view` is shown from now on; `line` is what has been written for the one before. Undefined: it is the same view. */
  switchTo(view: ViewKey = NO_VIEW, line: EditorLine): EditorLine | undefined {
    const before = this.#shown;
    this.#shown = view;
    if (view === before || before === undefined && line.text !== "") return undefined; // it was typed ahead
    if (before !== undefined) this.#put(before, line.text);
    const folded = casefold(view.name);
    const text = this.#texts.get(view) ?? this.#texts.get(folded);
    this.#texts.delete(folded);
    return text === undefined ? EMPTY_LINE : { text, cursor: text.length };
  }

  /** Takes the drafts of views that have become one with the one shown, or with one that has a draft. */
  takeFurther(): readonly FurtherDraft[] {
    const further: FurtherDraft[] = [];
    this.#shown = this.#shown && resolveView(this.#shown);
    for (const [key, text] of this.#texts) {
      const view = typeof key === "string" ? this.#findNamed(key) : resolveView(key);
      if (view === undefined || view === key) continue;
      this.#put(key, "");
      if (view === this.#shown || this.#texts.has(view)) further.push({ name: view.name, text });
      else this.#put(view, text);
    }
    return further;
  }

  /** The view that has got the name of one of an earlier run. */
  #findNamed(folded: string): ViewKey | undefined {
    const views = [...this.#texts.keys(), this.#shown].filter((key) => typeof key === "object");
    return views.find(({ name }) => casefold(name) === folded);
  }

  /** All drafts by the folded name of their view; `text` is the one of the view that is shown. */
  list(text: string): Readonly<Record<string, string>> {
    this.#put(this.#shown ?? NO_VIEW, text);
    return Object.fromEntries(
      Array.from(
        this.#texts,
        ([view, text]) => [typeof view === "string" ? view : casefold(view.name), text],
      ),
    );
  }

  #put(view: ViewKey | string, text: string): void {
    this.#texts.delete(view);
    if (text.trim() !== "") this.#texts.set(view, text);
    if (typeof view === "object" && view !== NO_VIEW) view.hasDraft = this.#texts.has(view);
    if (this.#texts.size > MAX_DRAFTS) this.#put(this.#texts.keys().next().value!, "");
  }
}

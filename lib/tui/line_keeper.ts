/** Keeps what is typed: submitted lines and the drafts of all views, also over a crash. */
import type { callAfter as callLater } from "../base/deadlines.ts";
import { isSecretInput } from "../client/commands/secret_input.ts";
import type { ViewKey } from "../client/conversation/model/views.ts";
import { EMPTY_LINE } from "./terminal/line/editor_line.ts";
import type { EditorLine } from "./terminal/line/editor_line.ts";
import { ViewDrafts } from "./view_drafts.ts";

/** Where lines are kept. Calls may throw disk errors. */
export interface LineStore {
  /** Lines submitted in earlier runs, the oldest first. */
  readonly history: readonly string[];
  /** Drafts of earlier runs by the folded name of their view. */
  readonly drafts: Readonly<Record<string, string>>;
  addLine(line: string): void;
  replaceDrafts(drafts: Readonly<Record<string, string>>): void;
}

export interface LineKeeperOptions {
  readonly later: typeof callLater;
  /** Shows that lines cannot be kept; called once. */
  readonly report: (text: string) => void;
}

/** After this silence of the keyboard the draft is written. */
const DRAFT_SILENCE_MS = 3000;
const NO_DRAFTS = "{}";

export class LineKeeper {
  readonly #store: LineStore | undefined;
  readonly #options: LineKeeperOptions;
  readonly #drafts: ViewDrafts;
  #view: ViewKey | undefined;
  #line: EditorLine = EMPTY_LINE;
  #lastLine: string | undefined;
  #kept: string;
  #cancelTimer = () => {};
  #hasFailed = false;

  constructor(store: LineStore | undefined, options: LineKeeperOptions) {
    this.#store = store;
    this.#options = options;
    this.#drafts = new ViewDrafts(store?.drafts);
    this.#lastLine = store?.history.at(-1);
    this.#kept = JSON.stringify(store?.drafts ?? {});
  }

  get history(): readonly string[] {
    return this.#store?.history ?? [];
  }

  /** `view` is shown; undefined: it was so before, else the draft for it. `line`: what is in the line. */
  switchTo(view: ViewKey | undefined, line: EditorLine): EditorLine | undefined {
    const draft = this.#drafts.switchTo(view, line);
    this.#view = view;
    if (draft !== undefined) this.#line = draft;
    return draft;
  }

  /** A key was pressed; the line is `line` now. */
  noteKey(line: EditorLine): void {
    if (line.text === this.#line.text) return;
    this.#line = line;
    this.#cancelTimer();
    if (this.#store !== undefined) {
      this.#cancelTimer = this.#options.later(DRAFT_SILENCE_MS, () => this.#keepDrafts());
    }
  }

  /** `lines` are submitted: a single one is kept, many would push all others out. */
  noteSubmitted(lines: readonly string[]): void {
    this.#line = EMPTY_LINE;
    if (this.#kept !== NO_DRAFTS) this.#keepDrafts(); // else a crash would bring back what has been sent
    const [line = "", ...further] = lines;
    if (further.length > 0 || line.trim() === "" || line === this.#lastLine) return;
    if (isSecretInput(line, this.#view?.name)) return;
    this.#lastLine = line;
    this.#try((store) => store.addLine(line));
  }

  /** The program ends with `line` unsent. */
  close(line: EditorLine): void {
    this.#cancelTimer();
    this.#line = line;
    this.#keepDrafts();
  }

  #keepDrafts(): void {
    const drafts = Object.fromEntries(
      Object.entries(this.#drafts.list(this.#line.text)).filter(([view, text]) => !isSecretInput(text, view)),
    );
    const text = JSON.stringify(drafts);
    if (text === this.#kept) return;
    this.#kept = text;
    this.#try((store) => store.replaceDrafts(drafts));
  }

  /** The first failure is shown; from then on nothing is kept. */
  #try(keep: (store: LineStore) => void): void {
    if (this.#store === undefined || this.#hasFailed) return;
    try {
      keep(this.#store);
    } catch (error) {
      this.#hasFailed = true;
      const why = error instanceof Error ? error.message : String(error);
      this.#options.report(`typed lines are no longer kept: ${why}`);
    }
  }
}

/** Keeps what is typed: submitted lines and the drafts of all views, also over a crash. */
import type { callAfter as callLater } from "../base/deadlines.ts";
import { isSecretInput } from "../client/commands/secret_input.ts";
import type { ViewKey } from "../client/conversation/model/views.ts";
import { casefold } from "../irc/names/casemap.ts";
import { EMPTY_LINE } from "./terminal/line/editor_line.ts";
import type { EditorLine } from "./terminal/line/editor_line.ts";
import type { UnsentTexts } from "./ui.ts";
import { ViewDrafts } from "./view_drafts.ts";
import type { FurtherDraft } from "./view_drafts.ts";

/** Where lines are kept. Calls may throw disk errors. */
export interface LineStore {
  /** Lines submitted in earlier runs, the oldest first. */
  readonly history: readonly string[];
  /** Drafts of earlier runs by the folded name of their view. */
  readonly drafts: Readonly<Record<string, string>>;
  addLine(line: string): void;
  /** `isDurable`: they outlive a power failure, for which the call waits; else the end of the program only. */
  replaceDrafts(drafts: Readonly<Record<string, string>>, isDurable: boolean): void;
  /** Calls `save` when the program ends without a {@link LineKeeper.close}: by a bug. */
  onExit?(save: () => void): void;
}

export interface LineKeeperOptions {
  readonly later: typeof callLater;
  /** Shows that lines cannot be kept, were not sent, or where one is now. */
  readonly report: (text: string) => void;
}

/** Drafts on disk are at most so old; once nothing has changed for so long they are made durable. */
const DRAFT_AGE_MS = 500;
const NO_DRAFTS = "{}";
/** Between the folded name of a view and a number: text of lines that wait to be sent there. No name has a blank. */
const WAITING_KEY = " waiting ";

export class LineKeeper {
  readonly #store: LineStore | undefined;
  readonly #options: LineKeeperOptions;
  readonly #drafts: ViewDrafts;
  #view: ViewKey | undefined;
  /** The name that it had: a person may change theirs. */
  #viewName: string | undefined;
  #line: EditorLine = EMPTY_LINE;
  /** By view and number. */
  #waiting: Readonly<Record<string, string>>;
  readonly #further: string[] = [];
  #lastLine: string | undefined;
  #kept: string;
  #isDurable = true;
  /** Whether the line has changed since the timer was set. */
  #hasChanged = false;
  /** Undefined: the timer is not set. */
  #cancelTimer: (() => void) | undefined;
  #hasFailed = false;

  constructor(store: LineStore | undefined, options: LineKeeperOptions) {
    this.#store = store;
    this.#options = options;
    const kept = Object.entries(store?.drafts ?? {});
    const isWaiting = ([key]: [string, string]) => key.includes(WAITING_KEY);
    this.#drafts = new ViewDrafts(Object.fromEntries(kept.filter((draft) => !isWaiting(draft))));
    this.#waiting = Object.fromEntries(kept.filter(isWaiting));
    this.#lastLine = store?.history.at(-1);
    this.#kept = JSON.stringify(store?.drafts ?? {});
    store?.onExit?.(() => this.#keepDrafts(true));
  }

  get history(): readonly string[] {
    return this.#store?.history ?? [];
  }

  /** `view` is shown; undefined: it was so before, else the draft for it. `line`: what is in the line. */
  switchTo(view: ViewKey | undefined, line: EditorLine): EditorLine | undefined {
    for (const draft of this.#drafts.takeFurther()) this.#keepFurther(draft);
    const draft = this.#drafts.switchTo(view, line);
    const isOther = view !== this.#view || view?.name !== this.#viewName;
    this.#view = view;
    this.#viewName = view?.name;
    if (draft !== undefined) this.#line = draft;
    if (isOther && (this.#line.text !== "" || this.#kept !== NO_DRAFTS)) this.#startTimer();
    return draft;
  }

  /** Drafts of other views that have become one with theirs, for the history. */
  takeFurther(): readonly string[] {
    return this.#further.splice(0);
  }

  /** Two drafts are for one conversation by now: the other one goes to the history. */
  #keepFurther({ name, text }: FurtherDraft): void {
    this.#further.push(text);
    if (!isSecretInput(text, name)) this.#try((store) => store.addLine(text));
    this.#options.report(`two texts were half typed for ${name}: the other one is in the history (Up)`);
    this.#startTimer();
  }

  /** A key was pressed; the line is `line` now. */
  noteKey(line: EditorLine): void {
    if (line.text === this.#line.text) return;
    this.#line = line;
    this.#hasChanged = true;
    this.#startTimer();
  }

  /** `line` is submitted; left out: lines that {@link keepWaiting} keeps. */
  noteSubmitted(line = ""): void {
    this.#line = EMPTY_LINE;
    if (this.#kept !== NO_DRAFTS) this.#keepDrafts(false); // else a crash would bring back what has been sent
    if (line.trim() === "" || line === this.#lastLine) return;
    if (isSecretInput(line, this.#view?.name)) return;
    this.#lastLine = line;
    this.#try((store) => store.addLine(line));
  }

  /** `waiting`: what has been submitted and cannot be sent yet, in place of that of the last call. */
  keepWaiting(waiting: readonly UnsentTexts[]): void {
    this.#waiting = Object.fromEntries(
      waiting.flatMap(({ view: { name }, texts }) =>
        isSecretInput("", name)
          ? []
          : texts.map((text, nth) => [`${casefold(name)}${WAITING_KEY}${nth + 1}`, text])
      ),
    );
    this.#keepDrafts(false);
  }

  /** `texts` are not sent: the history gets them, the first one as its newest line. Returns them in that order. */
  giveBack({ view, texts }: UnsentTexts): readonly string[] {
    const lines = texts.toReversed();
    if (!isSecretInput("", view.name)) {
      for (const line of lines) {
        this.#try((store) => store.addLine(line));
      }
    }
    this.#lastLine = lines.at(-1) ?? this.#lastLine;
    return lines;
  }

  /** What an earlier run had waiting when it ended by a crash: the history gets it. Returns it as {@link giveBack}. */
  takeWaiting(): readonly string[] {
    const lines = Object.values(this.#waiting).toReversed();
    for (const line of lines) this.#try((store) => store.addLine(line));
    this.#waiting = {};
    if (lines.length === 0) return lines;
    this.#keepDrafts(false);
    this.#options.report("lines of the run before were not sent: the up arrow brings them back");
    return lines;
  }

  /** The program ends with `line` unsent. */
  close(line: EditorLine): void {
    this.#cancelTimer?.();
    this.#line = line;
    this.#keepDrafts(true);
  }

  #startTimer(): void {
    if (this.#store === undefined) return;
    this.#cancelTimer ??= this.#options.later(DRAFT_AGE_MS, () => {
      this.#cancelTimer = undefined;
      const isPause = !this.#hasChanged;
      this.#hasChanged = false;
      this.#keepDrafts(isPause);
      if (!isPause) this.#startTimer();
    });
  }

  #keepDrafts(isDurable: boolean): void {
    const drafts = {
      ...Object.fromEntries(
        Object.entries(this.#drafts.list(this.#line.text)).filter(([view, text]) =>
          !isSecretInput(text, view)
        ),
      ),
      ...this.#waiting,
    };
    const text = JSON.stringify(drafts);
    if (text === this.#kept && (this.#isDurable || !isDurable)) return;
    this.#kept = text;
    this.#isDurable = isDurable;
    this.#try((store) => store.replaceDrafts(drafts, isDurable));
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

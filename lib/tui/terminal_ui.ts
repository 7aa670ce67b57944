/** User interface at a terminal: entries scroll above, the input line stays below. */
import { callAfter as callLater } from "../base/deadlines.ts";
import type { Palette } from "../cli/standard_streams.ts";
import { CompletionCycle } from "./completion.ts";
import { formatChoices } from "./completion_rows.ts";
import { LineKeeper } from "./line_keeper.ts";
import { LineQueue } from "./input/line_queue.ts";
import { cutText } from "./terminal/cut_text.ts";
import { makeInputBlock } from "./input/input_block.ts";
import { TYPED_EARLY, TypedKeys } from "./input/typed_keys.ts";
import { HeldRows } from "./terminal/held_rows.ts";
import type { EditorKey } from "./terminal/line/line_editor.ts";
import { LineInput } from "./terminal/line/line_input.ts";
import { PASTE_OFF, PASTE_ON, Screen } from "./terminal/screen.ts";
import type { InputBlock } from "./terminal/screen.ts";
import type { Terminal } from "./terminal/terminal.ts";
import type { TerminalUiOptions } from "./terminal_ui_options.ts";
import type { ChatInput, ChatUi, InputEnd, OutsideEdit } from "./ui.ts";
import { formatAnsi, wrap } from "./view/styled_line.ts";
import type { ViewKey } from "../client/conversation/model/views.ts";
import type { StyledSpan } from "./view/styled_line.ts";

const NO_EDITOR = "no editor: this program may not start programs here";
const NO_SUSPEND = "Ctrl-Z does nothing: this program may not stop itself here";

export class TerminalUi implements ChatUi {
  readonly #terminal: Terminal;
  readonly #palette: Palette;
  readonly #options: TerminalUiOptions;
  readonly #screen: Screen;
  readonly #input: LineInput;
  readonly #keeper: LineKeeper;
  readonly #queue: LineQueue;
  #view: ViewKey | undefined;
  readonly #completion = new CompletionCycle();
  readonly #offSignals: readonly (() => void)[];
  #offPaste = () => {};
  #plan: ChatInput["plan"];
  #restored: ChatInput["restored"];
  #prompt = "";
  #unsent: readonly (readonly StyledSpan[])[] = [];
  /** Rows below the line, until the next key. */
  #below: readonly string[] = [];
  readonly #held = new HeldRows();
  /** Another program has the terminal. */
  #isAway = false;
  /** The terminal does not take what is written, or not so fast. */
  #isStalled = false;
  #isStopping = false;
  #isClosed = false;

  constructor(terminal: Terminal, palette: Palette, options: TerminalUiOptions = {}) {
    this.#terminal = terminal;
    this.#palette = palette;
    this.#options = options;
    this.#keeper = new LineKeeper(options.store, {
      later: options.later ?? callLater,
      report: (text) => this.#report(text),
    });
    this.#input = new LineInput(this.#keeper.history, {
      columns: () => terminal.size().columns,
      leavesAtOnce: options.leavesAtOnce ?? false,
      plan: (line) => this.#plan?.(line),
    });
    this.#queue = new LineQueue({
      keep: (waiting) => this.#keeper.keepWaiting(waiting),
      giveBack: (unsent) => this.#input.editor.history.addAll(this.#keeper.giveBack(unsent)),
      report: (text) => this.#report(text),
      changed: () => this.#redraw(),
    });
    this.#screen = new Screen((text) => terminal.output.write(text), terminal.size, terminal.wrapsAnew);
    this.#offSignals = [
      terminal.onResize(() => !this.#isAway && this.#screen.handleResize()),
      terminal.onContinue(() => this.#handleContinue()),
    ];
    this.#enter();
  }

  get columns(): number {
    return this.#terminal.size().columns;
  }

  show(lines: readonly (readonly StyledSpan[])[], replaced = 0): void {
    const { columns } = this.#terminal.size();
    const rows = lines.flatMap((line) => wrap(line, columns)).map((row) => formatAnsi(row, this.#palette));
    if (this.#isClosed) return this.#writeRows(rows);
    if (this.#isHolding) return this.#held.add(rows);
    this.#screen.print(rows, replaced);
    if (this.#terminal.output.isBacklogged) void this.#waitForTerminal();
  }

  get replaceableRows(): number {
    return this.#isClosed || this.#isHolding ? 0 : this.#screen.printedRows;
  }

  prompt(text: string, view: ViewKey | undefined): void {
    this.#view = view;
    const draft = this.#keeper.switchTo(view, this.#input.editor.line);
    for (const text of this.#keeper.takeFurther()) this.#input.editor.history.add(text);
    if (draft !== undefined) this.#input.editor.switchTo(draft);
    if (draft?.text) this.#restored?.(draft.text);
    if (text === this.#prompt && draft === undefined) return;
    this.#prompt = text;
    this.#input.prompt = text;
    this.#redraw();
  }

  showUnsent(lines: readonly (readonly StyledSpan[])[]): void {
    if (lines.length === 0 && this.#unsent.length === 0) return;
    this.#unsent = lines;
    this.#redraw();
  }

  clear(): void {
    if (!this.#isClosed && !this.#isHolding) this.#screen.clear();
  }

  async run(input: ChatInput): Promise<InputEnd> {
    const { keyboard } = this.#terminal;
    this.#plan = input.plan;
    this.#restored = input.restored;
    this.#restored?.(this.#input.editor.line.text);
    this.#input.editor.history.addAll(this.#keeper.takeWaiting());
    const keys = new TypedKeys(keyboard);
    for (let key = await keys.next(); key !== undefined; key = await keys.next()) {
      if (key.kind === "report") {
        if ("isFocused" in key) input.focus?.(key.isFocused);
        else if (!this.#isAway) this.#screen.handleCursorReport(key.column);
        continue;
      }
      if (key.kind === "goTo") {
        input.goTo?.(key.move);
        continue;
      }
      const end = await this.#press(key, input);
      if (end !== undefined) return end;
      if (!keys.hasMore) {
        this.#redraw();
        await undefined; // the write of the output begins: the person sees the key before anything else is done
      }
      this.#keeper.noteKey(this.#input.editor.line);
      input.typed?.(this.#input.editor.line.text);
    }
    return keyboard.isGone ? "gone" : "end";
  }

  close(): void {
    this.#queue.stop();
    this.#keeper.close(this.#input.editor.line);
    this.#isClosed = true;
    for (const off of this.#offSignals) off();
    if (!this.#isAway) {
      this.#screen.close();
      this.#writeRows(this.#takeHeld());
    }
    this.#offPaste();
    this.#terminal.keyboard.close();
  }

  /** Undefined: input goes on. */
  async #press(key: EditorKey, input: ChatInput): Promise<InputEnd | undefined> {
    if (key.kind === "interrupt" && this.#queue.size > 0 && !this.#input.isAsking) {
      this.#queue.stop();
      return undefined;
    }
    const pressed = this.#input.press(key);
    if (pressed.kind !== "complete" && pressed.kind !== "completeBack") this.#completion.end();
    this.#below = key.kind === "paste" && key.isEarly ? [TYPED_EARLY] : [];
    switch (pressed.kind) {
      case "edited":
        if (!this.#input.isAsking) this.#expand(input.expand?.(this.#input.editor.line.text));
        break;
      case "interrupt":
        return "interrupt";
      case "end":
        return "end";
      case "clear":
        this.clear();
        break;
      case "pageUp":
        input.pageUp();
        break;
      case "complete":
        this.#complete(input.completionWords, 1);
        break;
      case "completeBack":
        this.#complete(input.completionWords, -1);
        break;
      case "suspend":
        await this.#suspend();
        break;
      case "editOutside":
        await this.#editOutside();
        break;
      case "submit":
        this.#redraw();
        this.#keeper.noteSubmitted(pressed.text);
        if (await this.#editMessage(pressed.text, input.editMessage)) break;
        await this.#queue.enter(pressed.text, this.#view, input);
        break;
      case "submitLines":
        this.#keeper.noteSubmitted();
        await this.#queue.enterAll(pressed.texts, this.#view, input);
        break;
    }
    return undefined;
  }

  #report(text: string): void {
    this.show([[{ text: `      !!! ${text}`, style: "alarm" }]]);
  }

  /** `text` stands for what was typed; undefined: it stays. */
  #expand(text: string | undefined): void {
    if (text !== undefined) this.#input.editor.line = { text, cursor: text.length };
  }

  #complete(find: ChatInput["completionWords"], steps: 1 | -1): void {
    const { editor } = this.#input;
    const before = editor.line.text.slice(0, editor.line.cursor);
    const words = find(before, () => this.#completeAgain(before, find));
    const line = this.#completion.press(editor.line, words, steps);
    if (line !== undefined) editor.line = line;
    this.#below = formatChoices(this.#completion.choices, this.#terminal.size().columns);
  }

  /** Further words are known: unless the person has gone on, Tab has found them, too. */
  #completeAgain(before: string, find: ChatInput["completionWords"]): void {
    const { text, cursor } = this.#input.editor.line;
    if (this.#isClosed || this.#isAway || text.slice(0, cursor) !== before) return;
    this.#completion.end();
    this.#complete(find, 1);
    this.#redraw();
  }

  /** Ctrl-Z: the shell has the terminal until it continues the program. */
  async #suspend(): Promise<void> {
    const { suspend } = this.#options;
    if (suspend === undefined) return this.#hint(NO_SUSPEND);
    await this.#leave();
    this.#isStopping = true;
    const why = suspend();
    if (why !== undefined) this.#isStopping = false;
    this.#enter();
    if (why !== undefined) this.#hint(why);
  }

  /** The program goes on after Ctrl-Z, or after a stop from outside: the shell has changed the terminal. */
  #handleContinue(): void {
    const isEntered = this.#isStopping;
    this.#isStopping = false;
    if (isEntered || this.#isClosed || this.#isAway) return;
    this.#offPaste();
    try {
      this.#terminal.keyboard.raw = false;
      this.#enter();
    } catch {
      // a terminal that is closed continues its programs, too: SIGHUP ends them
    }
  }

  async #editOutside(): Promise<void> {
    const { editOutside } = this.#options;
    if (editOutside === undefined) return this.#hint(NO_EDITOR);
    const edited = await this.#open(this.#input.editor.line.text, editOutside);
    if (this.#isClosed) return; // a signal
    if ("text" in edited) this.#expand(edited.text);
    else this.#hint(edited.why);
  }

  /** `/edit` without a text; false: `line` is another one. */
  async #editMessage(line: string, editMessage: ChatInput["editMessage"]): Promise<boolean> {
    const { editOutside } = this.#options;
    const edited = editOutside && editMessage?.(line, (text) => this.#open(text, editOutside));
    if (edited === undefined) return false;
    this.#expand(await edited);
    return true;
  }

  /** The person's editor has the terminal until they leave it. */
  async #open(
    text: string,
    edit: NonNullable<TerminalUiOptions["editOutside"]>,
  ): Promise<OutsideEdit> {
    await this.#leave();
    const edited = await edit(text, (saved) => this.#expand(saved)); // the draft, when this is closed
    if (this.#isClosed) return { why: "the chat has ended" }; // a signal
    this.#enter();
    return edited;
  }

  /** Gives the terminal away, as it was before. */
  async #leave(): Promise<void> {
    this.#screen.close();
    this.#offPaste();
    this.#isAway = true;
    this.#terminal.keyboard.raw = false;
    await this.#terminal.output.flush();
  }

  #enter(): void {
    this.#isAway = false;
    this.#terminal.keyboard.raw = true;
    this.#offPaste = this.#terminal.output.changeTerminal(PASTE_ON, PASTE_OFF);
    this.#screen.open(this.#block());
    if (!this.#isStalled) this.#screen.print(this.#takeHeld());
  }

  /** Rows are held back, and keys are not shown. */
  get #isHolding(): boolean {
    return this.#isAway || this.#isStalled;
  }

  /** Holds rows back until the terminal has taken what it was given. */
  async #waitForTerminal(): Promise<void> {
    this.#isStalled = true;
    await this.#terminal.output.flush();
    this.#isStalled = false;
    if (this.#isClosed || this.#isAway) return;
    this.#redraw();
    this.#screen.print(this.#takeHeld());
  }

  #takeHeld(): readonly string[] {
    const { columns } = this.#terminal.size();
    return this.#held.take((text) => this.#palette.dim(cutText(text, columns)));
  }

  /** Without an input line. */
  #writeRows(rows: readonly string[]): void {
    for (const row of rows) this.#terminal.output.write(`${row}\n`);
  }

  /** Shows `text` below the line until the next key. */
  #hint(text: string): void {
    this.#below = [text];
  }

  #redraw(): void {
    if (!this.#isClosed && !this.#isHolding) this.#screen.update(this.#block());
  }

  #block(): InputBlock {
    const hint = this.#input.view.hint ?? (this.#below.length === 0 ? this.#queue.hint : undefined);
    return makeInputBlock({ ...this.#input.view, hint }, this.#unsent, this.#below, {
      columns: this.#terminal.size().columns,
      dim: this.#palette.dim,
    });
  }
}

/** User interface at a terminal: entries scroll above, the input line stays below. */
import { toPrintable } from "../base/printable_text.ts";
import type { Palette } from "../cli/standard_streams.ts";
import { complete } from "./completion.ts";
import type { CompletionWords } from "../client/conversation/chat.ts";
import { LineEditor } from "./terminal/line_editor.ts";
import type { ChatInput, ChatUi, InputEnd } from "./ui.ts";
import { formatAnsi, wrap } from "./view/styled_line.ts";
import type { StyledSpan } from "./view/styled_line.ts";
import { Screen } from "./terminal/screen.ts";
import type { Terminal } from "./terminal/terminal.ts";

export class TerminalUi implements ChatUi {
  readonly #terminal: Terminal;
  readonly #palette: Palette;
  readonly #screen: Screen;
  readonly #editor = new LineEditor();
  readonly #offResize: () => void;
  #prompt = "";
  /** The choices that the key before has shown; "": none. */
  #choices = "";
  #isClosed = false;

  constructor(terminal: Terminal, palette: Palette) {
    this.#terminal = terminal;
    this.#palette = palette;
    this.#screen = new Screen((text) => terminal.output.write(text), terminal.size);
    this.#offResize = terminal.onResize(() => this.#screen.handleResize());
    terminal.keyboard.raw = true;
    this.#screen.open("", this.#editor.line);
  }

  get columns(): number {
    return this.#terminal.size().columns;
  }

  show(lines: readonly (readonly StyledSpan[])[]): void {
    const { columns } = this.#terminal.size();
    const rows = lines.flatMap((line) => wrap(line, columns)).map((row) => formatAnsi(row, this.#palette));
    if (!this.#isClosed) this.#screen.print(rows);
    else for (const row of rows) this.#terminal.output.write(`${row}\n`); // there is no input line any more
  }

  prompt(text: string): void {
    if (text === this.#prompt) return;
    this.#prompt = text;
    this.#redraw();
  }

  clear(): void {
    if (!this.#isClosed) this.#screen.clear();
  }

  async run({ take, typed, completionWords, pageUp, goTo, expand, focus }: ChatInput): Promise<InputEnd> {
    const { keyboard } = this.#terminal;
    for (let key = await keyboard.next(); key !== undefined; key = await keyboard.next()) {
      if (key.kind === "report") {
        if ("isFocused" in key) focus?.(key.isFocused);
        else this.#screen.handleCursorReport(key.column);
        continue;
      }
      if (key.kind === "goTo") {
        goTo?.(key.move);
        continue;
      }
      const pressed = this.#editor.press(key);
      if (pressed.kind !== "complete") this.#choices = "";
      switch (pressed.kind) {
        case "edited": {
          const text = expand?.(this.#editor.line.text);
          if (text !== undefined) this.#editor.line = { text, cursor: text.length };
          break;
        }
        case "interrupt":
          if (this.#editor.line.text === "") return "interrupt";
          this.#editor.line = { text: "", cursor: 0 };
          break;
        case "end":
          return "end";
        case "clear":
          this.clear();
          break;
        case "pageUp":
          pageUp();
          break;
        case "complete":
          this.#complete(completionWords());
          break;
        case "submit":
          this.#redraw();
          await take(pressed.text);
          break;
      }
      typed?.(this.#editor.line.text);
      if (!keyboard.hasMore) this.#redraw();
    }
    return keyboard.isGone ? "gone" : "end";
  }

  close(): void {
    this.#isClosed = true;
    this.#offResize();
    this.#screen.close();
    this.#terminal.keyboard.close();
  }

  /** The same choices are not shown again for a repeated key. */
  #complete(words: CompletionWords): void {
    const completion = complete(this.#editor.line, words);
    if (completion.kind === "line") this.#editor.line = completion.line;
    if (completion.kind !== "choices") return;
    const choices = completion.choices.map(toPrintable).join("  ");
    if (choices !== this.#choices) this.show([[{ text: `      ${choices}`, style: "dim" }]]);
    this.#choices = choices;
  }

  #redraw(): void {
    if (!this.#isClosed) this.#screen.update(this.#prompt, this.#editor.line);
  }
}

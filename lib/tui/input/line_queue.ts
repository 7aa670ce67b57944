/** Lines that wait until the outbox has room for them, each for the view in which it was entered. */
import type { ViewKey } from "../../client/conversation/model/views.ts";
import { escapeCommand, unescapeCommand } from "../terminal/line/pasted_lines.ts";
import { MAX_INPUT_UNITS } from "../terminal/line/line_editor.ts";
import type { ChatInput, LineSender, UnsentTexts } from "../ui.ts";

export interface LineQueueOptions {
  /** Keeps what waits, in place of what it was given before. */
  readonly keep: (waiting: readonly UnsentTexts[]) => void;
  /** Gives back what is not sent; then it waits no more. */
  readonly giveBack: (unsent: UnsentTexts) => void;
  readonly report: (text: string) => void;
  /** The number of lines is another one. */
  readonly changed: () => void;
}

/** Characters that wait; what is more is given back. Escaped, they fit into the file of drafts. */
export const MAX_WAITING_UNITS = 256 * 1024;

/** Stands for a view where there is none. */
const NO_VIEW: ViewKey = { name: "" };

interface WaitingLine {
  readonly text: string;
  readonly view: ViewKey;
}

export class LineQueue {
  readonly #options: LineQueueOptions;
  #lines: WaitingLine[] = [];
  #isRunning = false;

  constructor(options: LineQueueOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#lines.length;
  }

  /** What the person is told of the lines; undefined: none waits. */
  get hint(): string | undefined {
    if (this.size === 0) return undefined;
    const count = this.size === 1 ? "1 line waits" : `${this.size.toLocaleString("en")} lines wait`;
    return `${count} to be sent: Ctrl-C stops`;
  }

  /** `line` is entered in `view`. A message waits for those before it; anything else is done at once. */
  async enter(line: string, view: ViewKey | undefined, input: ChatInput): Promise<void> {
    const { sender, take } = input;
    if (sender === undefined) await take(line);
    else if (this.#mustWait(line, view, sender, input)) this.#add([unescapeCommand(line)], view, sender);
    else void take(line);
  }

  /** The same for each of `texts`, none of which is a command. */
  async enterAll(
    texts: readonly string[],
    view: ViewKey | undefined,
    { sender, take }: ChatInput,
  ): Promise<void> {
    if (sender !== undefined) return this.#add(texts, view, sender);
    for (const text of texts) await take(escapeCommand(text));
  }

  /** Gives all lines back. */
  stop(): void {
    for (const view of new Set(this.#lines.map(({ view }) => view))) this.#giveBack(view);
  }

  #mustWait(line: string, view: ViewKey | undefined, sender: LineSender, { plan }: ChatInput): boolean {
    const isBehind = this.#lines.some((waiting) => waiting.view === view);
    if (!isBehind && (this.size > 0 || sender.hasRoom())) return false;
    return plan?.(line) !== undefined && !/^\s+\//.test(line);
  }

  #add(texts: readonly string[], view: ViewKey = NO_VIEW, sender: LineSender): void {
    for (const text of texts) this.#lines.push({ text, view });
    if (this.#lines.reduce((sum, { text }) => sum + text.length, 0) > MAX_WAITING_UNITS) this.#giveBack(view);
    this.#keep();
    if (!this.#isRunning) void this.#run(sender);
  }

  /** A line is forgotten once it is in the outbox: a crash between may have it in both. */
  async #run(sender: LineSender): Promise<void> {
    this.#isRunning = true;
    while (this.#lines.length > 0) {
      await sender.waitForRoom();
      const line = this.#lines[0];
      if (line === undefined) break;
      if (sender.say(line.text, line.view)) {
        this.#lines.shift();
        this.#keep();
      } else this.#giveBack(line.view);
      this.#options.changed();
      await new Promise((resolve) => setTimeout(resolve)); // keys
    }
    this.#isRunning = false;
  }

  #giveBack(view: ViewKey): void {
    const lines = this.#lines.filter((line) => line.view === view);
    this.#options.giveBack({ view, texts: joinTexts(lines) });
    this.#lines = this.#lines.filter((line) => line.view !== view);
    this.#keep();
    const count = lines.length === 1 ? "1 line is" : `${lines.length.toLocaleString("en")} lines are`;
    const where = view.name === "" ? "" : ` to ${view.name}`;
    this.#options.report(`${count} not sent${where}: the up arrow brings back what is left`);
  }

  #keep(): void {
    const waiting: UnsentTexts[] = [];
    for (const view of new Set(this.#lines.map(({ view }) => view))) {
      waiting.push({ view, texts: joinTexts(this.#lines.filter((line) => line.view === view)) });
    }
    this.#options.keep(waiting);
  }
}

function joinTexts(lines: readonly WaitingLine[]): string[] {
  const texts: string[] = [];
  for (const { text } of lines) {
    for (let start = 0; start === 0 || start < text.length; start += MAX_INPUT_UNITS - 1) {
      const part = text.slice(start, start + MAX_INPUT_UNITS - 1);
      const last = texts.at(-1);
      if (start === 0 && last !== undefined && last.length + 1 + part.length <= MAX_INPUT_UNITS) {
        texts[texts.length - 1] = `${last}\n${part}`;
      } else texts.push(escapeCommand(part));
    }
  }
  return texts;
}

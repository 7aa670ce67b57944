import { assertEquals } from "@std/assert";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import type { EditorKey } from "../../lib/tui/terminal/line_editor.ts";
import { LineEditor } from "../../lib/tui/terminal/line_editor.ts";
import { KeyDecoder } from "../../lib/tui/terminal/keys.ts";
import { computeLayout, Screen } from "../../lib/tui/terminal/screen.ts";
import { Random } from "../irc/property.ts";
import { Xterm } from "./xterm.ts";
import { pureTest } from "../support/test.ts";

pureTest("screen: the layout wraps as a terminal does", () => {
  const lay = (text: string, cursor: number) => computeLayout("> ", { text, cursor }, 6);
  assertEquals(lay("abc", 3), { rows: ["> abc"], row: 0, lead: "> abc" });
  assertEquals(lay("abcd", 4), { rows: ["> abcd", ""], row: 1, lead: "" });
  assertEquals(lay("abcd", 3), { rows: ["> abcd"], row: 0, lead: "> abc" });
  assertEquals(lay("abc日x", 3), { rows: ["> abc", "日x"], row: 1, lead: "" });
  assertEquals(lay("a\nb", 3), { rows: ["> a␊b"], row: 0, lead: "> a␊b" });
});

/** A screen on a terminal, with its input line and all that was printed. */
class Bench {
  terminal: Xterm;
  readonly screen: Screen;
  readonly editor = new LineEditor();
  readonly printed: string[] = [];
  #written: Promise<void> = Promise.resolve();

  constructor(public columns: number, public rows: number) {
    this.terminal = this.#terminal();
    this.screen = new Screen(
      (text) => this.#written = this.terminal.write(text),
      () => ({ columns: this.columns, rows: this.rows }),
    );
    this.screen.open("> ", this.editor.line);
  }

  #terminal(): Xterm {
    return new Xterm(this.columns, this.rows, (text) => {
      for (const key of new KeyDecoder().push(encodeUtf8(text))) {
        if (key.kind === "report" && "column" in key) this.screen.handleCursorReport(key.column);
      }
    });
  }

  type(text: string) {
    this.press({ kind: "type", text });
  }

  press(key: EditorKey) {
    this.editor.press(key);
    this.screen.update("> ", this.editor.line);
  }

  print(text: string) {
    this.printed.push(text);
    this.screen.print([text]);
  }

  /** A terminal that leaves the line with the cursor as it is. */
  async resize(columns: number, rows: number) {
    await this.#written;
    [this.columns, this.rows] = [columns, rows];
    this.terminal.resize(columns, rows);
    await this.#resized();
  }

  /** A terminal that wraps everything anew: what it shows then is what one of that size from the start would show. */
  async rewrap(columns: number, rows: number) {
    await this.#written;
    [this.columns, this.rows] = [columns, rows];
    const { text, cursor } = this.editor.line;
    const lines = [...this.printed, `> ${text}`].join("\r\n");
    this.terminal = this.#terminal();
    const back = computeLayout("> ", { text, cursor: text.length }, columns).row -
      computeLayout("> ", { text, cursor }, columns).row;
    const up = back > 0 ? `\x1b[${back}A` : "";
    await this.terminal.write(`${lines}\r${up}${computeLayout("> ", { text, cursor }, columns).lead}`);
    await this.#resized();
  }

  async #resized() {
    this.screen.handleResize();
    await this.#written; // the terminal has answered,
    await this.#written; // and the screen has drawn
  }

  async check() {
    await this.#written;
    const { text, cursor } = this.editor.line;
    assertEquals(this.terminal.lines(), [...this.printed, `> ${text}`.trimEnd()]);
    assertEquals(this.terminal.beforeCursor(), `> ${text.slice(0, cursor)}`);
  }
}

pureTest("screen: what arrives goes above a half-typed line of several rows", async () => {
  const bench = new Bench(20, 8);
  bench.type("a line that is wrapped over three rows, with 日本語 in it");
  for (let n = 0; n < 5; n++) bench.press({ kind: "left" });
  await bench.check();
  bench.print("one");
  bench.print("two, which is longer than a row of the terminal");
  await bench.check();
  bench.type("X");
  await bench.check();
  bench.press({ kind: "killBefore" });
  await bench.check();
});

pureTest("screen: a resize moves the line and spoils nothing, on a terminal that wraps it anew", async () => {
  const bench = new Bench(40, 10);
  bench.print("before");
  bench.type("some text that takes a row and a half of forty columns");
  for (const columns of [18, 60, 25, 57, 41]) {
    await bench.rewrap(columns, 12);
    await bench.check();
    bench.press({ kind: "wordLeft" });
    bench.print(`at ${columns}`);
    await bench.check();
  }
});

pureTest("screen: a resize takes no message away, on a terminal that leaves the line as it is", async () => {
  const bench = new Bench(40, 12);
  bench.print("before");
  bench.type("some text that fills one row of the");
  for (const columns of [18, 60, 25]) {
    await bench.resize(columns, 12);
    bench.print(`at ${columns}`);
  }
  await bench.resize(60, 12);
  const lines = bench.terminal.lines();
  for (const text of ["before", "at 18", "at 60", "at 25"]) {
    assertEquals(lines.filter((line) => line === text), [text]);
  }
  assertEquals(lines.at(-1), `> ${bench.editor.line.text}`);
});

pureTest(
  "screen: a line higher than the terminal shows the part around the cursor, and takes nothing away",
  async () => {
    const bench = new Bench(10, 4);
    bench.print("kept");
    bench.type(Array.from({ length: 9 }, (_, n) => `row ${n}....`).join(""));
    bench.print("also");
    await bench.resize(10, 4);
    const lines = bench.terminal.lines();
    assertEquals(lines.slice(0, 2), ["kept", "also"]);
    assertEquals(bench.terminal.beforeCursor().endsWith("row 8...."), true);
    bench.press({ kind: "home" });
    await bench.resize(10, 4);
    assertEquals(bench.terminal.beforeCursor(), "> ");
    bench.press({ kind: "killAfter" });
    await bench.check();
  },
);

pureTest("screen: clear and close", async () => {
  const bench = new Bench(30, 6);
  bench.print("gone after Ctrl-L");
  bench.type("draft");
  bench.screen.clear();
  bench.printed.length = 0;
  await bench.check();
  assertEquals(bench.terminal.marksPastes, true);
  bench.screen.close();
  await bench.resize(30, 6);
  bench.screen.close();
  await bench.terminal.write("$ ");
  assertEquals([bench.terminal.lines(), bench.terminal.marksPastes], [["$"], false]);
});

pureTest(
  "screen: whatever is typed, printed and resized, all is there once and the cursor is right",
  async () => {
    const keys: EditorKey["kind"][] = [
      "left",
      "left",
      "right",
      "home",
      "end",
      "backspace",
      "wordLeft",
      "killWordBefore",
    ];
    for (let seed = 1; seed <= 30; seed++) {
      const random = new Random(seed);
      const bench = new Bench(12 + random.below(30), 14);
      for (let step = 0; step < 40; step++) {
        const what = random.below(10);
        if (what < 4) bench.type(random.text("abc 日本é", 1, 9));
        else if (what < 7) bench.press({ kind: random.pick(keys) } as EditorKey);
        else if (what < 9) bench.print(`${step} ${random.text("xyz語", 1, 50)}.`);
        else if (bench.editor.line.text.length > 60) bench.press({ kind: "killBefore" });
        await bench.check();
      }
      bench.terminal.dispose();
    }
  },
);

import { assertEquals } from "@std/assert";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { KeyDecoder } from "../../lib/tui/terminal/keys.ts";
import { computeLayout } from "../../lib/tui/terminal/line/layout.ts";
import type { EditorKey } from "../../lib/tui/terminal/line/line_editor.ts";
import { LineEditor } from "../../lib/tui/terminal/line/line_editor.ts";
import { Screen } from "../../lib/tui/terminal/screen.ts";
import { Random } from "../irc/property.ts";
import { Xterm } from "./xterm.ts";
import { pureTest } from "../support/test.ts";

/** A screen on a terminal, with its input line and all that was printed. */
class Bench {
  terminal: Xterm;
  readonly screen: Screen;
  readonly editor = new LineEditor();
  readonly printed: string[] = [];
  /** Rows above and below the line. */
  above: readonly string[] = [];
  below: readonly string[] = [];
  /** All writes of the screen. */
  readonly writes: string[] = [];
  #written: Promise<void> = Promise.resolve();

  constructor(public columns: number, public rows: number, wrapsAnew = false) {
    this.terminal = this.#terminal();
    this.screen = new Screen(
      (text) => {
        this.writes.push(text);
        this.#written = this.terminal.write(text);
      },
      () => ({ columns: this.columns, rows: this.rows }),
      wrapsAnew,
    );
    this.screen.open(this.#block());
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
    this.update();
  }

  update() {
    this.screen.update(this.#block());
  }

  #block() {
    return { prompt: "> ", line: this.editor.line, above: this.above, below: this.below };
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

  /** A terminal that wraps everything anew: each row of the line, which ends with a line break, by itself. */
  async rewrap(columns: number, rows: number) {
    await this.#written;
    const layout = computeLayout("> ", this.editor.line, this.columns);
    [this.columns, this.rows] = [columns, rows];
    this.terminal = this.#terminal();
    const heightOf = (row: string) => Math.max(1, Math.ceil(row.length / columns));
    const [row = "", ...behind] = layout.rows.slice(layout.row);
    const up = behind.reduce((sum, each) => sum + heightOf(each), heightOf(row) - heightOf(layout.lead));
    const lines = [...this.printed, ...layout.rows].join("\r\n");
    const lead = layout.lead.slice((heightOf(layout.lead) - 1) * columns);
    await this.terminal.write(`${lines}\r${up > 0 ? `\x1b[${up}A` : ""}${lead}`);
    await this.#resized();
  }

  async #resized() {
    this.screen.handleResize();
    await this.#written; // the terminal has answered,
    await this.#written; // and the screen has drawn
  }

  async check() {
    await this.#written;
    const { rows, lead } = computeLayout("> ", this.editor.line, this.columns);
    const lines = [...this.printed, ...this.above, ...rows, ...this.below].map((row) => row.trimEnd());
    while (lines.at(-1) === "") lines.pop();
    assertEquals(this.terminal.lines(), lines);
    assertEquals(this.terminal.beforeCursor(), lead);
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
  for (const columns of [17, 60, 25, 57, 41]) {
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
  assertEquals(lines.slice(-1), computeLayout("> ", bench.editor.line, 60).rows);
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
    assertEquals(bench.terminal.beforeCursor().endsWith("8...."), true);
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
  bench.screen.close();
  await bench.resize(30, 6);
  bench.screen.close();
  await bench.terminal.write("$ ");
  assertEquals(bench.terminal.lines(), ["$"]);
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

pureTest("screen: a key at the end of the line writes one character, the next one at a wrap the rows", () => {
  const bench = new Bench(20, 8);
  bench.print("before");
  for (const key of ["a", "b", "é", "日", "👍", " ", "x"]) {
    bench.writes.length = 0;
    bench.type(key);
    assertEquals(bench.writes, [key]);
  }
  bench.type("a long word or two");
  bench.writes.length = 0;
  bench.type("y");
  assertEquals(bench.writes, ["y"], "also in the second row");
  bench.press({ kind: "left" });
  bench.writes.length = 0;
  bench.type("z");
  assertEquals(bench.writes[0]!.length > 1, true, "in the middle the line is drawn again");
  bench.writes.length = 0;
  bench.update();
  assertEquals(bench.writes, [], "nothing has changed");
});

pureTest("screen: rows above and below the line come and go, and give way to it", async () => {
  const bench = new Bench(30, 6);
  bench.print("said");
  bench.type("half");
  bench.above = ["12:34 <alice> on its way"];
  bench.below = ["  alice  albert"];
  bench.update();
  await bench.check();
  bench.print("arrived");
  bench.writes.length = 0;
  bench.type("y");
  assertEquals(bench.writes, ["y"]);
  await bench.check();
  bench.above = [];
  bench.below = [];
  bench.press({ kind: "left" });
  await bench.check();
  bench.above = ["one", "two", "three"];
  bench.press({ kind: "paste", text: "\nb\nc\nd" });
  await bench.resize(30, 6);
  const lines = bench.terminal.lines();
  assertEquals(lines.slice(0, 2), ["said", "arrived"]);
  assertEquals(lines.slice(-5, -1), ["three", "> half", "  b", "  c"]);
});

pureTest("screen: keys at the end of the line give the rows that the whole line has", async () => {
  const bench = new Bench(12, 8);
  bench.above = ["on its way"];
  for (const key of "ab cd e\u0301f 日x y👍z 0 long_words_too ") {
    bench.type(key);
    await bench.check();
  }
});

pureTest(
  "screen: emoji of several code points break no row where their parts are shown side by side",
  async () => {
    const bench = new Bench(40, 12);
    for (const emoji of ["👍🏽", "👨‍👩‍👧‍👦", "🇩🇪"]) {
      for (let n = 0; n < 12; n++) {
        bench.type(emoji);
        await bench.check();
      }
      for (const key of " abc") bench.type(key);
      bench.press({ kind: "left" });
      bench.type("X");
      await bench.check();
      bench.press({ kind: "killBefore" });
      bench.press({ kind: "killAfter" });
      await bench.check();
    }
  },
);

pureTest(
  "screen: where a terminal is known to wrap rows anew, a short last row hides no remnant",
  async () => {
    for (const isKnown of [true, false]) {
      const bench = new Bench(40, 12, isKnown);
      bench.print("before");
      bench.type("some text that takes a row and a half of forty");
      if (!isKnown) { // the column of the cursor tells it
        await bench.rewrap(9, 20);
        await bench.rewrap(40, 12);
      }
      bench.press({ kind: "killWordBefore" });
      await bench.rewrap(17, 12);
      await bench.check();
    }
  },
);

pureTest("screen: of several resizes the last report counts", () => {
  const bench = new Bench(40, 12);
  bench.type("text");
  bench.screen.handleResize();
  bench.screen.handleResize();
  bench.writes.length = 0;
  bench.screen.handleCursorReport(3);
  assertEquals(bench.writes, []);
  bench.screen.handleCursorReport(6);
  assertEquals(bench.writes.length, 1);
});

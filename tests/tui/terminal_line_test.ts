/** What a person can do with the input line, as a terminal shows it. */
import { assertEquals } from "@std/assert";
import { loadPalette } from "../../lib/cli/standard_streams.ts";
import type { LineStore } from "../../lib/tui/line_keeper.ts";
import { TerminalUi } from "../../lib/tui/terminal_ui.ts";
import type { TerminalUiOptions } from "../../lib/tui/terminal_ui_options.ts";
import { makeInput, viewOf } from "./chat_input.ts";
import { FakeTerminal } from "./fake_terminal.ts";
import { pureTest } from "../support/test.ts";

const plain = await loadPalette(false);

/** A terminal with a chat on it. */
class Bench implements AsyncDisposable {
  readonly terminal: FakeTerminal;
  readonly ui: TerminalUi;
  readonly taken: string[] = [];
  readonly ended: Promise<string>;

  constructor(options: TerminalUiOptions = {}, columns = 60, names: string[] = []) {
    this.terminal = new FakeTerminal(columns);
    this.ui = new TerminalUi(this.terminal, plain, options);
    this.ui.prompt("#tea> ", viewOf("#tea"));
    this.ended = this.ui.run(makeInput({
      take: (line) => void this.taken.push(line),
      completionWords: () => ({ names, channels: [] }),
      plan: (line) =>
        /^\/[^/]/.test(line) ? undefined : { target: "#tea", messageCount: line.length > 90 ? 3 : 1 },
    }));
  }

  press(text: string) {
    this.terminal.press(text);
  }

  /** Waits for these lines at the end of the screen. */
  async ends(...lines: string[]): Promise<string[]> {
    const wanted = lines.join("\n");
    return await this.terminal.shows((all) => all.slice(-lines.length).join("\n") === wanted);
  }

  async [Symbol.asyncDispose]() {
    this.terminal.hangUp();
    await this.ended;
    this.ui.close();
    await this.terminal.output.flush();
  }
}

/** What is kept, without a disk. */
function makeStore(history: string[] = [], drafts: Record<string, string> = {}) {
  const added: string[] = [];
  const replaced: Readonly<Record<string, string>>[] = [];
  const durable: boolean[] = [];
  const store: LineStore = {
    history,
    drafts,
    addLine: (line) => void added.push(line),
    replaceDrafts: (texts, isDurable) => {
      replaced.push(texts);
      durable.push(isDurable);
    },
  };
  return { store, added, replaced, durable };
}

pureTest(
  "line: a key at the end of the line writes its bytes and no more, however long the line is",
  async () => {
    await using bench = new Bench();
    bench.press("x".repeat(40));
    await bench.ends("#tea> " + "x".repeat(40));
    for (const key of ["a", " ", "é", "日"]) {
      const before = bench.terminal.written.length;
      bench.press(key);
      await bench.terminal.shows((lines) => lines.at(-1)?.endsWith(key.trim()) === true);
      await bench.terminal.output.flush();
      assertEquals(bench.terminal.written.slice(before), key);
    }
  },
);

pureTest(
  "line: Ctrl-C takes the text away, which Ctrl-Y brings back; on an empty line it asks for a second one",
  async () => {
    const bench = new Bench();
    bench.press("half a line\x03");
    await bench.ends("#tea>");
    bench.press("\x19");
    await bench.ends("#tea> half a line");
    bench.press("\x03\x03");
    await bench.ends("#tea>", "Ctrl-C again leaves");
    bench.press("x");
    await bench.ends("#tea> x");
    bench.press("\x7f\x03");
    await bench.ends("#tea>", "Ctrl-C again leaves");
    bench.press("\x03");
    assertEquals(await bench.ended, "interrupt");
    bench.ui.close();
    await bench.terminal.output.flush();
    assertEquals([bench.terminal.raw, bench.terminal.screen.marksPastes, bench.terminal.screen.lines()], [
      false,
      false,
      [],
    ]);
  },
);

pureTest(
  "line: several lines are wrapped at words, indented, and the cursor goes up and down in them",
  async () => {
    await using bench = new Bench({}, 40);
    bench.press("some words");
    bench.press(" that do not fit a row of forty\x1b\rsecond\nthird");
    await bench.ends(
      "#tea> some words that do not fit a row",
      "      of forty",
      "      second",
      "      third",
    );
    bench.press("\x1b[A\x1b[AX");
    await bench.ends(
      "#tea> some words that do not fit a row",
      "      of foXrty",
      "      second",
      "      third",
    );
    bench.press("\x1b[B\x1b[BY\r");
    await bench.ends("#tea>");
    assertEquals(bench.taken, ["some words that do not fit a row of foXrty\nsecond\nthirdY"]);
    bench.press("one\\\rtwo\r");
    await bench.ends("#tea>");
    bench.press("\x1b[A");
    await bench.ends("#tea> one", "      two");
    assertEquals(bench.taken.slice(1), ["one\ntwo"]);
  },
);

pureTest("line: Ctrl-R finds submitted lines, Enter takes, Escape and Ctrl-G give up", async () => {
  await using bench = new Bench({ store: makeStore(["deploy one", "lunch?", "deploy two"]).store });
  bench.press("draft\x12");
  await bench.ends("search «»:");
  bench.press("dep");
  await bench.ends("search «dep»: deploy two");
  bench.press("\x12");
  await bench.ends("search «dep»: deploy one");
  bench.press("\x12");
  await bench.ends("search «dep», none before: deploy one");
  bench.press("\x07");
  await bench.ends("#tea> draft");
  bench.press("\x12lun");
  await bench.ends("search «lun»: lunch?");
  bench.press("\x1b");
  await bench.ends("#tea> draft");
  bench.press("\x12two\r");
  await bench.ends("#tea> deploy two");
  assertEquals(bench.taken, [], "it is taken, not sent");
  bench.press(" and three\r");
  await bench.ends("#tea>");
  assertEquals(bench.taken, ["deploy two and three"]);
});

for (const columns of [40, 80, 200]) {
  pureTest(`line: a paste of several lines asks what becomes of it, at ${columns} columns`, async () => {
    const paste = (text: string) => `\x1b[200~${text}\x1b[201~`;
    await using bench = new Bench({}, columns);
    const asks = () =>
      bench.terminal.shows((lines) =>
        lines.join(" ").replace(/\s+/g, " ").includes(
          "3 lines pasted for #tea: Enter sends one message · L line by line · E to the line · Esc discards",
        )
      );
    bench.press(paste("one line\n"));
    await bench.ends("#tea> one line");
    bench.press("\x15" + paste("/quit\nb\nc\n"));
    await asks();
    bench.press("\x1b");
    await bench.ends("#tea>");
    bench.press(paste("/quit\nb\nc"));
    await asks();
    bench.press("x\x1b[A\t");
    await asks();
    bench.press("\r");
    await bench.ends("#tea>");
    assertEquals(bench.taken, ["//quit\nb\nc"], "text, not a command");
    bench.press(paste("/quit\r\n\r\nc"));
    await asks();
    bench.press("L");
    await bench.ends("#tea>");
    assertEquals(bench.taken.slice(1), ["//quit", "c"]);
    bench.press(paste("a\nb\nc"));
    await asks();
    bench.press("e");
    await bench.ends("#tea> a", "      b", "      c");
    bench.press("\x15\x15\x15\x15\x15to bob: " + paste("a\nb"));
    await bench.terminal.shows((lines) =>
      lines.join(" ").replace(/\s+/g, " ").includes(
        "2 lines pasted for #tea: Enter sends one message · E to the line · Esc discards",
      )
    );
    bench.press("l\r");
    await bench.ends("#tea>");
    assertEquals(bench.taken.slice(3), ["to bob: a\nb"], "what was typed before belongs to it");
    const asksThis = async (wanted: string) => {
      await bench.terminal.shows((lines) => lines.join(" ").replace(/\s+/g, " ").includes(wanted));
      bench.press("\x1b");
      await bench.ends("#tea>");
    };
    bench.press(paste("x\n".repeat(50)));
    await asksThis("50 lines pasted for #tea: Enter sends 3 messages · L line by line ·");
    bench.press(paste("x\n".repeat(10_000)));
    await asksThis("10,000 lines pasted for #tea, of which 16,384 characters fit: Enter sends 3 messages ·");
    bench.press("/me " + paste("a\nb"));
    await bench.terminal.shows((lines) => lines.join(" ").includes("2 lines pasted: Enter sends all ·"));
  });
}

pureTest(
  "line: Tab goes through the candidates, and Shift-Tab back; two rows of them are shown at most",
  async () => {
    const names = Array.from({ length: 20 }, (_, n) => `albert${String(n).padStart(2, "0")}`);
    await using bench = new Bench({}, 40, names);
    bench.press("al\t");
    await bench.ends("#tea> albert", "  albert00  albert01  albert02", "  albert03  albert04  … 15 more");
    bench.press("\t");
    await bench.ends("#tea> albert00:", "  albert00  albert01  albert02", "  albert03  albert04  … 15 more");
    bench.press("\t\t\x1b[Z");
    await bench.ends("#tea> albert01:", "  albert00  albert01  albert02", "  albert03  albert04  … 15 more");
    bench.press("hi");
    await bench.ends("#tea> albert01: hi");
  },
);

pureTest(
  "line: each view has its draft, which is kept while it is written and at the end",
  async () => {
    const { store, added, replaced } = makeStore([], { "#tea": "from before" });
    const timers = new Set<() => void>();
    const later = (_: number, run: () => void) => {
      timers.add(run);
      return () => void timers.delete(run);
    };
    const bench = new Bench({ store, later });
    await bench.ends("#tea> from before");
    bench.press("!");
    await bench.ends("#tea> from before!");
    bench.ui.prompt("bob> ", viewOf("bob"));
    await bench.ends("bob>");
    bench.press("half");
    await bench.ends("bob> half");
    for (const run of [...timers]) run();
    assertEquals(replaced, [{ "#tea": "from before!", bob: "half" }]);
    bench.ui.prompt("#TEA> ", viewOf("#TEA"));
    await bench.ends("#TEA> from before!");
    bench.press("\r");
    await bench.ends("#TEA>");
    assertEquals(replaced.slice(1), [{ bob: "half" }], "what is sent is no draft any more");
    bench.press("/oper me secret");
    bench.terminal.hangUp();
    await bench.ended;
    bench.ui.close();
    await bench.terminal.output.flush();
    assertEquals(replaced.slice(2), [{ bob: "half" }], "what may be a passphrase is not kept");
    assertEquals(added, ["from before!"]);
  },
);

pureTest(
  "line: while keys come one timer keeps the draft, waiting for no disk; after a pause it is durable, and none runs",
  async () => {
    const { store, replaced, durable } = makeStore();
    const timers = new Map<() => void, number>();
    const later = (ms: number, run: () => void) => {
      timers.set(run, ms);
      return () => void timers.delete(run);
    };
    const runTimer = () => {
      const [[run = () => {}] = []] = timers;
      timers.delete(run);
      run();
    };
    await using bench = new Bench({ store, later });
    for (const [keys, line] of [["h", "h"], ["al", "hal"], ["f", "half"]] as const) {
      bench.press(keys);
      await bench.ends(`#tea> ${line}`);
      await bench.terminal.output.flush();
      assertEquals([...timers.values()].map((ms) => ms <= 1000), [true]);
      runTimer();
      assertEquals(replaced.at(-1), { "#tea": line });
    }
    assertEquals(durable, [false, false, false]);
    runTimer();
    assertEquals([replaced.slice(3), durable.slice(3)], [[{ "#tea": "half" }], [true]]);
    assertEquals(timers.size, 0);
    bench.ui.prompt("#tea> ", viewOf("#tea"));
    assertEquals(timers.size, 0, "a prompt alone changes no draft");
  },
);

pureTest("line: a draft follows a person to their new name on disk, too", async () => {
  const { store, replaced } = makeStore();
  const timers: (() => void)[] = [];
  await using bench = new Bench({ store, later: (_, run) => (timers.push(run), () => {}) });
  const bob = { name: "bob" };
  bench.ui.prompt("bob> ", bob);
  bench.press("half");
  await bench.ends("bob> half");
  for (const run of timers.splice(0)) run();
  for (const run of timers.splice(0)) run();
  bob.name = "bobby";
  bench.ui.prompt("bobby> ", bob);
  for (const run of timers.splice(0)) run();
  assertEquals(replaced.at(-1), { bobby: "half" });
});

pureTest(
  "line: what is kept on disk has no passphrase and no key, and a disk that fails is told once",
  async () => {
    const { store, added } = makeStore(["before"]);
    await using bench = new Bench({ store });
    const secret = [
      "/oper me pw",
      "/join #tea key",
      "/mode #tea +k key",
      "/msg NickServ IDENTIFY pw",
      "/oepr me pw",
    ];
    const open = ["hello", "hello", "//oper", "/join #tea", "/mode #tea +i", "/msg bob hi", "/oper"];
    for (const line of [...secret, ...open, "before"]) bench.press(`${line}\r`);
    await bench.terminal.shows(() => bench.taken.length === 13);
    assertEquals(added, ["hello", "//oper", "/join #tea", "/mode #tea +i", "/msg bob hi", "/oper", "before"]);
    const full: LineStore = {
      ...store,
      addLine() {
        throw new Error("the disk is full");
      },
    };
    await using other = new Bench({ store: full }, 80);
    other.press("a\rb\r");
    const isTold = (line: string) => line.includes("the disk is full");
    const lines = await other.terminal.shows((lines) => other.taken.length === 2 && lines.some(isTold));
    assertEquals(lines.filter(isTold).length, 1);
  },
);

pureTest("line: what is not acknowledged is shown above the line until it is", async () => {
  await using bench = new Bench();
  bench.press("next");
  bench.ui.showUnsent([[{ text: "12:34 " }, { text: "<alice> " + "so long ".repeat(10) }], [{
    text: "two\n      rows",
  }]]);
  await bench.ends("12:34 <alice> so long so long so long so long so long so l…", "two rows", "#tea> next");
  bench.ui.show([[{ text: "12:34 <bob> hi" }]]);
  await bench.ends("12:34 <alice> so long so long so long so long so long so l…", "two rows", "#tea> next");
  bench.ui.showUnsent([]);
  const lines = await bench.terminal.shows((lines) => lines.length === 2);
  assertEquals(lines, ["12:34 <bob> hi", "#tea> next"]);
});

pureTest("line: the editor has the terminal, and what comes meanwhile is shown afterwards", async () => {
  const opened = Promise.withResolvers<void>();
  const saved = Promise.withResolvers<{ text: string } | { why: string }>();
  const given: string[] = [];
  await using bench = new Bench({
    editOutside(text) {
      given.push(text);
      opened.resolve();
      return saved.promise;
    },
  });
  bench.press("draft\x18\x05");
  await opened.promise;
  assertEquals([given, bench.terminal.raw, bench.terminal.screen.marksPastes], [["draft"], false, false]);
  const before = bench.terminal.written.length;
  bench.ui.show([[{ text: "12:34 <bob> hi" }]]);
  bench.ui.prompt("#tea [reconnecting]> ", viewOf("#tea"));
  bench.terminal.resize(60, 21);
  await bench.terminal.output.flush();
  assertEquals(bench.terminal.written.length, before);
  saved.resolve({ text: "two\nlines" });
  const lines = await bench.ends("#tea [reconnecting]> two", "  lines");
  assertEquals([lines[0], bench.terminal.raw, bench.terminal.screen.marksPastes], [
    "12:34 <bob> hi",
    true,
    true,
  ]);
});

pureTest("line: Ctrl-Z gives the terminal back, and takes it when the program goes on", async () => {
  const seen: unknown[] = [];
  await using bench = new Bench({
    suspend() {
      seen.push([bench.terminal.raw, bench.terminal.screen.marksPastes, bench.terminal.screen.lines()]);
      return seen.length === 1 ? undefined : "it cannot";
    },
  });
  bench.press("draft");
  await bench.ends("#tea> draft");
  bench.press("\x1a");
  await bench.terminal.shows(() => seen.length === 1 && bench.terminal.raw);
  assertEquals(seen, [[false, false, []]]);
  const drawn = bench.terminal.written.length;
  bench.terminal.goOn();
  await bench.terminal.output.flush();
  assertEquals(bench.terminal.written.length, drawn, "it has been drawn already");
  bench.terminal.raw = false;
  bench.terminal.goOn(); // after a stop from outside
  await bench.ends("#tea> draft");
  assertEquals([bench.terminal.raw, bench.terminal.screen.marksPastes], [true, true]);
  bench.press("\x1a");
  await bench.ends("#tea> draft", "it cannot");
});

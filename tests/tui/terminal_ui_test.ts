import { assertEquals } from "@std/assert";
import { loadPalette, MAX_QUEUED_UNITS, QueuedOutput } from "../../lib/cli/standard_streams.ts";
import { TerminalUi } from "../../lib/tui/terminal_ui.ts";
import { MAX_HELD_ROWS } from "../../lib/tui/terminal/held_rows.ts";
import { makeInput, viewOf } from "./chat_input.ts";
import { FakeTerminal } from "./fake_terminal.ts";
import { pureTest } from "../support/test.ts";

const plain = loadPalette(false);
const completionWords = () => ({ names: ["alice", "albert"], channels: ["#lobby"] });

pureTest(
  "terminal ui: typed lines are submitted, entries are shown above, the terminal is restored",
  async () => {
    const terminal = new FakeTerminal();
    const ui = new TerminalUi(terminal, plain);
    assertEquals(terminal.raw, true);
    ui.prompt("#lobby> ", viewOf("#lobby"));
    const taken: string[] = [];
    const ended = ui.run(makeInput({ take: (line) => void taken.push(line), completionWords }));
    terminal.press("half a li");
    await terminal.shows((lines) => lines.at(-1) === "#lobby> half a li");
    ui.show([[{ text: "12:34 <bob> hi" }]]);
    terminal.press("ne\r");
    assertEquals(await terminal.shows((lines) => lines.at(-1) === "#lobby>"), ["12:34 <bob> hi", "#lobby>"]);
    assertEquals(taken, ["half a line"]);
    terminal.press("al\t");
    await terminal.shows((lines) => lines.at(-1) === "  albert  alice");
    terminal.press("i\t");
    await terminal.shows((lines) => lines.at(-1) === "#lobby> alice:");
    terminal.resize(40, 10);
    terminal.press("\x15\x04");
    assertEquals(await ended, "end");
    ui.close();
    await terminal.output.flush();
    assertEquals(terminal.raw, false);
    ui.prompt("#lobby [reconnecting (1 s)]> ", viewOf("#lobby"));
    ui.show([[{ text: "12:35 <bob> late" }]]);
    await terminal.output.flush();
    assertEquals(terminal.screen.lines(), ["12:34 <bob> hi", "12:35 <bob> late"]);
  },
);

pureTest(
  "terminal ui: the terminal is asked to report its focus, until the end, and what it reports is no key",
  async () => {
    const terminal = new FakeTerminal();
    const ui = new TerminalUi(terminal, plain);
    const [taken, reports]: [string[], boolean[]] = [[], []];
    const ended = ui.run(
      makeInput({ take: (line) => void taken.push(line), focus: (on) => void reports.push(on) }),
    );
    terminal.press("a\x1b[Ib\x1b[O\r\x04");
    await ended;
    ui.close();
    await terminal.output.flush();
    assertEquals([taken, reports], [["ab"], [true, false]]);
    assertEquals(terminal.written.indexOf("\x1b[?1004h") < terminal.written.indexOf("\x1b[?1004l"), true);
  },
);

pureTest(
  "terminal ui: Ctrl-C clears the line, the second one on an empty line interrupts; a terminal that goes away is the end",
  async () => {
    for (const [leave, how] of [["\x03\x03", "interrupt"], [undefined, "end"]] as const) {
      const terminal = new FakeTerminal();
      const ui = new TerminalUi(terminal, plain);
      const taken: string[] = [];
      const ended = ui.run(makeInput({ take: (line) => void taken.push(line), completionWords }));
      terminal.press("draft\x03kept\r");
      if (leave === undefined) terminal.hangUp();
      else terminal.press(leave);
      assertEquals([await ended, taken], [how, ["kept"]]);
      ui.close();
    }
  },
);

pureTest(
  "terminal ui: after it is closed a resize asks the terminal nothing: the shell would get the answer",
  async () => {
    const terminal = new FakeTerminal();
    const written: string[] = [];
    const output = new QueuedOutput({
      write(bytes) {
        written.push(new TextDecoder().decode(bytes));
        return Promise.resolve(bytes.length);
      },
    }, true);
    const { keyboard, size, onResize, onContinue, onInterrupt } = terminal;
    const ui = new TerminalUi({ keyboard, output, size, onResize, onContinue, onInterrupt }, plain);
    terminal.resize(50, 20);
    await output.flush();
    assertEquals(written.join("").includes("\x1b[6n"), true);
    ui.close();
    await output.flush();
    written.length = 0;
    terminal.resize(40, 20);
    await output.flush();
    assertEquals(written, []);
  },
);

pureTest("terminal ui: a submitted line leaves the prompt before it is carried out", async () => {
  const terminal = new FakeTerminal();
  const ui = new TerminalUi(terminal, plain);
  ui.prompt("#lobby> ", viewOf("#lobby"));
  const gate = Promise.withResolvers<void>();
  const taken: string[] = [];
  const ended = ui.run(makeInput({
    take(line) {
      taken.push(line);
      return gate.promise;
    },
  }));
  terminal.press("first");
  await terminal.shows((lines) => lines.at(-1) === "#lobby> first");
  terminal.press("\rnext\r");
  await terminal.shows((lines) => lines.at(-1) === "#lobby>");
  assertEquals(taken, ["first"], "one after the other");
  gate.resolve();
  terminal.hangUp();
  assertEquals([await ended, taken], ["end", ["first", "next"]]);
  ui.close();
  await terminal.output.flush();
});

pureTest("terminal ui: PgUp asks for older messages, and the line stays", async () => {
  const terminal = new FakeTerminal();
  const ui = new TerminalUi(terminal, plain);
  let pages = 0;
  const taken: string[] = [];
  const ended = ui.run(makeInput({ take: (line) => void taken.push(line), pageUp: () => pages++ }));
  terminal.press("\x1b[5~half\x1b[5~ a line\r");
  terminal.hangUp();
  assertEquals([await ended, pages, taken], ["end", 2, ["half a line"]]);
  ui.close();
  await terminal.output.flush();
});

pureTest("terminal ui: completion choices are shown as printable text", async () => {
  const terminal = new FakeTerminal();
  const ui = new TerminalUi(terminal, plain);
  const ended = ui.run(
    makeInput({ completionWords: () => ({ names: ["al\x1b[2J\u202e", "alb"], channels: [] }) }),
  );
  terminal.press("al\t");
  const lines = await terminal.shows((lines) => lines.some((line) => line.includes("  alb")));
  assertEquals(lines.filter((line) => line.includes("\u202e")), []);
  assertEquals(lines.length, 2, "nothing is cleared");
  terminal.press("x");
  assertEquals(await terminal.shows((lines) => lines.at(-1) === "alx"), ["alx"], "gone with the next key");
  terminal.hangUp();
  assertEquals(await ended, "end");
  ui.close();
  await terminal.output.flush();
});

pureTest("terminal ui: a terminal that is closed is told from the end of input", async () => {
  const terminal = new FakeTerminal();
  const ui = new TerminalUi(terminal, plain);
  const ended = ui.run(makeInput());
  terminal.breakOff();
  assertEquals(await ended, "gone");
  ui.close();
  await terminal.output.flush();
});

pureTest("terminal ui: each key tells what the line is now", async () => {
  const terminal = new FakeTerminal();
  const ui = new TerminalUi(terminal, plain);
  const typed: string[] = [];
  const ended = ui.run(makeInput({ typed: (line) => void typed.push(line), completionWords }));
  terminal.press("hi\x7f\r\x04");
  assertEquals([await ended, typed], ["end", ["hi", "h", ""]]);
  ui.close();
});

pureTest("terminal ui: a key is written before anything else is done for it", async () => {
  const terminal = new FakeTerminal();
  const ui = new TerminalUi(terminal, plain);
  const seen: boolean[] = [];
  const ended = ui.run(
    makeInput({ typed: (line) => void seen.push(terminal.written.endsWith(line.at(-1)!)) }),
  );
  await terminal.output.flush();
  for (const key of ["a", "b", "c"]) {
    terminal.press(key);
    await terminal.shows((lines) => lines.at(-1)?.endsWith(key) === true);
    await terminal.output.flush();
  }
  terminal.hangUp();
  await ended;
  ui.close();
  await terminal.output.flush();
  assertEquals(seen, [true, true, true]);
});

pureTest(
  "terminal ui: a terminal that takes nothing has rows left out in the end, and is told so",
  async () => {
    const [terminal, more] = [new FakeTerminal(40), Promise.withResolvers<void>()];
    const ui = new TerminalUi(terminal, plain);
    ui.prompt("#tea> ", viewOf("#tea"));
    const ended = ui.run(makeInput());
    await terminal.output.flush();
    terminal.stop = more.promise;
    const before = terminal.written.length;
    const total = 6000;
    for (let row = 1; row <= total; row++) ui.show([[{ text: `row ${row} ${".".repeat(20)}` }]]);
    terminal.press("typed");
    ui.prompt("#tea [1 unsent]> ", viewOf("#tea"));
    more.resolve();
    const lines = await terminal.shows((all) => all.at(-1) === "#tea [1 unsent]> typed");
    const at = lines.findIndex((line) => line.includes("rows left out here"));
    const shown = lines.length - 2;
    assertEquals(lines[at], `      … ${(total - shown).toLocaleString("en")} rows left out here: /logs…`);
    assertEquals(lines.length - at - 2, MAX_HELD_ROWS);
    assertEquals(lines.at(-2), `row ${total} ${".".repeat(20)}`);
    assertEquals(lines[at - 1], `row ${at} ${".".repeat(20)}`, "what came before is there");
    const most = MAX_QUEUED_UNITS + MAX_HELD_ROWS * 60;
    assertEquals(terminal.written.length - before < most, true, "what was queued is bounded");
    terminal.hangUp();
    await ended;
    ui.close();
    await terminal.output.flush();
  },
);

pureTest("terminal ui: what was typed before the chat is put into the line and told, not sent", async () => {
  const TOLD = "typed before the chat was here: Enter sends it";
  for (
    const [typed, shown, sent] of [
      ["hello\n", ["#lobby> hello", TOLD], ["hello"]],
      ["\nhello\nwor", ["2 lines pasted: Enter sends all", TOLD], ["hello\nwor"]],
      ["\n\n", ["#lobby>"], []],
      ["", ["#lobby>"], []],
    ] as const
  ) {
    const terminal = new FakeTerminal();
    const ui = new TerminalUi(terminal, plain);
    ui.prompt("#lobby> ", viewOf("#lobby"));
    const taken: string[] = [];
    if (typed !== "") terminal.press(typed);
    const ended = ui.run(makeInput({ take: (line) => void taken.push(line), completionWords }));
    await terminal.shows((lines) => shown.every((text) => lines.some((line) => line.startsWith(text))));
    assertEquals(taken, []);
    if (sent.length > 0) terminal.press("\r");
    terminal.press("a");
    terminal.press("\n"); // Ctrl-J is a line break now
    terminal.press("b\r");
    terminal.press("\x04");
    assertEquals(await ended, "end");
    ui.close();
    assertEquals(taken, [...sent, "a\nb"]);
  }
});

/** What the screen of a terminal shows of several views, at three widths. */
import { assertEquals } from "@std/assert";
import { loadPalette } from "../../lib/cli/standard_streams.ts";
import { TerminalUi } from "../../lib/tui/terminal_ui.ts";
import { pureTest } from "../support/test.ts";
import { FakeTerminal } from "./fake_terminal.ts";
import { ViewRun } from "./view_run.ts";

const plain = await loadPalette(false);

/** alice is in #lobby, and something happens in #dev, #ops and with bob; they go to two of them by Alt-a. The prompt of the beginning is second. */
async function screenAt(columns: number): Promise<string[]> {
  const terminal = new FakeTerminal(columns, 24);
  const ui = new TerminalUi(terminal, plain);
  const alice = await new ViewRun({ ui, home: undefined, channels: ["#lobby", "#dev", "#ops"] }).settle();
  alice.chat.views.choose("#lobby");
  alice.say("bob", "#lobby", "here").say("bob", "#dev", "one").say("bob", "alice", "psst");
  alice.say("carol", "#ops", "disk 91 % on db2").say("carol", "#ops", "alice: on it");
  terminal.press("half a line");
  const before = await terminal.shows((lines) => /\[.*> half a line$/.test(lines.at(-1) ?? ""));
  terminal.press("\x15\x1ba");
  await terminal.shows((lines) => lines.at(-1)?.startsWith("#ops ") === true);
  terminal.press("\x1ba\x10");
  const lines = await terminal.shows((lines) =>
    lines.at(-1)?.startsWith("#ops ") === true && lines.some((line) => line.startsWith("── @bob"))
  );
  terminal.press("\x04");
  await alice.ended;
  alice.close();
  ui.close();
  await terminal.output.flush();
  const [here, ...rest] = lines.slice(lines.findIndex((line) => line.endsWith("here")));
  return [here!, before.at(-1)!, ...rest];
}

pureTest(
  "view screen: at 80 columns a rule has name, topic and news, and the prompt counts what is unread",
  async () => {
    assertEquals(await screenAt(80), [
      "t101   bob  here",
      "#lobby [#ops 2! · @bob 1! · #dev 1]> half a line",
      "── #ops · about ops ─────────────────────────────────────────────────── 2 new ──",
      "t104   carol  disk 91 % on db2",
      "t105   carol  >>> alice: on it",
      "── @bob ─────────────────────────────────────────────────────────────── 1 new ──",
      "t103   bob  psst",
      "── #ops · about ops ────────────────────────────────────────────────────────────",
      "#ops [#dev 1]>",
    ]);
  },
);

pureTest("view screen: at 40 columns the prompt is short", async () => {
  assertEquals(await screenAt(40), [
    "  here",
    "#lobby [#ops 2! +2]> half a line",
    "── #ops · about ops ─────────── 2 new ──",
    "carol  t104",
    "  disk 91 % on db2",
    "carol  t105",
    "  >>> alice: on it",
    "── @bob ─────────────────────── 1 new ──",
    "bob  t103",
    "  psst",
    "── #ops · about ops ────────────────────",
    "#ops [#dev 1]>",
  ]);
});

pureTest("view screen: at 200 columns a rule is no longer than can be read", async () => {
  assertEquals(await screenAt(200), [
    "t101   bob  here",
    "#lobby [#ops 2! · @bob 1! · #dev 1]> half a line",
    "── #ops · about ops ─────────────────────────────────────────────────────────────────────── 2 new ──",
    "t104   carol  disk 91 % on db2",
    "t105   carol  >>> alice: on it",
    "── @bob ─────────────────────────────────────────────────────────────────────────────────── 1 new ──",
    "t103   bob  psst",
    "── #ops · about ops ────────────────────────────────────────────────────────────────────────────────",
    "#ops [#dev 1]>",
  ]);
});

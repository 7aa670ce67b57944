/** `/edit` without a text: one's message in the editor, and what comes back in its place. */
import { assertEquals } from "@std/assert";
import { loadPalette } from "../../lib/cli/standard_streams.ts";
import { TerminalUi } from "../../lib/tui/terminal_ui.ts";
import type { OutsideEdit } from "../../lib/tui/ui.ts";
import { pureTest } from "../support/test.ts";
import { FakeTerminal } from "./fake_terminal.ts";
import { ALL_CAPS, ViewRun } from "./view_run.ts";

const plain = await loadPalette(false);
const LONG = "a text of mine that is longer than the forty characters of an excerpt";

/** alice has said LONG and "later"; types `line`, and the editor makes `edited` of what it gets. */
async function edit(line: string, edited: (text: string) => OutsideEdit, during = (_: ViewRun) => {}) {
  const given: string[] = [];
  const terminal = new FakeTerminal(100, 24);
  const ui = new TerminalUi(terminal, plain, {
    editOutside(text) {
      given.push(text);
      during(alice);
      return Promise.resolve(edited(text));
    },
  });
  const alice = await new ViewRun({ ui, home: "#lobby", caps: [...ALL_CAPS, "draft/message-redaction"] })
    .settle();
  alice.say("alice", "#lobby", LONG, "own1").say("alice", "#lobby", "later", "own2");
  alice.takeSent();
  terminal.press(`${line}\rx`);
  const lines = await terminal.shows((lines) => lines.at(-1)?.endsWith("x") === true);
  await alice.settle();
  terminal.press("\x15\x04");
  await alice.ended;
  const sent = alice.takeSent().filter((line) => /PRIVMSG|REDACT/.test(line));
  alice.close();
  ui.close();
  await terminal.output.flush();
  return { given, sent, last: lines.slice(-2) };
}

pureTest("/edit opens the editor with the last message, and sends what comes back in its place", async () => {
  const { given, sent } = await edit("/edit", (text) => ({ text: `${text}, and more` }));
  assertEquals(given, ["later"]);
  assertEquals(sent, [
    "@chatterbox.chat/id=own-1;+chatterbox.chat/replaces=own2 PRIVMSG #lobby :later, and more",
    "REDACT #lobby own2",
  ]);
});

pureTest("/edit 2 opens all of the message before", async () => {
  const { given, sent } = await edit("/edit 2 ", () => ({ text: "short" }));
  assertEquals(given, [LONG]);
  assertEquals(sent.at(-1), "REDACT #lobby own1");
});

pureTest("what comes back the same, empty, or not at all changes nothing, and that is said", async () => {
  for (
    const [edited, why] of [
      [{ text: "later" }, "the text is the same"],
      [{ text: " \n" }, "the text is empty"],
      [{ why: "vi failed" }, "vi failed"],
    ] as const
  ) {
    const { sent, last } = await edit("/edit", () => edited);
    assertEquals(sent, []);
    assertEquals(last, [`t102   ··· your message stays as it is: ${why}`, "#lobby> x"]);
  }
});

pureTest("a text that cannot take the place any more is in the line", async () => {
  const remove = (alice: ViewRun) => void alice.receive(":op!o@h REDACT #lobby own2");
  const { sent, last } = await edit("/edit", () => ({ text: "my text, " }), remove);
  assertEquals(sent, []);
  assertEquals(last, ["t102   ··· your message stays as it is: the message is gone", "#lobby> my text, x"]);
});

pureTest("/edit with a text opens no editor", async () => {
  const { given, sent } = await edit("/edit better", () => ({ text: "" }));
  assertEquals(given, []);
  assertEquals(sent.at(-1), "REDACT #lobby own2");
});

import { assertEquals } from "@std/assert";
import { palette } from "../../lib/cli/output.ts";
import { TerminalFace } from "../../lib/tui/terminal_face.ts";
import { FakeTerminal } from "./fake_terminal.ts";

const plain = await palette(false);
const vocabulary = () => ({ names: ["alice", "albert"], rooms: ["#lobby"] });

Deno.test({
  name: "terminal face: lines go out, what arrives goes above, the terminal is given back",
  permissions: "none",
  async fn() {
    const terminal = new FakeTerminal();
    const face = new TerminalFace(terminal, plain);
    assertEquals(terminal.raw, true);
    face.prompt("#lobby> ");
    const taken: string[] = [];
    const ended = face.run((line) => void taken.push(line), vocabulary);
    terminal.press("half a li");
    await terminal.shows((lines) => lines.at(-1) === "#lobby> half a li");
    face.show([[{ text: "12:34 <bob> hi" }]]);
    terminal.press("ne\r");
    assertEquals(await terminal.shows((lines) => lines.at(-1) === "#lobby>"), ["12:34 <bob> hi", "#lobby>"]);
    assertEquals(taken, ["half a line"]);
    terminal.press("al\t");
    await terminal.shows((lines) => lines.includes("      albert  alice"));
    terminal.press("i\t");
    await terminal.shows((lines) => lines.at(-1) === "#lobby> alice:");
    terminal.resize(40, 10);
    terminal.press("\x15\x04");
    assertEquals(await ended, "end");
    face.close();
    await terminal.output.flush();
    assertEquals(terminal.raw, false);
    face.show([[{ text: "12:35 <bob> late" }]]);
    await terminal.output.flush();
    assertEquals(terminal.screen.lines(), ["12:34 <bob> hi", "      albert  alice", "12:35 <bob> late"]);
  },
});

Deno.test({
  name:
    "terminal face: Ctrl-C clears the line, and interrupts where there is none; a terminal that goes away is the end",
  permissions: "none",
  async fn() {
    for (const [leave, how] of [["\x03", "interrupt"], [undefined, "end"]] as const) {
      const terminal = new FakeTerminal();
      const face = new TerminalFace(terminal, plain);
      const taken: string[] = [];
      const ended = face.run((line) => void taken.push(line), vocabulary);
      terminal.press("draft\x03kept\r");
      if (leave === undefined) terminal.hangUp();
      else terminal.press(leave);
      assertEquals([await ended, taken], [how, ["kept"]]);
      face.close();
    }
  },
});

import { assertEquals } from "@std/assert";
import { ask, askNewPassphrase, askSecret } from "../../lib/tui/terminal/prompt.ts";
import { FakeTerminal } from "./fake_terminal.ts";

const noDigits = (answer: string) => /\d/.test(answer) ? "No digits." : undefined;

Deno.test({
  name: "ask: until the answer will do; raw mode only meanwhile",
  permissions: "none",
  async fn() {
    const terminal = new FakeTerminal();
    const reply = ask(terminal, "Your name", "root", noDigits);
    assertEquals(terminal.raw, true);
    terminal.press("al1ce\rali\x1b[3;1R\x7f\x7flice\rkept for later"); // a report of the cursor's place is no answer
    assertEquals(await reply, { kind: "text", text: "alice" });
    assertEquals(terminal.raw, false);
    await terminal.output.flush();
    assertEquals(terminal.screen.lines(), [
      "Your name [root]: al1ce",
      "No digits.",
      "Your name [root]: alice",
    ]);
    assertEquals(await terminal.keyboard.next(), { kind: "type", text: "kept for later" });
  },
});

Deno.test({
  name: "ask: Enter takes the suggestion; Ctrl-C, Ctrl-D and a terminal that is gone are no answer",
  permissions: "none",
  async fn() {
    for (
      const [keys, kind] of [["\r", "text"], ["ab\x03", "interrupt"], ["\x04", "end"], [
        undefined,
        "end",
      ]] as const
    ) {
      const terminal = new FakeTerminal();
      const reply = ask(terminal, "Your name", "root", noDigits);
      if (keys === undefined) terminal.hangUp();
      else terminal.press(keys);
      const rest = kind === "text" ? { text: "root" } : kind === "interrupt" ? { code: 130 } : {};
      assertEquals(await reply, { kind, ...rest });
    }
  },
});

Deno.test({
  name:
    "ask: a signal that ends the program gives the terminal back first; after the answer it is the program's own",
  permissions: "none",
  async fn() {
    const terminal = new FakeTerminal();
    const reply = ask(terminal, "Your name", "root", noDigits);
    terminal.press("half a na");
    await terminal.shows((lines) => lines.at(-1) === "Your name [root]: half a na");
    for (const handler of terminal.onSignal) handler(143);
    assertEquals(await reply, { kind: "interrupt", code: 143 });
    assertEquals([terminal.raw, terminal.onSignal.size], [false, 0]);
    await terminal.output.flush();
    assertEquals(terminal.screen.lines(), []);
    const next = ask(terminal, "Your name", "root", noDigits);
    assertEquals(terminal.onSignal.size, 1);
    terminal.press("\r");
    assertEquals((await next).kind, "text");
    assertEquals(terminal.onSignal.size, 0);
  },
});

Deno.test({
  name: "ask: a secret is never on the screen, spaces belong to it, and a new one is asked for twice",
  permissions: "none",
  async fn() {
    const terminal = new FakeTerminal();
    const reply = askNewPassphrase(terminal, "New passphrase");
    terminal.press("abc\r one two three\rone two three\r one two three\r one two three\r");
    assertEquals(await reply, { kind: "text", text: " one two three" });
    await terminal.output.flush();
    assertEquals(terminal.screen.lines(), [
      "New passphrase:",
      "A passphrase has at least 8 bytes, unless the server is configured otherwise.",
      "New passphrase:",
      "The same once more:",
      "They are not the same.",
      "New passphrase:",
      "The same once more:",
    ]);
    const refused = askSecret(terminal, "Passphrase", () => undefined);
    terminal.press("half\x03");
    assertEquals(await refused, { kind: "interrupt", code: 130 });
  },
});

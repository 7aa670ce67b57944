import { assertEquals } from "@std/assert";
import { ask, askNewPassphrase, askSecret } from "../../lib/tui/ask.ts";
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
      assertEquals(await reply, kind === "text" ? { kind, text: "root" } : { kind });
    }
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
      "A passphrase has at least 4 bytes.",
      "New passphrase:",
      "The same once more:",
      "They are not the same.",
      "New passphrase:",
      "The same once more:",
    ]);
    const refused = askSecret(terminal, "Passphrase", () => undefined);
    terminal.press("half\x03");
    assertEquals(await refused, { kind: "interrupt" });
  },
});

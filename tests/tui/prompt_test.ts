import { assertEquals } from "@std/assert";
import { EXIT } from "../../lib/cli/exit_codes.ts";
import { ask, askNewPassphrase, askSecret, askYesOrNo } from "../../lib/tui/terminal/prompt.ts";
import { MAX_ANSWER_UNITS } from "../../lib/tui/terminal/inquirer.ts";
import type { PromptResult } from "../../lib/tui/terminal/inquirer.ts";
import { FakeTerminal } from "./fake_terminal.ts";

const noDigits = (answer: string) => /\d/.test(answer) ? "No digits." : undefined;

/** Inquirer looks at environment variables for the terminal's colours and glyphs. */
const PERMISSIONS = { env: "inherit" } as const;

Deno.test({
  name: "ask: until the answer is accepted; raw mode only meanwhile; what is typed ahead is the chat's",
  permissions: PERMISSIONS,
  async fn() {
    const terminal = new FakeTerminal();
    const reply = ask(terminal, "Your name", "root", noDigits);
    assertEquals(terminal.raw, true);
    terminal.press("al1ce\r");
    await terminal.shows((lines) => lines.join("\n") === "? Your name al1ce\n> No digits.");
    terminal.press("\x1b[3;1Ralce\x1b[D\x1b[Di\rkept for later"); // a report of the cursor's place is no answer
    assertEquals(await reply, { kind: "text", text: "alice" });
    assertEquals(terminal.raw, false);
    await terminal.output.flush();
    assertEquals(terminal.screen.lines(), ["✔ Your name alice"]);
    assertEquals(await terminal.keyboard.next(), { kind: "type", text: "kept for later" });
  },
});

Deno.test({
  name: "ask: all that was typed before the question, wrong answers too, is read in order",
  permissions: PERMISSIONS,
  async fn() {
    const terminal = new FakeTerminal();
    terminal.press("al1ce\ralice\rab\r\x04\x03one\rtwo two two\r");
    assertEquals(await ask(terminal, "Your name", "", noDigits), { kind: "text", text: "alice" });
    assertEquals(await ask(terminal, "Your name", "", noDigits), { kind: "text", text: "ab" });
    assertEquals(await ask(terminal, "Your name", "", noDigits), { kind: "end" });
    assertEquals(await ask(terminal, "Your name", "", noDigits), { kind: "interrupt", code: 130 });
    const short = (text: string) => text.length < 8 ? "Too short." : undefined;
    assertEquals(await askSecret(terminal, "Passphrase", short), { kind: "text", text: "two two two" });
  },
});

Deno.test({
  name: "ask: Enter takes the suggestion; Ctrl-C, Ctrl-D and a terminal that is gone are no answer",
  permissions: PERMISSIONS,
  async fn() {
    const rows: readonly [string | undefined, PromptResult][] = [
      ["\r", { kind: "text", text: "root" }],
      ["  \r", { kind: "text", text: "root" }],
      ["\t\x7f\r", { kind: "text", text: "roo" }],
      ["ab\x01\x04\r", { kind: "text", text: "b" }],
      ["ab\x03", { kind: "interrupt", code: 130 }],
      ["\x04", { kind: "end" }],
      ["ab\x15\x04", { kind: "end" }],
      [undefined, { kind: "end" }],
    ];
    for (const [keys, expected] of rows) {
      const terminal = new FakeTerminal();
      const reply = ask(terminal, "Your name", "root", noDigits);
      if (keys === undefined) terminal.hangUp();
      else terminal.press(keys);
      assertEquals(await reply, expected);
      assertEquals([terminal.raw, terminal.onSignal.size, terminal.screen.marksPastes], [false, 0, false]);
    }
  },
});

Deno.test({
  name: "ask: a pasted line break is not Enter; at the ends of a name it does not count, in a secret it does",
  permissions: PERMISSIONS,
  async fn() {
    const terminal = new FakeTerminal();
    const oneLine = (text: string) => /[\r\n]/.test(text) ? "One line." : undefined;
    const name = ask(terminal, "Your name", "", oneLine);
    await terminal.shows(() => terminal.screen.marksPastes);
    terminal.press("\x1b[200~al\x1b[2Jice\r\n\x1b[201~");
    await terminal.shows((lines) => lines.at(-1) === "? Your name al␛[2Jice␊");
    terminal.press("\r");
    assertEquals(await name, { kind: "text", text: "al\x1b[2Jice" });
    const secret = askSecret(terminal, "Passphrase", oneLine);
    terminal.press("\x1b[200~open\nsesame\x1b[201~\r");
    await terminal.shows((lines) => lines.at(-1) === "> One line.");
    terminal.press("\x1b[200~open sesame\n\x1b[201~\ropen sesame\r");
    assertEquals(await secret, { kind: "text", text: "open sesame" });
  },
});

Deno.test({
  name:
    "ask: a signal that ends the program gives the terminal back first; after the answer it is the program's own",
  permissions: PERMISSIONS,
  async fn() {
    const terminal = new FakeTerminal();
    const reply = ask(terminal, "Your name", "root", noDigits);
    terminal.press("half a na");
    await terminal.shows((lines) => lines.at(-1) === "? Your name half a na");
    for (const handler of terminal.onSignal) handler(143);
    assertEquals(await reply, { kind: "interrupt", code: 143 });
    assertEquals([terminal.raw, terminal.onSignal.size], [false, 0]);
    await terminal.output.flush();
    assertEquals(terminal.screen.beforeCursor(), ""); // below the question
    const next = ask(terminal, "Your name", "root", noDigits);
    terminal.press("\r");
    assertEquals((await next).kind, "text");
    assertEquals(terminal.onSignal.size, 0);
  },
});

Deno.test({
  name: "ask: a signal while the library is loaded gives the terminal back, too",
  permissions: PERMISSIONS,
  async fn() {
    const terminal = new FakeTerminal();
    const reply = ask(terminal, "Your name", "root", noDigits);
    assertEquals([terminal.raw, terminal.onSignal.size], [true, 1]);
    for (const handler of terminal.onSignal) handler(129);
    assertEquals(await reply, { kind: "interrupt", code: 129 });
    assertEquals([terminal.raw, terminal.onSignal.size], [false, 0]);
  },
});

Deno.test({
  name: "ask: a secret is never on the screen, spaces belong to it, and a new one is asked for twice",
  permissions: PERMISSIONS,
  async fn() {
    const terminal = new FakeTerminal();
    const reply = askNewPassphrase(terminal, "New passphrase");
    terminal.press("seven77\r");
    await terminal.shows((lines) => lines[1]?.startsWith("> A passphrase has at least 8 bytes") === true);
    terminal.press(" one two three\x14\rone two three\r one two three\r one two three\r"); // Ctrl-T shows nothing
    assertEquals(await reply, { kind: "text", text: " one two three" });
    await terminal.output.flush();
    assertEquals(terminal.screen.lines(), [
      "✔ New passphrase",
      "✔ Repeat the passphrase",
      "They are not the same.",
      "✔ New passphrase",
      "✔ Repeat the passphrase",
    ]);
    assertEquals(terminal.written.includes("one"), false);
    const refused = askSecret(terminal, "Passphrase", () => undefined);
    terminal.press("half\x03");
    assertEquals(await refused, { kind: "interrupt", code: 130 });
  },
});

Deno.test({
  name: "ask: an answer is bounded, however much is pasted or typed; the next one begins anew",
  permissions: PERMISSIONS,
  async fn() {
    const terminal = new FakeTerminal();
    const lengths: number[] = [];
    const short = (text: string) => {
      lengths.push(text.length);
      return text.length < 100 ? undefined : "Too long.";
    };
    const reply = askSecret(terminal, "Passphrase", short);
    const long = "x".repeat(1000);
    terminal.press(`\x1b[200~${long}${long}\x1b[201~\r${long}\x1b[D${long}\r${long}${long}\x15open sesame\r`);
    assertEquals(await reply, { kind: "text", text: "open sesame" });
    assertEquals(lengths, [MAX_ANSWER_UNITS, MAX_ANSWER_UNITS, "open sesame".length]);
  },
});

Deno.test({
  name: "ask: yes or no; Enter alone means no, and anything else is asked again",
  permissions: PERMISSIONS,
  async fn() {
    for (const [keys, text] of [["y\r", "yes"], ["NO\r", "no"], ["\r", "no"], ["maybe\ryes\r", "yes"]]) {
      const terminal = new FakeTerminal();
      terminal.press(keys!);
      assertEquals(await askYesOrNo(terminal, "Forget it?"), { kind: "text", text: text! });
    }
  },
});

Deno.test({
  name: "ask: what a question quotes drives no terminal, and it has no colours",
  permissions: PERMISSIONS,
  async fn() {
    const terminal = new FakeTerminal();
    const reply = ask(terminal, "Name on \x1b[2J\u202eevil", "ro\x1b]0;x\x07ot", () => undefined);
    await terminal.shows((lines) => lines.at(-1) === "? Name on ␛[2J<U+202E>evil (ro␛]0;x␇ot)");
    terminal.press("\r");
    await reply;
    await terminal.output.flush();
    assertEquals(terminal.written.match(/\x1b\[[\d;]*m|\x1b\]/g), null);
  },
});

Deno.test({
  name: "ask: a terminal that is closed ends a question as SIGHUP does",
  permissions: PERMISSIONS,
  async fn() {
    const terminal = new FakeTerminal();
    const reply = ask(terminal, "Your name", "", () => undefined);
    await terminal.shows((lines) => lines.at(-1) === "? Your name");
    terminal.breakOff();
    assertEquals(await reply, { kind: "interrupt", code: EXIT.hungUp });
    await terminal.output.flush();
  },
});

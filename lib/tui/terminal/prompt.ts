/** One question at the terminal, with the line editor of the chat. */
import type { ExitCode } from "../../cli/exit_codes.ts";
import { EXIT } from "../../cli/exit_codes.ts";
import { passphraseFault } from "../../irc/sasl/passphrase.ts";
import { LineEditor } from "./line_editor.ts";
import type { EditorLine } from "./line_editor.ts";
import { Screen } from "./screen.ts";
import type { Terminal } from "./terminal.ts";

export type PromptResult =
  | { readonly kind: "text"; readonly text: string }
  /** Ctrl-C, or a signal; `code` is what to end with. */
  | { readonly kind: "interrupt"; readonly code: ExitCode }
  /** Ctrl-D, or the terminal is gone. */
  | { readonly kind: "end" };

/** Asks until `fault` finds none in the answer. An empty answer means `suggestion`. */
export async function ask(
  terminal: Terminal,
  question: string,
  suggestion: string,
  fault: (answer: string) => string | undefined,
): Promise<PromptResult> {
  const prompt = suggestion === "" ? `${question}: ` : `${question} [${suggestion}]: `;
  return await runPrompt(terminal, prompt, ({ text }) => text.trim() || suggestion, (line) => line, fault);
}

/** The same for what nobody may see: nothing of it is shown, and it is taken as it is. */
export async function askSecret(
  terminal: Terminal,
  question: string,
  fault: (answer: string) => string | undefined,
): Promise<PromptResult> {
  return await runPrompt(terminal, `${question}: `, ({ text }) => text, () => EMPTY_LINE, fault);
}

const EMPTY_LINE: EditorLine = { text: "", cursor: 0 };

async function runPrompt(
  terminal: Terminal,
  prompt: string,
  answerOf: (submitted: { text: string }) => string,
  shown: (line: EditorLine) => EditorLine,
  fault: (answer: string) => string | undefined,
): Promise<PromptResult> {
  const { keyboard, output, size, onInterrupt } = terminal;
  const editor = new LineEditor();
  const screen = new Screen((text) => output.write(text), size);
  const interrupted = Promise.withResolvers<ExitCode>();
  const offInterrupt = onInterrupt(interrupted.resolve);
  const next = () => Promise.race([interrupted.promise, keyboard.next()]);
  keyboard.raw = true;
  screen.open(prompt, shown(editor.line));
  try {
    for (let key = await next(); key !== undefined; key = await next()) {
      if (typeof key === "number") return { kind: "interrupt", code: key };
      if (key.kind === "report") continue; // the answer to a question of before
      const pressed = editor.press(key);
      if (pressed.kind === "interrupt") return { kind: "interrupt", code: EXIT.interrupted };
      if (pressed.kind === "end") return { kind: "end" };
      if (pressed.kind === "submit") {
        const text = answerOf(pressed);
        const wrong = fault(text);
        const { text: visible } = shown({ text, cursor: 0 });
        screen.print([`${prompt}${visible}`.trimEnd(), ...wrong === undefined ? [] : [wrong]]);
        if (wrong === undefined) return { kind: "text", text };
      }
      screen.update(prompt, shown(editor.line));
    }
    return { kind: "end" };
  } finally {
    offInterrupt();
    screen.close();
    keyboard.raw = false;
  }
}

/** Asks for a new passphrase until it will do, and again until both are the same. */
export async function askNewPassphrase(terminal: Terminal, question: string): Promise<PromptResult> {
  for (;;) {
    const first = await askSecret(terminal, question, describePassphraseFault);
    if (first.kind !== "text") return first;
    const again = await askSecret(terminal, "The same once more", () => undefined);
    if (again.kind !== "text" || again.text === first.text) return again;
    terminal.output.write("They are not the same.\n");
  }
}

function describePassphraseFault(text: string): string | undefined {
  const fault = passphraseFault(text);
  return fault === undefined ? undefined : `${fault}.`;
}

/** One question at the terminal, with the line editor of the chat. */
import { LineEditor } from "./editor.ts";
import { Screen } from "./screen.ts";
import type { Terminal } from "./terminal_face.ts";

/** Answered; or Ctrl-C ("interrupt"), or Ctrl-D ("end"). */
export type Reply = { readonly kind: "text"; readonly text: string } | { readonly kind: "interrupt" | "end" };

/** Asks until `fault` finds none in the answer. An empty answer means `suggestion`. */
export async function ask(
  terminal: Terminal,
  question: string,
  suggestion: string,
  fault: (answer: string) => string | undefined,
): Promise<Reply> {
  const { keyboard, output, size } = terminal;
  const prompt = suggestion === "" ? `${question}: ` : `${question} [${suggestion}]: `;
  const editor = new LineEditor();
  const screen = new Screen((text) => output.write(text), size);
  keyboard.raw = true;
  screen.open(prompt, editor.line);
  try {
    for (let key = await keyboard.next(); key !== undefined; key = await keyboard.next()) {
      if (key.kind === "report") continue; // the answer to a question of before
      const pressed = editor.press(key);
      if (pressed.kind === "interrupt" || pressed.kind === "end") return { kind: pressed.kind };
      if (pressed.kind === "submit") {
        const text = pressed.text.trim() || suggestion;
        const wrong = fault(text);
        screen.print([`${prompt}${text}`, ...wrong === undefined ? [] : [wrong]]);
        if (wrong === undefined) return { kind: "text", text };
      }
      screen.update(prompt, editor.line);
    }
    return { kind: "end" };
  } finally {
    screen.close();
    keyboard.raw = false;
  }
}

/** Questions to a person at the terminal, outside the chat. */
import { utf8Length } from "../../base/bytes.ts";
import type { ExitCode } from "../../cli/exit_codes.ts";
import { PASSPHRASE_MIN_BYTES, passphraseFault } from "../../irc/sasl/passphrase.ts";
import type { AnswerFault, PromptResult } from "./inquirer.ts";
import { PASTE_OFF, PASTE_ON } from "./screen.ts";
import type { Terminal } from "./terminal.ts";

/** Asks until `fault` finds none in the answer. An empty answer means `suggestion`. */
export function ask(
  terminal: Terminal,
  question: string,
  suggestion: string,
  fault: AnswerFault,
): Promise<PromptResult> {
  return prompt(terminal, ({ askText }) => askText(terminal, question, suggestion, fault));
}

/** The same for a secret: nothing of it is shown, and spaces at its ends belong to it. */
export function askSecret(terminal: Terminal, question: string, fault: AnswerFault): Promise<PromptResult> {
  return prompt(terminal, ({ askHidden }) => askHidden(terminal, question, fault));
}

/** Asks until the answer is "yes" or "no". An empty answer means no. */
export function askYesOrNo(terminal: Terminal, question: string): Promise<PromptResult> {
  return prompt(terminal, (inquirer) => inquirer.askYesOrNo(terminal, question));
}

/** Asks for a new passphrase until it is acceptable, and again until both are the same. */
export async function askNewPassphrase(terminal: Terminal, question: string): Promise<PromptResult> {
  for (;;) {
    const first = await askSecret(terminal, question, describePassphraseFault);
    if (first.kind !== "text") return first;
    const again = await askSecret(terminal, "Repeat the passphrase", () => undefined);
    if (again.kind !== "text" || again.text === first.text) return again;
    terminal.output.write("They are not the same.\n");
  }
}

/** A server may require more. */
function describePassphraseFault(text: string): string | undefined {
  const isShort = utf8Length(text) < PASSPHRASE_MIN_BYTES;
  const fault = isShort ? `A passphrase has at least ${PASSPHRASE_MIN_BYTES} bytes` : passphraseFault(text);
  return fault === undefined ? undefined : `${fault}.`;
}

/**
 * Raw mode is on before the library is loaded: what is typed meanwhile must not be echoed. A signal in that
 * time must not end the program before the terminal is restored.
 */
async function prompt(
  { keyboard, output, onInterrupt }: Terminal,
  question: (inquirer: typeof import("./inquirer.ts")) => Promise<PromptResult>,
): Promise<PromptResult> {
  let interrupt: ExitCode | undefined;
  const offInterrupt = onInterrupt((code) => void (interrupt ??= code));
  keyboard.raw = true;
  output.write(PASTE_ON);
  try {
    const inquirer = await import("./inquirer.ts");
    if (interrupt !== undefined) return { kind: "interrupt", code: interrupt };
    return await question(inquirer);
  } finally {
    output.write(PASTE_OFF);
    keyboard.raw = false;
    offInterrupt();
  }
}

/** Asks before something is done that cannot be undone. */
import type { Io } from "../../cli/command.ts";
import { EXIT } from "../../cli/exit_codes.ts";
import type { ExitCode } from "../../cli/exit_codes.ts";
import { UsageError } from "../../cli/flags/command_definition.ts";
import { ask } from "./prompt.ts";
import { createTerminal } from "./terminal.ts";

/** `EXIT.ok`: go on; else the code to end with. A {@link UsageError} where nobody can be asked. */
export async function confirm(io: Io, question: string): Promise<ExitCode> {
  const terminal = createTerminal(io);
  if (terminal === undefined) {
    throw new UsageError("there is no terminal to ask at; --yes goes on without asking");
  }
  try {
    const fault = (text: string) => /^(?:y|yes|n|no)$/i.test(text) ? undefined : "Please answer yes or no.";
    const reply = await ask(terminal, `${question} (yes or no)`, "", fault);
    if (reply.kind === "interrupt") return reply.code;
    return reply.kind === "text" && /^y/i.test(reply.text) ? EXIT.ok : EXIT.interrupted;
  } finally {
    terminal.keyboard.close();
  }
}

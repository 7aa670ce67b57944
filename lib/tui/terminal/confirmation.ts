/** Confirmation of an action that cannot be undone. */
import type { Io } from "../../cli/command.ts";
import { EXIT } from "../../cli/exit_codes.ts";
import type { ExitCode } from "../../cli/exit_codes.ts";
import { UsageError } from "../../cli/flags/command_definition.ts";
import { askYesOrNo } from "./prompt.ts";
import { createTerminal } from "./terminal.ts";

/**
 * `EXIT.ok`: the person agreed; otherwise the exit code to end with. Throws {@link UsageError} without a
 * terminal.
 */
export async function confirm(io: Io, question: string): Promise<ExitCode> {
  const terminal = createTerminal(io);
  if (terminal === undefined) {
    throw new UsageError("this needs a confirmation and there is no terminal to ask at; --yes skips it");
  }
  try {
    const reply = await askYesOrNo(terminal, question);
    if (reply.kind === "interrupt") return reply.code;
    return reply.kind === "text" && reply.text === "yes" ? EXIT.ok : EXIT.interrupted;
  } finally {
    terminal.keyboard.close();
  }
}

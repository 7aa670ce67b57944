/** The terminal, where a person sits at one. */
import type { Io } from "../cli/command.ts";
import { Keyboard } from "./keyboard.ts";
import type { Terminal } from "./terminal_face.ts";

/** Undefined where input or output is no terminal, or one that can't move its cursor. */
export function terminalOf(io: Io): Terminal | undefined {
  if (!io.stdin.isTerminal || !io.stdout.isTerminal || io.env("TERM") === "dumb") return undefined;
  return {
    keyboard: new Keyboard(io.stdin),
    output: io.stdout,
    size: () => io.stdout.size() ?? { columns: 80, rows: 24 },
    onResize: (handler) => io.onSignal("SIGWINCH", handler),
  };
}

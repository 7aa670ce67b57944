/** The terminal, where a person sits at one. */
import type { Io } from "../../cli/command.ts";
import { EXIT, exitCodeForSignal } from "../../cli/exit_codes.ts";
import type { ExitCode } from "../../cli/exit_codes.ts";
import { Keyboard } from "./keyboard.ts";
import type { Terminal } from "../terminal_ui.ts";

/** Undefined where input or output is no terminal, or one that can't move its cursor. */
export function createTerminal(io: Io): Terminal | undefined {
  if (!io.stdin.isTerminal || !io.stdout.isTerminal || io.env("TERM") === "dumb") return undefined;
  return {
    keyboard: new Keyboard(io.stdin),
    output: io.stdout,
    size: () => io.stdout.size() ?? { columns: 80, rows: 24 },
    onResize: (handler) => io.onSignal("SIGWINCH", handler),
    onInterrupt: (handler) => onInterrupt(io, handler),
  };
}

/** The terminal is to be given back before the program ends: uncaught, a signal would leave it without echo. */
function onInterrupt({ signal, onSignal }: Io, handler: (code: ExitCode) => void): () => void {
  const onAbort = () => handler(exitCodeForSignal(signal));
  const offHangUp = onSignal("SIGHUP", () => handler(EXIT.hungUp));
  signal.addEventListener("abort", onAbort);
  if (signal.aborted) onAbort();
  return () => {
    offHangUp();
    signal.removeEventListener("abort", onAbort);
  };
}

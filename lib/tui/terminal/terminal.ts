/** The terminal of an interactive program. */
import type { Io } from "../../cli/command.ts";
import { EXIT, exitCodeForSignal } from "../../cli/exit_codes.ts";
import type { ExitCode } from "../../cli/exit_codes.ts";
import type { InputStream, OutputStream } from "../../cli/standard_streams.ts";
import { Keyboard } from "./keyboard.ts";
import type { TerminalSize } from "./screen.ts";

export interface Terminal {
  readonly keyboard: Keyboard;
  readonly output: OutputStream;
  readonly size: () => TerminalSize;
  /** It is known to wrap all rows anew where it becomes narrower. */
  readonly wrapsAnew?: boolean;
  /** Calls `handler` at each resize until the function returned is called. */
  readonly onResize: (handler: () => void) => () => void;
  /** The same for each time that the program goes on after it was stopped (SIGCONT). */
  readonly onContinue: (handler: () => void) => () => void;
  /** The same for a signal that ends the program; `handler` is given the exit code. */
  readonly onInterrupt: (handler: (code: ExitCode) => void) => () => void;
}

/** The open keyboard of an input: a question may come while the chat, or another question, has the terminal. */
const KEYBOARDS = new WeakMap<InputStream, Keyboard>();

function openKeyboard(input: InputStream): Keyboard {
  const open = KEYBOARDS.get(input);
  if (open?.isOpen) return open.share();
  const keyboard = new Keyboard(input);
  KEYBOARDS.set(input, keyboard);
  return keyboard;
}

/** Undefined where input or output is not a terminal, or the terminal cannot move its cursor. */
export function createTerminal(io: Io): Terminal | undefined {
  const output = io.terminal ?? io.stdout;
  if (!io.stdin.isTerminal || !output.isTerminal || io.env("TERM") === "dumb") return undefined;
  return {
    keyboard: openKeyboard(io.stdin),
    output,
    size: () => {
      const { columns, rows } = output.size() ?? { columns: 0, rows: 0 };
      return { columns: columns || 80, rows: rows || 24 }; // 0: the terminal does not know
    },
    wrapsAnew: isTmux(io.env),
    onResize: (handler) => io.onSignal("SIGWINCH", handler),
    onContinue: (handler) => io.onSignal("SIGCONT", handler),
    onInterrupt: (handler) => onInterrupt(io, handler),
  };
}

/** Lets the caller restore the terminal first: an unhandled signal would leave it without echo. */
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

/** Not what runs in tmux and is a terminal itself. */
function isTmux(env: (name: string) => string | undefined): boolean {
  return env("TMUX") !== undefined && env("STY") === undefined && /^(?:tmux|screen)/.test(env("TERM") ?? "");
}

/** Standard error that no person sees, and no questions: `send --quiet`, the completion of a shell. */
import type { Io } from "../../lib/cli/command.ts";

/** The same, with a standard error that discards its output. */
export function withoutStderr(io: Io): Io {
  return withStderr(io, () => {});
}

/** The same, with a standard error that hands its output to `write`, and no terminal for questions. */
export function withStderr(io: Io, write: (text: string) => void): Io {
  const { stdin, stdout, clock, commands, env, systemName, onSignal, revoke } = io;
  const stderr = {
    isTerminal: false,
    write,
    writeBytes: () => Promise.resolve(),
    flush: () => Promise.resolve(),
    isBacklogged: false,
    watchForClose: () => {},
    size: () => undefined,
    exposedMode: () => undefined,
    changeTerminal: () => () => {},
    restore: () => {},
    closedSignal: io.stderr.closedSignal,
  };
  return {
    stdin,
    stdout,
    stderr,
    terminal: stderr,
    clock,
    commands,
    env,
    systemName,
    onSignal,
    revoke,
    signal: io.signal,
  };
}

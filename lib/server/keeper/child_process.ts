/** A process that the keeper starts: the same program with another command. */

export interface ProcessEnd {
  readonly code: number;
  /** Undefined: it has ended by itself. */
  readonly signal?: Deno.Signal;
  /** It could not be started. */
  readonly fault?: string;
}

/** A started process. */
export interface RunningProcess {
  readonly pid: number;
  readonly ended: Promise<ProcessEnd>;
  /** Sends it a signal, if it still runs. */
  kill(signal: Deno.Signal): void;
}

/** `terminal`: the process has the streams of this one; otherwise standard error alone. */
export type ProcessStreams = "terminal" | "errors";

/** Starts a process; one that cannot be started has ended, with the process id 0. */
export function startProcess(command: readonly string[], streams: ProcessStreams): RunningProcess {
  const [program, ...args] = command;
  const other = streams === "terminal" ? "inherit" : "null";
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program!, { args, stdin: other, stdout: other, stderr: "inherit" }).spawn();
  } catch (error) {
    const fault = error instanceof Error ? error.message : String(error);
    return { pid: 0, ended: Promise.resolve({ code: 0, fault }), kill() {} };
  }
  return {
    pid: child.pid,
    ended: child.status.then(({ code, signal }) => signal === null ? { code } : { code, signal }),
    kill(signal) {
      try {
        child.kill(signal);
      } catch {
        // it has ended
      }
    },
  };
}

/** How a process ended: `exit code 70`, `SIGKILL`. */
export function describeEnd({ code, signal, fault }: ProcessEnd): string {
  return fault ?? signal ?? `exit code ${code}`;
}

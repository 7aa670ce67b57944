/** A front as a process: the same program, started with the path of the hub's relay socket. */

/** A started process. */
export interface FrontProcess {
  readonly pid: number;
  /** Resolves when it has ended: with what? As words: `exit code 70`, `SIGKILL`. */
  readonly ended: Promise<string>;
  /** Ends it without warning. */
  kill(): void;
}

/** Starts front `index`, which connects to the socket at `path`. */
export type StartFront = (path: string, index: number) => FrontProcess;

/** Starts fronts with `command`: the program and its arguments, to which path and index are added. */
export function frontStarter([program, ...args]: readonly string[]): StartFront {
  return (path, index) => {
    const child = new Deno.Command(program!, {
      args: [...args, path, String(index)],
      stdin: "null",
      stdout: "null",
      stderr: "inherit",
    }).spawn();
    return {
      pid: child.pid,
      ended: child.status.then(({ code, signal }) => signal ?? `exit code ${code}`),
      kill() {
        try {
          child.kill("SIGKILL");
        } catch {
          // it has ended
        }
      },
    };
  };
}

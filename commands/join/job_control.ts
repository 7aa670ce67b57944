/** Job control (POSIX): stopping this program as Ctrl-Z does where the terminal is not in raw mode. */
import { CHILD_ENVIRONMENT, mayRun } from "../support/program_search.ts";

/** A row of `ps`. */
export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly terminal: string;
}

/**
 * Stops this program and those that were started with it (its process group) until the shell continues them; then this
 * returns. The text says why it cannot. Where no shell controls jobs, the system ignores it.
 */
export function suspendProgram(env: (name: string) => string | undefined): string | undefined {
  if (Deno.build.os === "windows") return "Ctrl-Z does nothing on Windows";
  if (!mayRun()) {
    return "Ctrl-Z does nothing: this program was started without the permission to send signals";
  }
  try {
    // `deno task` sets INIT_CWD and takes SIGTSTP for itself; it would stay in the way of the shell. Nothing takes SIGSTOP,
    // which the system does not ignore either: a shell has to be there that continues the group.
    const isTask = env("INIT_CWD") !== undefined;
    if (isTask && !hasShell(listProcesses(), Deno.pid)) {
      return "Ctrl-Z does nothing: no shell is seen (by ps) that would continue this program";
    }
    Deno.kill(0, isTask ? "SIGSTOP" : "SIGTSTP");
    return undefined;
  } catch (error) {
    return `Ctrl-Z does nothing: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/**
 * Whether the process group of `pid` has a parent outside of it on its terminal, as POSIX asks of a group that is not
 * orphaned: a shell with job control.
 */
export function hasShell(rows: readonly ProcessRow[], pid: number): boolean {
  const byPid = new Map(rows.map((row) => [row.pid, row]));
  const own = byPid.get(pid);
  if (own === undefined || !/\d/.test(own.terminal)) return false;
  return rows.some(({ group, parent }) => {
    const shell = byPid.get(parent);
    return group === own.group && shell !== undefined && shell.group !== group &&
      shell.terminal === own.terminal;
  });
}

function listProcesses(): ProcessRow[] {
  const args = ["-A", "-o", "pid=", "-o", "ppid=", "-o", "pgid=", "-o", "tty="];
  const { stdout } = new Deno.Command("ps", { args, env: CHILD_ENVIRONMENT, stderr: "null" }).outputSync();
  return parseProcesses(new TextDecoder().decode(stdout));
}

export function parseProcesses(text: string): ProcessRow[] {
  return text.split("\n").flatMap((line) => {
    const [, pid, parent, group, terminal = ""] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)/.exec(line) ?? [];
    return pid === undefined
      ? []
      : [{ pid: Number(pid), parent: Number(parent), group: Number(group), terminal }];
  });
}

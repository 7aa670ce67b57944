/** Job control (POSIX): stopping this program as Ctrl-Z does where the terminal is not in raw mode. */

import { mayRun } from "../support/program_search.ts";

/**
 * Stops this program and those that were started with it (its process group) until the shell continues them; then this
 * returns. The text says why it cannot. Where no shell controls jobs, the system ignores it.
 */
export function suspendProgram(env: (name: string) => string | undefined): string | undefined {
  if (Deno.build.os === "windows") return "Ctrl-Z does nothing on Windows";
  // `deno task` sets it, takes the signal for itself, and would stay in the way of the shell.
  if (env("INIT_CWD")) {
    return "Ctrl-Z does nothing: deno task, which has started this program, would not stop";
  }
  if (!mayRun()) {
    return "Ctrl-Z does nothing: this program was started without the permission to send signals";
  }
  try {
    Deno.kill(0, "SIGTSTP");
    return undefined;
  } catch (error) {
    return `Ctrl-Z does nothing: ${error instanceof Error ? error.message : String(error)}`;
  }
}

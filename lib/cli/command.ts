/**
 * The seam between `main.ts` and a command: a command gets its arguments and an {@link Io}, and answers an exit code.
 * It touches no global of the process, so that a test can run it in place.
 */
import type { Clock } from "../base/clock.ts";
import type { InputStream, OutputStream } from "./standard_streams.ts";

/**
 * What the runtime lets the process do, of what we ever ask for (https://docs.deno.com/runtime/fundamentals/security/): files, the
 * network, this machine's name, the authorities that it trusts, calls of the C library (`pipe_watcher.ts`), the user's entry in the user
 * database (uid, gid, userInfo), and the release of Windows, by which `node:util` judges the colours of a question.
 */
export const PERMISSIONS = [
  "read",
  "write",
  "net",
  "sys:hostname",
  "sys:umask",
  "sys:ca",
  "sys:uid",
  "sys:gid",
  "sys:userInfo",
  "sys:osRelease",
  "ffi",
] as const;

export type Permission = typeof PERMISSIONS[number];

export interface Command {
  readonly name: string;
  /** All that it needs beside the environment; `main.ts` gives up the rest before the command runs. */
  readonly permissions: readonly Permission[];
  /** One line for the list of commands. */
  readonly summary: string;
  /** Runs to the end; the answer is the process's exit code (see `exit_codes.ts`). */
  run(args: string[], io: Io): Promise<number>;
}

/** Everything of the outside that a command may touch beside files and sockets. */
export interface Io {
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly clock: Clock;
  /** Value of an environment variable; undefined when unset or empty. */
  readonly env: (name: string) => string | undefined;
  /** The name of the process's user in the system's user database; undefined: the user has no entry. */
  readonly systemName: () => Promise<string | undefined>;
  /** Aborted at the first SIGINT or SIGTERM with an `Interruption`; a second one ends the process at once. */
  readonly signal: AbortSignal;
  /** Gives up permissions for the rest of the process: what is not needed any more cannot be misused. */
  readonly revoke: (permissions: readonly Permission[]) => void;
  /** Calls `handler` at each SIGHUP (or SIGWINCH) until the function returned is called. No-op where the OS has none. */
  readonly onSignal: (name: "SIGHUP" | "SIGWINCH", handler: () => void) => () => void;
}

/**
 * The interface between `main.ts` and a command: a command gets its arguments and an {@link Io}, and returns
 * an exit code. It uses no global of the process, so a test can call it directly.
 */
import type { Clock } from "../base/clock.ts";
import type { CommandHelp } from "./command_syntax.ts";
import type { InputStream, OutputStream } from "./standard_streams.ts";

/**
 * The permissions of the runtime that some command needs
 * (https://docs.deno.com/runtime/fundamentals/security/): files, the network, the name of this machine, the free space
 * of a disk, the priority of a thread, the machine's trusted authorities, calls of the C library
 * (`lib/base/platform/c_library.ts`), the user's entry in the user database (uid, gid, userInfo), the release of
 * Windows, from which `node:util` derives the colours of a question, and starting the program itself (`bench ipc`,
 * `serve --fronts`).
 */
export const PERMISSIONS = [
  "read",
  "write",
  "net",
  "sys:hostname",
  "sys:umask",
  "sys:statfs",
  "sys:setPriority",
  "sys:ca",
  "sys:uid",
  "sys:gid",
  "sys:userInfo",
  "sys:osRelease",
  "ffi",
  "run",
] as const;

export type Permission = typeof PERMISSIONS[number];

export interface Command {
  readonly name: string;
  /**
   * All permissions that it needs, except for the environment; `main.ts` revokes the others before the
   * command runs.
   */
  readonly permissions: readonly Permission[];
  /** One line in the list of commands. */
  readonly summary: string;
  /** What its help says, of which its manual page and the completion of shells are made, too. */
  readonly help: CommandHelp;
  /** Commands of two words, by the second one; not all flags and words are in `help` then. */
  readonly parts?: Readonly<Record<string, Command>>;
  /** Runs to the end and returns the exit code of the process (`exit_codes.ts`). */
  run(args: string[], io: Io): Promise<number>;
}

/** A signal that a command can catch. */
export type CaughtSignal = "SIGHUP" | "SIGUSR2" | "SIGWINCH" | "SIGCONT" | "SIGINT" | "SIGQUIT" | "SIGTERM";

/** Everything outside of the command that it may use, except for files and sockets. */
export interface Io {
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  /** The terminal, where `stdout` is a pager's input; left out: `stdout`, if that is one. */
  readonly terminal?: OutputStream;
  readonly stderr: OutputStream;
  readonly clock: Clock;
  /** All commands of the program, in the order of its help. Loads all of them: for help and hints only. */
  readonly commands: () => Promise<readonly Command[]>;
  /** Value of an environment variable; undefined if it is unset or empty. */
  readonly env: (name: string) => string | undefined;
  /** The name of the process's user in the system's user database; undefined: the user has no entry. */
  readonly systemName: () => Promise<string | undefined>;
  /**
   * Aborted with a `StopReason` at the first SIGINT, SIGQUIT or SIGTERM; a second signal ends the process at
   * once.
   */
  readonly signal: AbortSignal;
  /** Revokes permissions for the rest of the process, so that they cannot be misused. */
  readonly revoke: (permissions: readonly Permission[]) => void;
  /**
   * Calls `handler` at each of these signals until the returned function is called. Does nothing on Windows. Those that
   * end a command are for one that does not use {@link Io.signal}.
   */
  readonly onSignal: (name: CaughtSignal, handler: () => void) => () => void;
}

/** The {@link Io} of a real process, which `main.ts` creates. */
import { nodeModules } from "../base/platform/node_modules.ts";
import { systemClock } from "../base/clock.ts";
import type { Command, Io } from "./command.ts";
import type { StopReason } from "./exit_codes.ts";
import { EXIT } from "./exit_codes.ts";
import { HeldSignals } from "./held_signals.ts";
import { QueuedOutput } from "./standard_streams.ts";
import { watchPipeReader } from "./pipe_watcher.ts";

/** STDOUT_FILENO (POSIX unistd.h). */
const STDOUT_FD = 1;

/**
 * Streams, environment and signals of this process. Signals are caught once `signal` has been read; at the
 * second signal `exit` ends the process. From `holdSignals` on, signals that a server handles wait for their handler.
 */
export function createSystemIo(
  exit: (code: number) => never,
  commands: () => Promise<readonly Command[]>,
): Io & { holdSignals(): void } {
  const stdoutIsTerminal = Deno.stdout.isTerminal();
  const stderrIsTerminal = Deno.stderr.isTerminal();
  let interrupted: AbortSignal | undefined;
  const held = new HeldSignals();
  return {
    stdin: {
      isTerminal: Deno.stdin.isTerminal(),
      get readable() {
        return Deno.stdin.readable;
      },
      setRaw,
      ...(Deno.stdin.isTerminal() && { holdMode }),
    },
    stdout: new QueuedOutput(
      Deno.stdout,
      stdoutIsTerminal,
      () => stdoutIsTerminal ? consoleSize() : undefined,
      (onGone) => watchPipeReader(STDOUT_FD, onGone),
      () => exposedMode(STDOUT_FD),
    ),
    stderr: new QueuedOutput(
      Deno.stderr,
      stderrIsTerminal,
      () => stderrIsTerminal ? consoleSize() : undefined,
    ),
    clock: systemClock,
    commands,
    env: (name) => Deno.env.get(name) || undefined,
    systemName,
    get signal() {
      return interrupted ??= catchSignals(exit, held);
    },
    revoke(permissions) {
      for (const permission of permissions) {
        const [name, kind] = permission.split(":");
        Deno.permissions.revokeSync({ name, kind } as Deno.PermissionDescriptor); // the types do not know the kind "ca"
      }
    },
    onSignal(name, handler) {
      if (Deno.build.os === "windows") return () => {};
      Deno.addSignalListener(name, handler);
      if (held.release(name)) queueMicrotask(handler);
      return () => Deno.removeSignalListener(name, handler);
    },
    holdSignals: () => held.hold(exit),
  };
}

/**
 * The user's name by getpwuid (POSIX), which also knows users of LDAP. In a container a user may have no
 * name.
 */
async function systemName(): Promise<string | undefined> {
  for (const kind of ["uid", "gid", "userInfo"] as const) {
    const { state } = Deno.permissions.querySync({ name: "sys", kind } as Deno.PermissionDescriptor);
    if (state !== "granted") return undefined; // using it would prompt the person
  }
  const { userInfo } = await import("node:os");
  try {
    return userInfo().username || undefined;
  } catch {
    return undefined; // the user database has no entry
  }
}

/**
 * Returns a signal that is aborted at the first signal, so that the command can end in order. The second one
 * ends the process.
 */
function catchSignals(exit: (code: number) => never, held: HeldSignals): AbortSignal {
  const controller = new AbortController();
  const on = (why: "SIGINT" | "SIGQUIT" | "SIGTERM", code: number) => {
    Deno.addSignalListener(why, () => {
      if (controller.signal.aborted) exit(code);
      controller.abort({ why } satisfies StopReason);
    });
    if (held.release(why)) controller.abort({ why } satisfies StopReason);
  };
  on("SIGINT", EXIT.interrupted);
  if (Deno.build.os !== "windows") { // Windows has neither signal
    on("SIGQUIT", EXIT.quit);
    on("SIGTERM", EXIT.terminated);
  }
  return controller.signal;
}

/** A terminal that is gone needs no raw mode switched off. */
function setRaw(on: boolean): void {
  try {
    Deno.stdin.setRaw(on);
  } catch (error) {
    if (on) throw error;
  }
}

/** The runtime has the mode of before for as long as it has set another one, here that with signals. */
function holdMode(): () => void {
  try {
    Deno.stdin.setRaw(true, { cbreak: true });
  } catch {
    // the terminal is gone
  }
  return () => setRaw(false);
}

/** S_IRGRP | S_IROTH and the permissions of a mode (POSIX sys/stat.h). */
const OTHERS_READ_BITS = 0o044;
const PERMISSION_BITS = 0o777;

/** The permissions of the regular file `fd`, if others than its owner may read it. Windows has no such mode. */
function exposedMode(fd: number): number | undefined {
  if (Deno.build.os === "windows") return undefined;
  const stat = nodeModules.fs.fstatSync(fd);
  return stat.isFile() && (stat.mode & OTHERS_READ_BITS) !== 0 ? stat.mode & PERMISSION_BITS : undefined;
}

/** Undefined: the terminal is gone. */
function consoleSize(): { columns: number; rows: number } | undefined {
  try {
    return Deno.consoleSize();
  } catch {
    return undefined;
  }
}

/** The {@link Io} of a real process. `main.ts` makes the only one. */
import { systemClock } from "../base/clock.ts";
import type { Io } from "./command.ts";
import type { StopReason } from "./exit_codes.ts";
import { EXIT } from "./exit_codes.ts";
import { QueuedOutput } from "./standard_streams.ts";
import { watchPipeReader } from "./pipe_watcher.ts";

/** STDOUT_FILENO (POSIX unistd.h). */
const STDOUT_FD = 1;

/**
 * Streams, environment and signals of this process. Signals are caught from the first look at `signal` on; `exit` ends the
 * process at the second one.
 */
export function createSystemIo(exit: (code: number) => never): Io {
  const stdoutIsTerminal = Deno.stdout.isTerminal();
  const stderrIsTerminal = Deno.stderr.isTerminal();
  let interrupted: AbortSignal | undefined;
  return {
    stdin: {
      isTerminal: Deno.stdin.isTerminal(),
      get readable() {
        return Deno.stdin.readable;
      },
      setRaw: (on) => Deno.stdin.setRaw(on),
    },
    stdout: new QueuedOutput(
      Deno.stdout,
      stdoutIsTerminal,
      () => stdoutIsTerminal ? Deno.consoleSize() : undefined,
      (onGone) => watchPipeReader(STDOUT_FD, onGone),
    ),
    stderr: new QueuedOutput(
      Deno.stderr,
      stderrIsTerminal,
      () => stderrIsTerminal ? Deno.consoleSize() : undefined,
    ),
    clock: systemClock,
    env: (name) => Deno.env.get(name) || undefined,
    systemName,
    get signal() {
      return interrupted ??= catchSignals(exit);
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
      return () => Deno.removeSignalListener(name, handler);
    },
  };
}

/** getpwuid (POSIX), so that users of LDAP and the like have a name too; in a container a user may have none. */
async function systemName(): Promise<string | undefined> {
  for (const kind of ["uid", "gid", "userInfo"] as const) {
    const { state } = Deno.permissions.querySync({ name: "sys", kind } as Deno.PermissionDescriptor);
    if (state !== "granted") return undefined; // or a person would be asked
  }
  const { userInfo } = await import("node:os");
  try {
    return userInfo().username || undefined;
  } catch {
    return undefined; // no entry
  }
}

/** The first signal aborts, so that the command can end in order; the second ends the process where it stands. */
function catchSignals(exit: (code: number) => never): AbortSignal {
  const controller = new AbortController();
  const on = (why: "SIGINT" | "SIGQUIT" | "SIGTERM", code: number) => {
    Deno.addSignalListener(why, () => {
      if (controller.signal.aborted) exit(code);
      controller.abort({ why } satisfies StopReason);
    });
  };
  on("SIGINT", EXIT.interrupted);
  if (Deno.build.os !== "windows") { // which has none of these to catch
    on("SIGQUIT", EXIT.quit);
    on("SIGTERM", EXIT.terminated);
  }
  return controller.signal;
}

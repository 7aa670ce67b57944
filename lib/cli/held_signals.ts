/** Signals of a server that starts: they are held until there is a handler, in place of ending the process. */
import type { CaughtSignal } from "./command.ts";
import { exitCodeForSignal } from "./exit_codes.ts";
import type { StopReason } from "./exit_codes.ts";

const STOP_SIGNALS = ["SIGINT", "SIGQUIT", "SIGTERM"] as const;
type HeldStop = (typeof STOP_SIGNALS)[number];
const HELD = [...STOP_SIGNALS, "SIGHUP", "SIGUSR2"] as const;

export class HeldSignals {
  /** Those without a handler. */
  readonly #held = new Set<CaughtSignal>();
  /** Those of them that have come. */
  readonly #come = new Set<CaughtSignal>();

  /**
   * Holds the signals from now on. The second of those that ask a program to stop ends this one at once, by `exit`.
   * These listeners stay: a signal that comes when its handler has been removed does nothing.
   */
  hold(exit: (code: number) => never): void {
    if (Deno.build.os === "windows") return;
    for (const name of HELD) {
      this.#held.add(name);
      Deno.addSignalListener(name, () => {
        if (!this.#held.has(name)) return;
        if (isStop(name) && this.heldStop !== undefined) exit(codeOf(name));
        this.#come.add(name);
      });
    }
  }

  /** The signal to stop that has come, and that nothing has handled. */
  get heldStop(): HeldStop | undefined {
    return STOP_SIGNALS.find((name) => this.#come.has(name));
  }

  /** There is a handler from now on. Whether the signal has come before. */
  release(name: CaughtSignal): boolean {
    this.#held.delete(name);
    return this.#come.delete(name);
  }
}

function isStop(name: CaughtSignal): name is HeldStop {
  return STOP_SIGNALS.some((each) => each === name);
}

function codeOf(why: HeldStop): number {
  return exitCodeForSignal(AbortSignal.abort({ why } satisfies StopReason));
}

/** A signal for work that cleans up behind itself: SIGHUP, too, asks it to stop. */
import type { Io } from "../../lib/cli/command.ts";
import type { StopReason } from "../../lib/cli/exit_codes.ts";

/** Runs `act` with a signal that is aborted as `Io.signal`, and at SIGHUP. */
export async function withStopSignal<T>(io: Io, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const hangUp = new AbortController();
  const offHangUp = io.onSignal("SIGHUP", () => hangUp.abort({ why: "SIGHUP" } satisfies StopReason));
  try {
    return await act(AbortSignal.any([io.signal, hangUp.signal]));
  } finally {
    offHangUp();
  }
}

/** State of the connection, and how it is told. Pure. */
import { unreachable } from "../../base/assert.ts";

export type ConnectionStatus =
  | { readonly kind: "live" }
  /** Lost; the next attempt is `retryMs` after the time `since`. Milliseconds. */
  | { readonly kind: "waiting"; readonly since: number; readonly retryMs: number }
  /** An attempt is under way. */
  | { readonly kind: "connecting" };

/** The end of a connection; `why` are the server's words, or ours. The next attempt is in `retryMs`. */
export function describeConnectionLoss(why: string, retryMs: number): string {
  const words = CLOSING_PATTERN.exec(why)?.[1] ?? why;
  const what = words === "Server shutting down" ? "the server was stopped" : `connection lost: ${words}`;
  return `${what}; trying again in ${Math.max(1, Math.ceil(retryMs / 1000))} s`;
}

/** The ERROR of a server that ends a connection, around its words. */
const CLOSING_PATTERN = /^Closing Link: \S+ \((.*)\)$/;

/** Milliseconds until {@link describeStatus} changes by itself; undefined: it does not. */
export function nextChangeMs(status: ConnectionStatus, now: number): number | undefined {
  const left = remainingRetryMs(status, now);
  return left <= 1000 ? undefined : left % 1000 || 1000;
}

/** `reconnecting (4 s)`; nothing while all is well. `now` in milliseconds. */
export function describeStatus(status: ConnectionStatus, now: number): string[] {
  switch (status.kind) {
    case "live":
      return [];
    case "waiting":
      return [`reconnecting (${Math.max(1, Math.ceil(remainingRetryMs(status, now) / 1000))} s)`];
    case "connecting":
      return ["connecting…"];
    default:
      return unreachable(status);
  }
}

/** Time until the next attempt; at most `retryMs`, for the clock may be set back meanwhile. */
function remainingRetryMs(status: ConnectionStatus, now: number): number {
  if (status.kind !== "waiting") return 0;
  return Math.min(status.retryMs, Math.max(0, status.since + status.retryMs - now));
}

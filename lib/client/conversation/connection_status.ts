/** How the connection stands, and what of it is said on the line where one types. Pure. */
import { unreachable } from "../../base/assert.ts";

export type ConnectionStatus =
  | { readonly kind: "live" }
  /** Lost; the next attempt is `retryMs` after the time `since`. Milliseconds. */
  | { readonly kind: "waiting"; readonly since: number; readonly retryMs: number }
  /** An attempt is under way. */
  | { readonly kind: "connecting" };

/**
 * `#lobby [reconnecting (4 s), 2 unsent]> `; as long as all is well just `#lobby> `, and `#lobby (left)> ` once we are out of the
 * channel that typed lines went to (`left`). `now` in milliseconds.
 */
export function formatPrompt(
  channel: string | undefined,
  left: string | undefined,
  status: ConnectionStatus,
  unsent: number,
  now: number,
): string {
  const words = [...describeStatus(status, now), ...unsent === 0 ? [] : [`${unsent} unsent`]];
  const where = channel ?? (left === undefined ? "(no room)" : `${left} (left)`);
  return `${where}${words.length === 0 ? "" : ` [${words.join(", ")}]`}> `;
}

/** In how many milliseconds the text says something else; undefined: not by itself. */
export function nextChangeMs(status: ConnectionStatus, now: number): number | undefined {
  const left = remainingRetryMs(status, now);
  return left <= 1000 ? undefined : left % 1000 || 1000;
}

function describeStatus(status: ConnectionStatus, now: number): string[] {
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

/** Until the next attempt; at most what was said at first, for the clock may be set back meanwhile. */
function remainingRetryMs(status: ConnectionStatus, now: number): number {
  if (status.kind !== "waiting") return 0;
  return Math.min(status.retryMs, Math.max(0, status.since + status.retryMs - now));
}

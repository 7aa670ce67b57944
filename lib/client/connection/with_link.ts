/** The use of one connection from its beginning to its end. */
import type { ConnectFailure } from "./connect_failure.ts";
import { ABORTED } from "./connect_failure.ts";
import type { ConnectOutcome, Link } from "./link.ts";

export type LinkUseOutcome<T> =
  /** `value` is what the use of the link came to. */
  | { readonly kind: "done"; readonly value: T }
  /** There was no connection; `aborted` also where the signal ended it. */
  | ConnectFailure;

/**
 * Runs `use` over the link that `connecting` gives, and closes it. As soon as `signal` is aborted the link
 * ends, so that `use` waits for nothing, and the outcome is `aborted`.
 */
export async function withLink<T>(
  connecting: Promise<ConnectOutcome>,
  signal: AbortSignal,
  use: (link: Link) => Promise<T>,
): Promise<LinkUseOutcome<T>> {
  const outcome = await connecting;
  if (outcome.kind !== "connected") return outcome;
  const { link } = outcome;
  const onAbort = () => link.abort(ABORTED.text);
  signal.addEventListener("abort", onAbort);
  if (signal.aborted) onAbort();
  try {
    const value = await use(link);
    return signal.aborted ? ABORTED : { kind: "done", value };
  } finally {
    signal.removeEventListener("abort", onAbort);
    await link.close();
  }
}

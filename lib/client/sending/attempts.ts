/** Attempts over as many connections as it takes, for what a server keeps: a question (`ask`), a page (`page`). */
import type { ConnectFailure } from "../connection/connect_failure.ts";
import { delayAcrossSuspend } from "../connection/suspend_aware_delay.ts";
import type { SleepFunction } from "../connection/suspend_aware_delay.ts";
import { backoffMs } from "../session/backoff.ts";
import { TEMPORARY_REFUSALS } from "../session/refusal.ts";

/** Longest time for a connection, and for a response. */
export const ATTEMPT_MS = 10_000;
/**
 * After this time what is kept is taken up again over the same connection: a hub behind a front may have been replaced.
 */
export const CHECK_MS = 30_000;
/** Longest wait between two attempts: a person or a script waits. */
const MAX_BACKOFF_MS = 5_000;

/** The connection is lost, or the server did not answer. */
export interface LostConnection {
  readonly kind: "lost";
  readonly text: string;
}

/** There is no connection; `isOpen`: the server has what was asked of it, or may have it. */
export interface Unreachable {
  readonly kind: "unreachable";
  readonly why: ConnectFailure;
  readonly isOpen: boolean;
}

export interface AttemptOptions {
  readonly signal: AbortSignal;
  /** Milliseconds until no further attempt is begun. */
  readonly leftMs: () => number;
  /** Whether there has been a connection: what cannot be begun is not repeated. */
  readonly isEntered: () => boolean;
  /** Called once for each loss. */
  readonly onRetry: (text: string) => void;
  /** For tests: replaces {@link delayAcrossSuspend}. */
  readonly sleep?: SleepFunction;
  /** For tests: a number in [0, 1). */
  readonly random?: () => number;
}

export type AttemptEnd<Outcome> =
  | { readonly why: "settled"; readonly step: Outcome | Unreachable }
  /** The time is over, or the signal was aborted; `step`: what the last attempt came to. */
  | { readonly why: "late" | "aborted"; readonly step: Outcome | Unreachable | LostConnection };

/** Repeats `attempt` until it comes to something else than a loss that may pass. */
export async function attemptUntilSettled<Outcome extends { readonly kind: string }>(
  attempt: () => Promise<Outcome | LostConnection | Unreachable>,
  options: AttemptOptions,
): Promise<AttemptEnd<Outcome>> {
  const { signal, leftMs, sleep = delayAcrossSuspend, random = Math.random } = options;
  for (let nth = 0;; nth++) {
    const step = await attempt();
    if (signal.aborted) return { why: "aborted", step };
    if (isLost(step)) nth = 0;
    else if (!isUnreachable(step) || !options.isEntered() || !mayPass(step.why)) {
      return { why: "settled", step };
    }
    const left = leftMs();
    if (left <= 0) return { why: "late", step };
    if (nth === 0) options.onRetry(isLost(step) ? step.text : step.why.text);
    await sleep(Math.min(backoffMs(nth, random(), MAX_BACKOFF_MS), left), signal);
    if (signal.aborted) return { why: "aborted", step };
  }
}

/** Resolves as soon as `signal` is aborted. */
export function onceAborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}

function isLost(step: { readonly kind: string }): step is LostConnection {
  return step.kind === "lost";
}

function isUnreachable(step: { readonly kind: string }): step is Unreachable {
  return step.kind === "unreachable";
}

function mayPass(why: ConnectFailure): boolean {
  if (why.kind === "refused") return TEMPORARY_REFUSALS.has(why.reason) || why.reason === "name_taken";
  return why.kind === "unreachable" || why.kind === "no_such_host" || why.kind === "timed_out";
}

/** An acknowledgement of a page, over as many connections as it takes: one that is repeated is confirmed again. */
import type { Clock } from "../../base/clock.ts";
import type { Link } from "../connection/link.ts";
import type { SleepFunction } from "../connection/suspend_aware_delay.ts";
import type { PageItem } from "../conversation/oncall/page_item.ts";
import { ATTEMPT_MS, attemptUntilSettled } from "../sending/attempts.ts";
import type { LostConnection, Unreachable } from "../sending/attempts.ts";
import { NameClaim } from "../sending/name_claim.ts";
import type { NameClaimOptions } from "../sending/name_claim.ts";
import { acknowledgePage, hasOncall, listPages } from "./oncall_requests.ts";
import type { ConfirmedEnd, OncallOutcome } from "./oncall_requests.ts";

export interface AcknowledgementOptions extends NameClaimOptions {
  /** Undefined: the only page that rings for us. */
  readonly number: number | undefined;
  /** Milliseconds after which a lost connection is not made again. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** The connection is lost, or there is none; called once for each loss. */
  readonly onRetry: (text: string) => void;
  /** For tests: replaces the wait between two attempts. */
  readonly sleep?: SleepFunction;
}

export type AcknowledgementOutcome =
  /** What the server says, or why it is none. */
  | Exclude<OncallOutcome<ConfirmedEnd>, { kind: "silent" }>
  /** None was named, and none or several ring for us. */
  | { readonly kind: "unclear"; readonly ringing: readonly PageItem[] }
  /** The time is over, or the signal was aborted; it may be acknowledged. */
  | { readonly kind: "late" | "aborted" }
  | Unreachable;

type Settled = Exclude<AcknowledgementOutcome, Unreachable>;

export async function acknowledge(options: AcknowledgementOptions): Promise<AcknowledgementOutcome> {
  const { clock, timeoutMs, signal } = options;
  const nameClaim = new NameClaim(options);
  const latest = clock.now() + timeoutMs;
  let { number } = options;
  let isEntered = false;
  const attempt = async (): Promise<Settled | LostConnection | Unreachable> => {
    const outcome = await nameClaim.connect(() => ATTEMPT_MS);
    if (outcome.kind !== "connected") return { kind: "unreachable", why: outcome, isOpen: isEntered };
    const { link } = outcome;
    isEntered = true;
    const onAbort = () => link.abort("interrupted");
    signal.addEventListener("abort", onAbort);
    try {
      if (!hasOncall(link)) return { kind: "unsupported" };
      if (number === undefined) {
        const listed = await listPages(link, "ringing");
        if (listed.kind !== "done") return orLost(listed, link);
        if (listed.value.length !== 1) return { kind: "unclear", ringing: listed.value };
        number = listed.value[0]!.number;
      }
      return orLost(await acknowledgePage(link, number), link);
    } finally {
      signal.removeEventListener("abort", onAbort);
      await link.close();
    }
  };
  const end = await attemptUntilSettled<Settled>(attempt, {
    ...options,
    leftMs: () => latest - clock.now(),
    isEntered: () => isEntered,
  });
  return end.why === "settled" || end.step.kind === "done"
    ? end.step as AcknowledgementOutcome
    : { kind: end.why };
}

/** A server that does not answer has lost the request, or will have. */
function orLost<T>(
  outcome: OncallOutcome<T>,
  link: Link,
): Exclude<OncallOutcome<T>, { kind: "silent" }> | LostConnection {
  return outcome.kind === "silent" ? { kind: "lost", text: link.endReason ?? "no answer" } : outcome;
}

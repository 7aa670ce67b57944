/** Receipts of accepted messages: durable, delivered, read (docs/protocol/receipts.md). */
import { SEQ_JUMP } from "../../log/seq_jump.ts";
import { RECEIPTS } from "../../irc/vendor_extensions.ts";
import type { ReceiptKind } from "../../irc/vendor_extensions.ts";
import type { Link } from "../connection/link.ts";
import { supportsReceipts } from "../conversation/model/server_features.ts";
import { explainFailure, findFailureReply } from "../session/failure_reply.ts";
import { parseServerStats } from "../query/server_stats.ts";
import type { ClientSession } from "../session/client_session.ts";

/** Whether the server acknowledges nothing before it is on disk (`serve --sync always`). */
export function acknowledgesWhenDurable(session: ClientSession): boolean {
  return supportsReceipts(session) && session.capValue(RECEIPTS) === "always";
}

export type ReceiptOutcome =
  | { readonly kind: "yes" }
  /** The message is not in that state, and will not be. */
  | { readonly kind: "no"; readonly text: string }
  /** The log does not hold it. */
  | { readonly kind: "absent"; readonly text: string }
  /** It is unknown. */
  | { readonly kind: "unclear"; readonly text: string }
  | { readonly kind: "timed_out" }
  | { readonly kind: "lost"; readonly text: string };

/** Waits until the accepted message `msgid` is on disk, delivered, or read. */
export async function awaitReceipt(
  link: Link,
  what: ReceiptKind,
  msgid: string,
  timeoutMs: number,
): Promise<ReceiptOutcome> {
  const outcome = await link.request({ command: "AWAIT", params: [what, msgid] }, timeoutMs);
  if (outcome.kind !== "answered") return outcome;
  const failure = findFailureReply(outcome.lines);
  if (failure !== undefined) {
    const text = explainFailure(failure);
    switch (failure.command === "FAIL" ? failure.params[1] : undefined) {
      case "NOT_DURABLE":
      case "NOT_DELIVERED":
      case "NOT_READ":
        return { kind: "no", text };
      case "NO_SUCH_MESSAGE":
        return { kind: "absent", text };
      default:
        return { kind: "unclear", text };
    }
  }
  const said = outcome.lines.some(({ command, params }) =>
    command === "AWAIT" && params[0] === what && params[1] === msgid
  );
  return said ? { kind: "yes" } : { kind: "unclear", text: "the server's answer is not understood" };
}

/**
 * The reason why the log no longer holds message `seq`, which was acknowledged a moment ago: newer messages
 * have overwritten it, or the server ended before it had saved it. If the log begins after such an end,
 * either may be so, and the latter is far more likely. Undefined: the server does not report it.
 */
export async function explainMissingMessage(
  link: Link,
  seq: number,
  timeoutMs: number,
): Promise<"overwritten" | "never_saved" | undefined> {
  const outcome = await link.request({ command: "SERVERSTATS" }, timeoutMs);
  if (outcome.kind !== "answered") return undefined;
  const { oldest } = parseServerStats(outcome.lines);
  if (oldest === undefined) return undefined;
  return oldest > seq && oldest - seq < SEQ_JUMP ? "overwritten" : "never_saved";
}

/** What a server with the capability chatterbox.chat/receipts (ARCHITECTURE.md) says of a message after it has accepted it. */
import { SEQ_JUMP } from "../log/seq_jump.ts";
import { RECEIPTS } from "../irc/vendor.ts";
import type { Awaitable } from "../irc/vendor.ts";
import type { Link } from "./link.ts";
import { failureOf, textOf } from "./refusal.ts";
import { statsOf } from "./server_stats.ts";
import type { ClientSession } from "./session.ts";

/** Whether the server can be asked: an answer that comes when it comes needs a label. */
export function givesReceipts({ caps }: ClientSession): boolean {
  return caps.has(RECEIPTS) && caps.has("labeled-response");
}

/** Whether a message sent again under its id, over another connection of ours, is stored once. */
export function recognises(session: ClientSession): boolean {
  return givesReceipts(session) && session.claimed;
}

/** Whether the server acknowledges nothing before it is on disk (`serve --sync always`). */
export function acknowledgesWhenDurable(session: ClientSession): boolean {
  return givesReceipts(session) && session.capValue(RECEIPTS) === "always";
}

export type AwaitOutcome =
  | { readonly kind: "yes" }
  /** It is not, and will not be. */
  | { readonly kind: "no"; readonly text: string }
  /** The log does not hold it. */
  | { readonly kind: "absent"; readonly text: string }
  /** Nobody knows. */
  | { readonly kind: "unclear"; readonly text: string }
  | { readonly kind: "timed_out" }
  | { readonly kind: "lost"; readonly text: string };

/** Waits until the message `msgid`, accepted before, is on disk, with its receiver, or read by him. */
export async function awaitReceipt(
  link: Link,
  what: Awaitable,
  msgid: string,
  timeoutMs: number,
): Promise<AwaitOutcome> {
  const outcome = await link.request({ command: "AWAIT", params: [what, msgid] }, timeoutMs);
  if (outcome.kind !== "answered") return outcome;
  const failure = failureOf(outcome.lines);
  if (failure !== undefined) {
    const text = textOf(failure);
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
  return said ? { kind: "yes" } : { kind: "unclear", text: "the server's answer makes no sense" };
}

/**
 * Why the log does not hold message `seq`, acknowledged a moment ago: newer ones have taken its place, or the server was cut off
 * before it had saved it. Where all before the cut is gone it may have been either, and the latter is far more likely. Undefined
 * when the server does not tell.
 */
export async function whyAbsent(
  link: Link,
  seq: number,
  timeoutMs: number,
): Promise<"overwritten" | "never_saved" | undefined> {
  const outcome = await link.request({ command: "SERVERSTATS" }, timeoutMs);
  if (outcome.kind !== "answered") return undefined;
  const { oldest } = statsOf(outcome.lines);
  if (oldest === undefined) return undefined;
  return oldest > seq && oldest - seq < SEQ_JUMP ? "overwritten" : "never_saved";
}

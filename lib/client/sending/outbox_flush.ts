/** Sends what waits in an outbox, before anything new is said. */
import type { NoResponse, Rejection, SendOutcome } from "./delivery.ts";
import { sendPiece, WINDOW_MESSAGES } from "./delivery.ts";
import type { Link } from "../connection/link.ts";
import { makeTextMessage } from "../conversation/model/entry_parser.ts";
import type { UnsentMessage } from "../conversation/unsent_message.ts";
import type { OutboxStore } from "./outbox_store.ts";
import { deduplicatesMessages } from "./receipts.ts";

export interface FlushOptions {
  readonly link: Link;
  readonly store: OutboxStore;
  /** Milliseconds left for all of it. */
  readonly remainingMs: () => number;
  /** The server will not have `message`. It is no longer in the outbox. */
  readonly onRejected: (message: UnsentMessage, why: Rejection) => void;
  /** `message` may have arrived or not, and sent again would be another one. It is no longer in the outbox. */
  readonly onUnclear: (message: UnsentMessage) => void;
}

export interface FlushOutcome {
  /** Messages that the server has accepted; they are no longer in the outbox. */
  readonly sent: number;
  /** Why the rest is still there; undefined: there is none. */
  readonly silence: NoResponse | undefined;
}

/**
 * All that waits, oldest first, each under its id of then: two processes that do this at once, or one that is cut off, make no
 * message twice where the server recognises ids; on other servers they may. Throws `OutboxError`.
 */
export async function flushOutbox(options: FlushOptions): Promise<FlushOutcome> {
  const { link, store, remainingMs } = options;
  const waiting = store.list();
  let sent = 0;
  for (let start = 0; start < waiting.length; start += WINDOW_MESSAGES) {
    if (!link.isAlive) return { sent, silence: { kind: "lost", text: "the connection has ended" } };
    if (remainingMs() <= 0) return { sent, silence: { kind: "timed_out" } };
    const window = waiting.slice(start, start + WINDOW_MESSAGES);
    const outcomes = await Promise.all(
      window.map((message) =>
        sendPiece(
          link,
          message.target,
          { id: message.id, text: makeTextMessage(message).params[1] },
          Math.max(0, remainingMs()),
        )
      ),
    );
    let silence: NoResponse | undefined;
    for (const [nth, outcome] of outcomes.entries()) {
      if (outcome.kind === "accepted") sent++;
      const reason = settleMessage(options, window[nth]!, outcome); // each is settled, also behind one without an answer
      silence ??= reason;
    }
    if (silence !== undefined) return { sent, silence };
  }
  return { sent, silence: undefined };
}

/** Takes `message` out of the outbox unless it is to be sent again: then, why. */
function settleMessage(
  options: FlushOptions,
  message: UnsentMessage,
  outcome: SendOutcome,
): NoResponse | undefined {
  const { link, store, onRejected, onUnclear } = options;
  switch (outcome.kind) {
    case "accepted":
      store.remove(message.id);
      return undefined;
    case "timed_out":
    case "lost":
      if (deduplicatesMessages(link.session)) return outcome;
      store.remove(message.id);
      onUnclear(message);
      return outcome;
    default:
      store.remove(message.id);
      onRejected(message, outcome);
      return undefined;
  }
}

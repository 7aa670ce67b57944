/** Waiting until all pieces of a delivery, accepted before, are on the server's disk, with the receiver, or read by him. */
import { unreachable } from "../../base/assert.ts";
import type { ReceiptKind } from "../../irc/vendor_extensions.ts";
import type { NoResponse, TextDelivery } from "./delivery.ts";
import { WINDOW_MESSAGES } from "./delivery.ts";
import type { Link } from "../connection/link.ts";
import type { ReceiptOutcome } from "./receipts.ts";
import { awaitReceipt, deduplicatesMessages, explainMissingMessage } from "./receipts.ts";

export type ReceiptWaitOutcome =
  | { readonly kind: "done" }
  /** Piece `nth` is not there, or nobody can say so; what the server says about it. */
  | { readonly kind: "unmet"; readonly nth: number; readonly text: string }
  /** The server has lost pieces that it had acknowledged: the delivery has them to send again, which is safe. */
  | { readonly kind: "gone" }
  | NoResponse;

export class ReceiptWaiter {
  readonly #known = new Map<number, boolean>();

  constructor(readonly what: ReceiptKind, readonly delivery: TextDelivery) {}

  /** Whether piece `nth` is where it should be; null: nobody knows. */
  isConfirmed(nth: number): boolean | null {
    return this.#known.get(nth) ?? null;
  }

  /** All pieces have been accepted. Asks over `link` for what is not known yet. */
  async waitOver(link: Link, remainingMs: () => number): Promise<ReceiptWaitOutcome> {
    const asked = this.#toAsk();
    for (let start = 0; start < asked.length; start += WINDOW_MESSAGES) {
      if (remainingMs() <= 0) return { kind: "timed_out" };
      const outcomes = await Promise.all(
        asked.slice(start, start + WINDOW_MESSAGES).map(async (nth) => ({
          nth,
          outcome: await this.#ask(link, nth, remainingMs()),
        })),
      );
      for (const { nth, outcome } of outcomes) {
        const judged = await this.#judge(link, nth, outcome, remainingMs);
        if (judged.kind !== "done") return judged;
      }
    }
    return { kind: "done" };
  }

  /**
   * The pieces to ask for. What is durable is a prefix of the log, so that the last piece of those that came over one connection
   * speaks for them; between two connections the server may have crashed. What is delivered went to the clients that the
   * receiver had at that moment, which may have come and gone between two pieces: each is asked for. Who has read the last piece
   * has read all.
   */
  #toAsk(): number[] {
    const { delivery } = this;
    const open = [...delivery.pieces.keys()].filter((nth) => !this.#known.has(nth));
    switch (this.what) {
      case "durable":
        return open.filter((nth) => delivery.listPiecesOfSameConnection(nth).at(-1) === nth);
      case "delivered":
        return open;
      case "read":
        return open.slice(-1);
      default:
        return unreachable(this.what);
    }
  }

  async #ask(link: Link, nth: number, timeoutMs: number): Promise<ReceiptOutcome> {
    const msgid = this.delivery.acknowledgements[nth]?.id;
    if (msgid === undefined) return { kind: "unclear", text: "the server has not said its id" };
    return await awaitReceipt(link, this.what, msgid, Math.max(0, timeoutMs));
  }

  async #judge(
    link: Link,
    nth: number,
    outcome: ReceiptOutcome,
    remainingMs: () => number,
  ): Promise<ReceiptWaitOutcome> {
    switch (outcome.kind) {
      case "yes":
        this.#know(nth, true);
        return { kind: "done" };
      case "no":
        this.#know(nth, false);
        return { kind: "unmet", nth, text: outcome.text };
      case "absent": {
        const seq = this.delivery.acknowledgements[nth]?.seq;
        const why = seq === undefined
          ? undefined
          : await explainMissingMessage(link, seq, Math.max(0, remainingMs()));
        if (why !== "never_saved" || !deduplicatesMessages(link.session)) {
          return { kind: "unmet", nth, text: outcome.text };
        }
        this.delivery.forget(nth);
        return { kind: "gone" };
      }
      case "unclear":
        return { kind: "unmet", nth, text: outcome.text };
      case "timed_out":
      case "lost":
        return outcome;
      default:
        return unreachable(outcome);
    }
  }

  #know(nth: number, value: boolean): void {
    for (const piece of this.#speaksFor(nth)) this.#known.set(piece, value);
  }

  /** The pieces that are where piece `nth` is. */
  #speaksFor(nth: number): Iterable<number> {
    switch (this.what) {
      case "durable":
        return this.delivery.listPiecesOfSameConnection(nth);
      case "delivered":
        return [nth];
      case "read":
        return this.delivery.pieces.keys();
      default:
        return unreachable(this.what);
    }
  }
}

/** Waits until all accepted pieces of a delivery are on the server's disk, delivered, or read. */
import { unreachable } from "../../base/assert.ts";
import type { ReceiptKind } from "../../irc/vendor_extensions.ts";
import type { NoResponse, TextDelivery } from "./delivery.ts";
import { WINDOW_MESSAGES } from "./delivery.ts";
import type { Link } from "../connection/link.ts";
import type { ReceiptOutcome } from "./receipts.ts";
import { awaitReceipt, explainMissingMessage } from "./receipts.ts";
import { deduplicatesMessages } from "../conversation/model/server_features.ts";

export type ReceiptWaitOutcome =
  | { readonly kind: "done" }
  /** Piece `nth` is not in that state, or it is unknown; `text` are the server's words. */
  | { readonly kind: "unmet"; readonly nth: number; readonly text: string }
  /** The server has lost pieces that it had acknowledged: the delivery will send them again. */
  | { readonly kind: "gone" }
  | NoResponse;

export class ReceiptWaiter {
  readonly #known = new Map<number, boolean>();

  constructor(readonly what: ReceiptKind, readonly delivery: TextDelivery) {}

  /** Whether piece `nth` is in that state; null: unknown. */
  isConfirmed(nth: number): boolean | null {
    return this.#known.get(nth) ?? null;
  }

  /** Waits for the receipts of the pieces that are not known yet. All pieces must be accepted. */
  async waitOver(link: Link, remainingMs: () => number): Promise<ReceiptWaitOutcome> {
    const awaited = this.#listAwaited();
    for (let start = 0; start < awaited.length; start += WINDOW_MESSAGES) {
      if (remainingMs() <= 0) return { kind: "timed_out" };
      const outcomes = await Promise.all(
        awaited.slice(start, start + WINDOW_MESSAGES).map(async (nth) => ({
          nth,
          outcome: await this.#awaitPiece(link, nth, remainingMs()),
        })),
      );
      for (const { nth, outcome } of outcomes) {
        const result = await this.#handleOutcome(link, nth, outcome, remainingMs);
        if (result.kind !== "done") return result;
      }
    }
    return { kind: "done" };
  }

  /**
   * The pieces to wait for. The durable part of the log is a prefix of it, so that the last piece of a
   * connection stands for all of that connection; between two connections the server may have crashed.
   * Delivered pieces went to the clients that the receiver had at that moment, which may differ between two
   * pieces: each is awaited. A receiver that has read the last piece has read all.
   */
  #listAwaited(): number[] {
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

  async #awaitPiece(link: Link, nth: number, timeoutMs: number): Promise<ReceiptOutcome> {
    const msgid = this.delivery.acknowledgements[nth]?.id;
    if (msgid === undefined) return { kind: "unclear", text: "the server did not report its id" };
    return await awaitReceipt(link, this.what, msgid, Math.max(0, timeoutMs));
  }

  async #handleOutcome(
    link: Link,
    nth: number,
    outcome: ReceiptOutcome,
    remainingMs: () => number,
  ): Promise<ReceiptWaitOutcome> {
    switch (outcome.kind) {
      case "yes":
        this.#record(nth, true);
        return { kind: "done" };
      case "no":
        this.#record(nth, false);
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

  #record(nth: number, value: boolean): void {
    for (const piece of this.#piecesLike(nth)) this.#known.set(piece, value);
  }

  /** The pieces that are in the same state as piece `nth`. */
  #piecesLike(nth: number): Iterable<number> {
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

/** What becomes of a text that is sent. */
import type { ReceiptKind } from "../../irc/vendor_extensions.ts";
import type { ConnectFailure } from "../connection/connect_failure.ts";
import type { Acknowledgement, NoResponse, Rejection, UnusableCarrier } from "./delivery.ts";

/**
 * The state of the messages to wait for: in the log, on the server's disk, at the receiver's client, read.
 */
export type WaitGoal = "accepted" | ReceiptKind;

/** Accepted, and not known to be in the state that was waited for. */
export type UnmetGoal = "not_durable" | "not_delivered" | "not_read";

export type SubmissionOutcome =
  /** The goal is reached. */
  | { readonly kind: "done" }
  /**
   * All messages are accepted, but message `id` is not known to be in the state waited for, because of `why`.
   */
  | { readonly kind: UnmetGoal; readonly id: string | undefined; readonly why: DeliveryProblem }
  /** The server does not report what should be waited for. Nothing has been sent to it. */
  | { readonly kind: "no_receipts"; readonly wait: ReceiptKind }
  | Rejection
  /** Messages may have been accepted. `safe`: sent again under the same ids, they are stored once. */
  | { readonly kind: "unclear"; readonly why: DeliveryProblem; readonly safe: boolean }
  /**
   * Messages that are not accepted have not been sent. `isTemporary`: another attempt may succeed. `safe`: as
   * above.
   */
  | {
    readonly kind: "unsent";
    readonly why: DeliveryProblem;
    readonly isTemporary: boolean;
    readonly safe: boolean;
  }
  /** The caller's signal was aborted. */
  | { readonly kind: "aborted" };

/** Why an attempt failed. */
export type DeliveryProblem =
  | ConnectFailure
  | NoResponse
  | UnusableCarrier
  /** The server's reply says why. */
  | { readonly kind: "reply"; readonly text: string };

/** One message that the server has accepted. `durable`, `delivered`, `read`: null: unknown. */
export interface AcceptedPiece extends Acknowledgement {
  readonly durable: boolean | null;
  readonly delivered: boolean | null;
  readonly read: boolean | null;
}

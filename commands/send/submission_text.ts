/** The result of `send`, as one line and an exit code. */
import { unreachable } from "../../lib/base/assert.ts";
import { toPrintable } from "../../lib/base/printable_text.ts";
import { formatExactDuration } from "../../lib/base/values/duration.ts";
import { EXIT } from "../../lib/cli/exit_codes.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import type { ReceiptKind } from "../../lib/irc/vendor_extensions.ts";
import { formatAddress } from "../../lib/net/address.ts";
import type { ClientLogin } from "../support/client_login.ts";
import { describeConnectFailure } from "../support/connect_failure_text.ts";
import type {
  AcceptedPiece,
  DeliveryProblem,
  SubmissionOutcome,
  UnmetGoal,
  WaitGoal,
} from "../../lib/client/sending/submission_outcome.ts";
import type { UnusableCarrier } from "../../lib/client/sending/delivery.ts";

/** The message that is sent, and how. */
export interface SubmissionContext {
  readonly access: ClientLogin;
  readonly target: string;
  /** The sender id of the first message. */
  readonly id: string;
  /** Milliseconds for one attempt. */
  readonly timeoutMs: number;
}

export interface FailureReport {
  readonly code: ExitCode;
  /** One printable line. */
  readonly text: string;
}

/** The outcome of a submission that did not reach its goal. */
export type SubmissionFailure = Exclude<SubmissionOutcome, { kind: "done" | "aborted" }>;

/** `sofar`: the number of accepted messages, as the end of the line; "": none. */
export function describeSubmissionFailure(
  outcome: SubmissionFailure,
  context: SubmissionContext,
  sofar: string,
): FailureReport {
  const { code, text } = describeUnescaped(outcome, context, sofar);
  return { code, text: toPrintable(text) };
}

function describeUnescaped(
  outcome: SubmissionFailure,
  context: SubmissionContext,
  sofar: string,
): FailureReport {
  const { access, target, id } = context;
  const again = `try again with --id ${id}`;
  switch (outcome.kind) {
    case "not_durable":
    case "not_delivered":
    case "not_read": {
      const [code, what] = describeUnmetGoal(outcome.kind, target);
      const message = outcome.id === undefined ? "the message" : `message ${outcome.id}`;
      const isGone = outcome.why.kind === "reply" && outcome.why.text === RECEIVER_GONE_TEXT;
      const why = isGone ? `${target} is offline` : describeDeliveryProblem(outcome.why, context, "answer");
      return { code, text: `${message} was accepted, but is not known to ${what}: ${why}` };
    }
    case "no_receipts": {
      const nothing = sofar === "" ? "; nothing was sent" : sofar;
      return describeNoReceipts(outcome.wait, formatAddress(access.address), nothing);
    }
    case "unclear": {
      if (outcome.why.kind === "unusable_carrier") {
        const { code, text } = describeUnusableCarrier(outcome.why);
        return { code, text: `${text}${sofar}; omit --local and ${again}` };
      }
      const why = describeDeliveryProblem(outcome.why, context, "acknowledgement");
      const then = outcome.safe
        ? `it is safe to ${again}`
        : "it may have arrived, and this server would store it twice";
      return { code: EXIT.tryAgain, text: `${why}${sofar}; ${then}` };
    }
    case "unsent": {
      const { code, text } = describeUnsent(outcome.why, context);
      return { code, text: text + sofar + (sofar !== "" && outcome.safe ? `; for the rest, ${again}` : "") };
    }
    case "no_such_target":
      return { code: EXIT.noUser, text: outcome.text + adviseRoom(outcome.room) + sofar };
    case "too_long":
    case "id_in_use":
      return { code: EXIT.malformed, text: outcome.text + sofar };
    case "refused":
      return { code: EXIT.refused, text: outcome.text + sofar };
    default:
      return unreachable(outcome);
  }
}

export function describeUnverifiedReply(target: string): string {
  return `--reply-to: the server cannot say whether that message is one of ${target}`;
}

/** What a ChatterBox server says of a message that no client can confirm any more. */
const RECEIVER_GONE_TEXT = "No client of the receiver that was sent the message is still connected";

/** `; for the room, write '#lobby'` where there is one; otherwise "". */
function adviseRoom(room: string | undefined): string {
  return room === undefined ? "" : `; for the room, write '${room}'`;
}

function describeUnmetGoal(kind: UnmetGoal, target: string): readonly [ExitCode, string] {
  switch (kind) {
    case "not_durable":
      return [EXIT.notDurable, "be on the server's disk"];
    case "not_delivered":
      return [EXIT.notDelivered, `have been delivered to ${target}`];
    case "not_read":
      return [EXIT.notDelivered, `have been read by ${target}`];
    default:
      return unreachable(kind);
  }
}

/** Why an attempt failed; `awaited`: what the server did not send. The text is not yet printable. */
export function describeDeliveryProblem(
  why: DeliveryProblem,
  { timeoutMs }: SubmissionContext,
  awaited: "acknowledgement" | "answer",
): string {
  if (why.kind === "lost") return `the connection was lost before the ${awaited}: ${why.text}`;
  return "text" in why ? why.text : `no ${awaited} within ${formatExactDuration(timeoutMs)}`;
}

function describeUnsent(why: DeliveryProblem, context: SubmissionContext): FailureReport {
  switch (why.kind) {
    case "lost":
      return { code: EXIT.tryAgain, text: `the connection was lost before it was sent: ${why.text}` };
    case "reply":
      return { code: EXIT.tryAgain, text: why.text };
    case "unusable_carrier": {
      const { code, text } = describeUnusableCarrier(why);
      return { code, text: why.why === "no_server" ? text : `${text}; omit --local` };
    }
    case "timed_out":
      return "text" in why ? describeConnectFailure(why, context.access) : {
        code: EXIT.tryAgain,
        text: `not sent: no answer within ${formatExactDuration(context.timeoutMs)}`,
      };
    default:
      return describeConnectFailure(why, context.access);
  }
}

function describeUnusableCarrier({ why, text }: UnusableCarrier): FailureReport {
  switch (why) {
    case "no_server":
      return { code: EXIT.unreachable, text };
    case "other_server":
      return { code: EXIT.badConfig, text };
    case "broken":
      return { code: EXIT.ioError, text };
    default:
      return unreachable(why);
  }
}

function describeNoReceipts(wait: ReceiptKind, where: string, nothing: string): FailureReport {
  switch (wait) {
    case "durable":
      return {
        code: EXIT.notDurable,
        text: `${where} does not report when a message is on its disk${nothing}`,
      };
    case "delivered":
      return {
        code: EXIT.notDelivered,
        text: `${where} does not report when a message has been delivered${nothing}`,
      };
    case "read":
      return {
        code: EXIT.notDelivered,
        text: `${where} does not report when a message has been read${nothing}`,
      };
    default:
      return unreachable(wait);
  }
}

/** The JSON object for an accepted message. */
export function makeMessageRecord(
  message: AcceptedPiece,
  { target, wait }: { readonly target: string; readonly wait: WaitGoal | undefined },
): Record<string, unknown> {
  const { id, seq, time, queued, durable, delivered, read } = message;
  return {
    id: id ?? null,
    seq: seq ?? null,
    time: time === undefined ? null : new Date(time).toISOString(),
    queued,
    durable,
    ...wait === "delivered" ? { delivered } : {},
    ...wait === "read" ? { read } : {},
    target,
  };
}

/** What became of a text that was sent, in a line and an exit code. */
import { unreachable } from "../base/assert.ts";
import { printable } from "../base/printable.ts";
import { formatDuration } from "../cli/duration.ts";
import { EXIT } from "../cli/exit_codes.ts";
import type { ExitCode } from "../cli/exit_codes.ts";
import { isRoomName } from "../irc/names.ts";
import type { Awaitable } from "../irc/vendor.ts";
import { formatAddress } from "../net/address.ts";
import type { Access } from "./access.ts";
import { failureWords } from "./failure_words.ts";
import type { Rejection } from "./delivery.ts";
import type { SubmissionOutcome, Trouble, Unmet } from "./submission.ts";

/** What was to be sent. */
export interface Errand {
  readonly access: Access;
  readonly target: string;
  /** The sender's id of the first message. */
  readonly id: string;
  /** Milliseconds for one attempt. */
  readonly timeoutMs: number;
}

export interface Words {
  readonly code: ExitCode;
  /** One line, fit to be shown. */
  readonly text: string;
}

/** How something ended that did not come to what was wanted. */
export type Failure = Exclude<SubmissionOutcome, { kind: "done" | "aborted" }>;

/** `sofar`: how many messages were accepted, in words that follow the rest of the line; "" where none was. */
export function submissionWords(outcome: Failure, errand: Errand, sofar: string): Words {
  const { code, text } = rawWords(outcome, errand, sofar);
  return { code, text: printable(text) };
}

function rawWords(outcome: Failure, errand: Errand, sofar: string): Words {
  const { access, target, id } = errand;
  const again = `try again with --id ${id}`;
  switch (outcome.kind) {
    case "not_durable":
    case "not_delivered":
    case "not_read": {
      const [code, what] = unmetWords(outcome.kind, target);
      const message = outcome.id === undefined ? "the message" : `message ${outcome.id}`;
      const why = troubleText(outcome.why, errand, "no answer");
      return { code, text: `${message} was accepted, but is not known to ${what}: ${why}` };
    }
    case "no_receipts": {
      const nothing = sofar === "" ? "; nothing was sent" : sofar;
      return { ...blind(outcome.wait, formatAddress(access.address), nothing) };
    }
    case "unclear": {
      const why = troubleText(outcome.why, errand, "no acknowledgement");
      const then = outcome.safe
        ? `it is safe to ${again}`
        : "it may have arrived, and this server would not know it again";
      return { code: EXIT.tryAgain, text: `${why}${sofar}; ${then}` };
    }
    case "unsent": {
      const { code, text } = unsentWords(outcome.why, errand);
      return { code, text: text + sofar + (sofar !== "" && outcome.safe ? `; for the rest, ${again}` : "") };
    }
    default: {
      const { code, text } = rejectionWords(outcome, target);
      return { code, text: text + sofar };
    }
  }
}

function unmetWords(kind: Unmet, target: string): readonly [ExitCode, string] {
  switch (kind) {
    case "not_durable":
      return [EXIT.notDurable, "be on the server's disk"];
    case "not_delivered":
      return [EXIT.notDelivered, `have reached ${target}`];
    case "not_read":
      return [EXIT.notDelivered, `have been read by ${target}`];
    default:
      return unreachable(kind);
  }
}

/** Why the server does not take a message to `target`, in words of the server's and ours; not yet fit to be shown. */
export function rejectionWords(why: Rejection, target: string): Words {
  switch (why.kind) {
    case "no_such_target": {
      const text = isRoomName(target) ? `no such room: ${target}` : `no user called ${target} is online`;
      return { code: EXIT.noUser, text };
    }
    case "too_long":
      return { code: EXIT.malformed, text: `to ${target}: ${why.text}` };
    case "refused":
      return { code: EXIT.refused, text: `to ${target}: ${why.text}` };
    case "id_in_use":
      return {
        code: EXIT.malformed,
        text: `id ${why.id} was used before for another message (${why.msgid})`,
      };
    default:
      return unreachable(why);
  }
}

/** Why an attempt failed, in a few words; `missing`: what a server did not say in time. Not yet fit to be shown. */
export function troubleText(why: Trouble, { timeoutMs }: Errand, missing: string): string {
  if ("text" in why && why.kind !== "lost") return why.text;
  switch (why.kind) {
    case "lost":
      return `the connection was lost before the ${missing.replace(/^no /, "")}: ${why.text}`;
    default:
      return `${missing} within ${spanText(timeoutMs)}`;
  }
}

/** `ms` as a person gives it. */
export function spanText(ms: number): string {
  if (ms < 1000) return `${ms}ms`;
  return ms < 60_000 ? `${ms / 1000}s` : formatDuration(ms);
}

function unsentWords(why: Trouble, errand: Errand): Words {
  switch (why.kind) {
    case "lost":
      return { code: EXIT.tryAgain, text: `the connection was lost before it was sent: ${why.text}` };
    case "told":
      return { code: EXIT.tryAgain, text: why.text };
    case "timed_out":
      return "text" in why
        ? failureWords(why, errand.access)
        : { code: EXIT.tryAgain, text: `not sent: no answer within ${spanText(errand.timeoutMs)}` };
    default:
      return failureWords(why, errand.access);
  }
}

function blind(wait: Awaitable, where: string, nothing: string): Words {
  switch (wait) {
    case "durable":
      return {
        code: EXIT.notDurable,
        text: `${where} does not tell when a message is on its disk${nothing}`,
      };
    case "delivered":
      return {
        code: EXIT.notDelivered,
        text: `${where} does not tell when a message has reached its receiver${nothing}`,
      };
    case "read":
      return {
        code: EXIT.notDelivered,
        text: `${where} does not tell when a message has been read${nothing}`,
      };
    default:
      return unreachable(wait);
  }
}

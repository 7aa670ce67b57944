/** `send --at`, `--in` and `--every`: the server says the text later. */
import { unreachable } from "../../lib/base/assert.ts";
import { toPrintable } from "../../lib/base/printable_text.ts";
import { formatDuration, formatExactDuration } from "../../lib/base/values/duration.ts";
import { FUTURE_TIMES, parseFutureTime } from "../../lib/base/values/future_time.ts";
import { formatZonedTime, isTimeZone, localTimeZone } from "../../lib/base/values/zoned_time.ts";
import type { Io } from "../../lib/cli/command.ts";
import { EXIT, exitCodeForSignal } from "../../lib/cli/exit_codes.ts";
import { UsageError } from "../../lib/cli/flags/command_definition.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import { Scheduling } from "../../lib/client/sending/scheduling.ts";
import type { ScheduleTime, SchedulingOutcome } from "../../lib/client/sending/scheduling.ts";
import { formatAddress } from "../../lib/net/address.ts";
import { describeMissingAccount } from "../support/account_status_text.ts";
import type { ClientLogin } from "../support/client_login.ts";
import {
  describeDeliveryProblem,
  describeSubmissionFailure,
  describeUnverifiedReply,
} from "./submission_text.ts";
import type { SubmissionContext } from "./submission_text.ts";
import type { SendFlags } from "./usage.ts";

/** What is said later, and when. */
export interface ScheduleRequest
  extends Pick<SendFlags, "at" | "in" | "every" | "zone" | "timeout" | "retry" | "reply-to"> {
  readonly target: string;
  readonly id: string;
  readonly tags: ReadonlyMap<string, string> | undefined;
  /** Shows what was scheduled. */
  readonly print: (message: Record<string, unknown>) => void;
}

/** Leaves `text` with the server; returns the exit code. Throws {@link UsageError} for a time or a zone that is none. */
export async function schedule(
  access: ClientLogin,
  text: string,
  request: ScheduleRequest,
  io: Io,
): Promise<number> {
  const { target, id, timeout: timeoutMs, retry: retryMs = 0 } = request;
  const zone = request.zone ?? localTimeZone();
  if (!isTimeZone(zone)) {
    throw new UsageError(`--zone ${zone}: not the name of a time zone, such as Europe/Berlin`);
  }
  const context: SubmissionContext = { access, target, id, timeoutMs };
  const report = (words: string) => io.stderr.write(`chatterbox: ${toPrintable(words)}\n`);
  const scheduling = new Scheduling({
    address: access.address,
    trust: access.trust,
    registration: access.registration,
    target,
    text,
    tags: request.tags,
    replyTo: request["reply-to"],
    id,
    when: readTime(request, zone, io.clock.now()),
    zone,
    timeoutMs,
    retryMs,
    clock: io.clock,
    signal: io.signal,
    onRetry: (why) =>
      report(
        `${describeDeliveryProblem(why, context, "answer")}; trying again for ${
          formatExactDuration(retryMs)
        }`,
      ),
    onEntered(status) {
      const words = describeMissingAccount(status, access);
      if (words !== undefined) report(words);
    },
    onUnverifiedReply: () => report(`${describeUnverifiedReply(target)}; scheduled anyway`),
  });
  const outcome = await scheduling.run();
  if (!scheduling.isIdentified) await access.keyring?.discard();
  return reportOutcome(outcome, context, request, zone, io);
}

function readTime({ at, in: delayMs, every }: ScheduleRequest, zone: string, now: number): ScheduleTime {
  if (every !== undefined) return { every: every.trim().replaceAll(/\s+/g, " ") };
  if (delayMs !== undefined) return { at: `${delayMs}ms` };
  const time = parseFutureTime(at!, now, zone);
  if (time === undefined) {
    throw new UsageError(`--at ${at}: not a time such as ${FUTURE_TIMES}; for 2h there is --in`);
  }
  if (time <= now) throw new UsageError(`--at ${at}: ${formatZonedTime(time, zone)} has passed`);
  return { at: new Date(time).toISOString() };
}

function reportOutcome(
  outcome: SchedulingOutcome,
  context: SubmissionContext,
  { target, every, print }: ScheduleRequest,
  zone: string,
  io: Io,
): number {
  const where = formatAddress(context.access.address);
  const fail = (code: number, text: string) => reportFailure(io, code, toPrintable(text));
  switch (outcome.kind) {
    case "scheduled": {
      const { id, dueAt, target } = outcome;
      const time = new Date(dueAt).toISOString();
      print({ scheduled: id, time, zone, every: every ?? null, target });
      const inTime = formatDuration(Math.round((dueAt - io.clock.now()) / 1000) * 1000);
      const first = every === undefined ? "" : "first ";
      const words =
        `scheduled as ${id}: to ${target}, ${first}at ${formatZonedTime(dueAt, zone)} (in ${inTime}); ` +
        `chatterbox scheduled cancel ${id} --name ${context.access.name} withdraws it`;
      io.stderr.write(`chatterbox: ${toPrintable(words)}\n`);
      return EXIT.ok;
    }
    case "said":
      io.stderr.write(
        `chatterbox: ${toPrintable(`this message to ${target} was scheduled before, and has been said`)}\n`,
      );
      return EXIT.ok;
    case "unsupported":
      return fail(
        EXIT.unreachable,
        `${where} says no messages later: it is another kind of server, an older one, or has no accounts`,
      );
    case "aborted":
      return exitCodeForSignal(io.signal);
    case "trouble": {
      if (outcome.why.kind === "reply") return fail(EXIT.tryAgain, `${where}: ${outcome.why.text}`);
      const kind = outcome.mayBeScheduled ? "unclear" : "unsent";
      const failure = { kind, why: outcome.why, isTemporary: true, safe: true } as const;
      const { code, text } = describeSubmissionFailure(failure, context, "");
      return fail(code, text);
    }
    case "refused": {
      const advice = /registered name/.test(outcome.text)
        ? "; give --from NAME, which is registered for you"
        : "";
      return fail(EXIT.refused, outcome.text + advice);
    }
    case "no_such_target":
    case "too_long":
    case "id_in_use": {
      const { code, text } = describeSubmissionFailure(outcome, context, "");
      return fail(code, text);
    }
    default:
      return unreachable(outcome);
  }
}

/** `send --lines`: each line of standard input is a message, as it comes. */
import { unreachable } from "../../lib/base/assert.ts";
import { toPrintable } from "../../lib/base/printable_text.ts";
import { formatExactDuration } from "../../lib/base/values/duration.ts";
import { MINUTE_MS } from "../../lib/base/values/time_unit.ts";
import type { Io } from "../../lib/cli/command.ts";
import { EXIT, exitCodeForSignal } from "../../lib/cli/exit_codes.ts";
import { dropOverwritten, PipedTextDecoder } from "../../lib/cli/piped_text_decoder.ts";
import { REPLACEMENT_WARNING } from "../../lib/cli/piped_text_decoder.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import { LineStream } from "../../lib/client/sending/line_stream.ts";
import type { LineStreamOutcome } from "../../lib/client/sending/line_stream.ts";
import { describeMissingAccount, describeNewAccount } from "../support/account_status_text.ts";
import type { ClientLogin } from "../support/client_login.ts";
import { describeDeliveryProblem, describeSubmissionFailure } from "./submission_text.ts";
import type { SubmissionContext } from "./submission_text.ts";
import type { SendFlags } from "./usage.ts";

/** For so long a stream that has begun goes on trying to reach its server, unless --retry says otherwise. */
const LINES_RETRY_MS = MINUTE_MS;

export interface LinesRequest extends Pick<SendFlags, "rate" | "timeout" | "retry"> {
  readonly target: string;
  readonly id: string;
}

/** Sends the lines of standard input up to its end; returns the exit code. `print`: shows an accepted message. */
export async function sendLines(
  access: ClientLogin,
  request: LinesRequest,
  print: (message: Record<string, unknown>) => void,
  io: Io,
): Promise<number> {
  const { target, id, timeout: timeoutMs, rate, retry } = request;
  const context: SubmissionContext = { access, target, id, timeoutMs };
  const report = (words: string) => io.stderr.write(`chatterbox: ${toPrintable(words)}\n`);
  const retryMs = retry ?? LINES_RETRY_MS;
  const stream = new LineStream({
    address: access.address,
    trust: access.trust,
    registration: access.registration,
    target,
    id,
    lines: readLines(io),
    rate,
    timeoutMs,
    retryMs,
    firstRetryMs: retry ?? 0,
    clock: io.clock,
    signal: io.signal,
    onEntered(status) {
      const words = describeMissingAccount(status, access) ?? describeNewAccount(status, access);
      if (words !== undefined) report(words);
    },
    onRetry: (why) =>
      report(
        `${describeDeliveryProblem(why, context, "acknowledgement")}; trying again for ${
          formatExactDuration(retryMs)
        }`,
      ),
    onAccepted: ({ id, seq, time, queued }) =>
      print({
        id: id ?? null,
        seq: seq ?? null,
        time: time === undefined ? null : new Date(time).toISOString(),
        queued,
        durable: null,
        target,
      }),
  });
  const outcome = await stream.run();
  if (!stream.isIdentified) await access.keyring?.discard();
  const { lines, texts, leftOut } = stream.counts;
  if (leftOut > 0) {
    report(
      `${lines} lines in ${texts} message${
        texts === 1 ? "" : "s"
      }; ${leftOut} came too fast and were left out`,
    );
  }
  return reportEnd(outcome, stream, context, io);
}

/** The lines of standard input, as a terminal would show them in the end; the last one may have no line end. */
async function* readLines(io: Io): AsyncGenerator<string> {
  const decoder = new PipedTextDecoder();
  let rest = "";
  let isWarned = false;
  for await (const chunk of io.stdin.readable) {
    const lines = (rest + decoder.decode(chunk)).split("\n");
    rest = lines.pop()!.slice(-MAX_OPEN_LINE);
    if (decoder.hasReplacements && !isWarned) io.stderr.write(`chatterbox: ${REPLACEMENT_WARNING}\n`);
    isWarned ||= decoder.hasReplacements;
    for (const line of lines) yield cleanLine(line);
  }
  yield cleanLine(rest + decoder.decode());
}

/** Of a line that does not end, so many of its last characters are kept. */
const MAX_OPEN_LINE = 1024 * 1024;

/** A message cannot contain NUL. */
function cleanLine(line: string): string {
  return dropOverwritten(line).replaceAll("\0", "").toWellFormed();
}

function reportEnd(
  outcome: LineStreamOutcome,
  { counts: { unsent } }: LineStream,
  context: SubmissionContext,
  io: Io,
): number {
  const rest = unsent === 0 ? "" : `; not sent: ${unsent} line${unsent === 1 ? "" : "s"}`;
  switch (outcome.kind) {
    case "done":
      return EXIT.ok;
    case "aborted":
      if (unsent > 0) io.stderr.write(`chatterbox: interrupted${rest}\n`);
      return exitCodeForSignal(io.signal);
    case "unreadable":
      return reportFailure(io, EXIT.ioError, toPrintable(`cannot read standard input: ${outcome.text}`));
    case "trouble": {
      const kind = outcome.mayHaveArrived ? "unclear" : "unsent";
      const { code, text } = describeSubmissionFailure(
        { kind, why: outcome.why, isTemporary: true, safe: true },
        context,
        rest,
      );
      return reportFailure(io, code, text.replace(/; (?:it is safe to|for the rest,) try again .*$/, ""));
    }
    case "no_such_target":
    case "too_long":
    case "refused":
    case "id_in_use": {
      const { code, text } = describeSubmissionFailure(outcome, context, rest);
      return reportFailure(io, code, text);
    }
    default:
      return unreachable(outcome);
  }
}

/** Tells the chat how a program has ended, within a bounded time; what fails is a line on standard error. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import { formatExactDuration } from "../../lib/base/values/duration.ts";
import type { Io } from "../../lib/cli/command.ts";
import { OutboxError } from "../../lib/client/sending/outbox_store.ts";
import type { OutboxStore } from "../../lib/client/sending/outbox_store.ts";
import { Submission } from "../../lib/client/sending/submission.ts";
import type { SubmissionEvents } from "../../lib/client/sending/submission.ts";
import type { SubmissionOutcome } from "../../lib/client/sending/submission_outcome.ts";
import { findOutbox, shouldQueue } from "../send/outbox.ts";
import type { ClientLogin } from "../support/client_login.ts";
import { describeSubmissionFailure } from "../send/submission_text.ts";

export interface ReportOptions {
  readonly access: ClientLogin;
  readonly target: string;
  readonly text: string | undefined;
  readonly id: string;
  /** For all of it. */
  readonly timeoutMs: number;
  /** What cannot be told is kept on disk, and what was kept is sent first. */
  readonly keepsUnsent: boolean;
  readonly signal: AbortSignal;
  readonly io: Io;
}

/** Tells `text`; undefined: only what an earlier run could not tell, if there is any. */
export async function reportOutcome(options: ReportOptions): Promise<void> {
  const { access, target, text = "", id, timeoutMs, io } = options;
  const outbox = options.keepsUnsent ? openOutboxOrReport(access, io) : undefined;
  if (text === "" && (outbox === undefined || !hasWaiting(outbox))) {
    return await access.keyring?.discard();
  }
  const submission = new Submission({
    address: access.address,
    trust: access.trust,
    registration: access.registration,
    target,
    text,
    id,
    wait: "accepted",
    timeoutMs,
    retryMs: 0,
    outbox,
    clock: io.clock,
    signal: options.signal,
    on: makeEvents(io),
  });
  const outcome = await submission.run();
  if (!submission.isIdentified) await access.keyring?.discard();
  if (outcome.kind === "done") return;
  const why = outcome.kind === "aborted"
    ? `no answer within ${formatExactDuration(timeoutMs)}`
    : describeSubmissionFailure(outcome, { access, target, id, timeoutMs }, "").text;
  const reason = why.replace(/; it is safe to try again .*$/, "");
  if (text === "") return report(io, `what waits in the outbox was not sent: ${reason}`);
  const kept = outbox !== undefined && isWorthKeeping(outcome) ? keep(outbox, text, options) : "";
  report(io, `${target} was not told: ${reason}${kept}`);
}

/** What cannot be read is reported when it is to be sent. */
function hasWaiting(store: OutboxStore): boolean {
  try {
    return store.list().length > 0;
  } catch (error) {
    if (!(error instanceof OutboxError)) throw error;
    return true;
  }
}

function makeEvents(io: Io): SubmissionEvents {
  return {
    onRetry: () => {},
    onAway: () => {},
    onFlushed: () => {},
    onOutboxFailed: (why) => report(io, `the outbox cannot be used: ${why}`),
    onRejected: ({ target, text }, why) =>
      report(io, `from the outbox, not sent to ${target}: ${why.text}; the message was: ${text}`),
    onUnclear: ({ target, text }) =>
      report(io, `from the outbox, to ${target}: it is unknown whether this message arrived: ${text}`),
  };
}

function report(io: Io, text: string): void {
  io.stderr.write(`chatterbox run: ${toPrintable(text)}\n`);
}

/** Undefined: it cannot be used, which has been reported. */
function openOutboxOrReport(access: ClientLogin, io: Io): OutboxStore | undefined {
  const found = findOutbox(access, true, io);
  return found.kind === "ok" ? found.store : undefined;
}

/** An outcome that may have been told is told again under its id, which a ChatterBox server stores once. */
function isWorthKeeping(outcome: Exclude<SubmissionOutcome, { kind: "done" }>): boolean {
  return outcome.kind === "aborted" || shouldQueue(outcome);
}

/** Returns what has become of the message, as the end of a line. */
function keep(store: OutboxStore, text: string, { target, id, access, io }: ReportOptions): string {
  try {
    store.add({ id, target, text, manner: "said", at: io.clock.now() });
    return `; kept in the outbox; the next send, join or run --outbox as ${access.name} to this server sends it`;
  } catch (error) {
    if (!(error instanceof OutboxError)) throw error;
    return `; not kept in the outbox: ${error.message}`;
  }
}

/** One page from a script: what `page` prints of it, and its exit code. */
import { unreachable } from "../../lib/base/assert.ts";
import { toPrintable } from "../../lib/base/printable_text.ts";
import { formatExactDuration } from "../../lib/base/values/duration.ts";
import { formatZonedTime, localTimeZone } from "../../lib/base/values/zoned_time.ts";
import type { Io } from "../../lib/cli/command.ts";
import { EXIT, exitCodeForSignal } from "../../lib/cli/exit_codes.ts";
import { formatJsonLine } from "../../lib/cli/json_line.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import type { OpenedPage, PageEnding, PageRing } from "../../lib/client/oncall/page_log.ts";
import { OncallPageRun } from "../../lib/client/oncall/page_run.ts";
import type { PageEvents, PageOutcome, PageRunOptions } from "../../lib/client/oncall/page_run.ts";
import type { AccountStatus } from "../../lib/client/session/credentials.ts";
import { reportOncallFailure, reportUnsavedEnd } from "../oncall/failure_text.ts";
import { describeMissingAccount } from "../support/account_status_text.ts";
import type { ClientLogin } from "../support/client_login.ts";
import { runUnderName } from "../support/named_run.ts";
import type { NamedRunFlags } from "../support/named_run.ts";
import { reportConnectFailure } from "../support/connect_failure_text.ts";

export interface PageRequest
  extends NamedRunFlags, Pick<PageRunOptions, "id" | "list" | "text" | "wait" | "timeoutMs"> {
  readonly json: boolean;
}

export async function openPage(request: PageRequest, io: Io): Promise<number> {
  return await runUnderName(request, io, {
    begin: (access, signal, onStatus) =>
      new OncallPageRun({
        ...request,
        address: access.address,
        trust: access.trust,
        registration: access.registration,
        clock: io.clock,
        signal,
        on: reportProgress(request, access, io, onStatus),
      }),
    report: (outcome, access, signal) => reportOutcome(outcome, request, access, signal, io),
  });
}

/** The end goes to standard output, progress to standard error; with --json all of it to standard output. */
function reportProgress(
  request: PageRequest,
  access: ClientLogin,
  io: Io,
  onStatus: (status: AccountStatus) => void,
): PageEvents {
  const { json } = request;
  const report = (text: string) => io.stderr.write(`chatterbox: ${toPrintable(text)}\n`);
  const print = (record: Record<string, unknown>) => io.stdout.write(formatJsonLine(record));
  return {
    onEntered: (status) => {
      onStatus(status);
      const words = describeMissingAccount(status, access);
      if (words !== undefined) report(words);
    },
    onOpen: (page) => {
      if (json) return print(openedRecord(page, request));
      report(describeOpened(page, request));
      if (!page.isSaved) report(describeUnsaved(page));
    },
    onSaved: (page) => json ? print(savedRecord(page, request)) : report(`page ${page.number} is saved now`),
    onRing: (ring) => json ? print(ringRecord(ring, request)) : report(describeRing(ring)),
    onRetry: (text) => report(`${text}; connecting again`),
  };
}

function openedRecord(
  { number, state, silencedUntil, isSaved }: OpenedPage,
  { id, list }: PageRequest,
) {
  return {
    kind: "opened",
    id,
    number,
    list,
    state,
    silenced_until: formatTime(silencedUntil),
    saved: isSaved,
  };
}

function savedRecord({ number }: OpenedPage, { id, list }: PageRequest) {
  return { kind: "saved", id, number, list };
}

function ringRecord({ step, nick, how, text }: PageRing, { id }: PageRequest) {
  return { kind: "rung", id, step: step ?? null, who: nick, how, text };
}

function endRecord(
  { number, how, nick, account, time, text, isSaved }: PageEnding,
  { id, list }: PageRequest,
) {
  return {
    kind: "ended",
    id,
    number,
    list,
    state: how,
    who: account ?? nick ?? null,
    time: formatTime(time),
    text,
    saved: isSaved,
  };
}

function formatTime(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString();
}

function describeOpened({ number, state, silencedUntil }: OpenedPage, request: PageRequest): string {
  const what = `page ${number} (${request.list})`;
  if (state === "silenced") {
    const until = silencedUntil === undefined ? "" : ` until ${formatLocal(silencedUntil)}`;
    return `${what} is kept: ${request.list} is silenced${until}, and rings then; ${describeHandle(request)}`;
  }
  return state === "ringing"
    ? `${what} rings; ${describeHandle(request)}`
    : `${what} is taken up: it has ended`;
}

function describeUnsaved({ number }: OpenedPage): string {
  return `the server could not save page ${number}: if it restarts before it can, the page is lost`;
}

function describeRing({ step, text }: PageRing): string {
  return step === undefined ? text : `step ${step}: ${text}`;
}

/** How the page is withdrawn and taken up. */
function describeHandle({ id, from }: PageRequest): string {
  const as = from === undefined ? "" : ` --from ${from}`;
  return `chatterbox page --withdraw ${id}${as} withdraws it, --id ${id} takes it up`;
}

function formatLocal(time: number): string {
  return formatZonedTime(time, localTimeZone());
}

/** Reports what became of the page, and returns the exit code. */
function reportOutcome(
  outcome: PageOutcome,
  request: PageRequest,
  access: ClientLogin,
  signal: AbortSignal,
  io: Io,
): number {
  switch (outcome.kind) {
    case "stored":
      return outcome.page.isSaved ? EXIT.ok : EXIT.notDurable;
    case "ended":
      return reportEnding(outcome, request, io);
    case "unsupported":
    case "rejected":
      return reportOncallFailure(outcome, { ...access, list: request.list }, io);
    case "unreachable": {
      const code = reportConnectFailure(io, outcome.why, access, signal);
      if (outcome.isOpen) io.stderr.write(`chatterbox: ${describeLeft(undefined, request)}\n`);
      return code;
    }
    case "late": {
      const after = formatExactDuration(request.timeoutMs);
      const what = request.wait === "ack" && outcome.page !== undefined ? "acknowledged" : "confirmed";
      const left = outcome.isSent ? describeLeft(outcome.page, request) : "nothing rings";
      return reportFailure(io, EXIT.tryAgain, `not ${what} within ${after}; ${left}`);
    }
    case "aborted":
      if (outcome.isSent) io.stderr.write(`chatterbox: ${describeLeft(outcome.page, request)}\n`);
      return exitCodeForSignal(signal);
    default:
      return unreachable(outcome);
  }
}

/** What goes on without this program; undefined: the server has not confirmed the page. */
function describeLeft(page: OpenedPage | undefined, request: PageRequest): string {
  const what = page === undefined
    ? "the page may ring"
    : page.state === "silenced"
    ? `page ${page.number} stays silenced, and rings later`
    : `page ${page.number} goes on ringing`;
  return toPrintable(`${what}; ${describeHandle(request)}`);
}

function reportEnding(ending: PageEnding, request: PageRequest, io: Io): number {
  const { how, nick, account, time, number, text } = ending;
  if (request.json) io.stdout.write(formatJsonLine(endRecord(ending, request)));
  if (how !== "acknowledged") return reportFailure(io, EXIT.tryAgain, text);
  const who = account ?? nick ?? "a person";
  const when = time === undefined ? "" : ` at ${formatLocal(time)}`;
  if (!request.json) io.stdout.write(toPrintable(`page ${number} acknowledged by ${who}${when}`) + "\n");
  if (!ending.isSaved) reportUnsavedEnd(io);
  return EXIT.ok;
}

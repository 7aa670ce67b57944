/** `chatterbox send`: one message from a script. Its exit code tells the state of the message. */
import { toPrintable } from "../lib/base/printable_text.ts";
import { formatExactDuration } from "../lib/base/values/duration.ts";
import type { Command, Io } from "../lib/cli/command.ts";
import { EXIT, exitCodeForSignal } from "../lib/cli/exit_codes.ts";
import type { ExitCode } from "../lib/cli/exit_codes.ts";
import { formatJsonLine } from "../lib/cli/json_line.ts";
import { OutputTemplate } from "../lib/cli/output_template.ts";
import { REPLY_TAG } from "../lib/irc/reaction.ts";
import { readSendText } from "./send/text_source.ts";
import { reportFailure } from "../lib/cli/standard_streams.ts";
import { REPLACEMENT_WARNING } from "../lib/cli/piped_text_decoder.ts";
import {
  defineCommand,
  UsageError,
  WATCHING_CLIENT_PERMISSIONS,
} from "../lib/cli/flags/command_definition.ts";
import { readClientLogin } from "./support/client_login.ts";
import type { ClientLogin, ClientLoginOutcome } from "./support/client_login.ts";
import { splitIntoPieces } from "../lib/client/sending/delivery.ts";
import type { Rejection, TextCarrier, TextPiece } from "../lib/client/sending/delivery.ts";
import type { UnsentMessage } from "../lib/client/conversation/unsent_message.ts";
import type { AccountStatus } from "../lib/client/session/credentials.ts";
import { describeMissingAccount, describeNewAccount } from "./support/account_status_text.ts";
import { Submission } from "../lib/client/sending/submission.ts";
import type { SubmissionEvents } from "../lib/client/sending/submission.ts";
import type { WaitGoal } from "../lib/client/sending/submission_outcome.ts";
import {
  describeDeliveryProblem,
  describeSubmissionFailure,
  describeUnverifiedReply,
  makeMessageRecord,
} from "./send/submission_text.ts";
import type { SubmissionContext, SubmissionFailure } from "./send/submission_text.ts";
import { isSenderId, MAX_SENDER_ID_BYTES } from "../lib/irc/sender_id.ts";
import { withoutStderr } from "./support/quiet_io.ts";
import { FLAGS, SEND_HELP, WAITS } from "./send/usage.ts";
import type { SendFlags } from "./send/usage.ts";
import { checkSendUsage, isScheduled } from "./send/usage_check.ts";
import { findOutbox, shouldQueue, storeUnsent } from "./send/outbox.ts";

/** Random bytes of a generated id. */
const ID_BYTES = 16;

export const command: Command = defineCommand({
  name: "send",
  summary: "Send one message; the exit code tells what became of it.",
  synopsis: "TARGET [TEXT…]",
  ...SEND_HELP,
  flags: FLAGS,
  permissions: WATCHING_CLIENT_PERMISSIONS,
}, (flags, words, io) => {
  if (!flags.local) io.revoke(["ffi"]);
  const [target, ...text] = words;
  if (target === undefined) {
    throw new UsageError(
      "no receiver given: send NAME TEXT, or send '#room' TEXT; without its quotes a shell takes #room, and what " +
        "follows it, for a comment",
    );
  }
  checkSendUsage(flags, target, text);
  const print = messagePrinter(flags, io);
  const wait = WAITS.find((wait) => wait === flags.wait);
  const id = flags.id ?? crypto.getRandomValues(new Uint8Array(ID_BYTES)).toHex();
  return send({ ...flags, target, words: text, wait, id, print }, flags.quiet ? withoutStderr(io) : io);
});

/** What is sent, and how. */
interface SendRequest extends Omit<SendFlags, "wait" | "id"> {
  readonly target: string;
  readonly words: readonly string[];
  readonly wait: WaitGoal | undefined;
  readonly id: string;
  /** Shows an accepted message. */
  readonly print: PrintMessage;
}

type PrintMessage = (message: Record<string, unknown>) => void;

/** Keys of the objects of `--json`. */
const MESSAGE_KEYS = ["id", "seq", "time", "queued", "durable", "delivered", "read", "target"];
const SCHEDULED_KEYS = ["scheduled", "time", "zone", "every", "target"];

/** Throws {@link UsageError} for a template that is none. */
function messagePrinter(flags: SendFlags, io: Io): PrintMessage {
  if (flags.json) return (message) => io.stdout.write(formatJsonLine(message));
  if (flags.template === undefined) return () => {};
  const template = OutputTemplate.parse(flags.template, isScheduled(flags) ? SCHEDULED_KEYS : MESSAGE_KEYS);
  if (typeof template === "string") throw new UsageError(`--template ${flags.template}: ${template}`);
  return (message) => io.stdout.write(template.format(message));
}

async function send(request: SendRequest, io: Io): Promise<number> {
  const { target, id } = request;
  if (request.lines) return await streamLines(request, io);
  const input = await readSendText(request, io);
  if (input.kind === "none") throw new UsageError("no text: give it as arguments, or pipe it in");
  if (input.kind === "bad") return reportFailure(io, EXIT.malformed, input.why);
  if (input.kind === "unreadable") return reportFailure(io, EXIT.ioError, input.why);
  const { text, replaced } = input;
  if (replaced) io.stderr.write(`chatterbox: ${REPLACEMENT_WARNING}\n`);
  checkIds(splitIntoPieces(text, id, target));
  const carrier = request.local ? await openCarrier(request, io) : undefined;
  if (typeof carrier === "number") return carrier;
  const found = await logIn(request, io);
  if (found.kind === "failed") return found.code;
  if (isScheduled(request)) {
    const { schedule } = await import("./send/schedule_run.ts");
    return await schedule(found.access, text, { ...request, tags: replyTags(request) }, io);
  }
  return await sendAs(found.access, text, request, carrier, io);
}

async function streamLines(request: SendRequest, io: Io): Promise<number> {
  if (io.stdin.isTerminal) throw new UsageError("--lines sends standard input: pipe it in");
  const found = await logIn(request, io);
  if (found.kind === "failed") return found.code;
  const { sendLines } = await import("./send/lines_run.ts");
  return await sendLines(found.access, request, request.print, io);
}

async function logIn(request: SendRequest, io: Io): Promise<ClientLoginOutcome> {
  return await readClientLogin(io, { ...request, name: request.from, nameFlag: "--from NAME" }, "make");
}

/** What is loaded for `--local` only; an exit code is reported. */
async function openCarrier(request: SendRequest, io: Io): Promise<TextCarrier | ExitCode> {
  const { openCarrierOrReport } = await import("./send/local_carrier.ts");
  return openCarrierOrReport(request["data-dir"], request.target, io);
}

async function sendAs(
  access: ClientLogin,
  text: string,
  request: SendRequest,
  carrier: TextCarrier | undefined,
  io: Io,
): Promise<number> {
  const { target, id, wait, timeout: timeoutMs, retry: retryMs = 0 } = request;
  const { keyring } = access;
  const outbox = findOutbox(access, request.outbox, io);
  if (outbox.kind === "failed") {
    await keyring?.discard();
    return outbox.code;
  }
  const { store } = outbox;
  const context: SubmissionContext = { access, target, id, timeoutMs };
  let status: AccountStatus = { kind: "none" };
  const submission = new Submission({
    address: access.address,
    trust: access.trust,
    registration: access.registration,
    target,
    text,
    id,
    tags: replyTags(request),
    replyTo: request["reply-to"],
    wait,
    requiresOnline: request.online,
    timeoutMs,
    retryMs,
    outbox: store,
    carrier,
    isLineByLine: request.outbox,
    clock: io.clock,
    signal: io.signal,
    on: progressReporter(context, retryMs, io, (found) => status = found),
  });
  const outcome = await submission.run();
  if (!submission.isIdentified) {
    await keyring?.discard();
    // On a server that admits accounts only, the name is registered before the message.
    const words = describeNewAccount(status, access);
    if (words !== undefined) io.stderr.write(`chatterbox: ${words}\n`);
  }
  for (const message of submission.accepted) request.print(makeMessageRecord(message, request));
  switch (outcome.kind) {
    case "done":
      return EXIT.ok;
    case "aborted":
      return exitCodeForSignal(io.signal);
    default:
      if (!request.outbox || store === undefined || !shouldQueue(outcome)) {
        return reportSendFailure(outcome, context, submission, io);
      }
      return storeUnsent(store, outcome.why, context, submission.remainingPieces, io);
  }
}

/** The tag of a reply; undefined: it is none. */
function replyTags({ "reply-to": id }: SendRequest): ReadonlyMap<string, string> | undefined {
  return id === undefined ? undefined : new Map([[REPLY_TAG, id]]);
}

/** Checks that the id of each piece, `KEY~HASH.n`, has at most {@link MAX_SENDER_ID_BYTES}. */
function checkIds(pieces: readonly TextPiece[]): void {
  const { id } = pieces.at(-1)!;
  if (isSenderId(id)) return;
  throw new UsageError(
    `--id: this text makes ${pieces.length} messages, and ${id} is longer than ${MAX_SENDER_ID_BYTES} characters`,
  );
}

/** Reports progress on standard error. */
function progressReporter(
  context: SubmissionContext,
  retryMs: number,
  io: Io,
  onStatus: (status: AccountStatus) => void,
): SubmissionEvents {
  const report = (text: string) => io.stderr.write(`chatterbox: ${toPrintable(text)}\n`);
  return {
    onRetry: (why) =>
      report(
        `${describeDeliveryProblem(why, context, "acknowledgement")}; trying again for ${
          formatExactDuration(retryMs)
        }`,
      ),
    onEntered: (status) => {
      onStatus(status);
      const words = describeMissingAccount(status, context.access);
      if (words !== undefined) report(words);
    },
    onAway: (words) => report(`${context.target} is away: ${words}`),
    onQueued: () => report(`${context.target} is offline; the message will be delivered when they return`),
    onUnverifiedReply: () => report(`${describeUnverifiedReply(context.target)}; sent anyway`),
    onFlushed: (count) => report(`sent from the outbox: ${count === 1 ? "1 message" : `${count} messages`}`),
    onRejected: ({ target, text }: UnsentMessage, why: Rejection) =>
      report(`from the outbox, not sent to ${target}: ${why.text}; the message was: ${text}`),
    onUnclear: ({ target, text }: UnsentMessage) =>
      report(`from the outbox, to ${target}: it is unknown whether this message arrived: ${text}`),
    onOutboxFailed: (text) => report(`the outbox cannot be used: ${text}`),
  };
}

function reportSendFailure(
  outcome: SubmissionFailure,
  context: SubmissionContext,
  submission: Submission,
  io: Io,
): number {
  const accepted = submission.accepted.length;
  const count = accepted + submission.remainingPieces.length;
  const sofar = accepted > 0 && accepted < count ? ` (${accepted} of ${count} messages were sent)` : "";
  const { code, text } = describeSubmissionFailure(outcome, context, sofar);
  return reportFailure(io, code, text);
}

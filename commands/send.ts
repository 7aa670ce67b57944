/** `chatterbox send`: one message from a script. Its exit code tells how far the message is known to have come. */
import { toPrintable } from "../lib/base/printable_text.ts";
import { formatExactDuration } from "../lib/base/values/duration.ts";
import type { Command, Io } from "../lib/cli/command.ts";
import { EXIT, exitCodeForSignal } from "../lib/cli/exit_codes.ts";
import { readText } from "../lib/cli/text_input.ts";
import { formatJsonLine } from "../lib/cli/json_line.ts";
import { reportFailure } from "../lib/cli/standard_streams.ts";
import { REPLACEMENT_WARNING } from "../lib/cli/piped_text_decoder.ts";
import { defineCommand, UsageError } from "../lib/cli/flags/command_definition.ts";
import { CLIENT_FLAGS } from "./support/client_options.ts";
import { readClientLogin } from "./support/client_login.ts";
import type { ClientLogin } from "./support/client_login.ts";
import { splitIntoPieces } from "../lib/client/sending/delivery.ts";
import type { Rejection, TextPiece } from "../lib/client/sending/delivery.ts";
import type { UnsentMessage } from "../lib/client/conversation/unsent_message.ts";
import type { AccountStatus } from "../lib/client/session/credentials.ts";
import { describeMissingAccount, describeNewAccount } from "./support/account_status_text.ts";
import { Submission } from "../lib/client/sending/submission.ts";
import type { AcceptedPiece, SubmissionEvents, WaitGoal } from "../lib/client/sending/submission.ts";
import { describeDeliveryProblem, describeSubmissionFailure } from "./support/submission_text.ts";
import type { SubmissionContext, SubmissionFailure } from "./support/submission_text.ts";
import { isChannelName, isTargetName } from "../lib/irc/names/name_rules.ts";
import { suggestForNameAtServer } from "../lib/net/address.ts";
import { isSenderId, MAX_SENDER_ID_BYTES } from "../lib/irc/vendor_extensions.ts";
import { findOutbox, shouldQueue, storeUnsent } from "./send/outbox.ts";

/** Longest text taken: some 2,700 messages. What is longer wants a file and a place to put it. */
const MAX_TEXT_BYTES = 1024 * 1024;

/** The longest that a timer can wait: 24.8 days. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** Random bytes of an id that is made up here. */
const ID_BYTES = 16;

const WAITS = ["accepted", "durable", "delivered", "read"] as const satisfies readonly WaitGoal[];

export const command: Command = defineCommand({
  name: "send",
  summary: "Send one message; the exit code tells what became of it.",
  synopsis: "TARGET [TEXT…]",
  examples: [
    ['chatterbox send bob "deploy finished"', "to a person"],
    ["chatterbox send '#lobby' hello everybody", "to a room"],
    ["make 2>&1 | tail -5 | chatterbox send bob", "what comes on standard input, line by line"],
    ["chatterbox send bob --json hi", "print id, sequence number and time of the message"],
    ["chatterbox send '#ops' --wait durable --retry 1m done", "sent when it is on the server's disk"],
    ["chatterbox send '#ops' --id build-4711 --outbox done", "kept while the server is away; said once"],
  ],
  flags: {
    from: {
      type: "string",
      value: "NAME",
      help:
        "the name to send under, yours from then on; also CHATTERBOX_NAME (default: login name, unregistered)",
    },
    wait: {
      type: "string",
      value: "WHAT",
      choices: WAITS,
      help: "how far it must have come (default accepted; durable where the server saves first)",
    },
    timeout: {
      type: "duration",
      value: "DURATION",
      default: "10s",
      min: 1,
      max: MAX_TIMEOUT_MS,
      help: "give up after this long; with --retry: one attempt",
    },
    retry: { type: "duration", value: "DURATION", help: "try again for this long while the server is away" },
    id: {
      type: "string",
      value: "KEY",
      help: "your own id of the message: sent again under it, it is said once (default: made up)",
    },
    online: {
      type: "boolean",
      help: "only to somebody who is there: 67 instead of leaving the message for later",
    },
    outbox: { type: "boolean", help: "keep the message on disk where the server cannot be reached" },
    json: { type: "boolean", help: "print one JSON object for each message accepted" },
    quiet: { type: "boolean", short: "q", help: "say nothing; the exit code says it all" },
    ...CLIENT_FLAGS,
  },
  notes: [
    "Text is taken from the arguments, or from standard input when there are none or they are a single -.\n" +
    "Text of several lines is one message where the server takes it whole (draft/multiline; ChatterBox: up to 4096 bytes\n" +
    "and 100 lines), else, and with --outbox, a message a line; long text is cut into several. They keep their order.\n" +
    "Of a line with carriage returns in it, as of a progress bar, what a terminal shows at its end is sent.",
    "A name that you give (--from, CHATTERBOX_NAME, config.json) is registered with a key once the server has accepted a\n" +
    "message under it; a send that is refused leaves nothing behind. The login name, where you give none, is used as long\n" +
    "as it is not registered, and stays free.",
    "--retry tries again while the server is not found, refuses connections, does not answer, or is lost; it sends\n" +
    "nothing twice that may have arrived, unless the server knows it again by its id (ChatterBox servers do).\n" +
    "What is kept by --outbox is sent by the next send or join under the same name to the same server.",
    "A message to a registered name that is offline is queued: kept by the server, and shown when its owner\n" +
    'comes. It is said on standard error, with --json as "queued": true, and is no failure, unless --online forbids it.\n' +
    "--wait read waits until they have read it, as far as their client tells (chatterbox join does); give it time by --timeout.",
    "Exit code: 0 it has come as far as --wait says; 64 wrong usage; 65 malformed or too long, or the id was used for\n" +
    "another message; 67 no such user or room; 68, 69 server not found or not reachable, nothing sent; 71 accepted, but\n" +
    "not known to be on the server's disk; 72 accepted, but not known to have reached the receiver, or to be read;\n" +
    "73, 74 the outbox is full, or failed; 75 no answer, or kept in the outbox: the line tells whether and how to try\n" +
    "again; 76 not an IRC server; 77 refused.",
  ],
}, (flags, words, io) => {
  const [target, ...text] = words;
  if (target === undefined) {
    throw new UsageError("to whom? Name a person or a '#room' (quoted: # starts a comment in a shell)");
  }
  const hint = isChannelName(target) ? undefined : suggestForNameAtServer(target);
  if (hint !== undefined) throw new UsageError(`${target}: ${hint}`);
  if (!isTargetName(target)) throw new UsageError(`${JSON.stringify(target)} is neither a name nor a room`);
  const wait = WAITS.find((wait) => wait === flags.wait);
  if ((wait === "delivered" || wait === "read") && isChannelName(target)) {
    throw new UsageError(`--wait ${wait} is for a person; of a room nobody can say it (--wait durable)`);
  }
  if (flags.online && isChannelName(target)) {
    throw new UsageError("--online is for a person; a room takes what is said, whoever is in it");
  }
  if (flags.online && flags.outbox) {
    throw new UsageError(
      "--online and --outbox exclude each other: what is kept comes when nobody knows who is there",
    );
  }
  if (flags.id !== undefined && !isSenderId(flags.id)) {
    throw new UsageError(
      `--id ${
        JSON.stringify(flags.id)
      }: 1 to ${MAX_SENDER_ID_BYTES} printable ASCII characters without spaces`,
    );
  }
  const id = flags.id ?? crypto.getRandomValues(new Uint8Array(ID_BYTES)).toHex();
  return send({ ...flags, target, words: text, wait, id }, flags.quiet ? withoutStderr(io) : io);
});

interface SendRequest {
  readonly target: string;
  readonly words: readonly string[];
  readonly from: string | undefined;
  readonly wait: WaitGoal | undefined;
  readonly timeout: number;
  readonly retry: number | undefined;
  readonly id: string;
  readonly online: boolean;
  readonly outbox: boolean;
  readonly json: boolean;
  readonly server: string | undefined;
  readonly "password-file": string | undefined;
  readonly "passphrase-file": string | undefined;
  readonly "key-file": string | undefined;
}

async function send(order: SendRequest, io: Io): Promise<number> {
  const { target, id } = order;
  const input = await readText(order.words, io, MAX_TEXT_BYTES);
  if (input.kind === "none") throw new UsageError("no text: give it as arguments, or pipe it in");
  if (input.kind === "bad") return reportFailure(io, EXIT.malformed, input.why);
  if (input.kind === "unreadable") return reportFailure(io, EXIT.ioError, input.why);
  const { text, replaced } = input;
  if (replaced) io.stderr.write(`chatterbox: ${REPLACEMENT_WARNING}\n`);
  checkIds(splitIntoPieces(text, id, target));
  const found = await readClientLogin(io, { ...order, name: order.from, nameFlag: "--from NAME" }, "make");
  if (found.kind === "failed") return found.code;
  return await sendAs(found.access, text, order, io);
}

async function sendAs(access: ClientLogin, text: string, order: SendRequest, io: Io): Promise<number> {
  const { target, id, wait, timeout: timeoutMs, retry: retryMs = 0 } = order;
  const { keyring } = access;
  const outbox = findOutbox(access, order.outbox, io);
  if (outbox.kind === "failed") {
    await keyring?.discard();
    return outbox.code;
  }
  const { store } = outbox;
  const errand: SubmissionContext = { access, target, id, timeoutMs };
  let standing: AccountStatus = { kind: "none" };
  const submission = new Submission({
    address: access.address,
    trust: access.trust,
    registration: access.registration,
    target,
    text,
    id,
    wait,
    requiresOnline: order.online,
    timeoutMs,
    retryMs,
    outbox: store,
    isLineByLine: order.outbox,
    clock: io.clock,
    signal: io.signal,
    on: progressReporter(errand, retryMs, io, (found) => standing = found),
  });
  const outcome = await submission.run();
  if (!submission.isIdentified) {
    await keyring?.discard();
    const words = describeNewAccount(standing, access); // where only accounts are let in, the name comes before the message
    if (words !== undefined) io.stderr.write(`chatterbox: ${words}\n`);
  }
  if (order.json) {
    for (const message of submission.accepted) {
      io.stdout.write(acceptedRecord(message, order));
    }
  }
  switch (outcome.kind) {
    case "done":
      return EXIT.ok;
    case "aborted":
      return exitCodeForSignal(io.signal);
    default:
      if (!order.outbox || store === undefined || !shouldQueue(outcome)) {
        return reportSendFailure(outcome, errand, submission, io);
      }
      return storeUnsent(store, outcome.why, errand, submission.remainingPieces, io);
  }
}

/** The server gets `KEY.n` as the id of piece n, and takes ids of {@link MAX_SENDER_ID_BYTES}. */
function checkIds(pieces: readonly TextPiece[]): void {
  const { id } = pieces.at(-1)!;
  if (isSenderId(id)) return;
  throw new UsageError(
    `--id: this text makes ${pieces.length} messages, and ${id} is longer than ${MAX_SENDER_ID_BYTES} characters`,
  );
}

/** What is told on standard error on the way. */
function progressReporter(
  errand: SubmissionContext,
  retryMs: number,
  io: Io,
  onStanding: (standing: AccountStatus) => void,
): SubmissionEvents {
  const tell = (text: string) => io.stderr.write(`chatterbox: ${toPrintable(text)}\n`);
  return {
    onRetry: (why) =>
      tell(
        `${describeDeliveryProblem(why, errand, "no acknowledgement")}; trying again for ${
          formatExactDuration(retryMs)
        }`,
      ),
    onEntered: (standing) => {
      onStanding(standing);
      const words = describeMissingAccount(standing, errand.access);
      if (words !== undefined) tell(words);
    },
    onAway: (words) => tell(`${errand.target} is away: ${words}`),
    onQueued: () => tell(`queued: ${errand.target} is not here, and gets it when they come`),
    onFlushed: (count) => tell(`sent from the outbox: ${count === 1 ? "1 message" : `${count} messages`}`),
    onRejected: ({ target, text }: UnsentMessage, why: Rejection) =>
      tell(`from the outbox, not sent to ${target}: ${why.text}; the message was: ${text}`),
    onUnclear: ({ target, text }: UnsentMessage) =>
      tell(`from the outbox, to ${target}: nobody knows whether this has arrived: ${text}`),
    onOutboxFailed: (text) => tell(`the outbox cannot be used: ${text}`),
  };
}

function reportSendFailure(
  outcome: SubmissionFailure,
  errand: SubmissionContext,
  submission: Submission,
  io: Io,
): number {
  const accepted = submission.accepted.length;
  const count = accepted + submission.remainingPieces.length;
  const sofar = accepted > 0 && accepted < count ? ` (${accepted} of ${count} messages were sent)` : "";
  const { code, text } = describeSubmissionFailure(outcome, errand, sofar);
  return reportFailure(io, code, text);
}

function acceptedRecord(message: AcceptedPiece, { target, wait }: SendRequest): string {
  const { id, seq, time, queued, durable, delivered, read } = message;
  return formatJsonLine({
    id: id ?? null,
    seq: seq ?? null,
    time: time === undefined ? null : new Date(time).toISOString(),
    queued,
    durable,
    ...wait === "delivered" ? { delivered } : {},
    ...wait === "read" ? { read } : {},
    target,
  });
}

/** The same, with standard error to nowhere. */
function withoutStderr(io: Io): Io {
  const { stdin, stdout, clock, env, systemName, onSignal, revoke } = io;
  const stderr = {
    isTerminal: false,
    write: () => {},
    flush: () => Promise.resolve(),
    watchForClose: () => {},
    size: () => undefined,
    closedSignal: io.stderr.closedSignal,
  };
  return { stdin, stdout, stderr, clock, env, systemName, onSignal, revoke, signal: io.signal };
}

/** `chatterbox send`: one message from a script. Its exit code tells the state of the message. */
import { toPrintable } from "../lib/base/printable_text.ts";
import { formatExactDuration } from "../lib/base/values/duration.ts";
import type { Command, Io } from "../lib/cli/command.ts";
import { EXIT, exitCodeForSignal } from "../lib/cli/exit_codes.ts";
import type { ExitCode } from "../lib/cli/exit_codes.ts";
import { readText } from "../lib/cli/text_input.ts";
import { reportFailure } from "../lib/cli/standard_streams.ts";
import { REPLACEMENT_WARNING } from "../lib/cli/piped_text_decoder.ts";
import {
  defineCommand,
  UsageError,
  WATCHING_CLIENT_PERMISSIONS,
} from "../lib/cli/flags/command_definition.ts";
import { CLIENT_FLAGS } from "./support/client_options.ts";
import { readClientLogin } from "./support/client_login.ts";
import type { ClientLogin } from "./support/client_login.ts";
import { splitIntoPieces } from "../lib/client/sending/delivery.ts";
import type { Rejection, TextCarrier, TextPiece } from "../lib/client/sending/delivery.ts";
import { isServiceName } from "../lib/client/commands/arguments.ts";
import type { UnsentMessage } from "../lib/client/conversation/unsent_message.ts";
import type { AccountStatus } from "../lib/client/session/credentials.ts";
import { describeMissingAccount, describeNewAccount } from "./support/account_status_text.ts";
import { Submission } from "../lib/client/sending/submission.ts";
import type { SubmissionEvents, WaitGoal } from "../lib/client/sending/submission.ts";
import {
  describeDeliveryProblem,
  describeSubmissionFailure,
  formatAcceptedMessage,
} from "./send/submission_text.ts";
import type { SubmissionContext, SubmissionFailure } from "./send/submission_text.ts";
import { isChannelName, isTargetName } from "../lib/irc/names/name_rules.ts";
import { suggestForNameAtServer } from "../lib/net/address.ts";
import { isSenderId, isSenderKey, MAX_SENDER_ID_BYTES, SENDER_KEY_RULE } from "../lib/irc/sender_id.ts";
import { withoutStderr } from "./support/quiet_io.ts";
import { findOutbox, shouldQueue, storeUnsent } from "./send/outbox.ts";

/** Longest text: about 2,700 messages. */
const MAX_TEXT_BYTES = 1024 * 1024;

/** Longest delay of a timer: 24.8 days. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** Random bytes of a generated id. */
const ID_BYTES = 16;

const WAITS = ["accepted", "durable", "delivered", "read"] as const satisfies readonly WaitGoal[];

export const command: Command = defineCommand({
  name: "send",
  summary: "Send one message; the exit code tells what became of it.",
  synopsis: "TARGET [TEXT…]",
  examples: [
    ['chatterbox send bob "deploy finished"', "to a user"],
    ["chatterbox send '#lobby' hello everybody", "to a room"],
    ["make 2>&1 | tail -5 | chatterbox send bob", "standard input, as one message where the server takes it"],
    ["chatterbox send bob --json hi", "print id, sequence number and time of the message"],
    [
      "chatterbox send '#ops' --wait durable --retry 1m done",
      "succeeds when it is on the server's disk; retries for a minute",
    ],
    [
      "chatterbox send '#ops' --id build-4711 --outbox done",
      "kept on disk while the server is down; delivered once",
    ],
    ["chatterbox send --local '#ops' done", "through the memory of a server with --shm"],
  ],
  operands: [{ sources: ["people", "rooms"] }],
  flags: {
    from: {
      type: "string",
      value: "NAME",
      completes: { sources: ["names"] },
      help:
        "name to send as, which the server registers for you; also CHATTERBOX_NAME (default: login name, not registered)",
    },
    wait: {
      type: "string",
      value: "WHAT",
      choices: WAITS,
      help: "state of the message to wait for (default accepted; durable if the server syncs first)",
    },
    timeout: {
      type: "duration",
      value: "DURATION",
      default: "10s",
      min: 1,
      max: MAX_TIMEOUT_MS,
      help: "give up after this time; with --retry: one attempt",
    },
    retry: {
      type: "duration",
      value: "DURATION",
      help: "keep trying for this time if the server cannot be reached",
    },
    id: {
      type: "string",
      value: "KEY",
      help: "id of the message; the server stores one message per id (default: random)",
    },
    online: {
      type: "boolean",
      help: "fail with 67 if the receiver is offline, instead of queuing the message",
    },
    outbox: { type: "boolean", help: "keep the message on disk if the server cannot be reached" },
    local: {
      type: "boolean",
      help: "send through the memory of a server of this machine that runs with --shm",
    },
    "data-dir": {
      type: "string",
      value: "DIR",
      help: "with --local: the server's data folder, as for serve (default $XDG_STATE_HOME/chatterbox)",
    },
    json: { type: "boolean", help: "print one JSON object for each accepted message" },
    quiet: { type: "boolean", short: "q", help: "print and ask nothing; the exit code tells the result" },
    ...CLIENT_FLAGS,
  },
  notes: [
    "The text is taken from the arguments, or from standard input if there are none or a single -. Several lines are " +
    "sent as one message if the server supports it (draft/multiline; ChatterBox: up to 4096 bytes and 100 lines), " +
    "otherwise, and with --outbox, as one message per line. Long text is split; the order is kept. Of a line with " +
    "carriage returns, such as a progress bar, only what a terminal would show in the end is sent.",
    "A name given with --from, CHATTERBOX_NAME or config.json is registered, with a key, after the first accepted " +
    "message; a send that is refused leaves nothing behind. The login name, used if no name is given, is not registered.",
    "--retry tries again while the server cannot be reached, does not answer, or drops the connection. A message that " +
    "may have arrived is sent again only if the server recognises it by its id (ChatterBox servers do). A message " +
    "kept by --outbox is sent by the next send or join under the same name to the same server.",
    "--local writes the message, after the usual login, to shared memory instead of the connection; a message to a room " +
    "counts as accepted when it is in the server's log, which is read there too. The server must run as the same user; " +
    "while it does not run, or runs without --shm, --retry and --outbox do as they do without --local.",
    "A message to a registered user who is offline is queued on the server and delivered when they return. This is " +
    'reported on standard error, with --json as "queued": true, and is a success unless --online is given. --wait read ' +
    "waits until the receiver's client reports the message as read, as chatterbox join does; allow time with --timeout.",
  ],
  permissions: WATCHING_CLIENT_PERMISSIONS,
  exitCodes: [
    ["0", "the message is in the state that --wait names"],
    ["64", "wrong usage"],
    ["65", "malformed or too long, or the id was used for another message"],
    ["67", "no such user or room"],
    ["68, 69", "server not found, or not reachable (--local: without --shm); nothing was sent"],
    ["71", "accepted, but not known to be on the server's disk"],
    ["72", "accepted, but not known to be delivered, or to be read"],
    ["73, 74", "the outbox is full, or it or the memory of --local cannot be used"],
    ["75", "no answer, or kept in the outbox; the message says how to try again"],
    ["76", "not an IRC server, or TLS on one side only"],
    ["77", "refused"],
    ["78", "bad configuration, --local is not possible here, or other users can read a secret file"],
    ["130, 143", "interrupted"],
  ],
}, (flags, words, io) => {
  if (!flags.local) io.revoke(["ffi"]);
  const [target, ...text] = words;
  if (target === undefined) {
    throw new UsageError(
      "no receiver given: send NAME TEXT, or send '#room' TEXT; without its quotes a shell takes #room, and what " +
        "follows it, for a comment",
    );
  }
  const hint = isChannelName(target) ? undefined : suggestForNameAtServer(target);
  if (hint !== undefined) throw new UsageError(`${target}: ${hint}`);
  if (!isTargetName(target)) {
    throw new UsageError(`${JSON.stringify(target)} is not a valid user or room name`);
  }
  const wait = WAITS.find((wait) => wait === flags.wait);
  if ((wait === "delivered" || wait === "read") && isChannelName(target)) {
    throw new UsageError(`--wait ${wait} is for users only; for a room there is --wait durable`);
  }
  if (flags.online && isChannelName(target)) {
    throw new UsageError("--online is for users only; a room takes messages also when it is empty");
  }
  if (flags.online && flags.outbox) {
    throw new UsageError(
      "--online and --outbox exclude each other: a kept message is sent later, also to a receiver who is offline",
    );
  }
  if (flags.outbox && isServiceName(target)) {
    throw new UsageError(
      `--outbox: what is told to a service may be a passphrase, and is not kept on disk; ${target} is one by its name`,
    );
  }
  if (flags["data-dir"] !== undefined && !flags.local) {
    throw new UsageError("--data-dir requires --local; without it, --server names the server");
  }
  if (flags.id !== undefined && !isSenderKey(flags.id)) {
    throw new UsageError(`--id ${JSON.stringify(flags.id)}: it is not ${SENDER_KEY_RULE}`);
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
  readonly local: boolean;
  readonly "data-dir": string | undefined;
  readonly json: boolean;
  readonly server: string | undefined;
  readonly "password-file": string | undefined;
  readonly "passphrase-file": string | undefined;
  readonly "key-file": string | undefined;
}

async function send(request: SendRequest, io: Io): Promise<number> {
  const { target, id } = request;
  const input = await readText(request.words, io, MAX_TEXT_BYTES);
  if (input.kind === "none") throw new UsageError("no text: give it as arguments, or pipe it in");
  if (input.kind === "bad") return reportFailure(io, EXIT.malformed, input.why);
  if (input.kind === "unreadable") return reportFailure(io, EXIT.ioError, input.why);
  const { text, replaced } = input;
  if (replaced) io.stderr.write(`chatterbox: ${REPLACEMENT_WARNING}\n`);
  checkIds(splitIntoPieces(text, id, target));
  const carrier = request.local ? await openCarrier(request, io) : undefined;
  if (typeof carrier === "number") return carrier;
  const found = await readClientLogin(
    io,
    { ...request, name: request.from, nameFlag: "--from NAME" },
    "make",
  );
  if (found.kind === "failed") return found.code;
  return await sendAs(found.access, text, request, carrier, io);
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
  if (request.json) {
    for (const message of submission.accepted) {
      io.stdout.write(formatAcceptedMessage(message, request));
    }
  }
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

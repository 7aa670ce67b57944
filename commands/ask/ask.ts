/** `chatterbox ask`: a question from a script to people. Its exit code tells the answer. */
import { formatExactDuration } from "../../lib/base/values/duration.ts";
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { Command, Io } from "../../lib/cli/command.ts";
import { CLIENT_PERMISSIONS, defineCommand, UsageError } from "../../lib/cli/flags/command_definition.ts";
import type { AccountStatus } from "../../lib/client/session/credentials.ts";
import { QuestionRun } from "../../lib/client/sending/question.ts";
import type { QuestionEvents } from "../../lib/client/sending/question.ts";
import { MAXTARGETS } from "../../lib/irc/limits.ts";
import { isTargetName } from "../../lib/irc/names/name_rules.ts";
import {
  findOptionsFault,
  MAX_QUESTION_ID_LENGTH,
  MAX_QUESTION_MS,
  MAX_QUORUM,
} from "../../lib/irc/question.ts";
import { isSenderKey } from "../../lib/irc/sender_id.ts";
import { describeMissingAccount } from "../support/account_status_text.ts";
import { CLIENT_FLAGS } from "../support/client_options.ts";
import type { ClientLogin } from "../support/client_login.ts";
import { runUnderName } from "../support/named_run.ts";
import type { NamedRunFlags } from "../support/named_run.ts";
import { withoutStderr } from "../support/quiet_io.ts";
import { formatAnswer, reportOutcome } from "./question_text.ts";
import type { AskedQuestion } from "./question_text.ts";

/** Random bytes of a generated id. */
const ID_BYTES = 8;

export const command: Command = defineCommand({
  name: "ask",
  summary: "Ask people a question; the exit code tells the answer.",
  synopsis: "TARGET… QUESTION",
  examples: [
    [
      'chatterbox ask bob "deploy 4711?" --options yes,no && ./deploy',
      "0 for yes, 1 for no, 75 for no answer",
    ],
    ['chatterbox ask bob carol "which version?" --timeout 5m', "a free answer, printed; the first counts"],
    ["chatterbox ask '#ops' \"restart db1?\" --options yes,no --quorum 2", "two equal answers in a room"],
    ['chatterbox ask bob carol "ready?" --options yes,no --all', "0 only if both say yes"],
    [
      'chatterbox ask bob "go on?" --options yes,no --id build-4711',
      "after a crash the same call takes it up",
    ],
  ],
  operands: [{ sources: ["people", "rooms"] }],
  flags: {
    options: {
      type: "string",
      value: "WORD,WORD…",
      help:
        "words to choose from, 2 to 16; the exit code is 0 for the first, 1 for the second… (default: any text)",
    },
    timeout: {
      type: "duration",
      value: "DURATION",
      default: "30m",
      min: 1000,
      max: MAX_QUESTION_MS,
      help: "how long the question is open",
    },
    quorum: {
      type: "integer",
      value: "N",
      min: 2,
      max: MAX_QUORUM,
      help: "wait for so many equal answers, instead of the first",
    },
    all: { type: "boolean", help: "wait for the answers of all who are asked; the highest code counts" },
    id: {
      type: "string",
      value: "KEY",
      help: "id of the question; the same call with it takes the question up (default: random, shown)",
    },
    from: {
      type: "string",
      value: "NAME",
      completes: { sources: ["names"] },
      help:
        "name to ask as, which the server registers for you; also CHATTERBOX_NAME (default: login name, not registered)",
    },
    json: { type: "boolean", help: "print one JSON object for each answer, and one for the outcome" },
    quiet: { type: "boolean", short: "q", help: "print the answers only, and ask nothing at the terminal" },
    ...CLIENT_FLAGS,
  },
  notes: [
    "The server keeps the question until it is answered, its time is over, or ask is interrupted: it survives restarts " +
    "of this program (--id), of the server, and of those who are asked. When it ends, all who were asked are told how. " +
    "People answer in chatterbox join with /answer, and in any IRC client with the word as a direct message, or as a " +
    "reply in the room.",
    "Only those who are asked can answer, once; a room stands for the people who are in it when they answer, with --all " +
    "for those who are in it when they are asked. Standard output has the answer alone, or with --quorum and --all a line " +
    "NAME ANSWER for each.",
    "With --all the exit code is the highest of those given: 0 only if everyone chose the first option. Without an " +
    "outcome in time it is 75, whatever has been answered until then; so it is when everyone has answered and no answer " +
    "has its --quorum.",
    "A question is kept for 24 hours after its end, so that the same call with the same --id gets the same answer. Under a " +
    "registered name (--from) people can answer while ask does not run.",
  ],
  permissions: CLIENT_PERMISSIONS,
  exitCodes: [
    ["0", "the first of --options; without --options, an answer"],
    ["1 … 15", "the second of --options, the third …"],
    ["64", "wrong usage"],
    ["65", "malformed or too long, or the id was used for another question"],
    ["67", "no such user or room"],
    ["68, 69", "server not found, not reachable, or without questions; nothing was asked"],
    ["75", "no outcome in time, or too many open questions"],
    ["76", "not an IRC server, or TLS on one side only"],
    ["77", "refused"],
    ["78", "bad configuration, or other users can read a secret file"],
    ["129, 130, 143", "interrupted; the question is withdrawn"],
  ],
}, (flags, words, io) => {
  const text = words.at(-1);
  const targets = words.slice(0, -1);
  if (text === undefined || targets.length === 0) {
    throw new UsageError(
      'give TARGET… and the question: ask bob "deploy?", or ask \'#ops\' "deploy?" (without quotes a shell takes #ops ' +
        "for a comment)",
    );
  }
  const bad = targets.find((target) => !isTargetName(target));
  if (bad !== undefined) throw new UsageError(`${JSON.stringify(bad)} is not a valid user or room name`);
  if (targets.length > MAXTARGETS) throw new UsageError(`at most ${MAXTARGETS} users and rooms can be asked`);
  const options = flags.options?.split(",").map((word) => word.trim()) ?? [];
  const fault = flags.options === undefined ? undefined : findOptionsFault(options);
  if (fault !== undefined) throw new UsageError(`--options: ${fault}`);
  if (flags.all && flags.quorum !== undefined) throw new UsageError("--all and --quorum exclude each other");
  const id = flags.id ?? crypto.getRandomValues(new Uint8Array(ID_BYTES)).toHex();
  if (!isSenderKey(id) || id.length > MAX_QUESTION_ID_LENGTH || id.startsWith(":")) {
    throw new UsageError(
      `--id ${
        JSON.stringify(id)
      }: it is not 1 to ${MAX_QUESTION_ID_LENGTH} printable ASCII characters without spaces`,
    );
  }
  const rule = flags.all ? "all" : flags.quorum ?? "first";
  const question = { id, targets, text, options, rule, timeoutMs: flags.timeout, json: flags.json } as const;
  return askAs(question, flags, flags.quiet ? withoutStderr(io) : io);
});

async function askAs(question: AskedQuestion, flags: NamedRunFlags, io: Io): Promise<number> {
  return await runUnderName(flags, io, {
    begin: (access, signal, onStatus) =>
      new QuestionRun({
        ...question,
        address: access.address,
        trust: access.trust,
        registration: access.registration,
        clock: io.clock,
        signal,
        on: reportProgress(question, access, io, onStatus),
      }),
    report: (outcome, access, signal) => reportOutcome(outcome, question, access, signal, io),
  });
}

/** Answers go to standard output, progress to standard error. */
function reportProgress(
  question: AskedQuestion,
  access: ClientLogin,
  io: Io,
  onStatus: (status: AccountStatus) => void,
): QuestionEvents {
  const report = (text: string) => io.stderr.write(`chatterbox: ${toPrintable(text)}\n`);
  return {
    onEntered: (status) => {
      onStatus(status);
      const words = describeMissingAccount(status, access);
      if (words !== undefined) report(words);
    },
    onOpen: (number, leftMs) => {
      if (leftMs === 0) return;
      const left = formatExactDuration(Math.ceil(leftMs / 1000) * 1000);
      report(`question ${number} is open for ${left}; --id ${question.id} takes it up again`);
    },
    onQueued: (nick) => report(`${nick} is offline, and gets the question when they return`),
    onRetry: (text) => report(`${text}; the question stays open, connecting again`),
    onAnswer: (answer) => io.stdout.write(formatAnswer(answer, question)),
    onDone: () => io.stdout.flush(),
  };
}

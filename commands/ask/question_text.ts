/** What `ask` prints, and its exit code. */
import { unreachable } from "../../lib/base/assert.ts";
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { Io } from "../../lib/cli/command.ts";
import { EXIT, exitCodeForSignal } from "../../lib/cli/exit_codes.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { formatJsonLine } from "../../lib/cli/json_line.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import type { QuestionOutcome } from "../../lib/client/sending/question.ts";
import type { Answer, QuestionEnding } from "../../lib/client/sending/question_log.ts";
import { describeFailure, replyText } from "../../lib/client/session/failure_reply.ts";
import type { Message } from "../../lib/irc/message.ts";
import { ERR_INPUTTOOLONG, ERR_NOSUCHCHANNEL, ERR_NOSUCHNICK } from "../../lib/irc/numerics.ts";
import type { QuestionRule } from "../../lib/irc/question.ts";
import { formatAddress } from "../../lib/net/address.ts";
import type { ClientLogin } from "../support/client_login.ts";
import { reportConnectFailure } from "../support/connect_failure_text.ts";

export interface AskedQuestion {
  readonly id: string;
  readonly targets: readonly string[];
  readonly text: string;
  readonly options: readonly string[];
  readonly rule: QuestionRule;
  readonly timeoutMs: number;
  readonly json: boolean;
}

/** One answer for standard output: alone where one is enough, with its author where several are waited for. */
export function formatAnswer(answer: Answer, { id, rule, json }: AskedQuestion): string {
  const { nick, account, text, option, time, msgid } = answer;
  if (json) {
    return formatJsonLine({
      kind: "answer",
      id,
      from: nick,
      account: account ?? null,
      answer: text,
      option: option ?? null,
      time: time === undefined ? null : new Date(time).toISOString(),
      msgid,
    });
  }
  return `${rule === "first" ? "" : `${nick} `}${toPrintable(text)}\n`;
}

/** Reports how the question has ended, and returns the exit code: the index of the option that is the outcome. */
export function reportOutcome(
  outcome: QuestionOutcome,
  question: AskedQuestion,
  access: ClientLogin,
  signal: AbortSignal,
  io: Io,
): number {
  const again = `--id ${question.id} takes it up again`;
  switch (outcome.kind) {
    case "ended":
      return reportEnding(outcome, question, io);
    case "rejected":
      return reportFailure(io, codeOfReply(outcome.reply), toPrintable(describeReply(outcome.reply)));
    case "unsupported": {
      const text = `${formatAddress(access.address)} does not keep questions; nothing was asked`;
      return reportFailure(io, EXIT.unreachable, text);
    }
    case "unreachable": {
      const code = reportConnectFailure(io, outcome.why, access, signal);
      if (outcome.isOpen) io.stderr.write(`chatterbox: the question may be open; ${again}\n`);
      return code;
    }
    case "silent":
      return reportFailure(io, EXIT.tryAgain, "the time is over, and the server has not confirmed that");
    case "aborted":
      if (outcome.became !== "never_asked") {
        io.stderr.write(
          outcome.became === "open"
            ? `chatterbox: the server could not be told; the question is open until its time is over, and ${again}\n`
            : "chatterbox: the question is withdrawn\n",
        );
      }
      return exitCodeForSignal(signal);
    default:
      return unreachable(outcome);
  }
}

function reportEnding({ how, option, text }: QuestionEnding, question: AskedQuestion, io: Io): number {
  if (question.json) {
    io.stdout.write(
      formatJsonLine({ kind: "outcome", id: question.id, outcome: how, option: option ?? null }),
    );
  }
  if (how === "answered") return option ?? EXIT.ok;
  return reportFailure(io, EXIT.tryAgain, toPrintable(`the question ${text}`));
}

function describeReply(reply: Message): string {
  return reply.command === "FAIL" ? replyText(reply) : describeFailure(reply);
}

function codeOfReply({ command, params }: Message): ExitCode {
  if (command === ERR_NOSUCHNICK || command === ERR_NOSUCHCHANNEL) return EXIT.noUser;
  if (command === ERR_INPUTTOOLONG) return EXIT.malformed;
  switch (command === "FAIL" ? params[1] : "") {
    case "INVALID_TARGET":
      return EXIT.noUser;
    case "INVALID_TEXT":
    case "INVALID_ID":
    case "INVALID_OPTIONS":
    case "INVALID_RULE":
    case "INVALID_DURATION":
    case "ID_IN_USE":
      return EXIT.malformed;
    case "TOO_MANY":
    case "TEMPORARILY_UNAVAILABLE":
      return EXIT.tryAgain;
    default:
      return EXIT.refused;
  }
}

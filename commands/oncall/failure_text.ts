/** What went wrong with a request of on-call, as text and as an exit code: for `oncall`, `page` and `ack`. */
import { EXIT } from "../../lib/cli/exit_codes.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import type { Io } from "../../lib/cli/command.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import type { OncallOutcome } from "../../lib/client/oncall/oncall_requests.ts";
import { describeFailure, replyText } from "../../lib/client/session/failure_reply.ts";
import type { Message } from "../../lib/irc/message.ts";
import { ERR_INPUTTOOLONG } from "../../lib/irc/numerics.ts";
import { formatAddress } from "../../lib/net/address.ts";
import type { ClientLogin } from "../support/client_login.ts";

/** Reports the failure, and returns its exit code. `list`: the one that was asked for, where the reply may not name it. */
export function reportOncallFailure(
  outcome: Exclude<OncallOutcome<unknown>, { kind: "done" }>,
  { address, name, list }: Pick<ClientLogin, "address" | "name"> & { readonly list?: string },
  io: Pick<Io, "stderr">,
): ExitCode {
  const where = formatAddress(address);
  switch (outcome.kind) {
    case "unsupported":
      return reportFailure(
        io,
        EXIT.unreachable,
        `${where} has no on-call: it is another kind of server, or an older one`,
      );
    case "silent":
      return reportFailure(io, EXIT.tryAgain, `${where} did not answer; it may have done what was asked`);
    case "rejected":
      return reportFailure(io, codeOfReply(outcome.reply), describeReply(outcome.reply, name, list));
  }
}

/** Reports that the end of a page counts, and is not on the server's disk; returns the exit code. */
export function reportUnsavedEnd(io: Pick<Io, "stderr">): ExitCode {
  const text = "the server could not save that: the page may ring again if the server restarts before it can";
  return reportFailure(io, EXIT.notDurable, text);
}

function describeReply(reply: Message, name: string, list: string | undefined): string {
  if (reply.command !== "FAIL") return describeFailure(reply);
  const words = replyText(reply);
  const [, word, about] = reply.params;
  switch (word) {
    case "ACCOUNT_REQUIRED":
      return `${words}; chatterbox register ${name} makes an account of ${name}, which this was asked as`;
    case "NO_SUCH_LIST":
      return `${words}: chatterbox oncall shows the lists, chatterbox oncall set ${
        list ?? about
      } NAME… makes it`;
    default:
      return words;
  }
}

function codeOfReply({ command, params }: Message): ExitCode {
  const word = command === "FAIL" ? params[1] ?? "" : "";
  if (NOT_THERE.has(word)) return EXIT.noUser;
  if (word.startsWith("INVALID_") || word === "ID_IN_USE" || command === ERR_INPUTTOOLONG) {
    return EXIT.malformed;
  }
  if (word === "NOT_DELIVERED") return EXIT.notDelivered;
  return word === "TOO_MANY" || word === "TEMPORARILY_UNAVAILABLE" ? EXIT.tryAgain : EXIT.refused;
}

/** What was named is not there, or has ended. */
const NOT_THERE: ReadonlySet<string> = new Set([
  "NO_SUCH_LIST",
  "NO_SUCH_CALENDAR",
  "NO_SUCH_PAGE",
  "ALREADY_ENDED",
]);

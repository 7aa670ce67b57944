/** `chatterbox ack`: acknowledges a page, which stops its ringing. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { Command, Io } from "../../lib/cli/command.ts";
import { EXIT, exitCodeForSignal } from "../../lib/cli/exit_codes.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { defineCommand, UsageError } from "../../lib/cli/flags/command_definition.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import { acknowledge } from "../../lib/client/oncall/acknowledgement.ts";
import type { AcknowledgementOutcome } from "../../lib/client/oncall/acknowledgement.ts";
import type { PageItem } from "../../lib/client/conversation/oncall/page_item.ts";
import { parseWireCount } from "../../lib/irc/wire_number.ts";
import { formatAddress } from "../../lib/net/address.ts";
import { reportOncallFailure, reportUnsavedEnd } from "../oncall/failure_text.ts";
import { readClientLogin } from "../support/client_login.ts";
import type { ClientLogin } from "../support/client_login.ts";
import { CLIENT_FLAGS } from "../support/client_options.ts";
import { reportConnectFailure } from "../support/connect_failure_text.ts";

export const command: Command = defineCommand({
  name: "ack",
  summary: "Acknowledge a page: you have it, and it stops ringing for all.",
  synopsis: "[NUMBER]",
  examples: [
    ["chatterbox ack 12", "page 12 is yours; everyone who was rung is told"],
    ["chatterbox ack", "the only page that rings for you"],
    ["chatterbox page --list", "which pages are open"],
  ],
  flags: {
    name: {
      type: "string",
      value: "NAME",
      completes: { sources: ["names"] },
      help: "your account; also CHATTERBOX_NAME (default: login name)",
    },
    timeout: {
      type: "duration",
      value: "DURATION",
      default: "30s",
      min: 1000,
      max: 3_600_000,
      help: "give up after this time where the connection is lost",
    },
    ...CLIENT_FLAGS,
  },
  notes: [
    "The first acknowledgement counts, and ends the page. Standard output has what the server says once it is on its " +
    "disk; if it was another person's, that is told with 67. A call that is repeated is confirmed again. In join the same " +
    "is /ack; in any IRC client the text ack as a direct message to OnCall.",
  ],
  exitCodes: [
    ["0", "acknowledged by you, on the server's disk"],
    ["64", "wrong usage, or several pages ring for you: they are listed"],
    ["67", "there is no such page, it has ended already, or none rings for you"],
    ["68, 69", "server not found, not reachable, or without on-call"],
    ["71", "acknowledged by you, and not saved: the server's disk fails"],
    ["75", "no answer in time, or not possible at present: repeat the call"],
    ["76", "not an IRC server, or TLS on one side only"],
    ["77", "refused: the page is not yours, or there is no account of this name"],
    ["78", "bad configuration, or other users can read a secret file"],
    ["130, 143", "interrupted"],
  ],
}, async (flags, [word, ...more], io) => {
  if (more.length > 0) throw new UsageError("give the number of one page");
  const number = word === undefined ? undefined : parseWireCount(word.replace(/^#/, ""));
  if (word !== undefined && (number === undefined || number === 0)) {
    throw new UsageError(`${word} is not the number of a page`);
  }
  const found = await readClientLogin(io, flags, "use");
  if (found.kind === "failed") return found.code;
  const { access } = found;
  const outcome = await acknowledge({
    ...access,
    number,
    timeoutMs: flags.timeout,
    clock: io.clock,
    signal: io.signal,
    onRetry: (text) => io.stderr.write(`chatterbox: ${toPrintable(text)}; connecting again\n`),
  });
  return reportAcknowledgement(outcome, number, access, io);
});

function reportAcknowledgement(
  outcome: AcknowledgementOutcome,
  number: number | undefined,
  access: ClientLogin,
  io: Io,
): ExitCode {
  const where = formatAddress(access.address);
  switch (outcome.kind) {
    case "done":
      io.stdout.write(`${toPrintable(outcome.value.text)}\n`);
      return outcome.value.isSaved ? EXIT.ok : reportUnsavedEnd(io);
    case "unclear":
      if (outcome.ringing.length > 0) return reportSeveral(outcome.ringing, io);
      return reportFailure(io, EXIT.noUser, `no page rings for ${access.name} on ${where}`);
    case "late":
      return reportFailure(
        io,
        EXIT.tryAgain,
        `${where} has not confirmed it in time; repeat: chatterbox ack ${number ?? ""}`.trimEnd(),
      );
    case "aborted":
      return exitCodeForSignal(io.signal);
    case "unreachable":
      return reportConnectFailure(io, outcome.why, access);
    case "unsupported":
    case "rejected":
      return reportOncallFailure(outcome, access, io);
  }
}

function reportSeveral(pages: readonly PageItem[], io: Io): ExitCode {
  const code = reportFailure(io, EXIT.usage, `${pages.length} pages ring for you; give the number of one:`);
  for (const { number, list, text, pager } of pages) {
    io.stderr.write(toPrintable(`  ${number}  ${list}: ${text} (from ${pager})`) + "\n");
  }
  return code;
}

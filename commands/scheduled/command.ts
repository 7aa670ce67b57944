/** `chatterbox scheduled`: the messages that the server says later for an account. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import { formatZonedTime, isTimeZone } from "../../lib/base/values/zoned_time.ts";
import type { Command, Io } from "../../lib/cli/command.ts";
import { EXIT } from "../../lib/cli/exit_codes.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { defineCommand, UsageError } from "../../lib/cli/flags/command_definition.ts";
import { formatJsonLine } from "../../lib/cli/json_line.ts";
import { loadPalette, reportFailure } from "../../lib/cli/standard_streams.ts";
import type { Palette } from "../../lib/cli/standard_streams.ts";
import { formatTable } from "../../lib/cli/table.ts";
import type { TableCell } from "../../lib/cli/table.ts";
import { cancelScheduled, listScheduled } from "../../lib/client/accounts/scheduled_messages.ts";
import type { ListedSchedule, ScheduleListOutcome } from "../../lib/client/accounts/scheduled_messages.ts";
import { connect } from "../../lib/client/connection/connect.ts";
import type { Link } from "../../lib/client/connection/link.ts";
import { withLink } from "../../lib/client/connection/with_link.ts";
import { formatAddress } from "../../lib/net/address.ts";
import { listAccountCredentials, makeAccountRegistration, readClientLogin } from "../support/client_login.ts";
import type { ClientLogin } from "../support/client_login.ts";
import { CLIENT_FLAGS } from "../support/client_options.ts";
import type { ClientFlags } from "../support/client_options.ts";
import { COLOR_FLAG, isColored } from "../support/color_option.ts";
import type { ColorFlags } from "../support/color_option.ts";
import { reportConnectFailure } from "../support/connect_failure_text.ts";

export const command: Command = defineCommand({
  name: "scheduled",
  summary: "List and cancel the messages that the server will say for you.",
  synopsis: ["[list] [FLAGS]", "cancel ID… [FLAGS]"],
  examples: [
    ["chatterbox scheduled", "what send --at, --in and --every have left with the server"],
    ["chatterbox scheduled cancel 1f0a9c3e", "it is not said any more"],
    ["chatterbox scheduled --json", "for programs: one JSON object per line"],
  ],
  operands: [{ words: ["list", "cancel"] }],
  flags: {
    json: { type: "boolean", help: "list: print one JSON object per line" },
    name: {
      type: "string",
      value: "NAME",
      completes: { sources: ["names"] },
      help: "the name that they were scheduled as; also CHATTERBOX_NAME (default: login name)",
    },
    ...COLOR_FLAG,
    ...CLIENT_FLAGS,
  },
  notes: [
    "Times are shown in the time zone of each message. Only the owner of the name sees them and can cancel them. A " +
    "message that was said once is no longer listed; a repeated one (EVERY) is listed until it is canceled, or has been refused three " +
    "times in a row.",
  ],
  exitCodes: [
    ["0", "done"],
    ["64", "wrong usage"],
    ["67", "there is no such message: it was said, canceled, or is another account's"],
    ["68, 69", "server not found, not reachable, or without scheduled messages"],
    ["75", "no answer, or not possible at present"],
    ["76", "not an IRC server, or TLS on one side only"],
    ["77", "refused, or there is no key or passphrase of the name here"],
    ["78", "bad configuration, or other users can read a secret file"],
    ["130, 143", "interrupted"],
  ],
}, async (flags, words, io) => {
  const action = readAction(flags, words);
  const found = await readClientLogin(io, flags, "use");
  return found.kind === "failed" ? found.code : await runLoggedIn(found.access, action, io);
});

interface ScheduledFlags extends ClientFlags, ColorFlags {
  readonly json: boolean;
}

/** What to do once logged in to the account. */
type Action = (link: Link, access: ClientLogin, io: Io) => Promise<ExitCode>;

/** Throws {@link UsageError}. */
function readAction(flags: ScheduledFlags, [action = "list", ...words]: readonly string[]): Action {
  switch (action) {
    case "list":
      if (words[0] !== undefined) throw new UsageError(`unexpected argument ${words[0]}`);
      return (link, access, io) => list(link, access, flags, io);
    case "cancel":
      if (words.length === 0) {
        throw new UsageError("give the id of the message; chatterbox scheduled shows it");
      }
      if (flags.json) throw new UsageError("--json is for list");
      return (link, access, io) => cancel(link, access, words, io);
    default:
      throw new UsageError(`unknown action ${action}; the actions are list, cancel`);
  }
}

/** Logs in with the key or passphrase of the account, or with a key that an interrupted change has left. */
async function runLoggedIn(access: ClientLogin, action: Action, io: Io): Promise<ExitCode> {
  const { credentials } = access.registration;
  const where = formatAddress(access.address);
  if (credentials === undefined) {
    const text = `there is no key of ${access.name} for ${where} here; ` +
      "give --name, --passphrase-file or --key-file, or import the key";
    return reportFailure(io, EXIT.refused, toPrintable(text));
  }
  const { signal } = io;
  const { address, trust } = access;
  for (const each of await listAccountCredentials(access, credentials)) {
    const connecting = connect({
      address,
      trust,
      registration: makeAccountRegistration(access, each),
      signal,
    });
    const outcome = await withLink(
      connecting,
      signal,
      async (link) =>
        link.session.accountStatus.kind === "logged_in" ? await action(link, access, io) : undefined,
    );
    if (outcome.kind !== "done") return reportConnectFailure(io, outcome, access);
    if (outcome.value !== undefined) return outcome.value;
  }
  const text = credentials.isUnregistered
    ? `${access.name} is not registered on ${where}, and so has no scheduled messages; --name gives another name`
    : `wrong key or passphrase for ${access.name} on ${where}`;
  return reportFailure(io, EXIT.refused, toPrintable(text));
}

async function list(link: Link, access: ClientLogin, flags: ScheduledFlags, io: Io): Promise<ExitCode> {
  const outcome = await listScheduled(link);
  if (outcome.kind !== "done") return reportNotDone(outcome, access, io);
  const rows = outcome.value;
  const palette = loadPalette(isColored(flags, io));
  if (flags.json) io.stdout.write(rows.map(formatRowJson).join(""));
  else if (rows.length > 0) io.stdout.write(await formatRows(rows, palette));
  else {
    const text = `${access.name} has no scheduled messages on ${formatAddress(access.address)}`;
    io.stderr.write(`chatterbox: ${toPrintable(text)}\n`);
  }
  return EXIT.ok;
}

function formatRowJson({ id, dueAt, target, zone, every, lines, text }: ListedSchedule): string {
  return formatJsonLine({
    id,
    time: new Date(dueAt).toISOString(),
    zone,
    every: every ?? null,
    target,
    lines,
    text,
  });
}

async function formatRows(rows: readonly ListedSchedule[], palette: Palette): Promise<string> {
  const cells = rows.map(({ id, dueAt, target, zone, every = "", lines, text }): TableCell[] => [
    { text: toPrintable(id), paint: palette.name },
    { text: toPrintable(formatZonedTime(dueAt, isTimeZone(zone) ? zone : "UTC")) },
    { text: toPrintable(every) },
    { text: toPrintable(target), paint: palette.channel },
    { text: toPrintable(text) + (lines > 1 ? ` (and ${lines - 1} more lines)` : "") },
  ]);
  return await formatTable(["ID", "NEXT", "EVERY", "TO", "TEXT"], cells, palette.dim);
}

/** Cancels all that it can; the exit code is that of the first that it cannot. */
async function cancel(link: Link, access: ClientLogin, ids: readonly string[], io: Io): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  for (const id of ids) {
    const outcome = await cancelScheduled(link, id);
    if (outcome.kind === "done") io.stdout.write(toPrintable(`message ${id} is canceled`) + "\n");
    else {
      const failure = reportNotDone(outcome, access, io, id);
      if (code === EXIT.ok) code = failure;
    }
  }
  return code;
}

function reportNotDone(
  outcome: Exclude<ScheduleListOutcome<unknown>, { kind: "done" }>,
  { address }: ClientLogin,
  io: Io,
  id = "",
): ExitCode {
  const where = formatAddress(address);
  const report = (code: ExitCode, text: string) => reportFailure(io, code, toPrintable(text));
  switch (outcome.kind) {
    case "unsupported":
      return report(
        EXIT.unreachable,
        `${where} has no scheduled messages: it is another kind of server, or an older one`,
      );
    case "not_found":
      return report(EXIT.noUser, `${id}: ${outcome.text}`);
    case "refused":
      return report(EXIT.refused, `${where} refuses: ${outcome.text}`);
    case "try_again":
      return report(EXIT.tryAgain, `${where}: ${outcome.text}`);
    case "silent":
      return report(EXIT.tryAgain, `${where} did not answer; chatterbox scheduled shows what there is`);
  }
}

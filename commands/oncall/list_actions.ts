/** `oncall list`, `set`, `delete` and `silence`. */
import { utf8Length } from "../../lib/base/bytes.ts";
import { toPrintable } from "../../lib/base/printable_text.ts";
import { formatDuration, parseDuration } from "../../lib/base/values/duration.ts";
import { SECOND_MS } from "../../lib/base/values/time_unit.ts";
import { formatZonedTime, localTimeZone } from "../../lib/base/values/zoned_time.ts";
import type { Io } from "../../lib/cli/command.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { UsageError } from "../../lib/cli/flags/command_definition.ts";
import { formatJsonLine } from "../../lib/cli/json_line.ts";
import { loadPalette } from "../../lib/cli/standard_streams.ts";
import type { Palette } from "../../lib/cli/standard_streams.ts";
import { formatTable } from "../../lib/cli/table.ts";
import type { TableCell } from "../../lib/cli/table.ts";
import type { Link } from "../../lib/client/connection/link.ts";
import {
  deleteEscalation,
  listEscalations,
  setEscalation,
  silenceEscalation,
} from "../../lib/client/oncall/oncall_requests.ts";
import type { ListedEscalation, ListedSilence, ListedStep } from "../../lib/client/oncall/oncall_requests.ts";
import {
  fitsEscalationLine,
  formatEscalation,
  MAX_SILENCE_REASON_BYTES,
  MAX_SILENCE_SECONDS,
  MAX_STEP_SECONDS,
  MIN_STEP_SECONDS,
  parseEscalation,
} from "../../lib/irc/oncall.ts";
import { isColored } from "../support/color_option.ts";
import type { ColorFlags } from "../support/color_option.ts";
import type { ClientFlags } from "../support/client_options.ts";
import { requestOncall } from "./name_link.ts";

/** What stands for a reason that was not given. */
const DEFAULT_REASON = "maintenance";

export async function listAll(
  flags: ClientFlags & ColorFlags & { readonly json: boolean },
  io: Io,
): Promise<ExitCode> {
  return await requestOncall(io, flags, listEscalations, async (lists) => {
    if (flags.json) io.stdout.write(lists.map(formatListJson).join(""));
    else if (lists.length === 0) io.stderr.write("chatterbox: there are no escalation lists\n");
    else io.stdout.write(await formatLists(lists, loadPalette(isColored(flags, io)), io));
  });
}

/** `words`: PEOPLE DURATION PEOPLE … */
export async function setList(
  name: string,
  words: readonly string[],
  flags: ClientFlags,
  io: Io,
): Promise<ExitCode> {
  if (words.length === 0) throw new UsageError(`give the people: oncall set ${name} alice 5m bob`);
  const steps = parseEscalation(words.map((word, at) => at % 2 === 0 ? word : toSeconds(word, (at + 1) / 2)));
  if (typeof steps === "string") throw new UsageError(steps);
  if (!fitsEscalationLine(name, steps)) throw new UsageError("the list is too long: fewer people or steps");
  const request = (link: Link) => setEscalation(link, name, formatEscalation(steps));
  return await requestOncall(io, flags, request, (value) => {
    const stored = value.map(({ people, seconds }) => `${people} ${formatDuration(seconds * SECOND_MS)}`);
    io.stdout.write(toPrintable(`${name}: ${stored.join(", ")}`) + "\n");
  });
}

function toSeconds(word: string, step: number): string {
  const ms = parseDuration(word);
  if (ms === undefined) {
    throw new UsageError(
      `${word} is not a duration such as 5m; the form is PEOPLE DURATION PEOPLE DURATION …`,
    );
  }
  const seconds = Math.round(ms / SECOND_MS);
  if (seconds >= MIN_STEP_SECONDS && seconds <= MAX_STEP_SECONDS) return String(seconds);
  const [least, most] = [MIN_STEP_SECONDS, MAX_STEP_SECONDS].map((each) => formatDuration(each * SECOND_MS));
  throw new UsageError(`step ${step}: ${word} is not a duration of ${least} to ${most}`);
}

export async function deleteList(name: string, flags: ClientFlags, io: Io): Promise<ExitCode> {
  return await requestOncall(io, flags, (link) => deleteEscalation(link, name), (deleted) => {
    io.stdout.write(toPrintable(`the list ${deleted} is deleted`) + "\n");
  });
}

export async function silenceList(
  name: string,
  [time, ...words]: readonly string[],
  flags: ClientFlags,
  io: Io,
): Promise<ExitCode> {
  if (time === undefined) throw new UsageError(`give the time: oncall silence ${name} 2h, or off`);
  const seconds = time === "off" ? 0 : Math.round((parseDuration(time) ?? -SECOND_MS) / SECOND_MS);
  if (seconds < 0 || seconds > MAX_SILENCE_SECONDS || seconds === 0 && time !== "off") {
    const most = formatDuration(MAX_SILENCE_SECONDS * SECOND_MS);
    throw new UsageError(`${time} is not a duration up to ${most}, such as 2h, and not off`);
  }
  const reason = words.join(" ") || DEFAULT_REASON;
  if (utf8Length(reason) > MAX_SILENCE_REASON_BYTES) {
    throw new UsageError(`the reason has ${utf8Length(reason)} bytes; up to ${MAX_SILENCE_REASON_BYTES} fit`);
  }
  const request = (link: Link) => silenceEscalation(link, name, seconds, reason);
  return await requestOncall(io, flags, request, (silence) => {
    const state = silence === "off" ? "not silenced" : describeSilence(silence);
    io.stdout.write(toPrintable(`${name} is ${state}`) + "\n");
  });
}

function describeSilence({ until, by, reason }: ListedSilence): string {
  return `silenced until ${formatZonedTime(until, localTimeZone())} by ${by}: ${reason}`;
}

function formatListJson({ name, steps, silence }: ListedEscalation): string {
  return formatJsonLine({
    list: name,
    steps: steps.map(({ people, seconds, onDuty, until }) => ({
      people,
      seconds,
      on_duty: onDuty,
      until: until === undefined ? null : new Date(until).toISOString(),
    })),
    silenced: silence === undefined
      ? null
      : { until: new Date(silence.until).toISOString(), by: silence.by, reason: silence.reason },
  });
}

/** Widths to which the people, and those on duty, may be cut. */
const LEAST_WIDTHS = { 1: 8, 3: 8 };

/** A row for each step; below, what is silenced. */
async function formatLists(lists: readonly ListedEscalation[], palette: Palette, io: Io): Promise<string> {
  const rows = lists.flatMap(({ name, steps }) =>
    steps.map((step, at): TableCell[] => [
      { text: at === 0 ? toPrintable(name) : "", paint: palette.channel },
      { text: toPrintable(step.people) },
      { text: formatDuration(step.seconds * SECOND_MS) },
      {
        text: toPrintable(describeDuty(step)),
        paint: step.onDuty.length === 0 ? palette.alarm : palette.name,
      },
    ])
  );
  const columns = io.stdout.size()?.columns;
  const fit = columns === undefined ? undefined : { columns, least: LEAST_WIDTHS };
  const table = await formatTable(["LIST", "PEOPLE", "FOR", "ON DUTY NOW"], rows, palette.dim, fit);
  const silences = lists.flatMap(({ name, silence }) =>
    silence === undefined ? [] : [toPrintable(`${name} is ${describeSilence(silence)}`) + "\n"]
  );
  return [table, ...silences].join("");
}

function describeDuty({ onDuty, until }: ListedStep): string {
  if (onDuty.length === 0) return "none";
  const end = until === undefined ? "" : ` until ${formatShortTime(until)}`;
  return onDuty.join(",") + end;
}

/** `01-02 09:00`, in the time zone of this machine. */
function formatShortTime(time: number): string {
  return formatZonedTime(time, localTimeZone()).slice(5, 16);
}

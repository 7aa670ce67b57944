/** `oncall calendar`: calendars of duties. */
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { toPrintable } from "../../lib/base/printable_text.ts";
import { formatZonedTime, localTimeZone } from "../../lib/base/values/zoned_time.ts";
import type { Io } from "../../lib/cli/command.ts";
import { EXIT } from "../../lib/cli/exit_codes.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { readSmallFile } from "../../lib/cli/files/small_file.ts";
import { formatJsonLine } from "../../lib/cli/json_line.ts";
import { loadPalette, reportFailure } from "../../lib/cli/standard_streams.ts";
import { formatTable } from "../../lib/cli/table.ts";
import type { TableCell } from "../../lib/cli/table.ts";
import { formatCounted } from "../../lib/client/conversation/model/room_text.ts";
import type { Link } from "../../lib/client/connection/link.ts";
import { deleteCalendar, listCalendars, uploadCalendar } from "../../lib/client/oncall/oncall_requests.ts";
import type { ListedCalendar } from "../../lib/client/oncall/oncall_requests.ts";
import { MAX_CALENDAR_BYTES } from "../../lib/irc/oncall.ts";
import { isColored } from "../support/color_option.ts";
import type { ColorFlags } from "../support/color_option.ts";
import type { ClientFlags } from "../support/client_options.ts";
import { requestOncall } from "./name_link.ts";

export async function listAllCalendars(
  flags: ClientFlags & ColorFlags & { readonly json: boolean },
  io: Io,
): Promise<ExitCode> {
  return await requestOncall(io, flags, listCalendars, async (calendars) => {
    if (flags.json) io.stdout.write(calendars.map(formatCalendarJson).join(""));
    else if (calendars.length === 0) io.stderr.write("chatterbox: there are no calendars\n");
    else {
      const palette = loadPalette(isColored(flags, io));
      const rows = calendars.map((each): TableCell[] => [
        { text: toPrintable(each.name), paint: palette.channel },
        { text: toPrintable(describeDuty(each)) },
        { text: each.until === undefined ? "" : formatLocal(each.until) },
        { text: toPrintable(each.uploader), paint: palette.name },
      ]);
      io.stdout.write(await formatTable(["CALENDAR", "ON DUTY NOW", "UNTIL", "FROM"], rows, palette.dim));
    }
  });
}

/** Checks the file here and on the server, stores it there, and tells the people on duty. */
export async function saveCalendar(
  name: string,
  path: string,
  flags: ClientFlags,
  io: Io,
): Promise<ExitCode> {
  const read = await readSmallFile(path, MAX_CALENDAR_BYTES);
  if (read.kind === "bad") {
    const code = read.fault === "too_large" ? EXIT.malformed : EXIT.ioError;
    return reportFailure(io, code, `${path}: ${read.why}`);
  }
  const duties = await describeDuties(read.text, io.clock.now());
  if ("fault" in duties) return reportFailure(io, EXIT.malformed, `${path}: ${duties.fault}`);
  const request = (link: Link) => uploadCalendar(link, name, encodeUtf8(read.text));
  return await requestOncall(io, flags, request, (words) => {
    io.stdout.write(toPrintable(`calendar ${name}: ${duties.events}, ${words}`) + "\n");
    io.stdout.write(toPrintable(`on duty: ${duties.now}`) + "\n");
  });
}

/** What the calendar holds, by the rules of the server: its events, and the people on duty now and next. */
async function describeDuties(
  text: string,
  now: number,
): Promise<{ readonly events: string; readonly now: string } | { readonly fault: string }> {
  // Only this needs the code that reads calendars.
  const { describeDuty, readDutyCalendar } = await import("../../lib/hub/services/duty/duty_calendar.ts");
  try {
    const calendar = readDutyCalendar(text);
    return { events: formatCounted(calendar.events, "event", "events"), now: describeDuty(calendar, now) };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { fault: error.message };
  }
}

export async function deleteCalendarOf(name: string, flags: ClientFlags, io: Io): Promise<ExitCode> {
  return await requestOncall(io, flags, (link) => deleteCalendar(link, name), (deleted) => {
    io.stdout.write(toPrintable(`the calendar ${deleted} is deleted`) + "\n");
  });
}

function describeDuty({ onDuty }: ListedCalendar): string {
  return onDuty.length === 0 ? "none" : onDuty.join(",");
}

function formatLocal(time: number): string {
  return formatZonedTime(time, localTimeZone());
}

function formatCalendarJson({ name, uploader, time, onDuty, until }: ListedCalendar): string {
  const format = (ms: number | undefined) => ms === undefined ? null : new Date(ms).toISOString();
  return formatJsonLine({
    calendar: name,
    from: uploader,
    time: format(time),
    on_duty: onDuty,
    until: format(until),
  });
}

/** Messages and gaps as lines of `logs`: for people, and as JSON. */
import { toPrintable, toPrintableText } from "../../lib/base/printable_text.ts";
import { formatTime } from "../../lib/base/values/timestamp.ts";
import { formatJsonLine } from "../../lib/cli/json_line.ts";
import type { Palette } from "../../lib/cli/standard_streams.ts";
import type { GapEntry, MessageEntry } from "../../lib/client/conversation/model/chat_entry.ts";
import { makeEntryRecord, makeGapRecord } from "../../lib/client/history/entry_record.ts";
import { escapeMarkdown } from "../support/markdown_text.ts";
import { describeGap } from "../../lib/client/conversation/model/gap_text.ts";

/** How a message is laid out as text (`-o`). */
export const LAYOUTS = ["full", "short", "iso", "cat", "md"] as const;

export type Layout = typeof LAYOUTS[number];

export interface EntryFormat {
  readonly utc: boolean;
  readonly palette: Palette;
  /** Show the target of each message, because several conversations are shown together. */
  readonly places: boolean;
  /** Left out: `full`. */
  readonly layout?: Layout | undefined;
}

/** Before the second and further lines of a message, so that none of them looks like a message of its own. */
const CONTINUED = "    ";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/**
 * `2026-01-31 10:00:00 alice: hello`, `… * alice waves`, `… -alice- a notice`; further lines of it are
 * indented. With its newline. `lines`: stand for the text, printable.
 */
export function formatEntry(
  entry: MessageEntry,
  { utc, palette, places, layout = "full" }: EntryFormat,
  lines: readonly string[] = entry.text.split("\n").map(toPrintableText),
): string {
  if (layout === "cat") return `${lines.join("\n")}\n`;
  const edited = entry.replaces === undefined ? "" : " (edited)";
  const place = !places
    ? ""
    : entry.channel === undefined
    ? palette.direct(`→${toPrintable(entry.to)}`) + " "
    : palette.channel(toPrintable(entry.channel)) + " ";
  const speaker = place + introduce(entry, palette.name(toPrintable(entry.from)));
  if (layout === "md") {
    const time = formatTime(entry.time, utc).slice(DATE_LENGTH + 1);
    return `- ${time} ${escapeMarkdown(speaker)}${
      lines.map(escapeMarkdown).join(`  \n${CONTINUED}`)
    }${edited}\n`;
  }
  const time = palette.dim(formatEntryTime(entry.time, layout, utc));
  return `${time} ${speaker}${lines.join(`\n${CONTINUED}`)}${edited && palette.dim(edited)}\n`;
}

/** Length of `2026-01-31`. */
const DATE_LENGTH = 10;

/** The heading of a day in Markdown, with an empty line around it. */
export function formatDayHeading(time: number, utc: boolean): string {
  return `\n## ${formatTime(time, utc).slice(0, DATE_LENGTH)}\n\n`;
}

function introduce({ manner }: MessageEntry, name: string): string {
  switch (manner) {
    case "said":
      return `${name}: `;
    case "did":
      return `* ${name} `;
    case "notice":
      return `-${name}- `;
  }
}

/** `2026-01-31 10:00:00`, `Jan 31 10:00:00`, `2026-01-31T10:00:00+01:00`; in UTC all of them with a Z. */
function formatEntryTime(time: number, layout: "full" | "short" | "iso", utc: boolean): string {
  const full = formatTime(time, utc);
  switch (layout) {
    case "full":
      return full;
    case "short":
      return `${MONTHS[Number(full.slice(5, 7)) - 1]} ${full.slice(8)}`;
    case "iso":
      return full.replace(" ", "T") + (utc ? "" : formatOffset(new Date(time)));
  }
}

/** `+01:00`. */
function formatOffset(date: Date): string {
  const east = -date.getTimezoneOffset();
  const [hours, minutes] = [Math.floor(Math.abs(east) / 60), Math.abs(east) % 60];
  return `${east < 0 ? "-" : "+"}${String(hours).padStart(2, "0")}:${String(minutes).padStart(2, "0")}`;
}

/** `{seq, id, time, room | with, from, type, text}` and what is in `more`; `me`: our nick. */
export function formatEntryJson(
  entry: MessageEntry,
  me: string,
  more: Readonly<Record<string, unknown>> = {},
): string {
  return formatJsonLine({ ...makeEntryRecord(entry, me), ...more });
}

/** `gap: 37 messages, 10:02–10:07`, with the date where it is not the one of `now`. With its newline. */
export function formatGap(
  gap: GapEntry,
  { utc, palette }: Pick<EntryFormat, "utc" | "palette">,
  now: number,
): string {
  const today = formatTime(now, utc).slice(0, 10);
  const formatMinute = (time: number) => {
    const text = formatTime(time, utc);
    return `${text.startsWith(today) ? "" : `${text.slice(0, 10)} `}${text.slice(11, 16)}${utc ? "Z" : ""}`;
  };
  return palette.alarm(describeGap(gap, formatMinute)) + "\n";
}

/** `{type: "gap", lost, at_most, why, after, before}`. With its newline. */
export function formatGapJson(gap: GapEntry): string {
  return formatJsonLine(makeGapRecord(gap));
}

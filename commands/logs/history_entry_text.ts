/** Messages and gaps as lines of `logs`: for people, and as JSON. */
import { toPrintable, toPrintableText } from "../../lib/base/printable_text.ts";
import { formatTime } from "../../lib/base/values/timestamp.ts";
import { formatJsonLine } from "../../lib/cli/json_line.ts";
import type { Palette } from "../../lib/cli/standard_streams.ts";
import type { GapEntry, MessageEntry } from "../../lib/client/conversation/model/chat_entry.ts";
import { makeEntryRecord, makeGapRecord } from "../../lib/client/history/entry_record.ts";
import { describeGap } from "../../lib/client/conversation/model/gap_text.ts";

export interface EntryFormat {
  readonly utc: boolean;
  readonly palette: Palette;
  /** Show the target of each message, because several conversations are shown together. */
  readonly places: boolean;
}

/** Before the second and further lines of a message, so that none of them looks like a message of its own. */
const CONTINUED = "    ";

/**
 * `2026-01-31 10:00:00 alice: hello`, `… * alice waves`, `… -alice- a notice`; further lines of it are
 * indented. With its newline. `shown`: stands for the text, printable and in one line.
 */
export function formatEntry(
  entry: MessageEntry,
  { utc, palette, places }: EntryFormat,
  shown?: string,
): string {
  const time = palette.dim(formatTime(entry.time, utc));
  const place = !places
    ? ""
    : entry.channel === undefined
    ? palette.direct(`→${toPrintable(entry.to)}`) + " "
    : palette.channel(toPrintable(entry.channel)) + " ";
  const from = palette.name(toPrintable(entry.from));
  const text = shown ?? entry.text.split("\n").map(toPrintableText).join(`\n${CONTINUED}`);
  switch (entry.manner) {
    case "said":
      return `${time} ${place}${from}: ${text}\n`;
    case "did":
      return `${time} ${place}* ${from} ${text}\n`;
    case "notice":
      return `${time} ${place}-${from}- ${text}\n`;
  }
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

/** `{type: "gap", lost, why, after, before}`. With its newline. */
export function formatGapJson(gap: GapEntry): string {
  return formatJsonLine(makeGapRecord(gap));
}

/** Messages and gaps as lines of `logs`: for people, and as JSON. */
import { toPrintable, toPrintableText } from "../../lib/base/printable_text.ts";
import { formatTime } from "../../lib/base/values/timestamp.ts";
import { formatJsonLine } from "../../lib/cli/json_line.ts";
import type { Palette } from "../../lib/cli/standard_streams.ts";
import type { GapEntry, MessageEntry } from "../../lib/client/conversation/model/chat_entry.ts";
import { conversationOf } from "../../lib/client/conversation/model/chat_entry.ts";
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

/** The values of the JSON key `type`. */
const ENTRY_TYPES = { said: "message", did: "action", notice: "notice" } as const;

/** `{seq, id, time, room | with, from, type, text}` and what is in `more`; `me`: our nick. */
export function formatEntryJson(
  entry: MessageEntry,
  me: string,
  more: Readonly<Record<string, unknown>> = {},
): string {
  const { seq, id, time, channel, from, to, manner, text } = entry;
  const place = channel !== undefined ? { room: channel } : { with: conversationOf(entry, me), to };
  return formatJsonLine({
    seq: seq ?? null,
    id: id ?? null,
    time: new Date(time).toISOString(),
    ...place,
    from,
    type: ENTRY_TYPES[manner],
    text,
    ...more,
  });
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
export function formatGapJson({ count, most, why, after = 0, before }: GapEntry): string {
  return formatJsonLine({
    type: "gap",
    lost: count ?? null,
    at_most: count ?? most ?? null,
    why,
    after: new Date(after).toISOString(),
    before: before === undefined ? null : new Date(before).toISOString(),
  });
}

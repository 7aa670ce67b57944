/** Entries, and what is lost between them, as lines: for people, and for programs. */
import { toPrintable, toPrintableText } from "../../lib/base/printable_text.ts";
import { formatTime } from "../../lib/base/values/timestamp.ts";
import { formatJsonLine } from "../../lib/cli/json_line.ts";
import type { Palette } from "../../lib/cli/standard_streams.ts";
import type { GapEntry, MessageEntry } from "../../lib/client/conversation/model/chat_entry.ts";
import { conversationOf } from "../../lib/client/conversation/model/chat_entry.ts";

export interface EntryFormat {
  readonly utc: boolean;
  readonly palette: Palette;
  /** Say where each line belongs, because several channels or people are shown together. */
  readonly places: boolean;
}

/** In front of the second and later lines of a message, so that none of them passes for a line of its own. */
const CONTINUED = "    ";

/** `2026-01-31 10:00:00 alice: hello`, `… * alice waves`, `… -alice- a notice`; further lines of it are indented. With its newline. */
export function formatEntry(entry: MessageEntry, { utc, palette, places }: EntryFormat): string {
  const time = palette.dim(formatTime(entry.time, utc));
  const place = !places
    ? ""
    : entry.channel === undefined
    ? palette.direct(`→${toPrintable(entry.to)}`) + " "
    : palette.channel(toPrintable(entry.channel)) + " ";
  const from = palette.name(toPrintable(entry.from));
  const text = entry.text.split("\n").map(toPrintableText).join(`\n${CONTINUED}`);
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

/** `{seq, id, time, room | with, from, type, text}`; `me` is whose direct messages these are. */
export function formatEntryJson(entry: MessageEntry, me: string): string {
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
  });
}

/**
 * `gap: 37 messages, 10:02–10:07`: how many, and between when and when; with the date where that is not the one of `now`, and
 * why, where it is not that newer ones took their place. With its newline.
 */
export function formatGap(
  { count: lost, why, after = 0, before }: GapEntry,
  { utc, palette }: Pick<EntryFormat, "utc" | "palette">,
  now: number,
): string {
  const count = lost === undefined ? "" : lost === 1 ? "1 message, " : `${lost} messages, `;
  const reason = why === "restart"
    ? ", the server was cut off; what it had not saved is lost"
    : lost === undefined
    ? ", some messages may be lost"
    : "";
  return palette.alarm(`gap: ${count}${formatGapSpan(after, before, utc, now)}${reason}`) + "\n";
}

/** `10:02–10:07`, `2026-01-30 23:59–2026-01-31 00:02`, `since 10:02`. */
function formatGapSpan(after: number, before: number | undefined, utc: boolean, now: number): string {
  const today = formatTime(now, utc).slice(0, 10);
  const minute = (time: number, day: string) => {
    const text = formatTime(time, utc);
    return `${text.startsWith(day) ? "" : `${text.slice(0, 10)} `}${text.slice(11, 16)}${utc ? "Z" : ""}`;
  };
  if (after <= 0) return before === undefined ? "until now" : `until ${minute(before, today)}`;
  if (before === undefined) return `since ${minute(after, today)}`;
  return `${minute(after, today)}–${minute(before, today)}`;
}

/** `{kind: "gap", lost, why, after, before}`. With its newline. */
export function formatGapJson({ count, why, after = 0, before }: GapEntry): string {
  return formatJsonLine({
    type: "gap",
    lost: count ?? null,
    why,
    after: new Date(after).toISOString(),
    before: before === undefined ? null : new Date(before).toISOString(),
  });
}

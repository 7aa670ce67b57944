/** Entries, and what is lost between them, as lines: for people, and for programs. */
import { printable, printableText } from "../base/printable.ts";
import { formatTime } from "../base/timestamp.ts";
import { jsonLine } from "../cli/json_line.ts";
import type { Palette } from "../cli/output.ts";
import type { Entry } from "./entry.ts";
import { partnerOf } from "./entry.ts";
import type { Loss } from "./loss.ts";

export interface EntryStyle {
  readonly utc: boolean;
  readonly palette: Palette;
  /** Say where each line belongs, because several rooms or people are shown together. */
  readonly places: boolean;
}

/** In front of the second and later lines of a message, so that none of them passes for a line of its own. */
const CONTINUED = "    ";

/** `2026-01-31 10:00:00 alice: hello`, `… * alice waves`, `… -alice- a notice`; further lines of it are indented. With its newline. */
export function entryLine(entry: Entry, { utc, palette, places }: EntryStyle): string {
  const time = palette.dim(formatTime(entry.time, utc));
  const place = !places
    ? ""
    : entry.room === undefined
    ? palette.direct(`→${printable(entry.to)}`) + " "
    : palette.room(printable(entry.room)) + " ";
  const from = palette.name(printable(entry.from));
  const text = entry.text.split("\n").map(printableText).join(`\n${CONTINUED}`);
  switch (entry.type) {
    case "message":
      return `${time} ${place}${from}: ${text}\n`;
    case "action":
      return `${time} ${place}* ${from} ${text}\n`;
    case "notice":
      return `${time} ${place}-${from}- ${text}\n`;
  }
}

/** `{seq, id, time, room | with, from, type, text}`; `me` is whose direct messages these are. */
export function entryJson(entry: Entry, me: string): string {
  const { seq, id, time, room, from, to, type, text } = entry;
  const place = room !== undefined ? { room } : { with: partnerOf(entry, me) ?? to, to };
  return jsonLine({
    seq: seq ?? null,
    id: id ?? null,
    time: new Date(time).toISOString(),
    ...place,
    from,
    type,
    text,
  });
}

/**
 * `gap: 37 messages, 10:02–10:07`: how many, and between when and when; with the date where that is not the one of `now`, and
 * why, where it is not that newer ones took their place. With its newline.
 */
export function lossLine(
  { lost, why, after, before }: Loss,
  { utc, palette }: Pick<EntryStyle, "utc" | "palette">,
  now: number,
): string {
  const count = lost === undefined ? "" : lost === 1 ? "1 message, " : `${lost} messages, `;
  const reason = why === "restart"
    ? ", the server was cut off; what it had not saved is lost"
    : lost === undefined
    ? ", some messages may be lost"
    : "";
  return palette.alarm(`gap: ${count}${span(after, before, utc, now)}${reason}`) + "\n";
}

/** `10:02–10:07`, `2026-01-30 23:59–2026-01-31 00:02`, `since 10:02`. */
function span(after: number, before: number | undefined, utc: boolean, now: number): string {
  const today = formatTime(now, utc).slice(0, 10);
  const minute = (time: number, day: string) => {
    const text = formatTime(time, utc);
    return `${text.startsWith(day) ? "" : `${text.slice(0, 10)} `}${text.slice(11, 16)}${utc ? "Z" : ""}`;
  };
  if (after <= 0) return before === undefined ? "until now" : `until ${minute(before, today)}`;
  if (before === undefined) return `since ${minute(after, today)}`;
  return `${minute(after, today)}–${minute(before, today)}`;
}

/** `{type: "gap", lost, why, after, before}`. With its newline. */
export function lossJson({ type, lost, why, after, before }: Loss): string {
  return jsonLine({
    type,
    lost: lost ?? null,
    why,
    after: new Date(after).toISOString(),
    before: before === undefined ? null : new Date(before).toISOString(),
  });
}

/** Entries as lines: for people, and for programs. */
import { printable } from "../base/printable.ts";
import { jsonLine } from "../cli/json_line.ts";
import type { Palette } from "../cli/output.ts";
import type { Entry } from "./entry.ts";
import { partnerOf } from "./entry.ts";

export interface EntryStyle {
  readonly utc: boolean;
  readonly palette: Palette;
  /** Say where each line belongs, because several rooms or people are shown together. */
  readonly places: boolean;
}

/** `2026-01-31 10:00:00 alice: hello`, `… * alice waves`, `… -alice- a notice`. With its newline. */
export function entryLine(entry: Entry, { utc, palette, places }: EntryStyle): string {
  const time = palette.dim(formatTime(entry.time, utc));
  const place = !places
    ? ""
    : entry.room === undefined
    ? palette.direct(`→${printable(entry.to)}`) + " "
    : palette.room(printable(entry.room)) + " ";
  const from = palette.name(printable(entry.from));
  const text = printable(entry.text);
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

/** Local time `YYYY-MM-DD hh:mm:ss`, or UTC with its Z. */
export function formatTime(time: number, utc: boolean): string {
  const date = new Date(time);
  if (utc) return date.toISOString().slice(0, 19).replace("T", " ") + "Z";
  const two = (number: number) => String(number).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

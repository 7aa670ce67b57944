/** Texts of hooks: short lines of plain text, made of what other programs send. Pure. */
import { truncateText } from "../../irc/text_splitter.ts";
import { utf8Length } from "../../base/bytes.ts";
import { FORMATTING } from "../../base/printable_text.ts";

/** Longest line of a text, in bytes of UTF-8. */
export const MAX_HOOK_LINE_BYTES = 400;
/** Most lines of a text: with the longest lines it is still one message. */
export const MAX_HOOK_LINES = 10;
/** Longest part of a line that another program names, in bytes of UTF-8. */
const MAX_WORD_BYTES = 200;

/** An object of JSON, of which nothing is known. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** `value`, or an object without members where it is none. */
export function asObject(value: unknown): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value as JsonObject : {};
}

/** The objects in the array `value`; none where it is no array. */
export function asObjects(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.map(asObject) : [];
}

/** `value` as one line of plain text; "" where it is neither a string nor a number. */
export function asLine(value: unknown, maxBytes = MAX_WORD_BYTES): string {
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? shorten(toPlainText(value).replace(/\s+/g, " ").trim(), maxBytes) : "";
}

/** The first of `values` that is not empty as a line. */
export function firstLine(...values: readonly unknown[]): string {
  for (const value of values) {
    const line = asLine(value);
    if (line !== "") return line;
  }
  return "";
}

/** `value` where it is a link (http or https), otherwise "". */
export function asLink(value: unknown): string {
  const link = typeof value === "string" && /^https?:\/\/[^\s\p{Cc}]+$/u.test(value) ? value : "";
  return utf8Length(link) > MAX_HOOK_LINE_BYTES ? "" : link;
}

/** The first line of a text of several. */
export function headLine(value: unknown): string {
  return typeof value === "string" ? asLine(value.trimStart().split(/[\r\n]/, 1)[0]) : "";
}

/** Words that are not empty, with `separator` between. */
export function joinWords(words: readonly string[], separator = " "): string {
  return words.filter((word) => word !== "").join(separator);
}

/** `lines` as a text, within the bounds. */
export function toHookText(lines: readonly string[]): string {
  const full = lines.filter((line) => line.trim() !== "");
  const shown = full.length > MAX_HOOK_LINES ? full.slice(0, MAX_HOOK_LINES - 1) : full;
  const more = full.length - shown.length;
  const texts = shown.map((line) => shorten(line, MAX_HOOK_LINE_BYTES));
  return [...texts, ...more > 0 ? [`… and ${more} more`] : []].join("\n");
}

/** A text of several lines as plain text, within the bounds. */
export function plainLines(text: string): string {
  return toHookText(
    text.split(/\r\n|\n|\r/).map((line) => toPlainText(line).replaceAll("\t", "    ").trimEnd()),
  );
}

/** Without mIRC formatting and control characters, tabs and line ends excepted. */
function toPlainText(text: string): string {
  return text.toWellFormed().replace(FORMATTING, "").replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g, "");
}

function shorten(text: string, maxBytes: number): string {
  return utf8Length(text) <= maxBytes ? text : truncateText(text, maxBytes - 3) + "…";
}

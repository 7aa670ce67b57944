/** What is told of a program that has ended. Pure. */
import { formatDuration } from "../../lib/base/values/duration.ts";
import { truncateText } from "../../lib/irc/text_splitter.ts";

/** Longest title, in bytes. */
export const MAX_TITLE_BYTES = 150;
/** Longest block of last lines, in bytes: with the first line it is one message of several lines. */
export const MAX_OUTPUT_BYTES = 3000;

const FENCE = "```";

/** How a program ended. */
export type ProgramEnd =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "signaled"; readonly signal: string; readonly code: number }
  /** It could not be started: 127 where it was not found, 126 where it cannot be executed. */
  | { readonly kind: "not_started"; readonly code: 126 | 127; readonly why: string };

/** The words as a person would type them. */
export function formatCommandLine(words: readonly string[]): string {
  return words.map((word) => /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)
    .join(" ");
}

/** The first line: what has ended, how, and after how long. */
export function formatEnd(title: string, end: ProgramEnd, ms: number): string {
  const after = formatDuration(ms);
  switch (end.kind) {
    case "exited":
      return end.code === 0
        ? `${title}: succeeded in ${after}`
        : `${title}: failed with exit code ${end.code} after ${after}`;
    case "signaled":
      return `${title}: ended by ${end.signal} after ${after}`;
    case "not_started":
      return `${title}: ${end.why}`;
  }
}

export function formatRunning(title: string, ms: number, lastLine: string | undefined): string {
  const line = lastLine === undefined ? "" : `: ${lastLine}`;
  return `${title}: running for ${formatDuration(ms)}${line}`;
}

/** `heading`, and below it the last lines as a block of code, as many of them as fit. */
export function formatMessage(heading: string, lines: readonly string[]): string {
  const fitting: string[] = [];
  let bytes = 0;
  for (const line of lines.toReversed()) {
    bytes += new TextEncoder().encode(line).length + 1;
    if (bytes > MAX_OUTPUT_BYTES || line.trim().startsWith(FENCE)) break;
    fitting.unshift(line);
  }
  return fitting.length === 0 ? heading : [heading, FENCE, ...fitting, FENCE].join("\n");
}

/** `title`, or the command, as one short line. */
export function makeTitle(title: string | undefined, words: readonly string[]): string {
  const text = (title ?? formatCommandLine(words)).replaceAll(/\s+/g, " ").trim();
  const kept = truncateText(text, MAX_TITLE_BYTES);
  return kept === text ? text : `${kept}…`;
}

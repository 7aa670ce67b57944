/** A history gap in words. Pure. */
import type { GapEntry } from "./chat_entry.ts";

/**
 * `gap: 37 messages, 10:02–10:07`: the number of lost messages, the times of those before and after, and the
 * cause where newer messages are not. `where` names the conversation: ` in #dev`.
 */
export function describeGap(
  { count, why, after, before }: GapEntry,
  formatTime: (time: number) => string,
  where = "",
): string {
  const start = after === undefined ? undefined : formatTime(after);
  const end = before === undefined ? undefined : formatTime(before);
  const parts = [
    ...count === undefined ? [] : [`${count} ${count === 1 ? "message" : "messages"}`],
    ...formatSpan(start, end),
    ...why === "restart"
      ? ["the server crashed; unsaved messages are lost"]
      : count === undefined
      ? ["some messages may be lost"]
      : [],
  ];
  return `gap${where}: ${parts.join(", ")}`;
}

function formatSpan(start: string | undefined, end: string | undefined): string[] {
  if (start === undefined) return end === undefined ? [] : [`until ${end}`];
  return [end === undefined ? `since ${start}` : `${start}–${end}`];
}

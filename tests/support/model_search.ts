/** What a search has to find, said as simply as possible: texts are of lower-case ASCII words between spaces. */
import type { SearchQuery } from "../../lib/log/archive.ts";

export interface NaiveMessage {
  readonly seq: number;
  readonly time: number;
  /** Folded nick of the sender. */
  readonly from: string;
  readonly text: string;
}

/** Those of `messages` that match, the newest first, without the limit. */
export function searchNaively<Message extends NaiveMessage>(
  messages: readonly Message[],
  query: Omit<SearchQuery, "kind" | "conversations" | "owner" | "limit" | "until">,
): Message[] {
  const { terms, excluded, from, hasLink, after = -Infinity, before = Infinity, beforeSeq = Infinity } =
    query;
  const contains = (text: string, { words, isPrefix }: SearchQuery["terms"][number]) =>
    ` ${text.replace(/\W+/g, " ")}${isPrefix ? "" : " "}`.includes(
      ` ${words.join(" ")}${isPrefix ? "" : " "}`,
    );
  return messages.filter((message) =>
    message.time > after && message.time < before && message.seq < beforeSeq &&
    (from.length === 0 || from.includes(message.from)) &&
    (!hasLink || message.text.includes("https://")) &&
    terms.every((term) => contains(message.text, term)) &&
    !excluded.some((term) => contains(message.text, term))
  ).toSorted((a, b) => b.seq - a.seq);
}

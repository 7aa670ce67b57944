/** The messages that a search has found, as entries of the chat. Pure. */
import { findMatches } from "../../../base/search_terms.ts";
import { formatSearchRequest, toSequences } from "../../../irc/search/search_request.ts";
import type { SearchPage } from "../../../irc/search/search_attributes.ts";
import type { SearchRest } from "../../../irc/vendor_extensions.ts";
import type { ChatEntry } from "../model/chat_entry.ts";
import type { FoundPage } from "./search_page.ts";

/** A search of the person; its answer is shown. */
export interface SearchPurpose {
  readonly for: "search";
  readonly page: SearchPage;
}

/** What `found` shows as the answer to `page`. */
export function makeSearchEntries(page: SearchPage, { messages, rest }: FoundPage, now: number): ChatEntry[] {
  const note = (text: string): ChatEntry => ({ kind: "note", time: now, text });
  const terms = toSequences(page.request.terms);
  const what = formatSearchRequest(page.request);
  const head = messages.length > 0
    ? `${page.before === undefined ? "" : "more "}matches of ${what}, the newest first:`
    : page.before === undefined
    ? `nothing found for ${what}`
    : `nothing more found for ${what}`;
  return [
    note(head),
    ...messages.map((message): ChatEntry => {
      return { kind: "found", time: now, message, matches: findMatches(message.text, terms) };
    }),
    ...rest === undefined ? [] : [note(describeRest(rest))],
  ];
}

function describeRest({ why, before }: SearchRest): string {
  if (why === "archive") return "only recent messages were searched: the archive does not answer now";
  const what = why === "more" ? "there are earlier matches" : "older messages are not searched yet";
  return before === undefined ? what : `${what}; to go on: /search`;
}

/** The messages that a search has found, as entries of the chat. Pure. */
import { findMatches } from "../../../base/search_terms.ts";
import { toSequences } from "../../../irc/search/search_request.ts";
import type { SearchPage } from "../../../irc/search/search_attributes.ts";
import type { SearchRest } from "../../../irc/vendor_extensions.ts";
import type { ChatEntry } from "../model/chat_entry.ts";
import { describeSearchRest, SEARCH_STUCK } from "./search_page.ts";
import type { FoundPage } from "./search_page.ts";

/** A search of the person; its answer is shown. */
export interface SearchQuery {
  readonly page: SearchPage;
  /** The search, as the person has typed it. */
  readonly typed: string;
}

/** What a page shows. */
export function makeSearchEntries(
  { page, typed }: SearchQuery,
  { messages, rest }: FoundPage,
  now: number,
): ChatEntry[] {
  const note = (text: string): ChatEntry => ({ kind: "note", time: now, text });
  const terms = toSequences(page.request.terms);
  const head = messages.length > 0
    ? `${page.before === undefined ? "" : "more "}matches of ${typed}, the newest first:`
    : page.before === undefined
    ? `nothing found for ${typed}${page.request.in.length > 0 ? "" : " in your rooms and direct messages"}`
    : `nothing more found for ${typed}`;
  return [
    note(head),
    ...messages.map((message): ChatEntry => {
      return { kind: "found", time: now, message, matches: findMatches(message.text, terms) };
    }),
    ...rest === undefined ? [] : [note(describeNextPage(rest, page))],
  ];
}

function describeNextPage(rest: SearchRest, page: SearchPage): string {
  const { before } = rest;
  if (before !== undefined && before === page.before) return `${SEARCH_STUCK}; to try again later: /search`;
  const what = describeSearchRest(rest);
  return before === undefined ? what : `${what}; to go on: /search`;
}

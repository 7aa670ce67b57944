/** SEARCH as a client sends it, and its answer (docs/protocol/search.md). Pure. */
import { utf8Length } from "../../../base/bytes.ts";
import { CRLF_BYTES, MAX_LINE_BYTES } from "../../../irc/limits.ts";
import type { Message, MessageParts } from "../../../irc/message.ts";
import { formatSearchAttributes } from "../../../irc/search/search_attributes.ts";
import type { SearchPage } from "../../../irc/search/search_attributes.ts";
import type { SearchFault } from "../../../irc/search/search_request.ts";
import { parseSearchRest } from "../../../irc/vendor_extensions.ts";
import type { SearchRest } from "../../../irc/vendor_extensions.ts";
import type { MessageEntry } from "../model/chat_entry.ts";
import { isCtcp, parseMessageEntry } from "../model/entry_parser.ts";

/** The command that asks for `page`, if it fits a line. */
export function makeSearchMessage(page: SearchPage): MessageParts | SearchFault {
  const message = { command: "SEARCH", params: [formatSearchAttributes(page)] };
  const bytes = utf8Length(`${message.command} :${message.params[0]}`) + CRLF_BYTES;
  return bytes <= MAX_LINE_BYTES ? message : { fault: "this search is too long: use fewer words" };
}

export interface FoundPage {
  /** The newest first. */
  readonly messages: readonly MessageEntry[];
  /** Undefined: there are no more. */
  readonly rest: SearchRest | undefined;
}

/** What was not found or searched, as a sentence that what to do about it can follow. */
export function describeSearchRest({ why }: SearchRest): string {
  switch (why) {
    case "more":
      return "there are earlier matches";
    case "time":
      return "older messages are not searched yet";
    case "archive":
      return "only recent messages were searched: the archive does not answer now";
  }
}

/** The server's next page would begin where this one did. */
export const SEARCH_STUCK = "the server's search gets no further now: older messages are not searched";

/** What `lines` answer; `now` stands in for times that the server does not give. */
export function parseFoundPage(lines: readonly Message[], now: number): FoundPage {
  const messages = lines.flatMap((line) => parseMessageEntry(line, now) ?? []).filter((entry) =>
    !isCtcp(entry)
  );
  return {
    messages: messages.reverse(),
    rest: lines.map(parseSearchRest).find((rest) => rest !== undefined),
  };
}

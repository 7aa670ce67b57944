/** A search on the server, page by page. */
import { signal } from "@preact/signals";
import { findMatches } from "../../../base/search_terms.ts";
import type { TextRange } from "../../../base/search_terms.ts";
import type { MessageParts } from "../../../irc/message.ts";
import { parseSearchRequest, toSequences } from "../../../irc/search/search_request.ts";
import type { SearchRequest } from "../../../irc/search/search_request.ts";
import type { RequestResult } from "../../../client/conversation/effects.ts";
import { conversationOf } from "../../../client/conversation/model/chat_entry.ts";
import type { MessageEntry } from "../../../client/conversation/model/chat_entry.ts";
import { makeSearchMessage, parseFoundPage } from "../../../client/conversation/search/search_page.ts";
import { describeFailure, findFailureReply } from "../../../client/session/failure_reply.ts";

/** Messages asked for at once. */
const PAGE_MESSAGES = 25;
/** Characters of a text before its first match. */
const LEAD_CHARACTERS = 60;

export interface TextPart {
  readonly text: string;
  readonly isMatch: boolean;
}

export interface FoundMessage {
  readonly key: string;
  readonly id: string | undefined;
  readonly from: string;
  /** A room, or the other person. */
  readonly where: string;
  readonly time: number;
  readonly parts: readonly TextPart[];
}

export interface SearchState {
  /** As typed; "": nothing has been searched for. */
  readonly typed: string;
  /** The newest first. */
  readonly found: readonly FoundMessage[];
  readonly hasMore: boolean;
  readonly isBusy: boolean;
  /** Why the search cannot be done; "": it can. */
  readonly fault: string;
}

const NOTHING: SearchState = { typed: "", found: [], hasMore: false, isBusy: false, fault: "" };

export interface SearchHost {
  readonly ownNick: string;
  request(message: MessageParts): Promise<RequestResult>;
}

export class Search {
  readonly state = signal<SearchState>(NOTHING);
  readonly #host: SearchHost;
  #request: SearchRequest | undefined;
  /** Where the next page begins. */
  #before: string | undefined;

  constructor(host: SearchHost) {
    this.#host = host;
  }

  async start(typed: string): Promise<void> {
    const text = typed.trim();
    if (text === "") return void (this.state.value = NOTHING);
    const request = parseSearchRequest(text, Date.now());
    if ("fault" in request) return this.#fail(text, request.fault);
    this.#request = request;
    this.#before = undefined;
    this.state.value = { ...NOTHING, typed: text, isBusy: true };
    await this.#readPage();
  }

  async more(): Promise<void> {
    this.state.value = { ...this.state.value, isBusy: true };
    await this.#readPage();
  }

  async #readPage(): Promise<void> {
    const request = this.#request!;
    const { typed } = this.state.value;
    const before = this.#before;
    const message = makeSearchMessage({
      request,
      limit: PAGE_MESSAGES,
      ...before === undefined ? {} : { before },
    });
    if ("fault" in message) return this.#fail(typed, message.fault);
    const result = await this.#host.request(message);
    if (request !== this.#request) return;
    if (result.kind !== "answered") return this.#fail(typed, "the server did not answer");
    const failure = findFailureReply(result.lines);
    if (failure !== undefined) return this.#fail(typed, describeFailure(failure));
    const { messages, rest } = parseFoundPage(result.lines, Date.now());
    const terms = toSequences(request.terms);
    const found = messages.map((entry) =>
      describeFound(entry, findMatches(entry.text, terms), this.#host.ownNick)
    );
    const hasMore = rest?.before !== undefined && rest.before !== before;
    this.#before = rest?.before;
    this.state.value = {
      ...this.state.value,
      found: [...this.state.value.found, ...found],
      hasMore,
      isBusy: false,
    };
  }

  #fail(typed: string, fault: string): void {
    this.state.value = { ...this.state.value, typed, fault, isBusy: false };
  }
}

const searches = new WeakMap<object, Search>();

/** The search of a session, which is there as long as that. */
export function searchOf(
  session: { readonly nick: { readonly value: string }; readonly request: SearchHost["request"] },
): Search {
  const known = searches.get(session);
  if (known !== undefined) return known;
  const search = new Search({
    ownNick: session.nick.value,
    request: (message) => session.request(message),
  });
  searches.set(session, search);
  return search;
}

function describeFound(entry: MessageEntry, matches: readonly TextRange[], ownNick: string): FoundMessage {
  const { id, seq, from, time, text } = entry;
  return {
    key: id ?? `${seq ?? time}`,
    id,
    from,
    where: conversationOf(entry, ownNick),
    time,
    parts: cutParts(text, matches),
  };
}

/** The text from a little before its first match on, in parts. */
function cutParts(text: string, matches: readonly TextRange[]): TextPart[] {
  const first = matches[0]?.start ?? 0;
  const start = first > LEAD_CHARACTERS ? first - LEAD_CHARACTERS / 2 : 0;
  const parts: TextPart[] = start > 0 ? [{ text: "…", isMatch: false }] : [];
  let at = start;
  for (const match of matches) {
    if (match.start > at) parts.push({ text: text.slice(at, match.start), isMatch: false });
    parts.push({ text: text.slice(match.start, match.end), isMatch: true });
    at = match.end;
  }
  return [...parts, { text: text.slice(at), isMatch: false }];
}

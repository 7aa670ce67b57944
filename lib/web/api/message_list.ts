/** `GET /api/v1/messages`: a page of history or of a search, as NDJSON, the oldest message first. */
import { findMatches } from "../../base/search_terms.ts";
import type { Link } from "../../client/connection/link.ts";
import type { HistoryItem, MessageEntry } from "../../client/conversation/model/chat_entry.ts";
import { parseMessageEntry } from "../../client/conversation/model/entry_parser.ts";
import { makeEntryRecord, makeGapRecord } from "../../client/history/entry_record.ts";
import type { ReadPosition } from "../../client/conversation/model/read_position.ts";
import { makeSearchMessage, parseFoundPage } from "../../client/conversation/search/search_page.ts";
import { startPositionOf } from "../../client/conversation/sync/history_read.ts";
import { LiveMerge } from "../../client/conversation/sync/live_merge.ts";
import { SeenMessages } from "../../client/conversation/sync/seen_messages.ts";
import { readFromServer } from "../../client/history/history_reader.ts";
import type { HistoryReadOutcome } from "../../client/history/history_reader.ts";
import { explainFailure, findFailureReply } from "../../client/session/failure_reply.ts";
import { formatJsonLine } from "../../cli/json_line.ts";
import type { Message } from "../../irc/message.ts";
import { SOJU_SEARCH } from "../../irc/capability_names.ts";
import type { TokenScope } from "../../irc/token_scopes.ts";
import { permits } from "../../irc/token_scopes.ts";
import { toSequences } from "../../irc/search/search_request.ts";
import { PRIVATE_HEADERS, readBearerToken, requireScope } from "./api_call.ts";
import type { ApiCall } from "./api_call.ts";
import type { ApiSession } from "./api_session.ts";
import { pageLimit, parseMessageQuery } from "./message_query.ts";
import type { HistoryPageQuery, MessageSearch } from "./message_query.ts";
import { formatStreamPosition } from "./stream_position.ts";
import { ApiProblem, missingScope } from "./problem.ts";

/** Messages that SEARCH gives at a time. */
const SEARCH_PAGE_MESSAGES = 100;

/** A page of the answer. */
interface MessagePage {
  readonly records: readonly Readonly<Record<string, unknown>>[];
  /** Parameters that another page has in place of those of this one. */
  readonly links: { readonly next?: PageChange; readonly prev?: PageChange };
}

type PageChange = Readonly<Record<string, string | undefined>>;

export async function listMessages(call: ApiCall): Promise<Response> {
  const { server, request, url, from } = call;
  const token = readBearerToken(request);
  const query = parseMessageQuery(url.searchParams, server.now());
  const page = await server.sessions.use({ token, from, role: "observer" }, async (session) => {
    if (query.kind === "search") {
      checkSearchScopes(session.scopes, query);
      return await search(session, query, server.now());
    }
    requireScope(session.scopes, { kind: "read", target: query.target });
    if (query.id !== undefined) return await findMessage(session, query, query.id, server.now());
    return await readPage(session, query, server.now());
  });
  return new Response(page.records.map(formatJsonLine).join(""), {
    headers: { "content-type": "application/x-ndjson", ...PRIVATE_HEADERS, ...linkHeader(url, page.links) },
  });
}

/** `Link: </api/v1/messages?…>; rel="next"` (RFC 8288). */
function linkHeader(url: URL, links: MessagePage["links"]): Record<string, string> {
  const values = Object.entries(links).map(([rel, change]) => {
    const params = new URLSearchParams(url.searchParams);
    for (const [name, value] of Object.entries(change)) {
      if (value === undefined) params.delete(name);
      else params.set(name, value);
    }
    return `<${url.pathname}?${params}>; rel="${rel}"`;
  });
  return values.length === 0 ? {} : { link: values.join(", ") };
}

/** Whether the page begins at a place and goes forwards from there. */
function isForwards({ since, after }: HistoryPageQuery): boolean {
  return since !== undefined || after !== undefined;
}

async function readPage(session: ApiSession, query: HistoryPageQuery, now: number): Promise<MessagePage> {
  const limit = pageLimit(query);
  const { after, before, target, since, until } = query;
  const enough = new AbortController();
  const merge = new LiveMerge({ seen: new SeenMessages(), position: after });
  const items: HistoryItem[] = [];
  let messages = 0;
  let newLogFrom: ReadPosition | undefined;
  const read = await readFromServer({
    link: session.link,
    range: { target, since, until, before, limit: isForwards(query) ? undefined : limit },
    merge,
    now,
    pageMessages: limit + 1,
    signal: enough.signal,
    onNewLog: (position) => {
      newLogFrom = position;
      if (after?.hasTime === false) enough.abort();
    },
    show: (page) => {
      for (const item of page) {
        if (messages > limit) break;
        items.push(item);
        if (item.kind === "message") messages++;
      }
      if (messages > limit) enough.abort();
      return Promise.resolve();
    },
  });
  if (newLogFrom !== undefined && after?.hasTime === false) throw noSuchMessage("after");
  throwReadFailure(read, query);
  const records = items.map((item) => makeItemRecord(item, session.account));
  if (!isForwards(query)) return { records, links: linkBackwards(items, limit) };
  const gap = newLogFrom === undefined ? [] : [makeNewLogRecord(newLogFrom)];
  const cut = cutPage(items, limit);
  return {
    records: [...gap, ...records.slice(0, cut)],
    links: cut < items.length
      ? { next: { after: formatStreamPosition(lastPosition(items, cut)), since: undefined } }
      : {},
  };
}

/** The number of items up to the message `limit`: one more was read to know whether there is a next page. */
function cutPage(items: readonly HistoryItem[], limit: number): number {
  let messages = 0;
  for (const [index, item] of items.entries()) {
    if (item.kind === "message" && ++messages === limit) {
      return items.slice(index + 1).some(({ kind }) => kind === "message") ? index + 1 : items.length;
    }
  }
  return items.length;
}

function lastPosition(items: readonly HistoryItem[], cut: number): ReadPosition {
  const item = items[cut - 1];
  return item?.kind === "message" ? item : startPositionOf({ target: "" });
}

function linkBackwards(items: readonly HistoryItem[], limit: number): MessagePage["links"] {
  const first = items.find((item) => item.kind === "message");
  const isFull = items.length >= limit;
  return first?.id !== undefined && isFull ? { prev: { before: formatStreamPosition(first) } } : {};
}

/** What was lost between the position and the first message of another log is unknown. */
export function makeNewLogRecord({ time }: ReadPosition): Record<string, unknown> {
  return {
    type: "gap",
    lost: null,
    at_most: null,
    why: "new_log",
    after: new Date(time).toISOString(),
    before: null,
  };
}

export function makeItemRecord(item: HistoryItem, me: string): Record<string, unknown> {
  return item.kind === "gap" ? makeGapRecord(item) : makeEntryRecord(item, me);
}

function noSuchMessage(parameter: string): ApiProblem {
  return new ApiProblem("no_such_message", "the history has no message with this id", {
    members: { parameter },
  });
}

/** @throws {ApiProblem} unless the history was read. */
export function throwReadFailure(
  read: HistoryReadOutcome,
  { before }: Pick<HistoryPageQuery, "before">,
): void {
  switch (read.kind) {
    case "done":
      return;
    case "no_such_target":
      throw new ApiProblem("no_such_target", read.text);
    case "failed":
      throw new ApiProblem("refused", read.text);
    case "unavailable":
      throw before === undefined ? new ApiProblem("unavailable", read.text) : unreadable("before", read.text);
    case "lost":
      throw new ApiProblem("unavailable", read.text);
    case "unsupported":
      throw new ApiProblem("unavailable", "the server keeps no history");
    case "timed_out":
      throw new ApiProblem("unavailable", "the server did not answer in time");
  }
}

/** The server refuses both a message that its log does not have and one that cannot be read now, and says which. */
function unreadable(parameter: string, words: string): ApiProblem {
  return /\btry again\b/.test(words) ? new ApiProblem("unavailable", words) : noSuchMessage(parameter);
}

async function findMessage(
  { link, account }: ApiSession,
  { target }: HistoryPageQuery,
  id: string,
  now: number,
): Promise<MessagePage> {
  const lines = await ask(link, { command: "CHATHISTORY", params: ["AROUND", target, `msgid=${id}`, "1"] });
  const failure = findFailureReply(lines);
  if (failure?.params[1] === "INVALID_TARGET") {
    throw new ApiProblem("no_such_target", explainFailure(failure));
  }
  if (failure !== undefined) throw unreadable("id", explainFailure(failure));
  const found = lines.map((line) => parseMessageEntry(line, now)).find((entry) => entry?.id === id);
  if (found === undefined) throw noSuchMessage("id");
  return { records: [makeEntryRecord(found, account)], links: {} };
}

/**
 * A search without rooms is of everything that the account may read.
 * @throws {ApiProblem} if a scope is missing.
 */
function checkSearchScopes(scopes: readonly TokenScope[], { request }: MessageSearch): void {
  if (request.in.length === 0 && !permits(scopes, { kind: "read", target: "*" })) {
    throw missingScope("read:*");
  }
  for (const target of request.in) requireScope(scopes, { kind: "read", target });
}

async function search(
  { link, account }: ApiSession,
  query: MessageSearch,
  now: number,
): Promise<MessagePage> {
  if (!link.session.caps.has(SOJU_SEARCH)) throw new ApiProblem("unavailable", "the server has no search");
  const { request, limit, before } = query;
  const page = {
    request,
    limit: Math.min(limit, SEARCH_PAGE_MESSAGES),
    ...before !== undefined && { before },
  };
  const message = makeSearchMessage(page);
  if ("fault" in message) {
    throw new ApiProblem("invalid", message.fault, { members: { parameter: "search" } });
  }
  const lines = await ask(link, message);
  const failure = findFailureReply(lines);
  if (failure !== undefined) throw describeSearchFailure(failure);
  const { messages, rest } = parseFoundPage(lines, now);
  const terms = toSequences(request.terms);
  const records = [...messages].reverse().map((entry: MessageEntry): Record<string, unknown> => ({
    ...makeEntryRecord(entry, account),
    matches: findMatches(entry.text, terms).map(({ start, end }) => [start, end]),
  }));
  if (rest === undefined) return { records, links: {} };
  if (rest.before !== undefined) return { records, links: { prev: { before: rest.before } } };
  return { records: [makeUnsearchedRecord(messages.at(-1)?.time), ...records], links: {} };
}

/** Messages before `time` were not searched. */
function makeUnsearchedRecord(time: number | undefined): Record<string, unknown> {
  const before = time === undefined ? null : new Date(time).toISOString();
  return {
    type: "gap",
    lost: null,
    at_most: null,
    why: "not_searched",
    after: new Date(0).toISOString(),
    before,
  };
}

function describeSearchFailure(failure: Message): ApiProblem {
  const text = explainFailure(failure);
  const [, code, attribute] = failure.params;
  if (code === "RATE_LIMITED") {
    return new ApiProblem("rate_limited", text, { retryAfterS: Number(attribute) || undefined });
  }
  return attribute === "in"
    ? new ApiProblem("no_such_target", text)
    : new ApiProblem("invalid", text, { members: { parameter: "search" } });
}

/** @throws {ApiProblem} if there is no response. */
async function ask(link: Link, message: Parameters<Link["request"]>[0]): Promise<Message[]> {
  const outcome = await link.request(message);
  if (outcome.kind === "answered") return outcome.lines;
  throw new ApiProblem(
    "unavailable",
    outcome.kind === "lost" ? outcome.text : "the server did not answer in time",
  );
}

/** `GET /api/v1/messages`: a page of history or of a search, as NDJSON, the oldest message first. */
import { findMatches } from "../../base/search_terms.ts";
import type { Link } from "../../client/connection/link.ts";
import type { HistoryItem, MessageEntry } from "../../client/conversation/model/chat_entry.ts";
import { parseMessageEntry } from "../../client/conversation/model/entry_parser.ts";
import { makeEntryRecord } from "../../client/history/entry_record.ts";
import type { ReadPosition } from "../../client/conversation/model/read_position.ts";
import { makeSearchMessage, parseFoundPage } from "../../client/conversation/search/search_page.ts";
import { startPositionOf } from "../../client/conversation/sync/history_read.ts";
import { LiveMerge } from "../../client/conversation/sync/live_merge.ts";
import { SeenMessages } from "../../client/conversation/sync/seen_messages.ts";
import { readFromServer } from "../../client/history/history_reader.ts";
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
import { fitPage, MAX_PAGE_BYTES, pageBody } from "./message_page.ts";
import {
  makeItemRecord,
  makeNewLogRecord,
  noSuchMessage,
  throwReadFailure,
  unreadable,
} from "./history_records.ts";
import { pageLimit, parseMessageQuery } from "./message_query.ts";
import type { HistoryPageQuery, MessageQuery, MessageSearch } from "./message_query.ts";
import { formatStreamPosition } from "./stream_position.ts";
import { ApiProblem, invalidValue, missingScope } from "./problem.ts";

/** Messages that SEARCH gives at a time. */
const SEARCH_PAGE_MESSAGES = 100;
/** Messages that are read at a time. */
const MAX_READ_MESSAGES = 100;
const NEVER = new AbortController().signal;

/** A page of the answer. */
interface MessagePage {
  /** In NDJSON. */
  readonly lines: readonly string[];
  /** Parameters that another page has in place of those of this one. */
  readonly links: { readonly next?: PageChange; readonly prev?: PageChange };
}

type PageChange = Readonly<Record<string, string | undefined>>;

export async function listMessages(call: ApiCall): Promise<Response> {
  const { server, request, url, from } = call;
  const token = readBearerToken(request);
  const query = parseMessageQuery(url.searchParams, server.now());
  if (query.kind === "history" && query.events !== undefined) {
    throw invalidValue("events", "is for a stream: use it with follow=1");
  }
  const share = server.responses.share(from.host);
  share.take(MAX_PAGE_BYTES);
  try {
    const page = await server.sessions.use({ token, from, role: "observer" }, async (session) => {
      if (query.kind === "search") checkSearchScopes(session.scopes, query);
      else requireScope(session.scopes, { kind: "read", target: query.target });
      return await session.pages.run(() => makePage(session, query, server.now()));
    });
    const { body, length } = pageBody(page.lines, share);
    from.charge(length);
    const headers = { "content-type": "application/x-ndjson", "content-length": String(length) };
    return new Response(body, {
      headers: { ...headers, ...PRIVATE_HEADERS, ...linkHeader(url, page.links) },
    });
  } catch (error) {
    share.release();
    throw error;
  }
}

async function makePage(session: ApiSession, query: MessageQuery, now: number): Promise<MessagePage> {
  if (query.kind === "search") return await search(session, query, now);
  if (query.id !== undefined) return await findMessage(session, query, query.id, now);
  return isForwards(query) ? await readForwards(session, query, now) : await readNewest(session, query, now);
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

async function readForwards(session: ApiSession, query: HistoryPageQuery, now: number): Promise<MessagePage> {
  const limit = pageLimit(query);
  const { after, target, since, until } = query;
  const enough = new AbortController();
  const items: HistoryItem[] = [];
  let [messages, length] = [0, 0];
  let newLogFrom: ReadPosition | undefined;
  const read = await readFromServer({
    link: session.link,
    range: { target, since, until },
    merge: new LiveMerge({ seen: new SeenMessages(), position: after }),
    now,
    pageMessages: Math.min(limit + 1, MAX_READ_MESSAGES),
    signal: enough.signal,
    onNewLog: (position) => {
      newLogFrom = position;
      if (after?.hasTime === false) enough.abort();
    },
    show: (page) => {
      for (const item of page) {
        if (messages > limit) break;
        items.push(item);
        if (item.kind !== "message") continue;
        messages++;
        length += item.text.length;
      }
      if (messages > limit || length > MAX_PAGE_BYTES) enough.abort();
      return Promise.resolve();
    },
  });
  if (newLogFrom !== undefined && after?.hasTime === false) throw noSuchMessage("after");
  throwReadFailure(read, query);
  const gap = newLogFrom === undefined ? [] : [makeNewLogRecord(newLogFrom)];
  const cut = cutPage(items, limit);
  const records = items.slice(0, cut).map((item) => makeItemRecord(item, session.account));
  const { lines, isCut } = fitPage([...gap, ...records].map(formatJsonLine));
  const count = isCut ? lines.length - gap.length : cut;
  if (count === items.length) return { lines, links: {} };
  const position = lastPosition(items.slice(0, count));
  return { lines, links: { next: { after: formatStreamPosition(position), since: undefined } } };
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

function lastPosition(items: readonly HistoryItem[]): ReadPosition {
  return items.findLast((item) => item.kind === "message") ?? startPositionOf({ target: "" });
}

/** The newest messages, read in parts, so that not more of them are held than a page takes. */
async function readNewest(session: ApiSession, query: HistoryPageQuery, now: number): Promise<MessagePage> {
  const limit = pageLimit(query);
  let found: HistoryItem[] = [];
  let before: ReadPosition | undefined = query.before;
  let page = fitPage([]);
  for (let isWhole = false; found.length < limit && !page.isCut && !isWhole;) {
    const wanted = Math.min(limit - found.length, MAX_READ_MESSAGES);
    const part = await readNewestPart(session, query, before, wanted, now);
    if (part === undefined) break;
    isWhole = part.length < wanted;
    found = [...part, ...found];
    before = firstMessage(part);
    const lines = part.map((item) => formatJsonLine(makeItemRecord(item, session.account)));
    page = fitPage([...lines, ...page.lines], true);
  }
  const { lines, isCut } = page;
  const first = firstMessage(found.slice(found.length - lines.length));
  const hasMore = isCut || found.length >= limit;
  const links = first?.id !== undefined && hasMore ? { prev: { before: formatStreamPosition(first) } } : {};
  return { lines, links };
}

function firstMessage(items: readonly HistoryItem[]): MessageEntry | undefined {
  return items.find((item) => item.kind === "message");
}

/** The newest `limit` messages before `before`; undefined: they were lost since the part behind them was read. */
async function readNewestPart(
  { link }: ApiSession,
  query: HistoryPageQuery,
  before: ReadPosition | undefined,
  limit: number,
  now: number,
): Promise<HistoryItem[] | undefined> {
  const { target, until } = query;
  const items: HistoryItem[] = [];
  const read = await readFromServer({
    link,
    range: { target, until, before, limit },
    merge: new LiveMerge({ seen: new SeenMessages(), position: undefined }),
    now,
    pageMessages: MAX_READ_MESSAGES,
    signal: NEVER,
    onNewLog: () => {},
    show: (part) => Promise.resolve(void items.push(...part)),
  });
  if (read.kind === "unavailable" && before !== query.before) return undefined;
  throwReadFailure(read, query);
  return items;
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
  return { lines: [formatJsonLine(makeEntryRecord(found, account))], links: {} };
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
  const replies = await ask(link, message);
  const failure = findFailureReply(replies);
  if (failure !== undefined) throw describeSearchFailure(failure);
  const { messages, rest } = parseFoundPage(replies, now);
  const terms = toSequences(request.terms);
  const records = [...messages].reverse().map((entry: MessageEntry): Record<string, unknown> => ({
    ...makeEntryRecord(entry, account),
    matches: findMatches(entry.text, terms).map(({ start, end }) => [start, end]),
  }));
  const { lines, isCut } = fitPage(records.map(formatJsonLine), true);
  const oldest = messages[lines.length - 1]?.id;
  if (isCut && oldest !== undefined) return { lines, links: { prev: { before: oldest } } };
  if (rest === undefined) return { lines, links: {} };
  if (rest.before !== undefined) return { lines, links: { prev: { before: rest.before } } };
  const unsearched = formatJsonLine(makeUnsearchedRecord(messages.at(-1)?.time));
  return { lines: [unsearched, ...lines], links: {} };
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

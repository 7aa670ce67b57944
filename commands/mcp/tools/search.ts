/** The tool `search`: messages with the given words, in what is allowed. */
import { z } from "zod";
import { toPrintable } from "../../../lib/base/printable_text.ts";
import { conversationOf } from "../../../lib/client/conversation/model/chat_entry.ts";
import {
  describeSearchRest,
  makeSearchMessage,
  parseFoundPage,
} from "../../../lib/client/conversation/search/search_page.ts";
import { explainFailure, findFailureReply } from "../../../lib/client/session/failure_reply.ts";
import { SOJU_SEARCH } from "../../../lib/irc/capability_names.ts";
import { parseSearchRequest } from "../../../lib/irc/search/search_request.ts";
import type { SearchRequest } from "../../../lib/irc/search/search_request.ts";
import type { Agent, ToolAnswer } from "../agent.ts";
import {
  countItemBytes,
  DATA_WARNING,
  formatItems,
  makeMessageRecord,
  MAX_RESULT_BYTES,
} from "../message_data.ts";
import type { DataItem } from "../message_data.ts";
import { ToolRefusal } from "../tool_refusal.ts";
import { describeLeftOut } from "./read_since.ts";
import { conversation, MAX_NAME_LENGTH, messageRecord } from "./schemas.ts";

/** Most messages of one call. */
export const MAX_FOUND_MESSAGES = 50;
const DEFAULT_FOUND_MESSAGES = 20;
/** Longest query, in UTF-16 code units; the server takes about 500 bytes. */
export const MAX_QUERY_LENGTH = 400;

export const searchInput = z.object({
  query: z.string().min(1).max(MAX_QUERY_LENGTH).describe(
    'words that all are in the message; also "a phrase", begin*, -not, from:NAME, since:1w, until:2026-01-31, has:link',
  ),
  conversation: conversation.optional().describe("only there; left out: everywhere that is allowed"),
  limit: z.number().int().min(1).max(MAX_FOUND_MESSAGES).default(DEFAULT_FOUND_MESSAGES).describe(
    "most messages",
  ),
  before: z.string().max(MAX_NAME_LENGTH).optional().describe(
    "the `before` of the last call, for earlier matches",
  ),
});

export const searchOutput = z.object({
  messages: z.array(messageRecord).describe("the oldest first"),
  left_out: z.number().describe("messages of people who are not allowed"),
  before: z.string().nullable().describe(
    "give it to the next call for earlier matches; null: there are none",
  ),
  note: z.string().nullable(),
});

export async function search(agent: Agent, input: z.infer<typeof searchInput>): Promise<ToolAnswer> {
  const link = await agent.connection.require();
  const { request, closed } = makeRequest(agent, input);
  if (!link.session.caps.has(SOJU_SEARCH)) throw new ToolRefusal("the server has no search");
  const { limit, before } = input;
  const message = makeSearchMessage({ request, limit, ...before !== undefined && { before } });
  if ("fault" in message) throw new ToolRefusal(message.fault);
  const outcome = await link.request(message);
  if (outcome.kind !== "answered") throw new ToolRefusal("the server did not answer the search; try again");
  const failure = findFailureReply(outcome.lines);
  if (failure !== undefined) throw new ToolRefusal(toPrintable(explainFailure(failure)));
  const { accounts } = agent.connection;
  for (const line of outcome.lines) accounts.noteEarlier(line);
  const { messages, rest } = parseFoundPage(outcome.lines, agent.clock.now());
  const readable = messages.filter((entry) => agent.allowed.isAllowed(conversationOf(entry, link.nick)));
  const shown = readable.filter((entry) =>
    agent.allowed.isShown(
      { ...entry, account: accounts.of(entry) },
      conversationOf(entry, link.nick),
      link.nick,
    )
  );
  const items = shown.map((entry): DataItem => ({
    kind: "message",
    record: makeMessageRecord(entry, link.nick, accounts.of(entry)),
  }));
  const fitting = takeFitting(items);
  const earlier = fitting.length < items.length ? shown[fitting.length - 1]?.id : rest?.before;
  const notes = [...closed, ...rest === undefined ? [] : [describeSearchRest(rest)]];
  return formatFound(fitting.reverse(), readable.length - shown.length, earlier, notes.join("; ") || null);
}

/** `closed`: why rooms are left out. @throws {ToolRefusal} It is no request, or names a place that is not allowed. */
function makeRequest(
  { allowed, clock, connection }: Agent,
  { query, conversation }: z.infer<typeof searchInput>,
): { request: SearchRequest; closed: string[] } {
  const request = parseSearchRequest(query, clock.now());
  if ("fault" in request) throw new ToolRefusal(toPrintable(`query: ${request.fault}`));
  const named = [...request.in, ...conversation === undefined ? [] : [conversation]];
  const places = named.length > 0 ? named.map((name) => allowed.require(name)) : allowed.requireAll();
  const open = places.filter((place) => connection.whyClosed(place) === undefined);
  const closed = places.flatMap((place) => connection.whyClosed(place) ?? []);
  if (open.length === 0) throw new ToolRefusal(closed.join("; "));
  return { request: { ...request, in: open }, closed };
}

/** The first of `items`, which are the newest, that one result has space for. */
function takeFitting(items: readonly DataItem[]): DataItem[] {
  let bytes = 0;
  const end = items.findIndex((item, at) => (bytes += countItemBytes(item)) > MAX_RESULT_BYTES && at > 0);
  return items.slice(0, end < 0 ? items.length : end);
}

function formatFound(
  items: readonly DataItem[],
  leftOut: number,
  before: string | undefined,
  note: string | null,
): ToolAnswer {
  const text = [
    items.length === 0 ? "nothing was found\n" : `${DATA_WARNING}\n${formatItems(items)}`,
    describeLeftOut(leftOut),
    note === null ? "" : `${note}\n`,
    before === undefined ? "" : `before: ${toPrintable(before)}\n`,
  ].join("").trimEnd();
  const messages = items.flatMap((each) => each.kind === "message" ? [each.record] : []);
  return { text, data: { messages, left_out: leftOut, before: before ?? null, note } };
}

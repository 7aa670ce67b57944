/** Limits of the HTTP API and of hooks. */
import type { Limit } from "../limit.ts";

const QUERY = "lib/web/api/message_query.ts";
const SESSIONS = "lib/web/api/api_session.ts";
const BUDGET = "lib/web/api/response_budget.ts";
const HOOK_TEXT = "lib/web/hooks/hook_text.ts";
const SESSIONS_TEST = "web/api/api_session_test.ts: api sessions: ";
const UNTIMED = "the program has no clock of a test's";

export const API: readonly Limit[] = [
  {
    what: "text of a message",
    bound: "{MAX_TEXT_BYTES}",
    beyond: "`413`",
    constants: { "lib/web/api/message_post.ts": ["MAX_TEXT_BYTES"] },
    shownBy: ["web/api/sending_test.ts: api: what is no message is refused, and says what is wrong"],
  },
  {
    what: "text of a hook",
    bound: "{MAX_HOOK_LINES} lines of {MAX_HOOK_LINE_BYTES}",
    beyond: "cut",
    constants: { [HOOK_TEXT]: ["MAX_HOOK_LINES", "MAX_HOOK_LINE_BYTES"] },
    shownBy: ["web/hooks/hook_body_test.ts: hooks: plain text has no control characters, and is bounded"],
  },
  {
    what: "messages of a page",
    bound: "{MAX_PAGE_MESSAGES}, {DEFAULT_PAGE_MESSAGES} if not given",
    beyond: "`422`",
    constants: { [QUERY]: ["MAX_PAGE_MESSAGES", "DEFAULT_PAGE_MESSAGES"] },
    shownBy: [
      "web/api/message_query_test.ts: a query that is not valid is refused, with the parameter's name",
    ],
  },
  {
    what: "bytes of a page",
    bound: "{MAX_PAGE_BYTES}, read {MAX_READ_MESSAGES} messages at a time",
    beyond: "the rest is behind `Link`",
    constants: {
      "lib/web/api/message_page.ts": ["MAX_PAGE_BYTES"],
      "lib/web/api/message_list.ts": ["MAX_READ_MESSAGES"],
    },
    shownBy: [
      "web/api/page_size_test.ts: api: a page has a bounded number of bytes, and links to the rest, forwards and backwards",
    ],
  },
  {
    what: "pages of one token that are read at a time",
    bound: "{MAX_PAGES_AT_A_TIME}",
    beyond: "wait",
    constants: { "lib/web/api/api_session.ts": ["MAX_PAGES_AT_A_TIME"] },
    shownBy: [
      "base/concurrency_gate_test.ts: gate: so many tasks run at a time, the others in their order, also behind one that fails",
    ],
  },
  {
    what: "pages and events that wait for readers, of one address",
    bound: "{MAX_ADDRESS_WAITING_BYTES}",
    beyond: "`429`; a stream ends",
    constants: { [BUDGET]: ["MAX_ADDRESS_WAITING_BYTES"] },
    shownBy: [
      "web/api/page_size_test.ts: api: pages that an address does not read are bounded, and those of others are answered",
    ],
  },
  {
    what: "pages and events that wait for readers, of all addresses",
    bound: "{MAX_WAITING_BYTES}",
    beyond: "`503`; a slow stream ends",
    constants: { [BUDGET]: ["MAX_WAITING_BYTES"] },
    shownBy: [
      "web/api/page_size_test.ts: api: what waits is counted for each address and for all, until it is read",
    ],
  },
  {
    what: "time without being read that a request waits",
    bound: "{MAX_THROTTLE_MS}",
    beyond: "`429`",
    constants: { [SESSIONS]: ["MAX_THROTTLE_MS"] },
    shownBy: [
      "web/api/session_end_test.ts: api: a client that owes for its requests is told when to come back",
    ],
  },
  {
    what: "streams of one token",
    bound: "{MAX_TOKEN_STREAM_COUNT}",
    beyond: "`429`",
    constants: { "lib/web/api/api_call.ts": ["MAX_TOKEN_STREAM_COUNT"] },
    shownBy: [
      "web/api/stream_test.ts: api: a token has a bounded number of streams, and one that ends makes room",
    ],
  },
  {
    what: "streams of all tokens",
    bound: "{MAX_STREAM_COUNT}",
    beyond: "`503`",
    constants: { "lib/web/api/api_call.ts": ["MAX_STREAM_COUNT"] },
    shownBy: ["web/api/api_call_test.ts: streams are counted for each token and for all"],
  },
  {
    what: "bytes that wait for the reader of a stream",
    bound: "{MAX_QUEUED_BYTES}",
    beyond: "dropped; the stream ends and says so",
    constants: { "lib/web/api/event_queue.ts": ["MAX_QUEUED_BYTES"] },
    shownBy: ["web/api/slow_reader_test.ts: api: a reader that is too slow is told so"],
  },
  {
    what: "sessions that requests share",
    bound: "{MAX_API_SESSIONS}",
    beyond: "an idle one ends; without one `503`",
    constants: { [SESSIONS]: ["MAX_API_SESSIONS"] },
    shownBy: [`${SESSIONS_TEST}there are a bounded number, and one without requests makes room`],
  },
  {
    what: "requests of one token in progress",
    bound: "{MAX_SESSION_REQUESTS}",
    beyond: "`429`",
    constants: { [SESSIONS]: ["MAX_SESSION_REQUESTS"] },
    shownBy: [`${SESSIONS_TEST}the requests of one token that wait at a time are bounded`],
  },
  {
    what: "time that a session stays open without requests",
    bound: "{IDLE_MS}",
    beyond: "closed",
    constants: { [SESSIONS]: ["IDLE_MS"] },
    shownBy: [`${SESSIONS_TEST}requests of one token and address share a session`],
  },
  {
    what: "time for a login, and for sending",
    bound: "{LOGIN_TIMEOUT_MS}, {SEND_TIMEOUT_MS}",
    beyond: "`503`",
    constants: { [SESSIONS]: ["LOGIN_TIMEOUT_MS"], "lib/web/api/message_post.ts": ["SEND_TIMEOUT_MS"] },
    unseen: UNTIMED,
  },
];

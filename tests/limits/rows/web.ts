/** Limits of HTTP, WebSocket and PROXY headers. */
import type { Limit } from "../limit.ts";

const UPGRADE = "lib/net/web/http_upgrade.ts";
const HEADER = "lib/net/proxy/proxy_header.ts";
const HEADER_READER = "lib/net/proxy/proxy_header_reader.ts";
const HEADER_TEST = "net/proxy_header_test.ts: version 2: what is malformed, unknown or too long";

export const WEB: readonly Limit[] = [
  {
    what: "head of an HTTP request",
    bound: "{MAX_HEAD_BYTES}",
    beyond: "refused, closed",
    constants: { "lib/net/web/http_request.ts": ["MAX_HEAD_BYTES"] },
    shownBy: ["net/http_request_test.ts: a head without end is given up"],
  },
  {
    what: "time for an HTTP request",
    bound: "{REQUEST_MS}",
    beyond: "refused, closed",
    constants: { [UPGRADE]: ["REQUEST_MS"] },
    shownBy: ["server/web_test.ts: a request that does not end costs no session, and is given up"],
  },
  {
    what: "body of an HTTP request",
    bound: "{MAX_BODY_BYTES}, {BODY_MS}",
    beyond: "refused, closed",
    constants: {
      "lib/net/web/http_body.ts": ["MAX_BODY_BYTES"],
      "lib/net/web/http_exchange.ts": ["BODY_MS"],
    },
    shownBy: [
      "net/http_exchange_test.ts: a body that does not come is given up",
      "net/http_exchange_test.ts: ${name} is refused, and nothing behind it is read as a request",
    ],
  },
  {
    what: "line and trailers of a chunked body",
    bound: "{MAX_CHUNK_LINE_BYTES}, {MAX_TRAILER_LINES} lines",
    beyond: "refused, closed",
    constants: { "lib/net/web/http_body.ts": ["MAX_CHUNK_LINE_BYTES", "MAX_TRAILER_LINES"] },
    shownBy: ["net/http_exchange_test.ts: ${name} is refused, and nothing behind it is read as a request"],
  },
  {
    what: "requests that are being answered",
    bound: "{MAX_EXCHANGES}",
    beyond: "refused, closed",
    constants: { [UPGRADE]: ["MAX_EXCHANGES"] },
    shownBy: ["net/http_exchange_test.ts: beyond so many requests at once the next is told to come back"],
  },
  {
    what: "further ones for health checks",
    bound: "{SPARE_EXCHANGES}",
    beyond: "refused, closed",
    constants: { [UPGRADE]: ["SPARE_EXCHANGES"] },
    shownBy: ["net/body_counts_test.ts: a health check is answered while no other request is"],
  },
  {
    what: "bodies of requests that are on their way",
    bound: "{MAX_BODIES}, {MAX_ADDRESS_BODIES} of one address",
    beyond: "refused, closed",
    constants: { "lib/net/web/body_counts.ts": ["MAX_BODIES", "MAX_ADDRESS_BODIES"] },
    shownBy: [
      "net/body_counts_test.ts: bodies on their way leave room for requests without one",
      "net/body_counts_test.ts: an address has so many bodies on their way, and one that has come makes room",
    ],
  },
  {
    what: "time in which a client takes a part of a response",
    bound: "{WRITE_TIMEOUT_MS} for {WRITE_BYTES}",
    beyond: "closed",
    constants: {
      "lib/net/send_queue.ts": ["WRITE_TIMEOUT_MS"],
      "lib/net/web/http_response_writer.ts": ["WRITE_BYTES"],
    },
    shownBy: ["net/http_exchange_test.ts: a client that takes nothing of a response is cut off"],
  },
  {
    what: "requests on one connection, and its time without one",
    bound: "{MAX_REQUESTS_PER_CONNECTION}, {IDLE_MS}",
    beyond: "closed",
    constants: { [UPGRADE]: ["MAX_REQUESTS_PER_CONNECTION", "IDLE_MS"] },
    shownBy: [
      "net/http_exchange_test.ts: a connection without a request is closed after a while, and one has so many requests",
    ],
  },
  {
    what: "bytes read ahead while a response is made",
    bound: "{MAX_READ_AHEAD_BYTES}",
    beyond: "the rest waits in the network",
    constants: { "lib/net/web/http_input.ts": ["MAX_READ_AHEAD_BYTES"] },
    shownBy: [
      "net/http_exchange_test.ts: what comes while a response is made is read so far ahead, and no further",
    ],
  },
  {
    what: "cost of an HTTP request, in tokens of its address",
    bound: "{REQUEST_TOKENS}",
    beyond: "the next request waits",
    constants: { "lib/server/listen/web_client_admission.ts": ["REQUEST_TOKENS"] },
    shownBy: [
      "adversary/http_test.ts: requests cost the tokens of their address, those of this machine none",
    ],
  },
  {
    what: "cost of a page of messages, in tokens of its address",
    bound: "one for {RESPONSE_TOKEN_BYTES}",
    beyond: "the next request waits",
    constants: { "lib/server/listen/web_client_admission.ts": ["RESPONSE_TOKEN_BYTES"] },
    shownBy: ["adversary/http_test.ts: a large response costs the tokens of its address"],
  },
  {
    what: "bytes on their way within the process",
    bound: "{PIPE_MAX_BYTES} each way",
    beyond: "the writer waits",
    constants: { "lib/net/pipe_conn.ts": ["PIPE_MAX_BYTES"] },
    shownBy: [
      "net/pipe_conn_test.ts: a write takes what there is room for, and the next waits for the reader",
    ],
  },
  {
    what: "connections that wait for an HTTP request or its end",
    bound: "{MAX_REQUESTS}",
    beyond: "the oldest is closed",
    constants: { [UPGRADE]: ["MAX_REQUESTS"] },
    shownBy: [
      "net/http_upgrade_test.ts: very many requests that do not end take the place of the oldest of them",
    ],
  },
  {
    what: "a WebSocket message",
    bound: "{MAX_MESSAGE_BYTES}",
    beyond: "closed with the reason",
    constants: { "lib/net/web/websocket_frames.ts": ["MAX_MESSAGE_BYTES"] },
    shownBy: [
      "net/websocket_conn_test.ts: a message far beyond is the end, and it is told why",
      "net/websocket_frames_test.ts: a huge frame is refused by its head alone",
    ],
  },
  {
    what: "PROXY header, version 1",
    bound: "{MAX_LINE_BYTES}",
    beyond: "closed, logged",
    constants: { [HEADER]: ["MAX_LINE_BYTES"] },
    shownBy: ["net/proxy_header_test.ts: version 1: ${JSON.stringify(line.slice(0, 60))} is malformed"],
  },
  {
    what: "PROXY header, version 2",
    bound: "{MAX_PROXY_HEADER_BYTES}",
    beyond: "closed, logged",
    constants: { [HEADER]: ["MAX_PROXY_HEADER_BYTES"] },
    shownBy: [HEADER_TEST],
  },
  {
    what: "time for a PROXY header",
    bound: "{HEADER_MS}",
    beyond: "closed, logged",
    constants: { [HEADER_READER]: ["HEADER_MS"] },
    shownBy: ["net/proxy_header_reader_test.ts: what takes too long is closed, and is a fault"],
  },
  {
    what: "PROXY headers in progress",
    bound: "{MAX_PENDING}",
    beyond: "the oldest is closed",
    constants: { [HEADER_READER]: ["MAX_PENDING"] },
    shownBy: [
      "net/proxy_header_reader_test.ts: of too many that say nothing the oldest is closed, and at the end all are",
    ],
  },
];

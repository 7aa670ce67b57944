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
    what: "HTTP requests in progress",
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

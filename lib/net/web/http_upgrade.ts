/**
 * Entry for browsers: a connection begins with an HTTP request. A request for WebSocket becomes a connection like any
 * other; every other request gets an HTTP response. Until then the connection has no session, little time and little
 * memory.
 */
import { encodeUtf8 } from "../../base/bytes.ts";
import { closeQuietly, type Conn } from "../conn.ts";
import { PendingConns } from "../pending_conns.ts";
import { LineFramer, WebSocketServerConn, writeAll } from "./websocket_conn.ts";
import { formatHttpResponse, HeadReader, PROXY_HEADER_RESPONSE } from "./http_request.ts";
import type { HttpRequest, HttpResponse } from "./http_request.ts";
import { checkHandshake, formatHandshakeResponse } from "./websocket_handshake.ts";
import type { OriginPolicy } from "./websocket_handshake.ts";

/** From the connection (with TLS) to the end of the request. */
const REQUEST_MS = 10_000;
/** Bound on pending requests; one more closes the oldest. */
const MAX_REQUESTS = 1024;
const READ_BYTES = 2048;
/** Time that the peer has to read a response; meanwhile this many reads are dropped. */
const LINGER_MS = 500;
const MAX_LINGER_READS = 16;

const TIMEOUT_RESPONSE: HttpResponse = { status: 408, text: "The request took too long." };

/** The server's decision on a request. */
export interface UpgradeAdmission {
  /** Checks a valid WebSocket request; returns the response that refuses it, or undefined to admit it. */
  admit(request: HttpRequest): HttpResponse | undefined;
  /** A PROXY header arrived in place of a request. */
  handleProxyHeader(): void;
}

const ADMIT_ALL: UpgradeAdmission = { admit: () => undefined, handleProxyHeader() {} };

export class HttpUpgrader {
  readonly #policy: OriginPolicy;
  readonly #requestMs: number;
  readonly #pending = new PendingConns(MAX_REQUESTS);
  readonly #framers = { text: new LineFramer("text"), binary: new LineFramer("binary") };

  constructor(policy: OriginPolicy, requestMs = REQUEST_MS) {
    this.#policy = policy;
    this.#requestMs = requestMs;
  }

  /** Number of pending requests. */
  get requests(): number {
    return this.#pending.size;
  }

  /** Reads the request on `conn`; returns a WebSocket connection, or undefined after it has sent another response. */
  async upgrade(
    conn: Conn,
    admission: UpgradeAdmission = ADMIT_ALL,
  ): Promise<WebSocketServerConn | undefined> {
    this.#pending.add(conn);
    const late = setTimeout(() => timeOutRequest(conn), this.#requestMs);
    try {
      const asked = await readRequest(conn);
      if (asked === undefined) return closeQuietly(conn);
      clearTimeout(late);
      if (asked === PROXY_HEADER_RESPONSE) admission.handleProxyHeader();
      if ("status" in asked) return await respondAndClose(conn, formatHttpResponse(asked));
      const verdict = checkHandshake(asked.request, this.#policy);
      const answer = verdict.kind === "answer" ? verdict.answer : admission.admit(asked.request);
      if (verdict.kind === "answer" || answer !== undefined) {
        return await respondAndClose(conn, formatHttpResponse(answer!, asked.request.method));
      }
      await writeAll(conn, encodeUtf8(await formatHandshakeResponse(verdict.key, verdict.protocol)));
      return new WebSocketServerConn(conn, this.#framers[verdict.form], asked.rest);
    } catch {
      return closeQuietly(conn); // closed by either side
    } finally {
      clearTimeout(late);
      this.#pending.delete(conn);
    }
  }

  /** Response to a client that is refused before its request is read. */
  formatRefusal(status: 403 | 429, text: string): string {
    return formatHttpResponse({ status, text });
  }

  /** Closes all pending connections. */
  close(): void {
    this.#pending.close();
  }
}

/** The request and the bytes after it, or the response to a bad one; undefined if the connection ended before. */
async function readRequest(
  conn: Conn,
): Promise<{ readonly request: HttpRequest; readonly rest: Uint8Array } | HttpResponse | undefined> {
  const reader = new HeadReader();
  const buffer = new Uint8Array(READ_BYTES);
  for (;;) {
    const length = await conn.read(buffer.subarray(0, Math.min(READ_BYTES, reader.space)));
    if (length === null) return undefined;
    const head = reader.push(buffer.subarray(0, length));
    if (head.kind === "bad") return head.answer;
    if (head.kind === "ok") return { request: head.request, rest: reader.rest(head.length) };
  }
}

/** Ends a request that takes too long. */
function timeOutRequest(conn: Conn): void {
  writeAll(conn, encodeUtf8(formatHttpResponse(TIMEOUT_RESPONSE))).catch(() => {}); // closed
  setTimeout(() => closeQuietly(conn), LINGER_MS);
}

/** Sends `words` as the last output, and closes once the peer has had time to read it. */
async function respondAndClose(conn: Conn, words: string): Promise<undefined> {
  const late = setTimeout(() => closeQuietly(conn), LINGER_MS);
  const buffer = new Uint8Array(READ_BYTES);
  try {
    await writeAll(conn, encodeUtf8(words));
    await conn.closeWrite();
    for (let reads = 0; reads < MAX_LINGER_READS && await conn.read(buffer) !== null; reads++);
  } catch {
    // closed
  } finally {
    clearTimeout(late);
  }
  return closeQuietly(conn);
}

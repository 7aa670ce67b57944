/**
 * Where browsers come in: a connection begins with an HTTP request. One that asks for WebSocket becomes a connection like any other;
 * all else is answered in words. Until then it has no session, little time and little memory.
 */
import { encodeUtf8 } from "../../base/bytes.ts";
import { closeQuietly, type Conn } from "../conn.ts";
import { PendingConns } from "../pending_conns.ts";
import { LineFramer, WebSocketServerConn, writeAll } from "./websocket_conn.ts";
import { formatHttpResponse, HeadReader, PROXY_HEADER_RESPONSE } from "./http_request.ts";
import type { HttpRequest, HttpResponse } from "./http_request.ts";
import { checkHandshake, formatHandshakeResponse } from "./websocket_handshake.ts";
import type { OriginPolicy } from "./websocket_handshake.ts";

/** From the connection (and TLS) to the end of the request. */
const REQUEST_MS = 10_000;
/** So many requests may be under way at once; when one more comes, the oldest is let go. */
const MAX_REQUESTS = 1024;
const READ_BYTES = 2048;
/** After an answer the peer has this long to read it, and this many reads are dropped. */
const LINGER_MS = 500;
const MAX_LINGER_READS = 16;

const TIMEOUT_RESPONSE: HttpResponse = { status: 408, text: "The request took too long." };

/** What the server says of a request before it is granted. */
export interface UpgradeAdmission {
  /** A request for WebSocket that is right so far: what refuses it; undefined: nothing. */
  admit(request: HttpRequest): HttpResponse | undefined;
  /** A PROXY header came in place of a request. */
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

  /** Requests under way. */
  get requests(): number {
    return this.#pending.size;
  }

  /** Hears what whoever has connected wants: a WebSocket connection, or undefined when all is said. */
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
      return closeQuietly(conn); // gone, or let go
    } finally {
      clearTimeout(late);
      this.#pending.delete(conn);
    }
  }

  /** What somebody is told who is not even asked what it wants. */
  formatRefusal(status: 403 | 429, text: string): string {
    return formatHttpResponse({ status, text });
  }

  /** Nobody is heard any more. */
  close(): void {
    this.#pending.close();
  }
}

/** The request, and what came behind it; or what is wrong with it; undefined: it ended before. */
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

/** Its request does not come to an end. */
function timeOutRequest(conn: Conn): void {
  writeAll(conn, encodeUtf8(formatHttpResponse(TIMEOUT_RESPONSE))).catch(() => {}); // gone
  setTimeout(() => closeQuietly(conn), LINGER_MS);
}

/** Says `words`, the last there is to say, and closes once they can have been read. */
async function respondAndClose(conn: Conn, words: string): Promise<undefined> {
  const late = setTimeout(() => closeQuietly(conn), LINGER_MS);
  const buffer = new Uint8Array(READ_BYTES);
  try {
    await writeAll(conn, encodeUtf8(words));
    await conn.closeWrite();
    for (let reads = 0; reads < MAX_LINGER_READS && await conn.read(buffer) !== null; reads++);
  } catch {
    // gone
  } finally {
    clearTimeout(late);
  }
  return closeQuietly(conn);
}

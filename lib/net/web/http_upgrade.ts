/**
 * Entry for browsers and other HTTP clients: a connection begins with an HTTP request. A request for WebSocket becomes
 * a connection like any other; other requests are for the handler, and without one get a response that says so. Until
 * a request is whole the connection has no session, little time and little memory.
 */
import { encodeUtf8 } from "../../base/bytes.ts";
import { closeQuietly, type Conn, writeAll } from "../conn.ts";
import { BodyCounts } from "./body_counts.ts";
import { PendingConns } from "../pending_conns.ts";
import { RecordingConn } from "../tunnel.ts";
import { LineFramer, WebSocketServerConn } from "./websocket_conn.ts";
import { HttpExchange } from "./http_exchange.ts";
import type { ExchangeEnd } from "./http_exchange.ts";
import type { HttpHandler } from "./http_handler.ts";
import { HttpInput } from "./http_input.ts";
import { formatHttpResponse, HeadReader, PROXY_HEADER_RESPONSE } from "./http_request.ts";
import type { HttpRequest, HttpResponse } from "./http_request.ts";
import { asksForWebSocket, checkHandshake, formatHandshakeResponse } from "./websocket_handshake.ts";
import type { OriginPolicy } from "./websocket_handshake.ts";

/** From the connection (with TLS), or the first byte of a later request, to the end of the head. */
const REQUEST_MS = 10_000;
/** Time that a connection without a request is kept for the next one. */
const IDLE_MS = 30_000;
/** Bound on connections that wait for a request or its end; one more closes the oldest. */
const MAX_REQUESTS = 1024;
/** Bound on requests that are being answered. Their bodies, of 1 MiB at most, are in memory. */
export const MAX_EXCHANGES = 512;
/** Further ones for requests that {@link HttpUpgraderOptions.isUrgent} selects. */
const SPARE_EXCHANGES = 16;
/** Requests on one connection. */
const MAX_REQUESTS_PER_CONNECTION = 1000;
/** How often a request that waits for tokens looks for them. */
const THROTTLE_POLL_MS = 100;
/** Time that the peer has to read the last response; meanwhile this many reads are dropped. */
const LINGER_MS = 500;
const MAX_LINGER_READS = 16;

const TIMEOUT_RESPONSE: HttpResponse = { status: 408, text: "The request took too long." };
const BUSY_RESPONSE: HttpResponse = {
  status: 503,
  text: "The server is answering as many requests as it can; try again in a second.",
  headers: { "retry-after": "1" },
};

/** The server's decision on the requests of a connection. */
export interface UpgradeAdmission {
  /** Checks a valid request; returns the response that refuses it, or undefined to admit it. */
  admit(request: HttpRequest): HttpResponse | undefined;
  /** As {@link admit}, for a request that the handler answers. */
  admitRequest(request: HttpRequest): HttpResponse | undefined;
  /** Takes what the request costs its client; false: it must wait. */
  takeTokens(): boolean;
  /** Charges the client for so many bytes of a response. */
  charge(bytes: number): void;
  /** The address of the client as limits count it; undefined: it is exempt. */
  readonly site: string | undefined;
  /** Where an admitted request comes from. */
  readonly origin: { readonly host: string; readonly secure: boolean; readonly endpoint?: string };
  /** Whether all requests of the connection come from one client: not behind a trusted proxy. */
  readonly hasOneClient: boolean;
  /** A PROXY header arrived in place of a request. */
  handleProxyHeader(): void;
}

const ADMIT_ALL: UpgradeAdmission = {
  admit: () => undefined,
  admitRequest: () => undefined,
  takeTokens: () => true,
  charge() {},
  site: undefined,
  origin: { host: "localhost", secure: false },
  hasOneClient: true,
  handleProxyHeader() {},
};

export interface HttpUpgraderOptions {
  /** Answers requests that do not ask for WebSocket. */
  readonly handler?: HttpHandler;
  /**
   * Takes over a connection with a request that does not ask for WebSocket, in place of a handler. `first`: the bytes
   * that were read from it.
   */
  readonly tunnel?: (conn: Conn, first: Uint8Array, from: UpgradeAdmission) => Promise<void>;
  /** Whether a request is answered also while there are {@link MAX_EXCHANGES}, such as a health check. */
  readonly isUrgent?: (request: HttpRequest) => boolean;
  readonly requestMs?: number;
  readonly idleMs?: number;
  readonly bodyMs?: number;
}

export class HttpUpgrader {
  readonly #policy: OriginPolicy;
  readonly #options: HttpUpgraderOptions;
  readonly #pending = new PendingConns(MAX_REQUESTS);
  readonly #exchanges = new Map<Conn, HttpExchange>();
  readonly #bodies = new BodyCounts();
  readonly #framers = { text: new LineFramer("text"), binary: new LineFramer("binary") };
  /** Connections that are not closed and not upgraded. */
  #open = 0;
  #isClosing = false;
  #closed: PromiseWithResolvers<void> | undefined;

  constructor(policy: OriginPolicy, options: HttpUpgraderOptions = {}) {
    this.#policy = policy;
    this.#options = options;
  }

  /** Number of connections that wait for a request or its end. */
  get requests(): number {
    return this.#pending.size;
  }

  /** Number of requests that are being answered. */
  get exchanges(): number {
    return this.#exchanges.size;
  }

  /**
   * Reads requests on `conn` and has them answered; returns a WebSocket connection, or undefined after the last
   * response.
   */
  async upgrade(
    conn: Conn,
    admission: UpgradeAdmission = ADMIT_ALL,
  ): Promise<WebSocketServerConn | undefined> {
    const { handler, tunnel } = this.#options;
    const recorder = tunnel && new RecordingConn(conn);
    const input = new HttpInput(recorder ?? conn);
    this.#open++;
    try {
      for (let count = 1;; count++) {
        const asked = await this.#readHead(conn, input, count === 1);
        if (asked === undefined) return closeQuietly(conn);
        if (asked === PROXY_HEADER_RESPONSE) admission.handleProxyHeader();
        if ("status" in asked) return await this.#respondAndClose(conn, input, formatHttpResponse(asked));
        if (tunnel !== undefined && !asksForWebSocket(asked)) {
          await tunnel(conn, recorder!.bytes, admission);
          return undefined;
        }
        if (handler === undefined || asksForWebSocket(asked)) {
          return await this.#shakeHands(conn, input, asked, admission);
        }
        const end = await this.#answer(conn, input, asked, admission, count);
        if (end === "keep") continue;
        if (end === "lost") return closeQuietly(conn);
        return await this.#respondAndClose(
          conn,
          input,
          end === "close" ? "" : formatHttpResponse(end, asked.method, "problem"),
        );
      }
    } catch {
      return closeQuietly(conn); // closed by either side
    } finally {
      if (--this.#open === 0) this.#closed?.resolve();
    }
  }

  /** Response to a client that is refused before its request is read. */
  formatRefusal(status: 403 | 429, text: string): string {
    return formatHttpResponse({ status, text });
  }

  /** Closes all connections without a request at once, and the others when they are answered or after LINGER_MS. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#pending.close();
    for (const exchange of this.#exchanges.values()) exchange.abort();
    if (this.#open === 0) return;
    const late = setTimeout(() => [...this.#exchanges.keys()].forEach(closeQuietly), LINGER_MS);
    await (this.#closed ??= Promise.withResolvers()).promise;
    clearTimeout(late);
  }

  /** Upgrades to WebSocket, or sends another response. */
  async #shakeHands(
    conn: Conn,
    input: HttpInput,
    request: HttpRequest,
    admission: UpgradeAdmission,
  ): Promise<WebSocketServerConn | undefined> {
    const verdict = checkHandshake(request, this.#policy);
    const answer = verdict.kind === "answer" ? verdict.answer : admission.admit(request);
    if (verdict.kind === "answer" || answer !== undefined) {
      return await this.#respondAndClose(conn, input, formatHttpResponse(answer!, request.method));
    }
    await writeAll(conn, encodeUtf8(await formatHandshakeResponse(verdict.key, verdict.protocol)));
    return new WebSocketServerConn(conn, this.#framers[verdict.form], input.available);
  }

  async #answer(
    conn: Conn,
    input: HttpInput,
    request: HttpRequest,
    admission: UpgradeAdmission,
    count: number,
  ): Promise<ExchangeEnd> {
    const spare = this.#options.isUrgent?.(request) === true ? SPARE_EXCHANGES : 0;
    if (this.#exchanges.size >= MAX_EXCHANGES + spare) return BUSY_RESPONSE;
    const refusal = admission.admitRequest(request);
    if (refusal !== undefined) return refusal;
    if (!admission.takeTokens()) {
      const hasTokens = await this.#whilePending(conn, () => this.#waitForTokens(input, admission));
      if (!hasTokens) return "lost";
    }
    const exchange = new HttpExchange({
      conn,
      input,
      request,
      host: admission.origin.host,
      isSecure: admission.origin.secure,
      handler: this.#options.handler!,
      takeBody: () => this.#bodies.take(admission.site),
      charge: (bytes) => admission.charge(bytes),
      mayKeepAlive: admission.hasOneClient && count < MAX_REQUESTS_PER_CONNECTION,
      ...(this.#options.bodyMs !== undefined && { bodyMs: this.#options.bodyMs }),
    });
    this.#exchanges.set(conn, exchange);
    try {
      const end = await exchange.run();
      return end === "keep" && this.#isClosing ? "close" : end;
    } finally {
      this.#exchanges.delete(conn);
    }
  }

  /** Waits until the client may have another request answered; false if the connection ends before. */
  async #waitForTokens(input: HttpInput, admission: UpgradeAdmission): Promise<boolean> {
    const watching = new AbortController();
    let isGone = false;
    void input.watch(watching.signal, () => isGone = true);
    try {
      do {
        await new Promise((resolve) => setTimeout(resolve, THROTTLE_POLL_MS));
        if (this.#isClosing || isGone) return false;
      } while (!admission.takeTokens());
      return true;
    } finally {
      watching.abort();
    }
  }

  /** The next request, or the response to a bad one; undefined if the connection ended before. */
  async #readHead(
    conn: Conn,
    input: HttpInput,
    isFirst: boolean,
  ): Promise<HttpRequest | HttpResponse | undefined> {
    const { requestMs = REQUEST_MS, idleMs = IDLE_MS } = this.#options;
    return await this.#whilePending(conn, async () => {
      if (!isFirst && input.available.length === 0) {
        const idle = setTimeout(() => closeQuietly(conn), idleMs);
        const hasMore = await input.readMore().finally(() => clearTimeout(idle));
        if (!hasMore) return undefined;
      }
      let isLate = false;
      const late = setTimeout(() => {
        isLate = true;
        timeOutRequest(conn);
      }, requestMs);
      const asked = await readRequest(input).finally(() => clearTimeout(late));
      return isLate ? undefined : asked; // it has its response
    });
  }

  /** Runs `task`, meanwhile `conn` counts as one that waits for a request. */
  async #whilePending<T>(conn: Conn, task: () => Promise<T>): Promise<T> {
    this.#pending.add(conn);
    try {
      return await task();
    } finally {
      this.#pending.delete(conn);
    }
  }

  /** Sends `words` as the last output, and closes once the peer has had time to read it. */
  async #respondAndClose(conn: Conn, input: HttpInput, words: string): Promise<undefined> {
    if (this.#isClosing) await writeAll(conn, encodeUtf8(words));
    else await this.#whilePending(conn, () => respondAndLinger(conn, input, words));
    return closeQuietly(conn);
  }
}

/** The next request, or the response to a bad one; undefined if the connection ended before. */
async function readRequest(input: HttpInput): Promise<HttpRequest | HttpResponse | undefined> {
  const reader = new HeadReader();
  for (let used = 0;;) {
    if (input.available.length === 0 && !await input.readMore()) return undefined;
    const piece = input.available.subarray(0, Math.min(input.available.length, reader.space));
    const head = reader.push(piece);
    if (head.kind === "bad") return head.answer;
    if (head.kind === "ok") {
      input.skip(head.length - used);
      return head.request;
    }
    input.skip(piece.length);
    used += piece.length;
  }
}

/** Ends a request that takes too long. */
function timeOutRequest(conn: Conn): void {
  writeAll(conn, encodeUtf8(formatHttpResponse(TIMEOUT_RESPONSE))).catch(() => {}); // closed
  setTimeout(() => closeQuietly(conn), LINGER_MS);
}

/** Sends `words` as the last output, and waits until the peer has had time to read it; its input is dropped. */
async function respondAndLinger(conn: Conn, input: HttpInput, words: string): Promise<void> {
  const late = setTimeout(() => closeQuietly(conn), LINGER_MS);
  try {
    await writeAll(conn, encodeUtf8(words));
    await conn.closeWrite();
    for (let reads = 0; reads < MAX_LINGER_READS && await input.readMore(); reads++) {
      input.skip(input.available.length);
    }
  } catch {
    // closed
  } finally {
    clearTimeout(late);
  }
}

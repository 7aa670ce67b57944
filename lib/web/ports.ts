/** What the web application needs of the server, which is above this layer. */
import type { Conn } from "../net/conn.ts";
import type { RequestOrigin } from "../net/web/http_handler.ts";
import type { OriginPolicy } from "../net/web/websocket_handshake.ts";
import type { Metric } from "./metrics_text.ts";

/** Result of opening an IRC connection within the server's process. */
export type WebConnectOutcome =
  /** `conn`: the client's end; for the server it is a client at the address of the HTTP client. */
  | {
    readonly kind: "connected";
    readonly conn: Conn;
    /** Milliseconds for which the server reads nothing of the client, which owes for what it has sent; 0: it reads. */
    waitMs(): number;
  }
  /** The address is banned (403), or has too many connections (429); `why` is a sentence for people. */
  | { readonly kind: "refused"; readonly status: 403 | 429; readonly why: string };

/** What the bearer of a token may do. */
export interface TokenGrant {
  /** Name of the account that the token belongs to. */
  readonly account: string;
  /** Such as `send:#ops`, `read:*` or `metrics`. */
  readonly scopes: readonly string[];
}

export interface ServerStatus {
  /** Why the server is not ready, as sentences; empty: it is. */
  readonly troubles: readonly string[];
}

export interface WebPorts {
  /** Names and origins of the server: requests for other hosts are refused. */
  readonly policy: OriginPolicy;
  /** Opens an IRC connection for the HTTP client at `host`. */
  connect(host: string, isSecure: boolean): WebConnectOutcome;
  /**
   * What the bearer of `token` may do; undefined: it is unknown, expired or revoked. A response: the client is refused
   * for another reason, such as too many requests.
   */
  authorize(token: string, from: RequestOrigin): Promise<TokenGrant | Response | undefined>;
  readStatus(): ServerStatus;
  readMetrics(): readonly Metric[];
  /** Reports a bug that a request has met; `text` holds nothing of the request but method, pattern and status. */
  reportBug(text: string): void;
}

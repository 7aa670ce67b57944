/** What the server and its relay to the fronts need of each other. */
import type { SocketPollBudget } from "../../base/event_loop.ts";
import type { ForwardingHeader } from "../../hub/model/server_event.ts";
import type { Conn } from "../../net/conn.ts";
import type { LineHandler, OutputConn } from "../../net/line_conn.ts";
import type { RefusalKind } from "../../net/refused_connections.ts";
import type { HttpUpgrader } from "../../net/web/http_upgrade.ts";
import type { ClientOrigin } from "../listen/client_origin.ts";

/** The server, as the relay sees it. */
export interface RelayHost {
  readonly polls: SocketPollBudget;
  /** Gives a client of a front a session. Returns the handler of its lines, or the text with which it is refused. */
  attachRelayed(conn: OutputConn, origin: ClientOrigin): LineHandler | string;
  /** Answers the HTTP requests of a client that is connected to a front. */
  acceptTunnel(conn: Conn, origin: ClientOrigin, web: HttpUpgrader): void;
  /** Counts a connection that a front has refused. */
  countRefused(why: string, kind: RefusalKind): void;
  /** Counts a client that a front disconnected because it reads too slowly. */
  countSlowClient(): void;
  reportForwardingHeader(header: ForwardingHeader, host: string): void;
}

/** The relay, as the server sees it. */
export interface ServerRelay {
  /** Sends what the sessions of the fronts were given. */
  flush(): void;
  /** Settles when each front has taken enough of its output for another turn; undefined: none is behind. */
  readonly whenDrained: Promise<void> | undefined;
  /** Bytes in the send queues of the fronts, and in those to the fronts. */
  readonly queuedBytes: number;
  /** Closes the relay of a front that takes nothing. `now`: milliseconds, of a clock without steps. */
  tick(now: number): void;
  /** Has the fronts reload the certificate. */
  reload(): void;
  /** No more clients. */
  stopListening(): void;
}

/** What the server and its relay to the fronts need of each other. */
import type { SocketPollBudget } from "../../base/event_loop.ts";
import type { PresentedSession, RestoredSession, TurnReport } from "../../hub/handover/presentation.ts";
import type { RelayedSession } from "../../hub/model/line_origin.ts";
import type { ForwardingHeader } from "../../hub/model/server_event.ts";
import type { Session } from "../../hub/model/state/entities.ts";
import type { Conn } from "../../net/conn.ts";
import type { LineHandler, OutputConn } from "../../net/line_conn.ts";
import type { RefusalKind } from "../../net/refused_connections.ts";
import type { HttpUpgrader } from "../../net/web/http_upgrade.ts";
import type { ClientOrigin } from "../listen/client_origin.ts";

/** The server, as the relay sees it. */
export interface RelayHost {
  readonly polls: SocketPollBudget;
  /** Gives a client of a front a session. Returns the handler of its lines, or the text with which it is refused. */
  attachRelayed(conn: OutputConn, origin: ClientOrigin, name: RelayedSession): LineHandler | string;
  /** Number of the turn that runs ({@link TurnReport}). */
  readonly turn: number;
  /** An id for a session that a front presents. */
  nextSessionId(): number;
  /** Restores sessions of a front that has presented them after the start; see {@link ServerRelay.resume}. */
  restore(presented: readonly PresentedSession[]): Promise<void>;
  /** Answers the HTTP requests of a client that is connected to a front. */
  acceptTunnel(conn: Conn, origin: ClientOrigin, web: HttpUpgrader): void;
  /** Counts a connection that a front has refused. */
  countRefused(why: string, kind: RefusalKind): void;
  /** Counts a client that a front disconnected because it reads too slowly. */
  countSlowClient(): void;
  reportForwardingHeader(header: ForwardingHeader, host: string): void;
}

/** Connects a restored session to its connection; returns the handler of its lines. */
export type AttachRestored = (session: Session, conn: OutputConn) => LineHandler;

/** The last takeover. */
export interface TakeoverFigures {
  readonly restored: number;
  readonly refused: number;
  /** From the start of the relay until the sessions were restored. */
  readonly ms: number;
}

/** The relay, as the server sees it. */
export interface ServerRelay {
  /** Sends what the sessions of the fronts were given in a turn, with its report. */
  flush(report: TurnReport): void;
  /** Whether a front does not know that the log has come to `seq`. */
  isBehind(seq: number): boolean;
  /**
   * Tells fronts that the hub begins to restore what they have presented, and waits for a bounded time until they know
   * it: it is for them to count hubs that end meanwhile.
   */
  beginRestoring(presented: readonly PresentedSession[]): Promise<void>;
  /**
   * Called within the turn that has restored sessions: connects them, and tells their fronts. Returns sessions of fronts
   * that are gone.
   */
  resume(outcomes: readonly RestoredSession[], attach: AttachRestored): Session[];
  /** Settles when each front has taken enough of its output for another turn; undefined: none is behind. */
  readonly whenDrained: Promise<void> | undefined;
  /** Bytes in the send queues of the fronts, and in those to the fronts. */
  readonly queuedBytes: number;
  /** Number of fronts that are connected. */
  readonly connected: number;
  readonly takeover: TakeoverFigures;
  /** Closes the relay of a front that takes nothing. `now`: milliseconds, of a clock without steps. */
  tick(now: number): void;
  /** No more clients. */
  stopListening(): void;
}

/** The keeper, which runs the processes of the fronts, as the relay sees it. */
export interface FrontKeeper {
  /** Has the front with process `pid` killed and started again. */
  killFront(pid: number): void;
}

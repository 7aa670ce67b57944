/** Gives admitted clients their sessions, and knows the connections of all of them. */
import type { Clock } from "../base/clock.ts";
import type { Handover } from "../hub/handover/handover.ts";
import type { RestoredSession } from "../hub/handover/presentation.ts";
import type { Hub } from "../hub/hub.ts";
import type { RelayedSession } from "../hub/model/line_origin.ts";
import type { Session } from "../hub/model/state/entities.ts";
import type { Conn } from "../net/conn.ts";
import { LineConn } from "../net/line_conn.ts";
import type { LineHandler, OutputConn } from "../net/line_conn.ts";
import { errorLine } from "../net/refused_connections.ts";
import type { RefusalKind, RefusedConnections } from "../net/refused_connections.ts";
import type { WriteScheduler } from "../net/write_scheduler.ts";
import { ClientConnection, RateLimitedConnection } from "./client_connection.ts";
import type { ConnectionHost } from "./client_connection.ts";
import type { AddressLimits, AdmittedClient } from "./listen/address_limits.ts";
import type { ClientOrigin } from "./listen/client_origin.ts";
import type { InboxReader } from "./inbox_reader.ts";
import type { ServerRelay } from "./relay/relay_ports.ts";
import type { ServerOptions } from "./server_options.ts";
import type { ServerLimits } from "./settings/limit_flags.ts";

export interface ClientAttacherOptions {
  readonly hub: Hub;
  readonly server: ConnectionHost;
  readonly options: Pick<ServerOptions, "clock" | "inbox" | "maxQueueBytes">;
  readonly limits: ServerLimits;
  readonly addresses: AddressLimits;
  readonly refusals: RefusedConnections;
  readonly writeScheduler: WriteScheduler;
  /** The clock without its steps. */
  readonly monotonic: Clock;
  /** Called when a client has got its session. */
  readonly onAttached: () => void;
  /** In a server with fronts. */
  readonly handover: Handover | undefined;
}

/** Why there is no session for a client. */
interface NoSession {
  readonly why: string;
  readonly refusal: RefusalKind;
}

export class ClientAttacher {
  readonly #options: ClientAttacherOptions;
  /** By session id. */
  readonly conns = new Map<number, OutputConn>();
  #nextId = 1;
  #isStopped = false;
  /** Connections that are still being read. */
  #openReads = 0;
  /** Resolved when the last of them ends. */
  #lastRead: PromiseWithResolvers<void> | undefined;
  readonly #onRead = () => {
    if (--this.#openReads === 0) this.#lastRead?.resolve();
  };

  constructor(options: ClientAttacherOptions) {
    this.#options = options;
  }

  /** No more sessions. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Resolves when no connection is being read any more. */
  async whenReadsEnd(): Promise<void> {
    if (this.#openReads > 0) await (this.#lastRead = Promise.withResolvers()).promise;
  }

  /**
   * Gives a connection a session. `within` makes the connection inside `conn`, such as TLS, that carries the lines.
   * Returns the milliseconds, at any time, for which no line of it is read.
   */
  attach(conn: Conn, origin: ClientOrigin, admission: AdmittedClient, within?: () => Conn): () => number {
    const { addresses, refusals, monotonic, writeScheduler, options: { maxQueueBytes } } = this.#options;
    const session = this.#openSession(origin);
    if ("why" in session) {
      this.release(admission);
      refusals.refuse(conn, session.why, monotonic.now(), session.refusal, within && "");
      return () => 0;
    }
    const share = addresses.share(admission);
    const line = new LineConn(within?.() ?? conn, writeScheduler, maxQueueBytes, share);
    const connection = this.#connect(session, line, admission);
    void line.serve(this.#withInbox(session, connection)).then(this.#onRead);
    return () => connection.waitMs();
  }

  /** Gives a client of a front a session. Returns the handler of its lines, or the text with which it is refused. */
  attachRelayed(
    conn: OutputConn,
    origin: ClientOrigin,
    admission: AdmittedClient,
    name: RelayedSession,
  ): LineHandler | string {
    const session = this.#openSession(origin);
    if ("why" in session) {
      this.release(admission);
      this.#options.refusals.countRefusal(session.why, this.#options.monotonic.now(), session.refusal);
      return errorLine(session.why);
    }
    this.#options.handover!.open(session, name);
    return this.#connectRelayed(session, conn, admission);
  }

  /** Gives the sessions that a handover has restored their connections, within the turn that has restored them. */
  attachRestored(outcomes: readonly RestoredSession[], relay: ServerRelay): void {
    const { addresses, monotonic, hub, onAttached, options: { clock } } = this.#options;
    if (outcomes.length > 0) onAttached(); // users may be in their grace period
    const lost = relay.resume(outcomes, (session, conn) => {
      const admission = addresses.admitAgain(session.host, monotonic.now());
      return this.#connectRelayed(session, conn, admission);
    });
    for (const session of lost) hub.close(session, "Connection reset", clock.now(), true);
  }

  /** An id for a session. */
  nextSessionId(): number {
    return this.#nextId++;
  }

  #connectRelayed(session: Session, conn: OutputConn, admission: AdmittedClient): LineHandler {
    const { inbox } = this.#options.options;
    const connection = this.#connect(session, conn, admission);
    const handler = inbox === undefined ? connection : this.#withNumbers(session, connection, inbox);
    return {
      handleLines: (lines, bytes, frames) => handler.handleLines(lines, bytes, frames),
      handleClosed: (reason) => {
        handler.handleClosed(reason);
        this.#onRead();
      },
    };
  }

  /** Lines of the inbox, which come before those of a read, have no numbers at the front. */
  #withNumbers(session: Session, connection: ClientConnection, inbox: InboxReader): LineHandler {
    let read = 0;
    const handler = inbox.attach(session.id, {
      handleLines: (lines, bytes, frames) => {
        this.#options.handover!.skipNumbers(session, lines.length - read);
        return connection.handleLines(lines, bytes, frames);
      },
      handleClosed: (reason) => connection.handleClosed(reason),
    });
    return {
      handleLines(lines, bytes, frames) {
        read = lines.length;
        return handler.handleLines(lines, bytes, frames);
      },
      handleClosed: (reason) => handler.handleClosed(reason),
    };
  }

  /** An admitted client is gone. */
  release(admission: AdmittedClient): void {
    if (admission.kind === "counted") this.#options.addresses.release(admission.site);
  }

  /** A new session of the hub, or why there is none. */
  #openSession(
    { host, endpoint, secure, mayBeCheck = false, isInternal = false }: ClientOrigin,
  ): Session | NoSession {
    if (this.#isStopped) return { why: "the server has stopped", refusal: "stopped" };
    const { hub, options: { clock } } = this.#options;
    const session = hub.open(
      this.nextSessionId(),
      host,
      secure,
      clock.now(),
      endpoint,
      mayBeCheck,
      isInternal,
    );
    return session ?? { why: "the server is full", refusal: "full" };
  }

  /** Connects a session to its connection. */
  #connect(session: Session, conn: OutputConn, admission: AdmittedClient): ClientConnection {
    const { server, limits, monotonic, onAttached } = this.#options;
    onAttached();
    this.conns.set(session.id, conn);
    this.#openReads++;
    return admission.kind !== "counted"
      ? new ClientConnection(server, session)
      : new RateLimitedConnection(server, session, {
        rate: limits.lineRate,
        address: admission.lines,
        clock: monotonic,
        onClosed: () => this.release(admission),
      });
  }

  #withInbox({ id }: Session, connection: ClientConnection): LineHandler {
    return this.#options.options.inbox?.attach(id, connection) ?? connection;
  }
}

/** The clients of fronts: their sessions, from an earlier hub or new, and what their fronts are told. */
import type { SocketPollBudget } from "../base/event_loop.ts";
import type { Handover } from "../hub/handover/handover.ts";
import type { PresentedSession, RestoredSession, TurnReport } from "../hub/handover/presentation.ts";
import type { RelayedSession } from "../hub/model/line_origin.ts";
import type { ForwardingHeader } from "../hub/model/server_event.ts";
import type { SavedFact } from "../log/fact.ts";
import type { Conn } from "../net/conn.ts";
import type { LineHandler, OutputConn } from "../net/line_conn.ts";
import type { RefusalKind } from "../net/refused_connections.ts";
import type { HttpUpgrader } from "../net/web/http_upgrade.ts";
import type { ClientAttacher } from "./client_attacher.ts";
import type { Acceptor } from "./listen/acceptor.ts";
import type { ClientOrigin } from "./listen/client_origin.ts";
import type { RelayHost, ServerRelay } from "./relay/relay_ports.ts";
import type { TurnQueue } from "./turn_queue.ts";

/** Interval of the reports to fronts that nothing else has told the position of the log. */
const REPORT_MS = 500;

export interface RelayedClientsOptions {
  readonly handover: Handover;
  readonly turnQueue: TurnQueue;
  readonly clients: ClientAttacher;
  readonly acceptor: Acceptor;
  readonly polls: SocketPollBudget;
  readonly onSlowClient: () => void;
}

export class RelayedClients implements RelayHost {
  readonly #options: RelayedClientsOptions;
  readonly #started = Promise.withResolvers<void>();
  #isStarted = false;
  #relay: ServerRelay | undefined;
  #reporter: ReturnType<typeof setInterval> | undefined;

  constructor(options: RelayedClientsOptions) {
    this.#options = options;
  }

  /** Undefined: the fronts are not started yet. */
  get relay(): ServerRelay | undefined {
    return this.#relay;
  }

  useRelay(relay: ServerRelay): void {
    this.#relay = relay;
    this.#reporter = setInterval(() => this.#report(), REPORT_MS);
  }

  /** No more clients. */
  stop(): void {
    this.suspend();
    this.#relay?.stopListening();
  }

  /** No more reports. */
  suspend(): void {
    clearInterval(this.#reporter);
  }

  /** Starts the hub, with the sessions that fronts have presented before. */
  async start(
    facts: readonly SavedFact[],
    presented: readonly PresentedSession[],
    isTakeover: boolean,
  ): Promise<void> {
    const { turnQueue, handover } = this.#options;
    await this.#relay?.beginRestoring(presented);
    await turnQueue.run((_hub, now) => this.#attach(handover.start(now, facts, presented, isTakeover)));
    this.#isStarted = true;
    this.#started.resolve();
  }

  async restore(presented: readonly PresentedSession[]): Promise<void> {
    await this.#started.promise;
    const { turnQueue, handover } = this.#options;
    await this.#relay?.beginRestoring(presented);
    await turnQueue.run((_hub, now) => this.#attach(handover.restore(presented, now)));
  }

  #attach(outcomes: readonly RestoredSession[]): void {
    if (this.#relay !== undefined) this.#options.clients.attachRestored(outcomes, this.#relay);
  }

  /** Sends the output of a turn, with its report. */
  flush(report: TurnReport): void {
    this.#relay?.flush(report);
  }

  /** Tells the fronts the states that have changed and the position of the log, where nothing else has told them. */
  #report(): void {
    const { handover, turnQueue } = this.#options;
    if (!this.#isStarted) return;
    if (handover.hasChanges || this.#relay!.isBehind(handover.seq)) void turnQueue.run(() => {});
  }

  get polls(): SocketPollBudget {
    return this.#options.polls;
  }

  get turn(): number {
    return this.#options.handover.turn;
  }

  nextSessionId(): number {
    return this.#options.clients.nextSessionId();
  }

  attachRelayed(conn: OutputConn, origin: ClientOrigin, name: RelayedSession): LineHandler | string {
    const { acceptor, clients } = this.#options;
    const admission = acceptor.admit(origin.host);
    if (admission.kind !== "refused") return clients.attachRelayed(conn, origin, admission, name);
    acceptor.countRefused(admission.why, admission.cause);
    return admission.ircText;
  }

  acceptTunnel(conn: Conn, origin: ClientOrigin, web: HttpUpgrader): void {
    this.#options.acceptor.acceptTunnel(conn, origin, web);
  }

  countRefused(why: string, kind: RefusalKind): void {
    this.#options.acceptor.countRefused(why, kind);
  }

  countSlowClient(): void {
    this.#options.onSlowClient();
  }

  reportForwardingHeader(header: ForwardingHeader, host: string): void {
    this.#options.acceptor.noteForwarding(header, host);
  }
}

/**
 * The chat server connects client connections to the hub. Lines of a connection go into the turn queue
 * (`turn_queue.ts`); after each turn, the output of the hub goes into the send queues of the connections.
 */
import { assert } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import { toPrintable } from "../base/printable_text.ts";
import type { Handover } from "../hub/handover/handover.ts";
import type { PresentedSession, TurnReport } from "../hub/handover/presentation.ts";
import type { CommandJob } from "../hub/model/state/async_job.ts";
import { Hub } from "../hub/hub.ts";
import { findNextDue } from "../hub/timers.ts";
import type { Effects } from "../hub/hub.ts";
import { bannedText } from "../hub/policy/ban_service.ts";
import type { HubLimits } from "../hub/model/config.ts";
import type { ArchiveOrder } from "../log/archive.ts";
import type { SavedFact } from "../log/fact.ts";
import type { Session } from "../hub/model/state/entities.ts";
import type { Address } from "../net/address.ts";
import type { OutputConn } from "../net/line_conn.ts";
import type { ListenOutcome, UnixAccess } from "../net/listener.ts";
import { RefusedConnections } from "../net/refused_connections.ts";
import type { RefusalKind } from "../net/refused_connections.ts";
import { SendBudget } from "../net/send_budget.ts";
import { WRITE_TIMEOUT_MS } from "../net/send_queue.ts";
import type { HttpUpgrader } from "../net/web/http_upgrade.ts";
import { WriteScheduler } from "../net/write_scheduler.ts";
import { Acceptor } from "./listen/acceptor.ts";
import type { InternalConnectOutcome } from "./listen/acceptor.ts";
import { AddressLimits } from "./listen/address_limits.ts";
import type { TlsWrapper } from "./listen/certificate.ts";
import { ConsoleRunner } from "./console/console_runner.ts";
import { operatorIssuer } from "./console/console_command.ts";
import { DEFAULT_SERVER_LIMITS } from "./settings/limit_flags.ts";
import type { ServerLimits } from "./settings/limit_flags.ts";
import type { ServerRelay } from "./relay/relay_ports.ts";
import { JobRunner } from "./job_runner.ts";
import { ClientAttacher } from "./client_attacher.ts";
import { RelayedClients } from "./relayed_clients.ts";
import { DueTimer } from "./due_timer.ts";
import { DurableWaits } from "./durable_waits.ts";
import { SendBudgetEnforcer } from "./send_budget_enforcer.ts";
import type { ServerOptions } from "./server_options.ts";
import { TurnQueue } from "./turn_queue.ts";

/** Longest interval between checks for timeouts, while there are connections. */
const MAX_TICK_MS = 5_000;
/** How much later than its timeout a client may be disconnected, as a share of the timeout. */
const TICK_SHARE = 1 / 6;
/** Time that all connections together have for their last lines when the server stops. */
const SHUTDOWN_FLUSH_MS = 800;

export class ChatServer {
  readonly hub: Hub;
  readonly turnQueue: TurnQueue;
  readonly #options: ServerOptions;
  /** The clock of the options, checked for steps at every reading. */
  readonly #clock: Clock;
  /** The same clock without its steps. */
  readonly #monotonic: Clock;
  readonly #writeScheduler = new WriteScheduler();
  readonly #clients: ClientAttacher;
  /** Clients of fronts; undefined: the server was made without a handover. */
  readonly relayed: RelayedClients | undefined;
  readonly #addresses: AddressLimits;
  readonly #budget: SendBudget;
  readonly #refusals: RefusedConnections;
  readonly #acceptor: Acceptor;
  readonly #jobRunner: JobRunner;
  readonly consoleRunner: ConsoleRunner;
  readonly #durableWaits: DurableWaits;
  readonly #dueTimer: DueTimer;
  readonly #budgetEnforcer: SendBudgetEnforcer;
  #slowClients = 0;
  #ticker: ReturnType<typeof setInterval> | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.hub = new Hub(options.config, options.log);
    if (options.ensureFactsDurable !== undefined) this.hub.services.receipts.durableFactSeq = 0;
    const limits: ServerLimits = { ...DEFAULT_SERVER_LIMITS, ...options.limits };
    this.#budget = options.sendBudget ?? new SendBudget();
    this.#addresses = new AddressLimits(limits, this.hub.context.exemptAddresses, this.#budget);
    this.#refusals = new RefusedConnections(options.onRefused);
    this.#clock = { now: () => this.#readClock() };
    this.#monotonic = { now: () => options.clock.now() - this.hub.context.clockOffsetMs };
    const deliver = (effects: Effects, report?: TurnReport) => this.#deliver(effects, report);
    const handover = options.makeHandover?.(this.hub);
    const { polls } = this.#writeScheduler;
    this.turnQueue = new TurnQueue({
      ...options,
      clock: this.#clock,
      hub: this.hub,
      handover,
      deliver,
      whenWritesBegun: () => this.relayed?.relay?.whenDrained ?? this.#writeScheduler.whenAllBegun,
      polls,
    });
    this.#clients = new ClientAttacher({
      hub: this.hub,
      handover,
      server: this,
      options,
      limits,
      addresses: this.#addresses,
      refusals: this.#refusals,
      writeScheduler: this.#writeScheduler,
      monotonic: this.#monotonic,
      onAttached: () =>
        this.#ticker ??= setInterval(() => this.#tick(), tickIntervalMs(this.hub.context.limits)),
    });
    this.#acceptor = new Acceptor({
      serverName: options.config.serverName,
      monotonic: this.#monotonic,
      addresses: this.#addresses,
      refusals: this.#refusals,
      proxies: options.proxies,
      findBan: (host) => {
        const ban = this.hub.services.bans.ofAddress(host, options.clock.now());
        return ban && bannedText(ban);
      },
      reportForwardingHeader: (header, host) =>
        void this.turnQueue.run((hub) => hub.context.reportForwardingHeader(header, host)),
      attach: (conn, origin, admission, within) => this.#clients.attach(conn, origin, admission, within),
      release: (admission) => this.#clients.release(admission),
      onRecoverableError: options.onRecoverableError,
    });
    this.relayed = handover && this.#makeRelayed(handover);
    const flushFacts = () => options.flushFacts?.() ?? Promise.resolve(undefined);
    const { exemptAddresses } = this.hub.context;
    this.#jobRunner = new JobRunner(this.turnQueue, flushFacts, exemptAddresses, options.archive?.ask);
    this.consoleRunner = new ConsoleRunner(this.turnQueue, flushFacts, options.control);
    this.#durableWaits = new DurableWaits({ ...options, hub: this.hub, turnQueue: this.turnQueue });
    const runDue = () => this.turnQueue.run((hub, now) => hub.runDue(now));
    this.#dueTimer = new DueTimer(options.clock, () => findNextDue(this.hub.services), runDue);
    this.#budgetEnforcer = new SendBudgetEnforcer(
      this.#budget,
      this.#writeScheduler,
      this.#clients.conns,
      (id, conn, why) => this.#disconnect(id, conn, why),
    );
  }

  #makeRelayed(handover: Handover): RelayedClients {
    return new RelayedClients({
      handover,
      turnQueue: this.turnQueue,
      clients: this.#clients,
      acceptor: this.#acceptor,
      polls: this.#writeScheduler.polls,
      onSlowClient: () => this.#slowClients++,
    });
  }

  /**
   * Restores the state from the log and the saved facts, and the sessions that fronts have presented; `isTakeover`: or
   * may present yet. After this the server can listen.
   */
  async start(
    facts: readonly SavedFact[] = [],
    presented: readonly PresentedSession[] = [],
    isTakeover = false,
  ): Promise<void> {
    if (this.relayed !== undefined) return await this.relayed.start(facts, presented, isTakeover);
    await this.turnQueue.run((hub, now) => hub.start(now, facts));
  }

  /** Opens a listener, as {@link Acceptor.listen} does. */
  async listen(
    address: Address,
    tls?: TlsWrapper,
    web?: HttpUpgrader,
    access?: Partial<UnixAccess>,
  ): Promise<ListenOutcome> {
    return await this.#acceptor.listen(address, tls, web, access);
  }

  /** Refused connections since the start. */
  get refusals(): Readonly<Record<RefusalKind, number>> {
    return this.#refusals.counts;
  }

  /** Clients that were disconnected since the start because they read too slowly. */
  get slowClients(): number {
    return this.#slowClients;
  }

  /** Bytes in all send queues. */
  get queuedBytes(): number {
    return this.#budget.bytes + (this.relayed?.relay?.queuedBytes ?? 0);
  }

  /** Opens a connection within this process, as {@link Acceptor.connect} does. */
  connect(host: string, isSecure: boolean): InternalConnectOutcome {
    return this.#acceptor.connect(host, isSecure);
  }

  /** Sends a notice of the server to all users. */
  sendNoticeToAll(text: string): void {
    void this.turnQueue.run((hub) => hub.broadcastNotice(text));
  }

  /** Sends a notice of the server to its operators. */
  sendNoticeToOperators(text: string): void {
    void this.turnQueue.run((hub) => hub.noticeToOperators(text));
  }

  /** Reports that the archive has carried out `order`. */
  confirmOrder(order: ArchiveOrder): void {
    void this.turnQueue.run((hub) => hub.confirmOrder(order));
  }

  /**
   * Closes the listeners, tells all clients the reason, and flushes their queues. Syncing the log is left to the
   * caller.
   */
  async stop(reason: string): Promise<void> {
    clearInterval(this.#ticker);
    this.#dueTimer.stop();
    this.#jobRunner.stop();
    this.#clients.stop();
    this.relayed?.stop();
    const webClosed = this.#acceptor.close();
    this.#refusals.close();
    await this.turnQueue.run((hub, now) => hub.disconnectAll(reason, now));
    const late = setTimeout(() => this.#clients.conns.forEach((conn) => conn.destroy()), SHUTDOWN_FLUSH_MS);
    await this.#clients.whenReadsEnd();
    clearTimeout(late);
    await this.turnQueue.run(() => {}); // the sessions that closed meanwhile have had their turn
    await this.#writeScheduler.polls.waitUntilIdle();
    await webClosed;
  }

  /**
   * Ends the work of the hub for another one, which takes over the sessions of the fronts: no client is told anything, and
   * no line is handled any more. Saving is left to the caller, and the relays end with the process.
   */
  async suspend(): Promise<void> {
    clearInterval(this.#ticker);
    this.#dueTimer.stop();
    this.#jobRunner.stop();
    this.relayed?.suspend();
    await this.turnQueue.close();
  }

  /** Time of the clock. The hub is told of a step of the clock before it uses the new time. */
  #readClock(): number {
    const step = this.#options.clockWatch?.measureStep() ?? 0;
    if (step !== 0) this.hub.clockSet(step);
    return this.#options.clock.now();
  }

  /** Checks all timeouts, as of `now`. */
  async tick(now: number): Promise<void> {
    const monotonic = now - this.hub.context.clockOffsetMs;
    this.relayed?.relay?.tick(monotonic);
    for (const [id, conn] of this.#clients.conns) {
      if (conn.queue.stalledMs(monotonic) >= WRITE_TIMEOUT_MS) {
        this.#disconnect(id, conn, `Write timeout: ${WRITE_TIMEOUT_MS / 1000} seconds`);
      }
    }
    await this.turnQueue.run((hub, turnNow) => hub.tick(Math.max(now, turnNow)));
  }

  /** Stops the timer when no connection and no grace period is left: an idle server does not wake up. */
  #tick(): void {
    if (this.#clients.conns.size === 0 && this.hub.context.state.usersInGracePeriod.size === 0) {
      clearInterval(this.#ticker);
      this.#ticker = undefined;
    }
    void this.tick(this.#clock.now());
  }

  /** Takes the sessions of fronts from `relay`, from now on. */
  useRelay(relay: ServerRelay): void {
    assert(this.relayed !== undefined, "a server with fronts has a handover");
    this.relayed.useRelay(relay);
  }

  /** Replaces the limits of the hub and of connections, as far as they can be replaced while the server runs. */
  replaceLimits(hub: HubLimits, server: Partial<ServerLimits>): void {
    this.hub.replaceLimits(hub);
    this.#addresses.replaceLimits({ ...DEFAULT_SERVER_LIMITS, ...server });
  }

  /** The connection of `session` has ended. */
  handleClosed(session: Session, reason: string): void {
    this.#clients.conns.delete(session.id);
    void this.turnQueue.run((hub, now) => hub.close(session, reason, now, true));
  }

  /**
   * Closes a connection that reads too slowly. The lines that it misses are in the history when the user
   * reconnects.
   */
  #disconnect(id: number, conn: OutputConn, why: string): void {
    const session = this.hub.context.state.sessions.get(id);
    this.#slowClients++;
    if (session !== undefined) {
      void this.turnQueue.run((hub, now) => hub.close(session, why, now, true));
    }
    conn.destroy();
  }

  /** Runs a command that a server operator sent to OperServ. */
  async #runOperatorCommand({ session, user, line, done }: CommandJob): Promise<void> {
    const { lines, failure, next } = await this.consoleRunner.run(line, operatorIssuer(session, user));
    const all = failure === undefined ? lines : [...lines, failure.words];
    await this.turnQueue.run(
      (hub, now) => hub.resume(session, () => done(all.map(toPrintable)), now),
      session,
    );
    if (next === "stop") await this.consoleRunner.stop();
    if (next === "hand_over") this.consoleRunner.handOver();
  }

  #deliver(
    { deliveries, jobs, serverEvents, archiveOrders, notifications, wantsDurable }: Effects,
    report: TurnReport | undefined,
  ): void {
    this.#dueTimer.update();
    for (const { session, chunks, isLast } of deliveries) {
      const conn = this.#clients.conns.get(session.id);
      if (conn === undefined) continue;
      if (!conn.send(chunks)) this.#disconnect(session.id, conn, "Send queue exceeded");
      else if (isLast) void conn.end();
    }
    if (report !== undefined) this.relayed?.flush(report);
    if (this.#budget.isExceeded) this.#budgetEnforcer.enforce().catch(this.#options.onFatalError);
    if (notifications.length > 0) this.#options.notifications?.send(notifications, this.turnQueue);
    if (archiveOrders.length > 0) this.#options.archive?.order(archiveOrders);
    if (wantsDurable) this.#durableWaits.serve().catch(this.#options.onFatalError);
    for (const job of jobs) {
      const done = job.kind === "command" ? this.#runOperatorCommand(job) : this.#jobRunner.run(job);
      done.catch(this.#options.onFatalError);
    }
    if (serverEvents.length > 0) this.#options.onServerEvents(serverEvents);
  }
}

function tickIntervalMs({ registerTimeoutMs, pingTimeoutMs }: HubLimits): number {
  return Math.min(MAX_TICK_MS, Math.min(registerTimeoutMs, pingTimeoutMs) * TICK_SHARE);
}

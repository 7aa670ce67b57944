/**
 * The chat server: connections on one side, the hub on the other. A connection's lines go into the turn
 * (`turn_queue.ts`); what the hub has to say comes out of it and is queued on the connections.
 */
import type { Clock, ClockStepDetector, Stopwatch } from "../base/clock.ts";
import type { AddressSet } from "../base/ip.ts";
import { toPrintable } from "../base/printable_text.ts";
import type { CommandJob } from "../hub/model/state/async_job.ts";
import { Hub } from "../hub/hub.ts";
import { bannedText } from "../hub/policy/ban_service.ts";
import type { ServerEvent } from "../hub/model/server_event.ts";
import type { HubConfig, HubLimits } from "../hub/model/config.ts";
import type { SavedFact } from "../log/fact.ts";
import type { Delivery } from "../hub/output/outbox.ts";
import type { Session } from "../hub/model/state/entities.ts";
import type { LogLock } from "../log/log_lock.ts";
import type { Ring } from "../log/ring.ts";
import type { Address } from "../net/address.ts";
import type { Conn } from "../net/conn.ts";
import { LineConn } from "../net/line_conn.ts";
import { acceptConnections, listen } from "../net/listener.ts";
import type { ListenOutcome, UnixAccess } from "../net/listener.ts";
import { RefusedConnections } from "../net/refused_connections.ts";
import { SendBudget } from "../net/send_budget.ts";
import { WRITE_TIMEOUT_MS } from "../net/send_queue.ts";
import type { HttpUpgrader } from "../net/web/http_upgrade.ts";
import { WriteScheduler } from "../net/write_scheduler.ts";
import { Acceptor } from "./listen/acceptor.ts";
import { AddressLimits } from "./listen/address_limits.ts";
import type { AdmittedClient } from "./listen/address_limits.ts";
import type { TlsWrapper } from "./listen/certificate.ts";
import { ConsoleRunner } from "./console/console_runner.ts";
import type { ProcessControl } from "./console/console_runner.ts";
import type { ClientOrigin } from "./listen/client_origin.ts";
import { operatorIssuer } from "./console/console_command.ts";
import { DEFAULT_SERVER_LIMITS } from "./settings/limit_flags.ts";
import type { ServerLimits } from "./settings/limit_flags.ts";
import { JobRunner } from "./job_runner.ts";
import { ClientConnection, RateLimitedConnection } from "./client_connection.ts";
import { TurnQueue } from "./turn_queue.ts";

/** How often timeouts are looked after at the least, while there are connections. */
const MAX_TICK_MS = 5_000;
/** Of a timeout, how much later somebody may be let go. */
const TICK_SHARE = 1 / 6;
/** Polls of the event loop after which writes that the network takes at once have ended: one to make them, one to hear of it, one to spare. */
const SETTLE_POLLS = 3;
/** At the end, every connection together has this long to take its last lines. */
const SHUTDOWN_FLUSH_MS = 800;

export interface ServerOptions {
  config: HubConfig;
  ring: Ring;
  clock: Clock;
  /** Finds out that the clock is set; where left out, it never is. */
  clockWatch?: ClockStepDetector;
  /** Measures what lines cost; the system's where left out. */
  stopwatch?: Stopwatch;
  /** Who came, who left, …, after each turn in which there was something. */
  onServerEvents: (notices: ServerEvent[]) => void;
  /** What is to be kept beside the log, after each turn in which there was something. */
  onFacts?: (facts: SavedFact[]) => void;
  /** Where given, brings the facts so far to disk; resolves with why that failed, in words, or undefined. */
  flushFacts?: () => Promise<string | undefined>;
  /** As {@link flushFacts}, of what is not known to be on disk. */
  ensureFactsDurable?: () => Promise<string | undefined>;
  /** Connections were refused, in words; told once a minute at most. */
  onRefused?: (text: string) => void;
  /** What is left out is as in DEFAULT_SERVER_LIMITS. */
  limits?: Partial<ServerLimits>;
  /** Trusted proxies, which tell for whom they connect; `localhost`: all that comes over Unix sockets. */
  proxies?: AddressSet;
  /** Trouble that does not end the server, such as no more file handles. */
  onRecoverableError: (error: unknown) => void;
  /** A bug: the server must end. */
  onFatalError: (error: unknown) => void;
  /** Where given, nothing is said to anybody before it has resolved: what a turn appended is on disk then. */
  makeDurable?: () => Promise<unknown>;
  /** Where given, tries to bring all that was appended to disk; `trouble` says why it is not all there. */
  sync?: () => Promise<{ readonly trouble: string | undefined }>;
  /** Bytes that may wait for one connection before it is let go as too slow; SEND_QUEUE_MAX_BYTES when left out. */
  maxQueueBytes?: number;
  /** What may wait for all connections, and for those of one address; as by default when left out. */
  sendBudget?: SendBudget;
  /** For the console's commands that are about the process; left out: they are refused. */
  control?: ProcessControl;
  /** The log's lock, kept by this server alone. */
  lock: LogLock;
}

export class ChatServer {
  readonly hub: Hub;
  readonly turnQueue: TurnQueue;
  readonly #options: ServerOptions;
  /** The system's, looked at for steps. */
  readonly #clock: Clock;
  /** The same without them. */
  readonly #monotonic: Clock;
  readonly #writeScheduler = new WriteScheduler();
  readonly #listeners: Deno.Listener[] = [];
  readonly #httpUpgraders = new Set<HttpUpgrader>();
  #stopped = false;
  readonly #conns = new Map<number, LineConn>();
  readonly #limits: ServerLimits;
  readonly #addresses: AddressLimits;
  readonly #budget: SendBudget;
  readonly #refusals: RefusedConnections;
  readonly #acceptor: Acceptor;
  /** Connections whose reading has not ended yet; whoever waits for the last one. */
  #openReads = 0;
  #lastRead: PromiseWithResolvers<void> | undefined;
  readonly #onRead = () => {
    if (--this.#openReads === 0) this.#lastRead?.resolve();
  };
  readonly #jobRunner: JobRunner;
  readonly consoleRunner: ConsoleRunner;
  #nextId = 1;
  #syncing = false;
  #enforcing = false;
  #ticker: ReturnType<typeof setInterval> | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.hub = new Hub(options.config, options.ring);
    if (options.ensureFactsDurable !== undefined) this.hub.services.receipts.durableFactSeq = 0;
    this.#limits = { ...DEFAULT_SERVER_LIMITS, ...options.limits };
    this.#budget = options.sendBudget ?? new SendBudget();
    this.#addresses = new AddressLimits(this.#limits, this.hub.context.exemptAddresses, this.#budget);
    this.#refusals = new RefusedConnections(options.onRefused);
    this.#clock = { now: () => this.#readClock() };
    this.#monotonic = { now: () => options.clock.now() - this.hub.context.clockOffsetMs };
    const deliver = (deliveries: Delivery[]) => this.#deliver(deliveries);
    const { polls } = this.#writeScheduler;
    this.turnQueue = new TurnQueue({
      ...options,
      clock: this.#clock,
      hub: this.hub,
      deliver,
      whenWritesBegun: () => this.#writeScheduler.whenAllBegun,
      polls,
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
      attach: (conn, origin, admission, within) => this.#attach(conn, origin, admission, within),
      release: (admission) => this.#release(admission),
    });
    const factsSaved = () => options.flushFacts?.() ?? Promise.resolve(undefined);
    this.#jobRunner = new JobRunner(this.turnQueue, factsSaved, this.hub.context.exemptAddresses);
    this.consoleRunner = new ConsoleRunner(this.turnQueue, factsSaved, options.control);
  }

  /** Takes in the log, and what was saved beside it, then is ready to listen. */
  async start(facts: readonly SavedFact[] = []): Promise<void> {
    await this.turnQueue.run((hub, now) => hub.start(now, facts));
  }

  /**
   * Opens one more door. `secure` puts TLS over each connection through it; through `web` browsers come; `access`: who may come
   * through one that is a Unix socket.
   */
  async listen(
    address: Address,
    secure?: TlsWrapper,
    web?: HttpUpgrader,
    access?: Partial<UnixAccess>,
  ): Promise<ListenOutcome> {
    const outcome = await listen(address, web === undefined ? undefined : "--web", access);
    if (outcome.kind === "failed") return outcome;
    if (web !== undefined) this.#httpUpgraders.add(web);
    for (const listener of [outcome.listener, outcome.other]) {
      if (listener === undefined) continue;
      this.#listeners.push(listener);
      void acceptConnections(
        listener,
        (conn) => this.#acceptor.accept(conn, secure, web),
        this.#options.onRecoverableError,
      );
    }
    return outcome;
  }

  /** A notice of the server's to everybody, about itself. */
  sendNoticeToAll(text: string): void {
    void this.turnQueue.run((hub) => hub.broadcastNotice(text));
  }

  /** No new connections, everybody told, queues flushed. The log is the caller's to sync. */
  async stop(reason: string): Promise<void> {
    clearInterval(this.#ticker);
    this.#stopped = true;
    for (const listener of this.#listeners) closeListener(listener);
    for (const web of this.#httpUpgraders) web.close();
    this.#refusals.close();
    this.#acceptor.close();
    await this.turnQueue.run((hub, now) => hub.disconnectAll(reason, now));
    const late = setTimeout(() => this.#conns.forEach((conn) => conn.destroy()), SHUTDOWN_FLUSH_MS);
    if (this.#openReads > 0) await (this.#lastRead = Promise.withResolvers()).promise;
    clearTimeout(late);
    await this.turnQueue.run(() => {}); // what closed meanwhile has had its turn
    await this.#writeScheduler.polls.waitUntilIdle();
  }

  /** The clock's time. A step of it is told before anything else is done by it. */
  #readClock(): number {
    const step = this.#options.clockWatch?.measureStep() ?? 0;
    if (step !== 0) this.hub.clockSet(step);
    return this.#options.clock.now();
  }

  /** Looks after timeouts, as of `now`. */
  async tick(now: number): Promise<void> {
    const monotonic = now - this.hub.context.clockOffsetMs;
    for (const [id, conn] of this.#conns) {
      if (conn.queue.stalledMs(monotonic) >= WRITE_TIMEOUT_MS) {
        this.#disconnect(id, conn, `Write timeout: ${WRITE_TIMEOUT_MS / 1000} seconds`);
      }
    }
    await this.turnQueue.run((hub, turnNow) => hub.tick(Math.max(now, turnNow)));
  }

  /** A server that nobody is connected to has nothing to wake up for. */
  #tick(): void {
    if (this.#conns.size === 0 && this.hub.context.state.usersInGracePeriod.size === 0) {
      clearInterval(this.#ticker);
      this.#ticker = undefined;
    }
    void this.tick(this.#clock.now());
  }

  /** Gives a connection a session. `within`: the connection within it that is to be used. */
  #attach(
    conn: Conn,
    { host, endpoint, secure, mayBeCheck = false }: ClientOrigin,
    admission: AdmittedClient,
    within?: () => Conn,
  ): void {
    const now = this.#options.clock.now();
    const id = this.#nextId++;
    const session = this.#stopped ? undefined : this.hub.open(id, host, secure, now, endpoint);
    if (session === undefined) {
      this.#release(admission);
      const why = this.#stopped ? "the server has stopped" : "the server is full";
      return this.#refusals.refuse(conn, why, this.#monotonic.now(), within && "");
    }
    session.isMaybeProxyCheck = mayBeCheck;
    this.#ticker ??= setInterval(() => this.#tick(), tickIntervalMs(this.hub.context.limits));
    const share = this.#addresses.share(admission);
    const line = new LineConn(within?.() ?? conn, this.#writeScheduler, this.#options.maxQueueBytes, share);
    this.#conns.set(id, line);
    this.#openReads++;
    const guest = admission.kind !== "counted"
      ? new ClientConnection(this, session)
      : new RateLimitedConnection(this, session, {
        rate: this.#limits.lineRate,
        address: admission.lines,
        clock: this.#monotonic,
        onClosed: () => this.#release(admission),
      });
    void line.serve(guest).then(this.#onRead);
  }

  /** Somebody who was let in is gone. */
  #release(admission: AdmittedClient): void {
    if (admission.kind === "counted") this.#addresses.release(admission.site);
  }

  /** The connection of `session` has ended. */
  handleClosed(session: Session, reason: string): void {
    this.#conns.delete(session.id);
    void this.turnQueue.run((hub, now) => hub.close(session, reason, now, true));
  }

  /** One fsync after the other, as long as somebody waits for one; each is for all who wait when it begins. */
  async #serveDurableWaits(): Promise<void> {
    if (this.#syncing) return;
    this.#syncing = true;
    const { receipts } = this.hub.services;
    while (receipts.wantsDurable) {
      const ticket = receipts.nextTicket;
      const { nextSeq } = this.hub.context.ring;
      this.#saveFacts(); // those of all records below
      const outcome = await this.#options.sync?.();
      let trouble = outcome?.trouble;
      if (receipts.wantsFacts) {
        trouble ??= await this.#options.ensureFactsDurable?.();
        if (trouble === undefined && this.#options.ensureFactsDurable) receipts.durableFactSeq = nextSeq;
      }
      await this.turnQueue.run((hub) => receipts.handleSync(hub.context, ticket, trouble));
    }
    this.#syncing = false;
  }

  #saveFacts(): void {
    const facts = this.hub.services.facts.take();
    if (facts.length > 0) this.#options.onFacts?.(facts);
  }

  /**
   * Closes the fullest connections where the send queues exceed their budget, and still do when the network has taken what it
   * takes at once: connections that read in time do not count, however much a channel is told in one turn.
   */
  async #enforceSendBudget(): Promise<void> {
    if (this.#enforcing) return;
    this.#enforcing = true;
    for (let polls = 0; polls < SETTLE_POLLS && this.#budget.isExceeded; polls++) {
      await this.#writeScheduler.whenAllBegun;
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    this.#enforcing = false;
    if (!this.#budget.isExceeded) return;
    const queues = Array.from(this.#conns, ([id, conn]) => ({
      id,
      conn,
      share: conn.queue.share,
      heldBytes: conn.queue.heldBytes,
    }));
    for (const [{ id, conn }, why] of this.#budget.excess(queues)) this.#disconnect(id, conn, why);
  }

  /** Closes a connection that reads too slowly. What it misses is in the history when its user comes back. */
  #disconnect(id: number, conn: LineConn, why: string): void {
    const session = this.hub.context.state.sessions.get(id);
    if (session !== undefined) {
      void this.turnQueue.run((hub, now) => hub.close(session, why, now, true));
    }
    conn.destroy();
  }

  /** Runs a command of a server operator's. */
  async #runOperatorCommand({ session, user, line, done }: CommandJob): Promise<void> {
    const { lines, failure, stops } = await this.consoleRunner.run(line, operatorIssuer(session, user));
    const all = failure === undefined ? lines : [...lines, failure.words];
    await this.turnQueue.run(
      (hub, now) => hub.resume(session, () => done(all.map(toPrintable)), now),
      session,
    );
    if (stops) await this.consoleRunner.stop();
  }

  #deliver(deliveries: Delivery[]): void {
    for (const { session, chunks, isLast } of deliveries) {
      const conn = this.#conns.get(session.id);
      if (conn === undefined) continue;
      if (!conn.send(chunks)) this.#disconnect(session.id, conn, "Send queue exceeded");
      else if (isLast) void conn.end();
    }
    if (this.#budget.isExceeded) this.#enforceSendBudget().catch(this.#options.onFatalError);
    if (this.hub.services.receipts.wantsDurable) this.#serveDurableWaits().catch(this.#options.onFatalError);
    this.#saveFacts();
    for (const errand of this.hub.takeJobs()) {
      const done = errand.kind === "command" ? this.#runOperatorCommand(errand) : this.#jobRunner.run(errand);
      done.catch(this.#options.onFatalError);
    }
    const notices = this.hub.context.serverEvents.splice(0);
    if (notices.length > 0) this.#options.onServerEvents(notices);
  }
}

function tickIntervalMs({ registerTimeoutMs, pingTimeoutMs }: HubLimits): number {
  return Math.min(MAX_TICK_MS, Math.min(registerTimeoutMs, pingTimeoutMs) * TICK_SHARE);
}

function closeListener(listener: Deno.Listener): void {
  try {
    listener.close();
  } catch {
    // closed before
  }
}

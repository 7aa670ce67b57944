/**
 * The chat server: connections on one side, the hub on the other. A connection's lines go into the turn
 * (`turn.ts`); what the hub has to say comes out of it and is queued on the connections.
 */
import { utf8 } from "../base/bytes.ts";
import type { Clock } from "../base/clock.ts";
import type { LineFault } from "../irc/line_splitter.ts";
import { Hub } from "../hub/hub.ts";
import type { Notice } from "../hub/hub.ts";
import type { SavedTopic } from "../hub/archive.ts";
import type { HubConfig } from "../hub/config.ts";
import type { Delivery } from "../hub/outgoing.ts";
import type { Session } from "../hub/state.ts";
import { LogLock } from "../log/lock.ts";
import type { Ring } from "../log/ring.ts";
import type { Address } from "../net/address.ts";
import { LineConn } from "../net/line_conn.ts";
import type { LineHandler } from "../net/line_conn.ts";
import { acceptAll, listen } from "../net/listen.ts";
import type { ListenOutcome } from "../net/listen.ts";
import { WriteTurns } from "../net/write_turns.ts";
import { Turn } from "./turn.ts";

/** How often timeouts are looked after, while there are connections. */
const TICK_MS = 5_000;
/** At the end, every connection together has this long to take its last lines. */
const SHUTDOWN_FLUSH_MS = 800;

export interface ServerOptions {
  config: HubConfig;
  ring: Ring;
  clock: Clock;
  /** Who came, who left, …, after each turn in which there was something. */
  onNotices: (notices: Notice[]) => void;
  /** Topics that were set, after each turn in which there was one. */
  onTopics?: (topics: SavedTopic[]) => void;
  /** Trouble that does not end the server, such as no more file handles. */
  onTrouble: (error: unknown) => void;
  /** A bug: the server must end. */
  onFailure: (error: unknown) => void;
  /** Where given, nothing is said to anybody before it has resolved: what a turn appended is on disk then. */
  durable?: () => Promise<unknown>;
  /** Where given, tries to bring all that was appended to disk; `trouble` says why it is not all there. */
  sync?: () => Promise<{ readonly trouble: string | undefined }>;
  /** Bytes that may wait for one connection before it is let go as too slow; SEND_QUEUE_MAX_BYTES when left out. */
  maxQueueBytes?: number;
  /** Name of the log's lock, where several logs live in one process. */
  lockName?: string;
}

export class ChatServer {
  readonly hub: Hub;
  readonly turn: Turn;
  readonly #options: ServerOptions;
  readonly #writes = new WriteTurns();
  readonly #listeners: Deno.Listener[] = [];
  readonly #conns = new Map<number, LineConn>();
  /** Connections whose reading has not ended yet; whoever waits for the last one. */
  #reading = 0;
  #lastRead: PromiseWithResolvers<void> | undefined;
  readonly #onRead = () => {
    if (--this.#reading === 0) this.#lastRead?.resolve();
  };
  #nextId = 1;
  #syncing = false;
  #ticker: ReturnType<typeof setInterval> | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.hub = new Hub(options.config, options.ring);
    const deliver = (deliveries: Delivery[]) => this.#deliver(deliveries);
    const lock = new LogLock(options.ring, options.lockName);
    this.turn = new Turn({ ...options, hub: this.hub, deliver, lock, begun: () => this.#writes.begun });
  }

  /** Takes in the log, and the topics that were saved, then is ready to listen. */
  async start(topics: readonly SavedTopic[] = []): Promise<void> {
    await this.turn.run((hub, now) => hub.start(now, topics));
  }

  /** Opens one more door. */
  async listen(address: Address): Promise<ListenOutcome> {
    const outcome = await listen(address);
    if (outcome.kind === "listening") {
      this.#listeners.push(outcome.listener);
      void acceptAll(outcome.listener, (conn) => this.#accept(conn), this.#options.onTrouble);
    }
    return outcome;
  }

  /** A notice of the server's to everybody, about itself. */
  tellAll(text: string): void {
    void this.turn.run((hub) => hub.tellAll(text));
  }

  /** No new connections, everybody told, queues flushed. The log is the caller's to sync. */
  async stop(reason: string): Promise<void> {
    clearInterval(this.#ticker);
    for (const listener of this.#listeners) close(listener);
    await this.turn.run((hub, now) => hub.letAllGo(reason, now));
    const late = setTimeout(() => this.#conns.forEach((conn) => conn.destroy()), SHUTDOWN_FLUSH_MS);
    if (this.#reading > 0) await (this.#lastRead = Promise.withResolvers()).promise;
    clearTimeout(late);
    await this.turn.run(() => {}); // what closed meanwhile has had its turn
  }

  /** A server that nobody is connected to has nothing to wake up for. */
  #tick(): void {
    if (this.#conns.size === 0) {
      clearInterval(this.#ticker);
      this.#ticker = undefined;
    }
    void this.turn.run((hub, now) => hub.tick(now));
  }

  #accept(conn: Deno.Conn): void {
    this.#ticker ??= setInterval(() => this.#tick(), TICK_MS);
    const line = new LineConn(conn, this.#writes, this.#options.maxQueueBytes);
    const id = this.#nextId++;
    const session = this.hub.open(id, hostOf(conn), false, this.#options.clock.now());
    if (session === undefined) {
      line.send([utf8("ERROR :Closing Link: the server is full\r\n")]);
      void line.end();
    } else this.#conns.set(id, line);
    this.#reading++;
    void line.serve(session === undefined ? TURNED_AWAY : new Guest(this, session)).then(this.#onRead);
  }

  /** The connection of `session` has ended. */
  closed(session: Session, reason: string): void {
    this.#conns.delete(session.id);
    void this.turn.run((hub, now) => hub.close(session, reason, now));
  }

  /** One fsync after the other, as long as somebody waits for one; each is for all who wait when it begins. */
  async #makeDurable(): Promise<void> {
    if (this.#syncing) return;
    this.#syncing = true;
    const { receipts } = this.hub;
    while (receipts.wantsDurable) {
      const ticket = receipts.nextTicket;
      const outcome = await this.#options.sync?.();
      await this.turn.run((hub) => receipts.synced(hub, ticket, outcome?.trouble));
    }
    this.#syncing = false;
  }

  #deliver(deliveries: Delivery[]): void {
    for (const { session, chunks, last } of deliveries) {
      const conn = this.#conns.get(session.id);
      if (conn === undefined) continue;
      if (!conn.send(chunks)) {
        // Too slow a reader: what it missed it can read in the history when it comes back.
        void this.turn.run((hub, now) => hub.close(session, "Send queue exceeded", now));
        conn.destroy();
      } else if (last) void conn.end();
    }
    if (this.hub.receipts.wantsDurable) this.#makeDurable().catch(this.#options.onFailure);
    const topics = this.hub.archive.takeTopics();
    if (topics.length > 0) this.#options.onTopics?.(topics);
    const notices = this.hub.notices.splice(0);
    if (notices.length > 0) this.#options.onNotices(notices);
  }
}

/** A session as its connection sees it. */
class Guest implements LineHandler {
  constructor(readonly server: ChatServer, readonly session: Session) {}

  lines(lines: (string | LineFault)[]): Promise<void> {
    return this.server.turn.lines(this.session, lines);
  }

  closed(reason: string): void {
    this.server.closed(this.session, reason);
  }
}

/** Nobody listens to who found the server full. */
const TURNED_AWAY: LineHandler = { lines: () => undefined, closed: () => {} };

function hostOf(conn: Deno.Conn): string {
  const { remoteAddr } = conn;
  if (remoteAddr.transport !== "tcp") return "localhost";
  // A host in a source must not begin with ":" (RFC 2812 §2.3.1 has no such IPv6 form; servers put a 0 before it).
  return remoteAddr.hostname.startsWith(":") ? `0${remoteAddr.hostname}` : remoteAddr.hostname;
}

function close(listener: Deno.Listener): void {
  try {
    listener.close();
  } catch {
    // closed before
  }
}

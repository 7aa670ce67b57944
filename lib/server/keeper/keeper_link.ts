/** The hub's end of its connection with the keeper. */
import { closeQuietly } from "../../net/conn.ts";
import { acceptConnections } from "../../net/listener.ts";
import { listenPrivately } from "../../net/private_listener.ts";
import { socketPath } from "../console/admin_protocol.ts";
import { SIGN_MS } from "./hub_watch.ts";
import { KEEPER_SOCKET } from "./keeper_protocol.ts";
import type { HubReport, KeeperOrder } from "./keeper_protocol.ts";
import { MessageConn } from "./message_conn.ts";

export interface KeeperLinkOptions {
  readonly dataDir: string;
  /** Path of the socket for fronts. */
  readonly relay: string;
  readonly onOrder: (order: KeeperOrder) => void;
  /** For the server log. */
  readonly onTrouble: (why: string) => void;
}

export class KeeperLink {
  readonly #options: KeeperLinkOptions;
  readonly #path: string;
  #listener: Deno.Listener | undefined;
  #keeper: MessageConn<KeeperOrder, HubReport> | undefined;
  /** Reports for the keeper, until it has connected. */
  #waiting: HubReport[];
  #signs: ReturnType<typeof setInterval> | undefined;

  private constructor(options: KeeperLinkOptions, path: string) {
    this.#options = options;
    this.#waiting = [this.#introduction];
    this.#path = path;
  }

  /** Listens in the data folder, which the caller has locked: a socket there is left over from a dead hub. */
  static async open(options: KeeperLinkOptions): Promise<KeeperLink | { readonly why: string }> {
    const place = socketPath(options.dataDir, KEEPER_SOCKET);
    if ("why" in place) return { why: `${place.why}; use a shorter --data-dir` };
    const link = new KeeperLink(options, place.path);
    try {
      link.#listener = await listenPrivately(options.dataDir, place.path);
    } catch (error) {
      return { why: `${place.path}: ${error instanceof Error ? error.message : String(error)}` };
    }
    void acceptConnections(link.#listener, (conn) => void link.#serve(conn), options.onTrouble);
    return link;
  }

  report(report: HubReport): void {
    if (this.#keeper === undefined) this.#waiting.push(report);
    else this.#keeper.send(report);
  }

  /** The hub listens everywhere. It hangs if it gives no sign of life for `hangMs`. */
  start(hangMs: number): void {
    this.report({ kind: "started" });
    this.report({ kind: "alive", hangMs }); // without a first sign none would be missed
    this.#signs = setInterval(() => this.#keeper?.send({ kind: "alive", hangMs }), SIGN_MS);
  }

  /** Ends the connection, and resolves, when all reports are written. */
  async close(): Promise<void> {
    clearInterval(this.#signs);
    if (this.#listener !== undefined) closeQuietly(this.#listener);
    await Deno.remove(this.#path).catch(() => {});
    await this.#keeper?.flushed();
    this.#keeper?.close();
  }

  /** There is one keeper: a further connection is closed. */
  async #serve(conn: Deno.Conn): Promise<void> {
    if (this.#keeper !== undefined) return closeQuietly(conn);
    const keeper = this.#keeper = new MessageConn<KeeperOrder, HubReport>(conn);
    for (const report of this.#waiting.splice(0)) keeper.send(report);
    for await (const order of keeper.messages()) this.#options.onOrder(order);
    // A keeper that has ended is noticed otherwise; one that lives connects again.
    this.#keeper = undefined;
    this.#waiting = [this.#introduction];
  }

  get #introduction(): HubReport {
    return { kind: "hub", pid: Deno.pid, relay: this.#options.relay };
  }
}

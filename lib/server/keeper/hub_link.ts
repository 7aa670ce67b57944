/** The keeper's end of its connection with a hub. */
import { delay } from "../../base/delay.ts";
import { socketPath } from "../console/admin_protocol.ts";
import { KEEPER_SOCKET } from "./keeper_protocol.ts";
import type { HubReport, KeeperOrder } from "./keeper_protocol.ts";
import { MessageConn } from "./message_conn.ts";

/** Interval between attempts to connect to a hub that starts. */
const CONNECT_MS = 20;

export class HubLink {
  readonly #conn: MessageConn<HubReport, KeeperOrder>;
  readonly #reports: AsyncGenerator<HubReport>;

  private constructor(
    conn: MessageConn<HubReport, KeeperOrder>,
    reports: AsyncGenerator<HubReport>,
    /** Path of the socket for fronts. */
    readonly relay: string,
  ) {
    this.#conn = conn;
    this.#reports = reports;
  }

  /** Connects to the hub with process `pid`, once it listens; undefined: `ended` was aborted before that. */
  static async connect(dataDir: string, pid: number, ended: AbortSignal): Promise<HubLink | undefined> {
    const place = socketPath(dataDir, KEEPER_SOCKET);
    if ("why" in place) return undefined; // the hub says so, and ends
    for (; !ended.aborted; await delay(CONNECT_MS, ended)) {
      const link = await HubLink.#tryConnect(place.path, pid);
      if (link !== undefined) return link;
    }
    return undefined;
  }

  /** Undefined: nothing listens there yet, or the hub of another server does. */
  static async #tryConnect(path: string, pid: number): Promise<HubLink | undefined> {
    let socket: Deno.Conn;
    try {
      socket = await Deno.connect({ transport: "unix", path });
    } catch {
      return undefined;
    }
    const conn = new MessageConn<HubReport, KeeperOrder>(socket);
    const reports = conn.messages();
    const { value: first } = await reports.next();
    if (first?.kind === "hub" && first.pid === pid) return new HubLink(conn, reports, first.relay);
    conn.close();
    return undefined;
  }

  order(order: KeeperOrder): void {
    this.#conn.send(order);
  }

  /** What the hub reports, until it ends. */
  reports(): AsyncIterable<HubReport> {
    return this.#reports;
  }
}

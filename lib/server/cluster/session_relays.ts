/** The relays of a hub that leads: to the fronts of all nodes. */
import type { FrameConn } from "../../net/frame_conn.ts";
import type { Hello } from "../../relay/handshake.ts";
import { FrontLink } from "../relay/front_link.ts";
import { FrontLinks } from "../relay/front_links.ts";
import type { FrontPresentation } from "../relay/presentation_reader.ts";
import { type FrontSetup, SILENCE_MS } from "../relay/front_setup.ts";
import type { RelayHost } from "../relay/relay_ports.ts";
import type { ServerLog } from "../server_log.ts";

/** A front hears of its hub at least this often, and the hub of it. */
const SIGN_OF_LIFE_MS = 1_000;

/** When a front was last heard, counted in signs of this hub: a hub that was stopped itself has missed none. */
interface Hearing {
  readonly conn: FrameConn;
  reads: number;
  silentSigns: number;
}

export interface SessionRelaysOptions {
  readonly host: RelayHost;
  readonly setup: FrontSetup;
  readonly log: ServerLog;
}

export class SessionRelays extends FrontLinks {
  readonly #options: SessionRelaysOptions;
  readonly #hearing = new WeakMap<FrontLink, Hearing>();
  #isClosed = false;
  #isStoringPossible = true;
  readonly #signs = setInterval(() => this.#sendSigns(), SIGN_OF_LIFE_MS);

  constructor(options: SessionRelaysOptions) {
    super();
    this.#options = options;
  }

  /** A front has connected. */
  accept(conn: FrameConn, hello: Hello & { kind: "front" }): void {
    const { host, log, setup } = this.#options;
    const { index, name, isReturning, node } = hello;
    if (this.#isClosed) return conn.close();
    if (!this.welcome(conn, name, setup)) return;
    const text = `front ${node}/${index + 1}`;
    const link = new FrontLink({
      index,
      name,
      isReturning,
      conn,
      host,
      onFrame: (frame) => {
        if (frame.kind === "trouble") log.warning("front", `${text}: ${frame.why}`);
      },
      onPresented: (presentation) => this.#present(name, presentation),
    });
    this.links.set(name, link);
    this.#hearing.set(link, { conn, reads: conn.reads, silentSigns: 0 });
    if (!this.#isStoringPossible) link.tell({ kind: "storing", isPossible: false });
    log.info("front", `${text} is connected`, { node: node ?? "", front: index + 1 });
    void this.#serve(link, text);
  }

  #present(name: string, { sessions }: FrontPresentation): void {
    if (this.gathering.add(name, sessions, [])) void this.#options.host.restore(sessions);
  }

  async #serve(link: FrontLink, text: string): Promise<void> {
    const why = await link.serve();
    this.links.delete(link.name);
    const { log } = this.#options;
    if (why !== undefined) log.error("front", `${text} broke the relay: ${why}`);
    else if (!this.#isClosed) {
      const clients = link.lostSessions;
      log.info("front", `${text} is gone, and with it ${clients} ${clients === 1 ? "client" : "clients"}`, {
        clients,
      });
    }
  }

  /** Fronts listen for the next hub. */
  stopListening(): void {}

  /** Has the fronts tell their clients whether the cluster can store messages. Not through the hub, which waits for it. */
  tellStoring(isPossible: boolean): void {
    this.#isStoringPossible = isPossible;
    for (const link of this.links.values()) link.tell({ kind: "storing", isPossible });
  }

  /** So that a front notices when the network between the machines is cut. */
  #sendSigns(): void {
    for (const link of this.links.values()) {
      link.tell({ kind: "ready", sessions: [] });
      this.#closeIfSilent(link);
    }
  }

  /** Ends the sessions of a front that is cut off, so that their names are free for the clients at another node. */
  #closeIfSilent(link: FrontLink): void {
    const hearing = this.#hearing.get(link)!;
    if (hearing.reads !== hearing.conn.reads) hearing.silentSigns = 0;
    else if (++hearing.silentSigns >= SILENCE_MS / SIGN_OF_LIFE_MS) link.close();
    hearing.reads = hearing.conn.reads;
  }

  /** Closes all relays: the fronts hold their clients for the next hub. */
  close(): void {
    this.#isClosed = true;
    clearInterval(this.#signs);
    for (const link of this.links.values()) link.close();
  }
}

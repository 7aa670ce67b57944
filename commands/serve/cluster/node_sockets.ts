/** The sockets of a node: its relay for other nodes, those of the data folder, and the listeners in its fronts. */
import type { ClusterMeta } from "../../../lib/cluster/cluster_values.ts";
import { EXIT } from "../../../lib/cli/exit_codes.ts";
import type { Address } from "../../../lib/net/address.ts";
import type { FrameConn } from "../../../lib/net/frame_conn.ts";
import type { HttpHandler } from "../../../lib/net/web/http_handler.ts";
import type { HttpUpgrader } from "../../../lib/net/web/http_upgrade.ts";
import type { Conn } from "../../../lib/net/conn.ts";
import type { TlsIdentity } from "../../../lib/net/tls/tls_conn.ts";
import type { Hello } from "../../../lib/relay/handshake.ts";
import { FrontControls } from "../../../lib/server/cluster/front_controls.ts";
import type { ProcessControl } from "../../../lib/server/console/console_runner.ts";
import { KeeperLink } from "../../../lib/server/keeper/keeper_link.ts";
import { obeyKeeper } from "../../../lib/server/keeper/keeper_orders.ts";
import type { HubStart } from "../../../lib/server/keeper/keeper_protocol.ts";
import type { TlsAcceptor } from "../../../lib/server/listen/certificate.ts";
import type { ClientOrigin } from "../../../lib/server/listen/client_origin.ts";
import { type Listen, openListeners, openWebListeners } from "../../../lib/server/listen/listeners.ts";
import { makeCertificate } from "../../../lib/server/listen/self_signed_certificate.ts";
import type { FrontSetup } from "../../../lib/server/relay/front_setup.ts";
import { NetworkRelay } from "../../../lib/server/relay/network_relay.ts";
import { RelaySocket } from "../../../lib/server/relay/relay_socket.ts";
import type { ServerLog } from "../../../lib/server/server_log.ts";
import type { WebAddress } from "../../../lib/server/settings/web_flags.ts";
import { logFronts, type StartFailure } from "../server_sockets.ts";
import type { NodeSettings } from "./node_parts.ts";

/** What the hub does with connections to its relay. */
export interface RelayHandler {
  /** A front of any node has connected. */
  takeFront(conn: FrameConn, hello: Hello & { kind: "front" }): void;
  takeTunnel(conn: Conn, origin: ClientOrigin, web: HttpUpgrader): void;
  readonly answerHttp: HttpHandler;
}

export interface NodeSocketsOptions {
  readonly settings: NodeSettings;
  readonly meta: ClusterMeta;
  readonly hub: HubStart;
  readonly setup: FrontSetup;
  readonly control: ProcessControl;
  readonly handler: RelayHandler;
  readonly log: ServerLog;
  readonly now: () => number;
}

export class NodeSockets {
  readonly #options: NodeSocketsOptions;
  #web: HttpUpgrader | undefined;
  #relaySocket: RelaySocket | undefined;
  #network: NetworkRelay | undefined;
  readonly controls: FrontControls;
  keeper: KeeperLink | undefined;
  /** Of the relay for other nodes. */
  identity: TlsIdentity | undefined;
  irc: readonly Address[] = [];
  web: readonly WebAddress[] = [];

  private constructor(options: NodeSocketsOptions) {
    this.#options = options;
    const { setup, hub, log } = options;
    this.controls = new FrontControls({
      setup,
      keeper: { killFront: (pid) => this.keeper?.report({ kind: "kill_front", pid }) },
      isRestart: hub.isRestart,
      log,
    });
  }

  /** Opens the relay; {@link listen} opens the rest. */
  static async open(options: NodeSocketsOptions): Promise<NodeSockets | StartFailure> {
    const sockets = new NodeSockets(options);
    const why = await sockets.#openRelay() ?? await sockets.#openKeeperLink();
    if (why === undefined) return sockets;
    await sockets.close();
    return { code: EXIT.cannotCreate, why };
  }

  /** `HOST:PORT` where other nodes reach this one. */
  get relayAddress(): string {
    const { relay, advertised } = this.#options.settings.cluster;
    const { host } = advertised ?? relay;
    const { address } = this.#network!;
    const port = advertised?.port ?? (address.kind === "unix" ? 0 : address.port);
    return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  }

  async #openRelay(): Promise<string | undefined> {
    const { settings: { dataDir, cluster }, meta, handler, log, now } = this.#options;
    const onTrouble = (why: string) => log.warning("relay", why);
    const socket = await RelaySocket.open({
      dataDir,
      onFront: (conn, hello) => handler.takeFront(conn, hello),
      onControl: (conn, hello) => this.controls.accept(conn, hello),
      onTunnel: (conn, origin) => {
        if (this.#web === undefined) conn.close();
        else handler.takeTunnel(conn, origin, this.#web);
      },
      onTrouble,
    });
    if (!(socket instanceof RelaySocket)) return socket.why;
    this.#relaySocket = socket;
    this.identity = await makeCertificate([cluster.node], now());
    const network = await NetworkRelay.open({
      ...cluster.relay,
      identity: this.identity,
      secret: Uint8Array.fromBase64(meta.secret),
      accept: (conn) => void socket.accept(conn, true),
      onTrouble,
    });
    if (!(network instanceof NetworkRelay)) return network.why;
    this.#network = network;
    return undefined;
  }

  async #openKeeperLink(): Promise<string | undefined> {
    const { settings: { dataDir }, hub, log } = this.#options;
    for (const { index, pid } of hub.living) this.controls.handleStarted(index, pid);
    const keeper = await KeeperLink.open({
      dataDir,
      relay: this.#relaySocket!.path,
      onOrder: (order) => obeyKeeper(order, this.#options.control, this.controls),
      onTrouble: (why) => log.warning("keeper", why),
    });
    if (!(keeper instanceof KeeperLink)) return keeper.why;
    this.keeper = keeper;
    return undefined;
  }

  /** Has the fronts listen everywhere. Returns why that is not possible. */
  async listen(tls: TlsAcceptor | undefined): Promise<string | undefined> {
    const { settings, log, handler } = this.#options;
    const listen: Listen = (address, _tls, web, access) => {
      this.#web ??= web;
      return this.controls.listen(address, web !== undefined, access);
    };
    const irc = await openListeners(listen, settings, tls, log);
    if ("why" in irc) return irc.why;
    const load = () => Promise.resolve(handler.answerHttp);
    const web = await openWebListeners(listen, settings, tls, irc.open, log, load);
    if ("why" in web) return web.why;
    const started = await this.controls.whenStarted();
    if ("why" in started) return started.why;
    logFronts(started.pids, log);
    this.irc = irc.open;
    this.web = web.open;
    return undefined;
  }

  /** No more connections; the fronts stay. */
  async close(): Promise<void> {
    this.#network?.close();
    await this.#relaySocket?.close();
    await this.keeper?.close();
  }
}

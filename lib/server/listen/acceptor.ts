/**
 * Takes accepted connections to admitted clients: finds the client's address, and applies bans and address limits
 * to it.
 */
import type { Clock } from "../../base/clock.ts";
import type { AddressSet } from "../../base/ip.ts";
import type { ForwardingHeader } from "../../hub/model/server_event.ts";
import { ERR_YOUREBANNEDCREEP } from "../../irc/numerics.ts";
import type { Address } from "../../net/address.ts";
import { closeQuietly } from "../../net/conn.ts";
import type { Conn, SocketConn, SocketListener, TcpSocketConn } from "../../net/conn.ts";
import { formatEndpoint } from "../../net/endpoint.ts";
import { acceptConnections, listen } from "../../net/listener.ts";
import { pipeConns } from "../../net/pipe_conn.ts";
import type { ListenOutcome, PortSharing, UnixAccess } from "../../net/listener.ts";
import { ProxyHeaderReader } from "../../net/proxy/proxy_header_reader.ts";
import { errorLine } from "../../net/refused_connections.ts";
import type { RefusalKind, RefusedConnections } from "../../net/refused_connections.ts";
import type { HttpUpgrader } from "../../net/web/http_upgrade.ts";
import type { AddressLimits, AdmissionRefusal, AdmittedClient } from "./address_limits.ts";
import type { TlsWrapper } from "./certificate.ts";
import { describeProxyFault, INTERNAL_ENDPOINT, originFromProxyHeader, remoteHost } from "./client_origin.ts";
import type { ClientOrigin } from "./client_origin.ts";
import { WebClientAdmission } from "./web_client_admission.ts";

/** What the acceptor needs of its server. */
export interface AcceptorOptions {
  readonly serverName: string;
  /** The clock without its steps. */
  readonly monotonic: Clock;
  readonly addresses: AddressLimits;
  readonly refusals: RefusedConnections;
  /** Trusted proxies, which name the client of each connection; `localhost`: all connections over Unix sockets. */
  readonly proxies: AddressSet | undefined;
  /** What a banned client is told; undefined: no ban covers `host` now. */
  findBan(host: string): string | undefined;
  /** Tells the hub that `host`, which is not a trusted proxy, has sent a forwarding header. */
  reportForwardingHeader(header: ForwardingHeader, host: string): void;
  /** Gets errors of listeners that do not end the server, such as no free file handles. */
  onRecoverableError(error: unknown): void;
  /**
   * Gives an admitted client a session. `within` makes the connection inside `conn`, such as TLS, that carries the
   * lines. Returns the milliseconds, at any time, for which no line of it is read.
   */
  attach(conn: Conn, origin: ClientOrigin, admission: AdmittedClient, within?: () => Conn): () => number;
  /** An admitted client is gone before it had a session. */
  release(admission: AdmittedClient): void;
}

export type InternalConnectOutcome =
  /** `conn`: the client's end. */
  | {
    readonly kind: "connected";
    readonly conn: Conn;
    /** Milliseconds for which nothing of it is read: the client owes tokens. */
    waitMs(): number;
  }
  /** `status`: for an HTTP response. */
  | { readonly kind: "refused"; readonly status: 403 | 429; readonly why: string };

export class Acceptor {
  readonly #options: AcceptorOptions;
  readonly #listeners: SocketListener[] = [];
  readonly #httpUpgraders = new Set<HttpUpgrader>();
  readonly #proxyHeaders = new ProxyHeaderReader();
  #lastEndpoint = "";

  constructor(options: AcceptorOptions) {
    this.#options = options;
  }

  /**
   * Opens a listener. `tls` starts TLS on each of its connections; `web` upgrades them to WebSocket; `access`:
   * permissions of a Unix socket; `sharing`: other processes listen there, too.
   */
  async listen(
    address: Address,
    tls: TlsWrapper | undefined,
    web: HttpUpgrader | undefined,
    access: Partial<UnixAccess> | undefined,
    sharing?: PortSharing,
  ): Promise<ListenOutcome> {
    const outcome = await listen(address, web === undefined ? undefined : "--web", access, sharing);
    if (outcome.kind === "failed") return outcome;
    if (web !== undefined) this.#httpUpgraders.add(web);
    for (const listener of [outcome.listener, outcome.other]) {
      if (listener === undefined) continue;
      this.#listeners.push(listener);
      void acceptConnections(
        listener,
        (conn) => this.#accept(conn, tls, web),
        this.#options.onRecoverableError,
      );
    }
    return outcome;
  }

  #accept(conn: SocketConn, tls: TlsWrapper | undefined, web: HttpUpgrader | undefined): void {
    const host = remoteHost(conn);
    const origin = { host, endpoint: this.#endpointText(conn), secure: tls !== undefined };
    if (web !== undefined) this.#acceptWeb(conn as TcpSocketConn, origin, tls, web);
    else if (this.#options.proxies?.has(host)) void this.#acceptProxied(conn, origin, tls);
    else this.#acceptIrc(conn, origin, tls);
  }

  /**
   * Opens a connection within this process for an HTTP client at `host`. It is a client like others: bans and limits
   * of its address apply.
   */
  connect(host: string, isSecure: boolean): InternalConnectOutcome {
    const admission = this.admit(host);
    if (admission.kind === "refused") {
      this.countRefused(admission.why, admission.cause);
      return admission;
    }
    const [client, server] = pipeConns();
    const origin = { host, endpoint: INTERNAL_ENDPOINT, secure: isSecure, isInternal: true };
    const waitMs = this.#options.attach(server, origin, admission);
    return { kind: "connected", conn: client, waitMs };
  }

  /**
   * Closes the listeners, and connections that have not sent their PROXY header or HTTP request yet. Resolves when
   * the HTTP requests that are being answered have ended.
   */
  async close(): Promise<void> {
    for (const listener of this.#listeners) closeQuietly(listener);
    this.#proxyHeaders.close();
    await Promise.all(this.#httpUpgraders.values().map((web) => web.close()));
  }

  /** Time of the clock without its steps, in milliseconds. */
  now(): number {
    return this.#options.monotonic.now();
  }

  /** What a banned client is told; undefined: no ban covers `host` now. */
  findBan(host: string): string | undefined {
    return this.#options.findBan(host);
  }

  /**
   * Counts a connection of `host`, unless it is banned or has too many. Without `checksBans` the hub checks them
   * later.
   */
  admit(host: string, checksBans = true): AdmittedClient | AdmissionRefusal {
    const { serverName, addresses, monotonic } = this.#options;
    const why = checksBans ? this.#options.findBan(host) : undefined;
    if (why !== undefined) {
      const numeric = `:${serverName} ${ERR_YOUREBANNEDCREEP} * :${why}\r\n`;
      return { kind: "refused", cause: "banned", status: 403, why, ircText: `${numeric}${errorLine(why)}` };
    }
    const admission = addresses.admit(host, monotonic.now());
    if (admission.kind !== "refused") return admission;
    const { why: text } = admission;
    return { kind: "refused", cause: "address", status: 429, why: text, ircText: errorLine(text) };
  }

  /** Reports that `host`, which is not a trusted proxy, has sent a forwarding header. */
  noteForwarding(header: ForwardingHeader, host: string): void {
    this.#options.reportForwardingHeader(header, host);
  }

  /** Counts a refused connection; `why` is for the server log. */
  countRefused(why: string, kind: RefusalKind): void {
    this.#options.refusals.countRefusal(why, this.#options.monotonic.now(), kind);
  }

  #acceptIrc(conn: SocketConn, origin: ClientOrigin, tls: TlsWrapper | undefined): void {
    const isPlain = tls === undefined; // a client that starts a TLS handshake could not read a line in clear text
    const admission = this.admit(origin.host, isPlain);
    if (admission.kind === "refused") {
      return this.#refuse(conn, admission.why, admission.cause, isPlain ? admission.ircText : "");
    }
    const within = tls &&
      (() => tls(conn as TcpSocketConn, () => this.noteForwarding("PROXY", origin.host)));
    this.#options.attach(conn, origin, admission, within);
  }

  /** Accepts a connection of a trusted proxy, which begins with a PROXY header, even before TLS. */
  async #acceptProxied(conn: SocketConn, proxy: ClientOrigin, tls: TlsWrapper | undefined): Promise<void> {
    const header = await this.#proxyHeaders.read(conn);
    if (header === undefined) return void closeQuietly(conn);
    if (header.kind === "ok") {
      return this.#acceptIrc(conn, originFromProxyHeader(proxy, header.connection), tls);
    }
    const why = describeProxyFault(proxy, header.why);
    this.#refuse(conn, why, "proxy", tls === undefined ? errorLine(why) : "");
  }

  /** A connection of a trusted proxy is counted after its HTTP request has named the client. */
  #acceptWeb(
    conn: TcpSocketConn,
    origin: ClientOrigin,
    tls: TlsWrapper | undefined,
    web: HttpUpgrader,
  ): void {
    const isPlain = tls === undefined;
    const admission = this.#admitWeb(origin, isPlain);
    if (admission?.kind === "refused") {
      const { cause, status, why } = admission;
      return this.#refuse(conn, why, cause, isPlain ? web.formatRefusal(status, why) : "");
    }
    conn.setNoDelay(true);
    const client = new WebClientAdmission(this, origin, admission, this.#options.proxies);
    this.#upgrade(tls === undefined ? conn : tls(conn, () => client.handleProxyHeader()), client, web);
  }

  /** Accepts the HTTP connection of a client that is connected to a front; `origin` is by its socket there. */
  acceptTunnel(conn: Conn, origin: ClientOrigin, web: HttpUpgrader): void {
    const admission = this.#admitWeb(origin, true);
    if (admission?.kind === "refused") {
      const { cause, status, why } = admission;
      return this.#refuse(conn, why, cause, web.formatRefusal(status, why));
    }
    this.#httpUpgraders.add(web);
    this.#upgrade(conn, new WebClientAdmission(this, origin, admission, this.#options.proxies), web);
  }

  /** Undefined: a trusted proxy names the client later. */
  #admitWeb(origin: ClientOrigin, checksBans: boolean): AdmittedClient | AdmissionRefusal | undefined {
    return this.#options.proxies?.has(origin.host) ? undefined : this.admit(origin.host, checksBans);
  }

  #upgrade(conn: Conn, client: WebClientAdmission, web: HttpUpgrader): void {
    const { attach, release } = this.#options;
    void web.upgrade(conn, client).then((upgraded) => {
      if (upgraded !== undefined) attach(upgraded, client.origin, client.admission!);
      else if (client.admission !== undefined) release(client.admission);
    });
  }

  #refuse(conn: Conn, why: string, kind: RefusalKind, lastLines: string): void {
    this.#options.refusals.refuse(conn, why, this.#options.monotonic.now(), kind, lastLines);
  }

  /** Consecutive connections to the same address share one string, which saves memory. */
  #endpointText(conn: SocketConn): string {
    const endpoint = formatEndpoint(conn.localAddr);
    return this.#lastEndpoint = endpoint === this.#lastEndpoint ? this.#lastEndpoint : endpoint;
  }
}

/** From a connection that was accepted to a client that may come in: who it is, and whether its address is banned or has too many. */
import type { Clock } from "../../base/clock.ts";
import type { AddressSet } from "../../base/ip.ts";
import type { ForwardingHeader } from "../../hub/model/server_event.ts";
import { ERR_YOUREBANNEDCREEP } from "../../irc/numerics.ts";
import { closeQuietly, type Conn } from "../../net/conn.ts";
import { formatEndpoint } from "../../net/endpoint.ts";
import { ProxyHeaderReader } from "../../net/proxy/proxy_header_reader.ts";
import { errorLine } from "../../net/refused_connections.ts";
import type { RefusedConnections } from "../../net/refused_connections.ts";
import type { HttpUpgrader } from "../../net/web/http_upgrade.ts";
import type { AddressLimits, AdmissionRefusal, AdmittedClient } from "./address_limits.ts";
import type { TlsWrapper } from "./certificate.ts";
import { describeProxyFault, originFromProxyHeader, remoteHost } from "./client_origin.ts";
import type { ClientOrigin } from "./client_origin.ts";
import { WebClientAdmission } from "./web_client_admission.ts";

/** What it needs of its server. */
export interface AcceptorOptions {
  readonly serverName: string;
  /** The clock without its steps. */
  readonly monotonic: Clock;
  readonly addresses: AddressLimits;
  readonly refusals: RefusedConnections;
  /** Trusted proxies, which tell for whom they connect; `localhost`: all that comes over Unix sockets. */
  readonly proxies: AddressSet | undefined;
  /** What a banned client is told; undefined: no ban covers `host` now. */
  findBan(host: string): string | undefined;
  /** Tells the hub that `host`, which is not a trusted proxy, has sent a forwarding header. */
  reportForwardingHeader(header: ForwardingHeader, host: string): void;
  /** Gives an admitted client a session. `within`: makes the connection within `conn` that is to be used. */
  attach(conn: Conn, origin: ClientOrigin, admission: AdmittedClient, within?: () => Conn): void;
  /** One that was admitted is gone before it had a session. */
  release(admission: AdmittedClient): void;
}

export class Acceptor {
  readonly #options: AcceptorOptions;
  readonly #proxyHeaders = new ProxyHeaderReader();
  #lastEndpoint = "";

  constructor(options: AcceptorOptions) {
    this.#options = options;
  }

  /** `secure` puts TLS over the connection; `web`: it begins with an HTTP request. */
  accept(conn: Deno.Conn, secure: TlsWrapper | undefined, web: HttpUpgrader | undefined): void {
    const host = remoteHost(conn);
    const origin = { host, endpoint: this.#endpointText(conn), secure: secure !== undefined };
    if (web !== undefined) this.#acceptWeb(conn as Deno.TcpConn, origin, secure, web);
    else if (this.#options.proxies?.has(host)) void this.#acceptProxied(conn, origin, secure);
    else this.#acceptIrc(conn, origin, secure);
  }

  /** Closes what has not told yet for whom it connects. */
  close(): void {
    this.#proxyHeaders.close();
  }

  /** Counts a connection of `host`, unless that is banned or has too many. Where `heedsBans` is false, the hub does that later. */
  admit(host: string, heedsBans = true): AdmittedClient | AdmissionRefusal {
    const { serverName, addresses, monotonic } = this.#options;
    const why = heedsBans ? this.#options.findBan(host) : undefined;
    if (why !== undefined) {
      const numeric = `:${serverName} ${ERR_YOUREBANNEDCREEP} * :${why}\r\n`;
      return { kind: "refused", status: 403, why, ircText: `${numeric}${errorLine(why)}` };
    }
    const admission = addresses.admit(host, monotonic.now());
    if (admission.kind !== "refused") return admission;
    return { kind: "refused", status: 429, why: admission.why, ircText: errorLine(admission.why) };
  }

  /** `host`, which is no trusted proxy, has sent what one sends. */
  noteForwarding(header: ForwardingHeader, host: string): void {
    this.#options.reportForwardingHeader(header, host);
  }

  /** A connection is refused, in words. */
  countRefused(why: string): void {
    this.#options.refusals.countRefusal(why, this.#options.monotonic.now());
  }

  #acceptIrc(conn: Deno.Conn, origin: ClientOrigin, secure: TlsWrapper | undefined): void {
    const speaks = secure === undefined; // a word in the clear would be no answer to who begins a handshake
    const admission = this.admit(origin.host, speaks);
    if (admission.kind === "refused") {
      return this.#refuse(conn, admission.why, speaks ? admission.ircText : "");
    }
    const within = secure &&
      (() => secure(conn as Deno.TcpConn, () => this.noteForwarding("PROXY", origin.host)));
    this.#options.attach(conn, origin, admission, within);
  }

  /** What a trusted proxy passes on: its header comes first, before TLS too. */
  async #acceptProxied(conn: Deno.Conn, proxy: ClientOrigin, secure: TlsWrapper | undefined): Promise<void> {
    const header = await this.#proxyHeaders.read(conn);
    if (header === undefined) return void closeQuietly(conn);
    if (header.kind === "ok") {
      return this.#acceptIrc(conn, originFromProxyHeader(proxy, header.connection), secure);
    }
    const why = describeProxyFault(proxy, header.why);
    this.#refuse(conn, why, secure === undefined ? errorLine(why) : "");
  }

  /** What a trusted proxy passes on is counted when its request has told whose it is. */
  #acceptWeb(
    conn: Deno.TcpConn,
    origin: ClientOrigin,
    secure: TlsWrapper | undefined,
    web: HttpUpgrader,
  ): void {
    const { proxies, attach, release } = this.#options;
    const speaks = secure === undefined;
    const admission = proxies?.has(origin.host) ? undefined : this.admit(origin.host, speaks);
    if (admission?.kind === "refused") {
      const { status, why } = admission;
      return this.#refuse(conn, why, speaks ? web.formatRefusal(status, why) : "");
    }
    conn.setNoDelay(true);
    const arrival = new WebClientAdmission(this, origin, admission, proxies);
    const within = secure === undefined ? conn : secure(conn, () => arrival.handleProxyHeader());
    void web.upgrade(within, arrival).then((upgraded) => {
      if (upgraded !== undefined) attach(upgraded, arrival.origin, arrival.admission!);
      else if (arrival.admission !== undefined) release(arrival.admission);
    });
  }

  #refuse(conn: Conn, why: string, words: string): void {
    this.#options.refusals.refuse(conn, why, this.#options.monotonic.now(), words);
  }

  /** The same text, and not a copy of it, for all who come in by one address after the other. */
  #endpointText(conn: Deno.Conn): string {
    const endpoint = formatEndpoint(conn.localAddr);
    return this.#lastEndpoint = endpoint === this.#lastEndpoint ? this.#lastEndpoint : endpoint;
  }
}

/** Where a client connects from: by its socket, or as a trusted proxy in between reports it. */
import { AddressSet, LOOPBACK } from "../../base/ip.ts";
import type { SocketConn } from "../../net/conn.ts";
import { formatEndpoint } from "../../net/endpoint.ts";
import { resolveForwardedClient } from "../../net/proxy/forwarded_header.ts";
import type { ProxiedConnection } from "../../net/proxy/proxy_header.ts";
import type { HttpRequest } from "../../net/web/http_request.ts";

export interface ClientOrigin {
  /** An address, `localhost` (a Unix socket), or the result of {@link sharedHost} for one of these. */
  readonly host: string;
  /** In the format of `net/endpoint.ts`. */
  readonly endpoint: string;
  /** The client uses TLS. */
  readonly secure: boolean;
  /** A trusted proxy named no client (LOCAL, UNKNOWN), as it does for its health checks. */
  readonly mayBeCheck?: boolean;
  /** The connection is within this process: a client of the HTTP API. */
  readonly isInternal?: boolean;
}

/** Endpoint of connections within this process. */
export const INTERNAL_ENDPOINT = "web API";

const loopback = new AddressSet(LOOPBACK);

/** Host of the remote end of the socket. */
export function remoteHost({ remoteAddr }: Pick<SocketConn, "remoteAddr">): string {
  if (remoteAddr.transport !== "tcp") return "localhost";
  return formatSourceHost(remoteAddr.hostname);
}

/**
 * An address in the form that a message source can contain: it must not begin with ":" (RFC 2812 §2.3.1 has no such
 * IPv6 form; servers put a 0 before it). An IPv4 address mapped to IPv6 becomes IPv4.
 */
function formatSourceHost(address: string): string {
  if (!address.startsWith(":")) return address;
  return /^::ffff:\d+\./i.test(address) ? address.slice("::ffff:".length) : `0${address}`;
}

/**
 * Host of clients with unknown addresses behind `host`. This machine is exempt from limits; remote clients that
 * connect through a proxy on it are not.
 */
export function sharedHost(host: string): string {
  return loopback.has(host) ? `proxied-${host}` : host;
}

/** Origin of a client, by the PROXY header of the connection that `proxy` forwards. */
export function originFromProxyHeader(
  proxy: ClientOrigin,
  { from, secure }: ProxiedConnection,
): ClientOrigin {
  if (from === "proxy") return { ...proxy, mayBeCheck: true };
  const isSecure = secure ?? proxy.secure;
  if (from === "unknown") {
    return { ...proxy, host: sharedHost(proxy.host), secure: isSecure, mayBeCheck: true };
  }
  const { host, port } = from.to;
  const endpoint = formatEndpoint({ transport: "tcp", hostname: host, port });
  return { host: formatSourceHost(from.host), endpoint, secure: isSecure };
}

/**
 * Origin of a client, by the HTTP request that `proxy` forwards; `why`: what the proxy sent instead, for
 * {@link describeProxyFault}.
 */
export function originFromRequest(
  proxy: ClientOrigin,
  { headers }: HttpRequest,
  proxies: AddressSet,
): ClientOrigin | { readonly why: string } {
  const client = resolveForwardedClient(headers, (host) => proxies.has(host));
  switch (client.kind) {
    case "none":
      return { why: "no X-Forwarded-For or Forwarded header" };
    case "bad":
      return client;
    case "ok":
      return { ...proxy, host: formatSourceHost(client.host), secure: client.secure ?? proxy.secure };
  }
}

/** Why a connection of a trusted proxy that sent `what` is refused. */
export function describeProxyFault({ host }: ClientOrigin, what: string): string {
  return `${host} is a trusted proxy (--trust-proxy), and sent ${what}`;
}

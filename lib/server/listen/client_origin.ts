/** Where a client comes from: as its socket has it, or as a trusted proxy in between tells. */
import { AddressSet, LOOPBACK } from "../../base/ip.ts";
import { formatEndpoint } from "../../net/endpoint.ts";
import { resolveForwardedClient } from "../../net/proxy/forwarded_header.ts";
import type { ProxiedConnection } from "../../net/proxy/proxy_header.ts";
import type { HttpRequest } from "../../net/web/http_request.ts";

export interface ClientOrigin {
  /** An address, `localhost` (a Unix socket), or what {@link sharedHost} makes of these. */
  readonly host: string;
  /** As `net/endpoint.ts` writes it. */
  readonly endpoint: string;
  /** The client speaks TLS. */
  readonly secure: boolean;
  /** A trusted proxy names no client of it (LOCAL, UNKNOWN), as for its health checks. */
  readonly mayBeCheck?: boolean;
}

const loopback = new AddressSet(LOOPBACK);

/** The host of the socket's other end. */
export function remoteHost({ remoteAddr }: Deno.Conn): string {
  if (remoteAddr.transport !== "tcp") return "localhost";
  return formatSourceHost(remoteAddr.hostname);
}

/**
 * An address as the host of a source, which must not begin with ":" (RFC 2812 §2.3.1 has no such IPv6 form; servers put a 0
 * before it). IPv4 that comes by an IPv6 socket is IPv4.
 */
function formatSourceHost(address: string): string {
  if (!address.startsWith(":")) return address;
  return /^::ffff:\d+\./i.test(address) ? address.slice("::ffff:".length) : `0${address}`;
}

/**
 * The host of clients that come through `host` and of which no address is known. This machine is exempt from limits; what
 * comes from elsewhere through a proxy on it is not.
 */
export function sharedHost(host: string): string {
  return loopback.has(host) ? `proxied-${host}` : host;
}

/** The client whose connection `proxy` passes on. */
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

/** The client whose request `proxy` passes on; or what is wrong, as what the proxy has sent. */
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

/** Why a connection of a trusted proxy is refused that has sent `what`. */
export function describeProxyFault({ host }: ClientOrigin, what: string): string {
  return `${host} is a trusted proxy (--trust-proxy), and has sent ${what}`;
}

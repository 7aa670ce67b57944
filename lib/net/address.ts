/** Addresses in the form that people write: where a server listens, and where a client connects. */
import { parseIp } from "../base/ip.ts";

/** Port of IRC without TLS (RFC 7194 §1). */
export const DEFAULT_PORT = 6667;
/** Port of IRC over TLS (RFC 7194 §1). */
export const DEFAULT_TLS_PORT = 6697;
/** A port that no common development server uses, near those of IRC. */
export const DEFAULT_WEB_PORT = 6680;
/** Port of web servers that cannot use 443 (IANA: pcsync-https). */
const DEFAULT_SECURE_WEB_PORT = 8443;

export type Address =
  /** `fd`: the number of a listening socket that was passed to this process and has an address already. */
  | { kind: "tcp"; host: string; port: number; fd?: number }
  /** TLS over TCP. */
  | { kind: "tls"; host: string; port: number; fd?: number }
  | { kind: "unix"; path: string };

export type ParsedAddress = Address | { kind: "bad"; why: string };

/** Listen on every IPv4 and IPv6 address of this machine. */
export const WILDCARD_HOST = "*";

/** Parses `HOST:PORT`, `[IPv6]:PORT`, `HOST`, `:PORT`, `PORT`, or `unix:/path`. */
export function parseAddress(text: string): ParsedAddress {
  if (text.startsWith("unix:")) {
    const path = text.slice("unix:".length).replace(/^\/\/(?=\/)/, "");
    return path === ""
      ? { kind: "bad", why: "unix: needs a path, such as unix:/run/chatterbox.sock" }
      : { kind: "unix", path };
  }
  return parseHostPort(text, "tcp", DEFAULT_PORT);
}

/** {@link parseAddress} for TLS, without Unix sockets. */
export function parseTlsAddress(text: string): ParsedAddress {
  return parseHostPort(text, "tls", DEFAULT_TLS_PORT);
}

/** {@link parseAddress} with another default port, without Unix sockets. */
export function parseAddressWithPort(
  text: string,
  defaultPort: number,
): ParsedAddress & { kind: "tcp" | "tls" | "bad" } {
  return parseHostPort(text, "tcp", defaultPort);
}

/** Parses the address for browsers: `[http://]HOST:PORT`, or `https://…` for TLS. */
export function parseWebAddress(text: string): ParsedAddress & { kind: "tcp" | "tls" | "bad" } {
  const [, scheme = "http", place = ""] = /^(?:(https?):\/\/)?(.*?)\/?$/is.exec(text) ?? [];
  return scheme.toLowerCase() === "https"
    ? parseHostPort(place, "tls", DEFAULT_SECURE_WEB_PORT)
    : parseHostPort(place, "tcp", DEFAULT_WEB_PORT);
}

/** The address as a URL for browsers. */
export function formatWebAddress({ kind, host, port }: Address & { kind: "tcp" | "tls" }): string {
  return `${kind === "tls" ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function parseHostPort(
  text: string,
  kind: "tcp" | "tls",
  defaultPort: number,
): ParsedAddress & { kind: "tcp" | "tls" | "bad" } {
  const place = /^\d+$/.test(text) ? `:${text}` : text;
  const match = /^(?:\[([0-9A-Fa-f:.]+(?:%[\w.-]+)?)\]|([^:[\]/\s@]*))(?::(\d+))?$/.exec(place);
  if (match === null || text === "") {
    return {
      kind: "bad",
      why: `${JSON.stringify(text)} is not HOST:PORT${suggestAddress(text, defaultPort)}`,
    };
  }
  const port = match[3] === undefined ? defaultPort : Number(match[3]);
  if (port > 65535) return { kind: "bad", why: `port ${port} is above 65535` };
  return { kind, host: match[1] ?? (match[2] || "127.0.0.1"), port };
}

/** Correction of `NAME@SERVER`; undefined if `text` does not have this form. */
export function suggestForNameAtServer(text: string): string | undefined {
  const [, name, server] = /^([^@/]+)@([^@]+)$/.exec(text) ?? [];
  return name === undefined
    ? undefined
    : `name and server are separate arguments: ${name} --server ${server}`;
}

/** Correction of the invalid address `text`; "" if there is none. */
function suggestAddress(text: string, defaultPort: number): string {
  if (text.includes("@")) return ": leave out the part before the @";
  const colon = text.lastIndexOf(":");
  const isIpv6 = (host: string) => host.includes(":") && parseIp(host.replace(/%.*$/, "")) !== undefined;
  const [host, port] = [text.slice(0, colon), text.slice(colon + 1)];
  if (isIpv6(host) && /^\d+$/.test(port)) return `: write an IPv6 address in brackets, [${host}]:${port}`;
  return isIpv6(text) ? `: write an IPv6 address in brackets, [${text}]:${defaultPort}` : "";
}

/** Parses `irc://host[:port][/]`, `ircs://…` for TLS, or any form of {@link parseAddress}. */
export function parseServerUrl(url: string): ParsedAddress {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(url);
  const hint = suggestForNameAtServer(url.slice(scheme?.[0].length));
  if (hint !== undefined && !/^unix:/i.test(url)) {
    return { kind: "bad", why: hint };
  }
  if (scheme === null || scheme[1]!.toLowerCase() === "unix") return parseAddress(url);
  const place = url.slice(scheme[0].length).replace(/\/$/, "");
  switch (scheme[1]!.toLowerCase()) {
    case "irc":
      return parseAddress(place);
    case "ircs":
      return parseTlsAddress(place);
    default:
      return {
        kind: "bad",
        why: `unknown scheme ${scheme[1]}:; use irc://HOST:PORT, ircs://HOST:PORT (TLS) or unix:/PATH`,
      };
  }
}

/**
 * A form that {@link parseServerUrl} accepts: `host:port` with brackets around IPv6, `ircs://host:port`, or
 * `unix:/path`.
 */
export function formatAddress(address: Address): string {
  if (address.kind === "unix") return `unix:${address.path}`;
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return `${address.kind === "tls" ? "ircs://" : ""}${host}:${address.port}`;
}

/** Whether `host` stands for every address of this machine. */
export function isWildcardHost(host: string): boolean {
  return host === "0.0.0.0" || host === "::" || host === WILDCARD_HOST;
}

/**
 * Replaces the wildcards of IPv4 and IPv6 with the same port by one for both: on most systems one socket accepts
 * both, and two would conflict.
 */
export function mergeWildcards<A extends Address>(addresses: readonly A[]): A[] {
  const both = (one: A) =>
    one.kind !== "unix" && one.port !== 0 &&
    ["0.0.0.0", "::"].every((host) =>
      addresses.some((other) => other.kind === one.kind && other.port === one.port && other.host === host)
    );
  return addresses.flatMap((address) => {
    if (address.kind === "unix" || !isWildcardHost(address.host) || !both(address)) return address;
    return address.host === "::" ? { ...address, host: WILDCARD_HOST } : [];
  });
}

/** Whether `host` is this machine, so that the traffic cannot be intercepted. */
export function isLoopback(host: string): boolean {
  return /^(?:127(?:\.\d{1,3}){3}|::1|localhost)$/i.test(host);
}

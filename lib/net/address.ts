/** Addresses as people write them: where a server listens, where a client connects. */
import { parseIp } from "../base/ip.ts";

/** The port of IRC without TLS (RFC 7194 §1). */
export const DEFAULT_PORT = 6667;
/** The port of IRC over TLS (RFC 7194 §1). */
export const DEFAULT_TLS_PORT = 6697;
/** Where servers for the web listen that can't have 80 and 443 (IANA: http-alt, pcsync-https). */
export const DEFAULT_WEB_PORT = 8080;
export const DEFAULT_SECURE_WEB_PORT = 8443;

export type Address =
  | { kind: "tcp"; host: string; port: number }
  /** TLS over TCP. */
  | { kind: "tls"; host: string; port: number }
  | { kind: "unix"; path: string };

export type ParsedAddress = Address | { kind: "bad"; why: string };

/** Every address of this machine, of IPv4 and of IPv6, where one listens. */
export const WILDCARD_HOST = "*";

/** `HOST:PORT`, `[IPv6]:PORT`, `HOST`, `:PORT`, `PORT`, or `unix:/path`. */
export function parseAddress(text: string): ParsedAddress {
  if (text.startsWith("unix:")) {
    const path = text.slice("unix:".length).replace(/^\/\/(?=\/)/, "");
    return path === ""
      ? { kind: "bad", why: "unix: wants a path, as in unix:/run/chatterbox.sock" }
      : { kind: "unix", path };
  }
  return parseHostPort(text, "tcp", DEFAULT_PORT);
}

/** As {@link parseAddress}, of what is reached by TLS; no Unix socket. */
export function parseTlsAddress(text: string): ParsedAddress {
  return parseHostPort(text, "tls", DEFAULT_TLS_PORT);
}

/** `[http://]HOST:PORT`, or `https://…` for TLS: where browsers come. */
export function parseWebAddress(text: string): ParsedAddress & { kind: "tcp" | "tls" | "bad" } {
  const [, scheme = "http", place = ""] = /^(?:(https?):\/\/)?(.*?)\/?$/is.exec(text) ?? [];
  return scheme.toLowerCase() === "https"
    ? parseHostPort(place, "tls", DEFAULT_SECURE_WEB_PORT)
    : parseHostPort(place, "tcp", DEFAULT_WEB_PORT);
}

/** As a browser is told it. */
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

/** What to write in place of `NAME@SERVER`; undefined: `text` is not of that form. */
export function suggestForNameAtServer(text: string): string | undefined {
  const [, name, server] = /^([^@/]+)@([^@]+)$/.exec(text) ?? [];
  return name === undefined ? undefined : `a name and its server stand apart: ${name} --server ${server}`;
}

/** How `text`, which is none, becomes an address; "" where that can't be told. */
function suggestAddress(text: string, defaultPort: number): string {
  if (text.includes("@")) return ": leave out what stands before the @";
  const colon = text.lastIndexOf(":");
  const isIpv6 = (host: string) => host.includes(":") && parseIp(host.replace(/%.*$/, "")) !== undefined;
  const [host, port] = [text.slice(0, colon), text.slice(colon + 1)];
  if (isIpv6(host) && /^\d+$/.test(port)) return `: an IPv6 address stands in brackets, [${host}]:${port}`;
  return isIpv6(text) ? `: an IPv6 address stands in brackets, [${text}]:${defaultPort}` : "";
}

/** `irc://host[:port][/]`, `ircs://…` for TLS, or all that {@link parseAddress} takes. */
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
        why: `${scheme[1]}: is not known; servers are irc://HOST:PORT, ircs://HOST:PORT (TLS) or unix:/PATH`,
      };
  }
}

/** What {@link parseServerUrl} takes: `host:port` with brackets around IPv6, `ircs://host:port`, or `unix:/path`. */
export function formatAddress(address: Address): string {
  if (address.kind === "unix") return `unix:${address.path}`;
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return `${address.kind === "tls" ? "ircs://" : ""}${host}:${address.port}`;
}

/** Every address of this machine. */
export function isWildcardHost(host: string): boolean {
  return host === "0.0.0.0" || host === "::" || host === WILDCARD_HOST;
}

/**
 * `addresses` with one for both where they have IPv4's and IPv6's every address with the same port: on most systems one socket
 * hears both, and two would be in each other's way.
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

/** Whether `host` is this machine, so that nobody else hears what is said to it. */
export function isLoopback(host: string): boolean {
  return /^(?:127(?:\.\d{1,3}){3}|::1|localhost)$/i.test(host);
}

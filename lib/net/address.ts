/** Addresses as people write them: where a server listens, where a client connects. */

/** The port of IRC without TLS (RFC 7194 §1). */
export const DEFAULT_PORT = 6667;

export type Address =
  | { kind: "tcp"; host: string; port: number }
  | { kind: "unix"; path: string };

export type ParsedAddress = Address | { kind: "bad"; why: string };

/** `HOST:PORT`, `[IPv6]:PORT`, `HOST`, `:PORT`, or `unix:/path`. */
export function parseAddress(text: string, defaultHost = "127.0.0.1"): ParsedAddress {
  if (text.startsWith("unix:")) {
    const path = text.slice("unix:".length).replace(/^\/\/(?=\/)/, "");
    return path === ""
      ? { kind: "bad", why: "unix: wants a path, as in unix:/run/chatterbox.sock" }
      : { kind: "unix", path };
  }
  const match = /^(?:\[([0-9A-Fa-f:.]+(?:%[\w.-]+)?)\]|([^:[\]/\s]*))(?::(\d+))?$/.exec(text);
  if (match === null || text === "") return { kind: "bad", why: `${JSON.stringify(text)} is not HOST:PORT` };
  const port = match[3] === undefined ? DEFAULT_PORT : Number(match[3]);
  if (port > 65535) return { kind: "bad", why: `port ${port} is above 65535` };
  return { kind: "tcp", host: match[1] ?? (match[2] || defaultHost), port };
}

/** `irc://host[:port][/]`, or all that {@link parseAddress} takes. */
export function parseServerUrl(url: string): ParsedAddress {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(url);
  if (scheme === null || scheme[1]!.toLowerCase() === "unix") return parseAddress(url);
  if (scheme[1]!.toLowerCase() !== "irc") {
    return { kind: "bad", why: `${scheme[1]}: is not known; servers are irc://HOST:PORT or unix:/PATH` };
  }
  return parseAddress(url.slice(scheme[0].length).replace(/\/$/, ""));
}

/** The inverse: `host:port` with brackets around IPv6, or `unix:/path`. */
export function formatAddress(address: Address): string {
  if (address.kind === "unix") return `unix:${address.path}`;
  return address.host.includes(":") ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

/** Addresses as people write them: where a server listens, where a client connects. */

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

/** `HOST:PORT`, `[IPv6]:PORT`, `HOST`, `:PORT`, or `unix:/path`. */
export function parseAddress(text: string): ParsedAddress {
  if (text.startsWith("unix:")) {
    const path = text.slice("unix:".length).replace(/^\/\/(?=\/)/, "");
    return path === ""
      ? { kind: "bad", why: "unix: wants a path, as in unix:/run/chatterbox.sock" }
      : { kind: "unix", path };
  }
  return parsePlace(text, "tcp", DEFAULT_PORT);
}

/** As {@link parseAddress}, of what is reached by TLS; no Unix socket. */
export function parseTlsAddress(text: string): ParsedAddress {
  return parsePlace(text, "tls", DEFAULT_TLS_PORT);
}

/** `[http://]HOST:PORT`, or `https://…` for TLS: where browsers come. */
export function parseWebAddress(text: string): ParsedAddress & { kind: "tcp" | "tls" | "bad" } {
  const [, scheme = "http", place = ""] = /^(?:(https?):\/\/)?(.*?)\/?$/is.exec(text) ?? [];
  return scheme.toLowerCase() === "https"
    ? parsePlace(place, "tls", DEFAULT_SECURE_WEB_PORT)
    : parsePlace(place, "tcp", DEFAULT_WEB_PORT);
}

/** As a browser is told it. */
export function formatWebAddress({ kind, host, port }: Address & { kind: "tcp" | "tls" }): string {
  return `${kind === "tls" ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function parsePlace(
  text: string,
  kind: "tcp" | "tls",
  defaultPort: number,
): ParsedAddress & { kind: "tcp" | "tls" | "bad" } {
  const match = /^(?:\[([0-9A-Fa-f:.]+(?:%[\w.-]+)?)\]|([^:[\]/\s]*))(?::(\d+))?$/.exec(text);
  if (match === null || text === "") return { kind: "bad", why: `${JSON.stringify(text)} is not HOST:PORT` };
  const port = match[3] === undefined ? defaultPort : Number(match[3]);
  if (port > 65535) return { kind: "bad", why: `port ${port} is above 65535` };
  return { kind, host: match[1] ?? (match[2] || "127.0.0.1"), port };
}

/** What to write in place of `NAME@SERVER`; undefined: `text` is not of that form. */
export function nameAndServerHint(text: string): string | undefined {
  const [, name, server] = /^([^@/]+)@([^@]+)$/.exec(text) ?? [];
  return name === undefined ? undefined : `a name and its server stand apart: ${name} --server ${server}`;
}

/** `irc://host[:port][/]`, `ircs://…` for TLS, or all that {@link parseAddress} takes. */
export function parseServerUrl(url: string): ParsedAddress {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(url);
  const hint = nameAndServerHint(url.slice(scheme?.[0].length));
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

/** Whether `host` is this machine, so that nobody else hears what is said to it. */
export function isLoopback(host: string): boolean {
  return /^(?:127(?:\.\d{1,3}){3}|::1|localhost)$/i.test(host);
}

/**
 * The WebSocket handshake, and which pages may connect (RFC 6455 §4.2, https://ircv3.net/specs/extensions/websocket).
 * Pure.
 */
import { isLoopback } from "../address.ts";
import { hasToken, HOST_PATTERN } from "./http_request.ts";
import type { HttpRequest, HttpResponse } from "./http_request.ts";

/** Form of lines in WebSocket messages; the subprotocol is `<form>.ircv3.net`. */
export type WebSocketForm = "text" | "binary";

export interface OriginPolicy {
  /** Allowed origins, `scheme://host[:port]`; `*`: all. */
  readonly origins: ReadonlySet<string>;
  /** Host names of this server. Its own pages, loaded under one of these or under an IP address, may connect. */
  readonly names: ReadonlySet<string>;
}

export type HandshakeOutcome =
  /** `protocol`: subprotocol named in the response, if the client asked for a known one. */
  | {
    readonly kind: "upgrade";
    readonly key: string;
    readonly form: WebSocketForm;
    readonly protocol: string | undefined;
  }
  | { readonly kind: "answer"; readonly answer: HttpResponse };

const PROTOCOLS: ReadonlyMap<string, WebSocketForm> = new Map([
  ["text.ircv3.net", "text"],
  ["binary.ircv3.net", "binary"],
]);
/** RFC 6455 §4.4. */
const VERSION = "13";
/** RFC 6455 §1.3. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const WEBSOCKET = { upgrade: "websocket", connection: "close, upgrade" };

/** Checks a request; returns the upgrade, or the response that refuses it. */
export function checkHandshake(request: HttpRequest, policy: OriginPolicy): HandshakeOutcome {
  const { method, target, minor, headers } = request;
  if (method !== "GET" && method !== "HEAD") {
    return refuseHandshake(405, `This server does not support ${method}.`, { allow: "GET, HEAD" });
  }
  const host = headers.get("host");
  if (minor === 1 && host === undefined) return refuseHandshake(400, "The Host header is missing.");
  if (!asksForWebSocket(request)) {
    return target.replace(/\?.*/s, "") === "/"
      ? refuseHandshake(
        426,
        "This is a chat server. IRC clients with WebSocket support can connect here.",
        WEBSOCKET,
      )
      : refuseHandshake(404, "There is no page at this address.");
  }
  if (headers.get("sec-websocket-version") !== VERSION) {
    return refuseHandshake(426, `This server supports WebSocket version ${VERSION}.`, {
      ...WEBSOCKET,
      "sec-websocket-version": VERSION,
    });
  }
  const key = headers.get("sec-websocket-key") ?? "";
  if (minor === 0 || !hasToken(headers, "connection", "upgrade") || !/^[A-Za-z0-9+/]{22}==$/.test(key)) {
    return refuseHandshake(400, "This is not a valid WebSocket handshake: see RFC 6455, section 4.2.1.");
  }
  const origin = headers.get("origin");
  if (origin !== undefined && !isOriginAllowed(origin, host ?? "", policy)) {
    return refuseHandshake(
      403,
      `Pages of ${origin} may not connect; to allow them: serve --web-origin ORIGIN`,
    );
  }
  const wanted = (headers.get("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim());
  const protocol = wanted.find((name) => PROTOCOLS.has(name));
  return { kind: "upgrade", key, form: PROTOCOLS.get(protocol ?? "") ?? "text", protocol };
}

function refuseHandshake(
  status: number,
  text: string,
  headers: Record<string, string> = {},
): HandshakeOutcome {
  return { kind: "answer", answer: { status, text, headers } };
}

/**
 * Allows a page that is on the list, or that was loaded under the name that it now connects to. That name must be one
 * of this server's: the owner of any domain can point it at this machine, and would have the same origin (DNS
 * rebinding).
 */
export function isOriginAllowed(origin: string, host: string, { origins, names }: OriginPolicy): boolean {
  if (origins.has("*") || origins.has(origin.toLowerCase())) return true;
  if (!URL.canParse(origin) || !HOST_PATTERN.test(host)) return false; // "null", for example, of a local file
  const page = new URL(origin);
  const place = `${page.protocol}//${host}`;
  if (!/^https?:$/.test(page.protocol) || !URL.canParse(place) || new URL(place).host !== page.host) {
    return false;
  }
  return isOwnName(page.hostname, names);
}

/**
 * Whether a request for `host` (a Host header, or the authority of its URL) is meant for this server: under a name of
 * its own, an IP address, or the host of an allowed origin. A page of another domain that points at this machine (DNS
 * rebinding) sends its own name.
 */
export function isHostAllowed(host: string, { origins, names }: OriginPolicy): boolean {
  if (!HOST_PATTERN.test(host) || !URL.canParse(`http://${host}`)) return false;
  const { hostname } = new URL(`http://${host}`);
  return origins.has("*") || isOwnName(hostname, names) ||
    origins.values().some((origin) => new URL(origin).hostname === hostname);
}

/** Whether `hostname`, of a URL, is a name of this server, or an address. */
function isOwnName(hostname: string, names: ReadonlySet<string>): boolean {
  const name = hostname.replace(/^\[(.*)\]$/, "$1");
  return isLoopback(name) || /^[\d.]+$|:/.test(name) || names.has(name);
}

/** Whether `request` asks for another protocol: WebSocket. */
export function asksForWebSocket({ method, headers }: HttpRequest): boolean {
  return method === "GET" && hasToken(headers, "upgrade", "websocket");
}

/** Status line and headers of the response to a handshake (§4.2.2). */
export async function formatHandshakeResponse(key: string, protocol: string | undefined): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(`${key}${GUID}`));
  return [
    "HTTP/1.1 101 Switching Protocols",
    "upgrade: websocket",
    "connection: Upgrade",
    `sec-websocket-accept: ${new Uint8Array(digest).toBase64()}`,
    ...protocol === undefined ? [] : [`sec-websocket-protocol: ${protocol}`],
    "",
    "",
  ].join("\r\n");
}

/** Who may come in over WebSocket, and how (RFC 6455 §4.2, https://ircv3.net/specs/extensions/websocket). Pure. */
import { isLoopback } from "../address.ts";
import type { HttpRequest, HttpResponse } from "./http_request.ts";

/** How lines go over a WebSocket; the subprotocol is `<form>.ircv3.net`. */
export type WebSocketForm = "text" | "binary";

export interface OriginPolicy {
  /** Origins that may come in, `scheme://host[:port]`; `*`: all. */
  readonly origins: ReadonlySet<string>;
  /** Names that this server is known by. Under them, and under addresses, its own pages may come in. */
  readonly names: ReadonlySet<string>;
}

export type HandshakeOutcome =
  /** `protocol`: the subprotocol that is named in the answer, where one was asked for that we have. */
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
/** A Host header (RFC 9110 §7.2). */
const HOST = /^(?:\[[0-9A-Fa-f:.]+\]|[^:/?#@\\\s[\]]+)(?::\d+)?$/;
/** RFC 6455 §4.4. */
const VERSION = "13";
/** RFC 6455 §1.3. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const WEBSOCKET = { upgrade: "websocket", connection: "close, upgrade" };

/** What `request` gets. */
export function checkHandshake(request: HttpRequest, policy: OriginPolicy): HandshakeOutcome {
  const { method, target, minor, headers } = request;
  if (method !== "GET" && method !== "HEAD") {
    return refuseHandshake(405, `${method} is not for this server.`, { allow: "GET, HEAD" });
  }
  const host = headers.get("host");
  if (minor === 1 && host === undefined) return refuseHandshake(400, "The Host header is missing.");
  if (!hasToken(headers, "upgrade", "websocket") || method === "HEAD") {
    return target.replace(/\?.*/s, "") === "/"
      ? refuseHandshake(
        426,
        "This is a chat server. IRC clients that speak WebSocket can connect here.",
        WEBSOCKET,
      )
      : refuseHandshake(404, "There is nothing here.");
  }
  if (headers.get("sec-websocket-version") !== VERSION) {
    return refuseHandshake(426, `WebSocket is spoken here in version ${VERSION}.`, {
      ...WEBSOCKET,
      "sec-websocket-version": VERSION,
    });
  }
  const key = headers.get("sec-websocket-key") ?? "";
  if (minor === 0 || !hasToken(headers, "connection", "upgrade") || !/^[A-Za-z0-9+/]{22}==$/.test(key)) {
    return refuseHandshake(400, "This is no WebSocket handshake: see RFC 6455, section 4.2.1.");
  }
  const origin = headers.get("origin");
  if (origin !== undefined && !isOriginAllowed(origin, host ?? "", policy)) {
    return refuseHandshake(
      403,
      `Pages of ${origin} may not connect here: serve --web-origin ORIGIN lets them.`,
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

function hasToken(headers: ReadonlyMap<string, string>, name: string, token: string): boolean {
  return (headers.get(name) ?? "").toLowerCase().split(",").some((each) => each.trim() === token);
}

/**
 * A page may come in that is on the list, or that was got under the name that it now connects to. But that name must be ours:
 * whoever owns a domain can have it lead to this machine, and would then be of the same origin (DNS rebinding).
 */
function isOriginAllowed(origin: string, host: string, { origins, names }: OriginPolicy): boolean {
  if (origins.has("*") || origins.has(origin.toLowerCase())) return true;
  if (!URL.canParse(origin) || !HOST.test(host)) return false; // "null", say, of a file
  const page = new URL(origin);
  const place = `${page.protocol}//${host}`;
  if (!/^https?:$/.test(page.protocol) || !URL.canParse(place) || new URL(place).host !== page.host) {
    return false;
  }
  const name = page.hostname.replace(/^\[(.*)\]$/, "$1");
  return isLoopback(name) || /^[\d.]+$|:/.test(name) || names.has(name);
}

/** The status line and headers that answer a handshake (§4.2.2). */
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

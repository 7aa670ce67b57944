/** The head of an HTTP request, as far as this server needs it (RFC 9112), and responses with a text. Pure. */
import { utf8Length } from "../../base/bytes.ts";
import { isProxyHeaderStart } from "../proxy/proxy_header.ts";

/** Browsers send some 600 bytes, a proxy's cookies a few thousand. */
export const MAX_HEAD_BYTES = 16 * 1024;

export interface HttpRequest {
  readonly method: string;
  /** As sent, with its query. */
  readonly target: string;
  /** Minor version: HTTP/1.0 or HTTP/1.1. */
  readonly minor: 0 | 1;
  /** By lower-case name; several headers of one name are joined by commas. */
  readonly headers: ReadonlyMap<string, string>;
}

export interface HttpResponse {
  readonly status: number;
  /** Text for the person behind the request. */
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type HeadOutcome =
  /** Incomplete so far. */
  | { readonly kind: "unfinished" }
  /** `length`: of the head, in bytes; what follows belongs to the protocol that the request asks for. */
  | { readonly kind: "ok"; readonly request: HttpRequest; readonly length: number }
  | { readonly kind: "bad"; readonly answer: HttpResponse };

/** `PROXY ` and CR LF CR LF NUL CR do not begin a request. */
const PROXY_START_BYTES = 6;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const latin1 = new TextDecoder("latin1");
const NOT_HTTP: HeadOutcome = {
  kind: "bad",
  answer: {
    status: 400,
    text: "This port speaks HTTP and WebSocket; IRC clients without WebSocket need another port.",
  },
};

/** Response to a PROXY header in front of a request, which is not HTTP. */
export const PROXY_HEADER_RESPONSE: HttpResponse = {
  status: 400,
  text: "This port does not accept PROXY headers: web proxies must use X-Forwarded-For or Forwarded.",
};

/** Parses the head at the start of `bytes`. */
export function parseHead(bytes: Uint8Array): HeadOutcome {
  if (bytes.length >= PROXY_START_BYTES && isProxyHeaderStart(bytes)) {
    return { kind: "bad", answer: PROXY_HEADER_RESPONSE };
  }
  const text = latin1.decode(bytes);
  const firstEnd = text.indexOf("\n");
  // Input that cannot become a request is rejected at once; otherwise its sender would wait for a response for ever.
  if (!/^(?:$|[A-Z]{1,20}(?: |$))/.test(text.slice(0, 21))) return NOT_HTTP;
  const [, method, target, minor] =
    /^([A-Z]{1,20}) (\S+) HTTP\/1\.([01])\r?$/.exec(text.slice(0, firstEnd)) ??
      [];
  if (firstEnd >= 0 && method === undefined) return NOT_HTTP;
  const end = /\r?\n\r?\n/.exec(text);
  if (end === null) {
    return bytes.length < MAX_HEAD_BYTES ? { kind: "unfinished" } : {
      kind: "bad",
      answer: {
        status: firstEnd < 0 ? 414 : 431,
        text: `The header section of a request has at most ${MAX_HEAD_BYTES} bytes.`,
      },
    };
  }
  const headers = parseHeaders(text.slice(firstEnd + 1, Math.max(firstEnd + 1, end.index)));
  if (headers === undefined) return { kind: "bad", answer: { status: 400, text: "A header is malformed." } };
  return {
    kind: "ok",
    request: { method: method!, target: target!, minor: minor === "0" ? 0 : 1, headers },
    length: end.index + end[0].length,
  };
}

function parseHeaders(text: string): Map<string, string> | undefined {
  const headers = new Map<string, string>();
  for (const line of text === "" ? [] : text.split(/\r?\n/)) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon)).toLowerCase();
    if (!TOKEN.test(name)) return undefined; // this includes a folded line (RFC 9112 §5.2), which begins with a space
    const value = trimValue(line.slice(colon + 1));
    const before = headers.get(name);
    if (before !== undefined && name === "host") return undefined; // RFC 9112 §3.2: "more than one Host header"
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return headers;
}

/**
 * Without the spaces and tabs around it (RFC 9110 §5.5). What else trim() drops belongs to the value: for others
 * "\x0bchunked" is no transfer coding.
 */
function trimValue(text: string): string {
  const isSpace = (at: number) => text[at] === " " || text[at] === "\t";
  let [start, end] = [0, text.length];
  while (start < end && isSpace(start)) start++;
  while (end > start && isSpace(end - 1)) end--;
  return text.slice(start, end);
}

const LF = 0x0a;
const CR = 0x0d;
/** Initial size of a head's buffer. */
const START_BYTES = 1024;
/** This many bytes decide whether the first line can begin a request: see {@link parseHead}. */
const METHOD_BYTES = 21;

/**
 * Reads a head that arrives in pieces of any size, and parses it again only when a piece may have changed the
 * outcome.
 */
export class HeadReader {
  #bytes = new Uint8Array(START_BYTES);
  #length = 0;
  #hasLine = false;

  /** Number of bytes that may still arrive. */
  get space(): number {
    return MAX_HEAD_BYTES - this.#length;
  }

  /** Outcome of all pieces so far; `piece` has at most {@link space} bytes. */
  push(piece: Uint8Array): HeadOutcome {
    const before = this.#length;
    this.#length += piece.length;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(piece, before);
    const endsLine = !this.#hasLine && piece.includes(LF);
    this.#hasLine ||= endsLine;
    const mayDecide = before < METHOD_BYTES || endsLine || this.space === 0 || this.#hasBlankLine(before);
    return mayDecide ? parseHead(this.#bytes.subarray(0, this.#length)) : { kind: "unfinished" };
  }

  /** The bytes received after the first `length`. */
  rest(length: number): Uint8Array {
    return this.#bytes.slice(length, this.#length);
  }

  /** Whether an empty line ends at or after `from`. */
  #hasBlankLine(from: number): boolean {
    const bytes = this.#bytes;
    for (let at = from; at < this.#length; at++) {
      if (bytes[at] !== LF) continue;
      const before = bytes[at - 1] === CR ? at - 2 : at - 1;
      if (bytes[before] === LF) return true;
    }
    return false;
  }
}

/** RFC 9110 §15, RFC 6585. */
const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  201: "Created",
  202: "Accepted",
  204: "No Content",
  206: "Partial Content",
  301: "Moved Permanently",
  302: "Found",
  303: "See Other",
  304: "Not Modified",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  408: "Request Timeout",
  409: "Conflict",
  410: "Gone",
  411: "Length Required",
  412: "Precondition Failed",
  413: "Content Too Large",
  414: "URI Too Long",
  415: "Unsupported Media Type",
  416: "Range Not Satisfiable",
  417: "Expectation Failed",
  421: "Misdirected Request",
  422: "Unprocessable Content",
  426: "Upgrade Required",
  428: "Precondition Required",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

/** The words after a status code, which clients ignore; "" if the code has none here. */
export function reasonPhrase(status: number): string {
  return REASONS[status] ?? "";
}

/** Whether the list in the header `name` has `token`, which is in lower case. */
export function hasToken(headers: ReadonlyMap<string, string>, name: string, token: string): boolean {
  return (headers.get(name) ?? "").toLowerCase().split(",").some((each) => each.trim() === token);
}

/** A Host header (RFC 9110 §7.2). */
export const HOST_PATTERN = /^(?:\[[0-9A-Fa-f:.]+\]|[^:/?#@\\\s[\]]+)(?::\d+)?$/;

/**
 * The URL that `request` is for (RFC 9112 §3.3); undefined if it names none. An absolute form overrules the Host
 * header (§3.2.2).
 */
export function requestUrl({ method, target, headers }: HttpRequest, isSecure: boolean): URL | undefined {
  const scheme = isSecure ? "https" : "http";
  if (/^https?:\/\//i.test(target)) return parseUrl(target.replace(/^https?/i, scheme));
  const host = headers.get("host") ?? "";
  if (!HOST_PATTERN.test(host)) return undefined;
  if (target.startsWith("/")) return parseUrl(`${scheme}://${host}${target}`);
  return target === "*" && method === "OPTIONS" ? parseUrl(`${scheme}://${host}/`) : undefined;
}

/** Undefined: not a URL, or one with a user name. */
function parseUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && url.username === "" && url.password === "" ? url : undefined;
}

/** Problem details (RFC 9457): media type and body. `members`: further ones. */
export const PROBLEM_TYPE = "application/problem+json";
export function formatProblem(status: number, detail: string, members: object = {}): string {
  const problem = { type: "about:blank", title: reasonPhrase(status), status, detail, ...members };
  return `${JSON.stringify(problem)}\n`;
}

/** The response as sent; the connection is closed after it. `form`: for people, or for programs (RFC 9457). */
export function formatHttpResponse(
  { status, text, headers = {} }: HttpResponse,
  method = "GET",
  form: "text" | "problem" = "text",
): string {
  const body = form === "text" ? `${text}\n` : formatProblem(status, text);
  const lines = [
    `HTTP/1.1 ${status} ${reasonPhrase(status)}`,
    `content-type: ${form === "text" ? "text/plain; charset=utf-8" : PROBLEM_TYPE}`,
    `content-length: ${utf8Length(body)}`,
    "x-content-type-options: nosniff",
    "cache-control: no-store",
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...headers.connection === undefined ? ["connection: close"] : [],
  ];
  return `${lines.join("\r\n")}\r\n\r\n${method === "HEAD" ? "" : body}`;
}

/**
 * The header of the PROXY protocol, in which a proxy states the client of a connection that it forwards
 * (https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt, both versions). Pure.
 *
 *     version 1 (§2.1)   PROXY TCP4 192.0.2.1 192.0.2.2 56324 6667 CR LF
 *     version 2 (§2.2)   signature (12) | version, command (1) | family, transport (1) | length (2) | addresses | TLVs
 */
import { formatIp, parseIp } from "../../base/ip.ts";

/** The limit of nginx; addresses take at most 232 bytes, the rest is for TLVs. */
export const MAX_PROXY_HEADER_BYTES = 4096;
/** `PROXY UNKNOWN` CR LF: the shortest header. */
const MIN_HEADER_BYTES = 15;
/**
 * §2.1: "If the CRLF sequence is not found in the first 107 characters, the receiver should declare the line
 * invalid."
 */
const MAX_LINE_BYTES = 107;
const FIXED_BYTES = 16;
const TEXT_START = new TextEncoder().encode("PROXY ");
const SIGNATURE = new Uint8Array([13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10]);

/** Byte after the signature: its high four bits are the version, 2, its low ones the command. */
const LOCAL = 0x20;
const PROXY = 0x21;
/** Address family → bytes of an address; those of AF_UNIX and AF_UNSPEC are ignored. */
const ADDRESS_BYTES: ReadonlyMap<number, number> = new Map([[0, 0], [1, 4], [2, 16], [3, 0]]);
const STREAM = 1;
const MAX_TRANSPORT = 2;
/** §2.2.6: the first byte has a bit for "the client connected over SSL/TLS", and 4 bytes follow it. */
const TYPE_SSL = 0x20;
const CLIENT_SSL = 0x01;
const MIN_SSL_BYTES = 5;

/** The connection that a header describes. */
export interface ProxiedConnection {
  /**
   * `proxy`: the proxy's own, a health check for example. `unknown`: of a client with an address that is not
   * stated.
   */
  readonly from: "proxy" | "unknown" | ProxiedClient;
  /** Whether the client's connection to the proxy uses TLS; undefined: not stated. */
  readonly secure: boolean | undefined;
}

export interface ProxiedClient {
  /** In the form of `formatIp`. */
  readonly host: string;
  /** The address that the client connected to. */
  readonly to: { readonly host: string; readonly port: number };
}

export type ProxyHeader =
  /** The header has at least `needed` more bytes. */
  | { readonly kind: "unfinished"; readonly needed: number }
  | { readonly kind: "ok"; readonly connection: ProxiedConnection }
  /** `why`: description of the input. */
  | { readonly kind: "bad"; readonly why: string };

/** Whether `bytes`, the first of a connection, begin a header; there must be at least one byte. */
export function isProxyHeaderStart(bytes: Uint8Array): boolean {
  return bytes.length > 0 && (matchesPrefix(bytes, TEXT_START) || matchesPrefix(bytes, SIGNATURE));
}

/**
 * Parses `bytes`, the first of a connection, as exactly one header. A caller that reads at most `needed` bytes at a
 * time reads nothing beyond the header.
 */
export function parseProxyHeader(bytes: Uint8Array): ProxyHeader {
  if (bytes.length === 0) return { kind: "unfinished", needed: MIN_HEADER_BYTES };
  if (!isProxyHeaderStart(bytes)) return badProxyHeader("no PROXY header");
  if (bytes.length < MIN_HEADER_BYTES) return { kind: "unfinished", needed: MIN_HEADER_BYTES - bytes.length };
  return bytes[0] === TEXT_START[0] ? parseProxyV1(bytes) : parseProxyV2(bytes);
}

function badProxyHeader(why: string): ProxyHeader {
  return { kind: "bad", why };
}

/** Compares as many bytes as both have. */
function matchesPrefix(bytes: Uint8Array, start: Uint8Array): boolean {
  for (let at = 0; at < start.length && at < bytes.length; at++) if (bytes[at] !== start[at]) return false;
  return true;
}

function parseProxyV1(bytes: Uint8Array): ProxyHeader {
  const text = String.fromCharCode(...bytes.subarray(0, MAX_LINE_BYTES));
  const [, protocol = "", ...fields] = text.replace(/\r\n$/, "").split(" ");
  if (!text.endsWith("\r\n")) {
    if (text.includes("\n")) return badProxyHeader("a malformed PROXY line");
    if (bytes.length >= MAX_LINE_BYTES) {
      return badProxyHeader(`a PROXY line of more than ${MAX_LINE_BYTES} bytes`);
    }
    // Each missing field takes at least a space and a character; CR LF follows, or only LF.
    const missing = /^TCP[46]$/.test(protocol) ? Math.max(0, 4 - fields.length) : 0;
    return { kind: "unfinished", needed: 2 * missing + (text.endsWith("\r") ? 1 : 2) };
  }
  if (protocol === "UNKNOWN") return { kind: "ok", connection: { from: "unknown", secure: undefined } };
  const isV4 = protocol === "TCP4";
  const [source = "", destination = "", sourcePort = "", port = ""] = fields;
  const addresses = [source, destination].map((field) =>
    isV4 === !field.includes(":") && parseStrictIp(field)
  );
  if (
    !/^TCP[46]$/.test(protocol) || fields.length !== 4 || !isPort(sourcePort) || !isPort(port) ||
    !addresses[0] || !addresses[1]
  ) return badProxyHeader("a malformed PROXY line");
  const client = { host: formatIp(addresses[0]), to: { host: formatIp(addresses[1]), port: Number(port) } };
  return { kind: "ok", connection: { from: client, secure: undefined } };
}

/** §2.1: "Heading zeroes are not permitted in front of numbers". */
function parseStrictIp(text: string): number[] | undefined {
  return /(?:^|[.:])0\d+\.|\.0\d+$/.test(text) ? undefined : parseIp(text);
}

function isPort(text: string): boolean {
  return /^(?:0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65535;
}

function parseProxyV2(bytes: Uint8Array): ProxyHeader {
  if (bytes.length < FIXED_BYTES) return { kind: "unfinished", needed: FIXED_BYTES - bytes.length };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = FIXED_BYTES + view.getUint16(14);
  if (length > MAX_PROXY_HEADER_BYTES) {
    return badProxyHeader(`a PROXY header of ${length} bytes, more than ${MAX_PROXY_HEADER_BYTES}`);
  }
  const command = bytes[12]!;
  const family = bytes[13]! >> 4;
  const transport = bytes[13]! & 15;
  if (command !== LOCAL && command !== PROXY) {
    return badProxyHeader("a PROXY header with an unknown version or command");
  }
  if (bytes.length < length) return { kind: "unfinished", needed: length - bytes.length };
  if (command === LOCAL) return { kind: "ok", connection: { from: "proxy", secure: undefined } };
  const size = ADDRESS_BYTES.get(family);
  if (size === undefined || transport > MAX_TRANSPORT) {
    return badProxyHeader("a PROXY header with an unknown address family or transport");
  }
  if (family === 0 || transport !== STREAM || size === 0) {
    return { kind: "ok", connection: { from: "unknown", secure: undefined } };
  }
  const tlvs = FIXED_BYTES + 2 * size + 4;
  if (tlvs > length) return badProxyHeader("a PROXY header with truncated addresses");
  const secure = parseTlsTlvs(bytes.subarray(tlvs, length));
  if (secure === "malformed") return badProxyHeader("a PROXY header with a malformed TLV");
  const [host, to] = [FIXED_BYTES, FIXED_BYTES + size].map((at) =>
    formatIp([...bytes.subarray(at, at + size)])
  );
  const client = { host: host!, to: { host: to!, port: view.getUint16(tlvs - 2) } };
  return { kind: "ok", connection: { from: client, secure } };
}

/** Whether the TLVs state a TLS connection; undefined if they state nothing. */
function parseTlsTlvs(tlvs: Uint8Array): boolean | undefined | "malformed" {
  let secure: boolean | undefined;
  for (let at = 0; at < tlvs.length;) {
    const length = at + 3 > tlvs.length ? Infinity : tlvs[at + 1]! << 8 | tlvs[at + 2]!;
    if (at + 3 + length > tlvs.length) return "malformed";
    if (tlvs[at] === TYPE_SSL) {
      if (length < MIN_SSL_BYTES) return "malformed";
      secure = (tlvs[at + 3]! & CLIENT_SSL) !== 0;
    }
    at += 3 + length;
  }
  return secure;
}

/**
 * RPL_ISUPPORT (modern, "Feature Advertisement"): formats tokens as lines for the server, and parses tokens for the
 * client.
 */
import { utf8Length } from "../base/bytes.ts";
import { CRLF_BYTES, MAX_ISUPPORT_TOKENS, MAX_LINE_BYTES, NICKLEN, SERVERNAMELEN } from "./limits.ts";

const TRAILER = " :are supported by this server";

/** Longest prefix of a line before its first token: `:<server> 005 <nick> `. */
const MAX_LEAD_BYTES = 1 + SERVERNAMELEN + " 005 ".length + NICKLEN + 1;

const MAX_TOKENS_BYTES = MAX_LINE_BYTES - CRLF_BYTES - MAX_LEAD_BYTES - TRAILER.length;

/**
 * Params of each 005 line after the client's nick, ready to send: `CASEMAPPING=ascii … :are supported by this
 * server`. A line has at most 13 tokens and fits behind the longest server name and nick. Throws RangeError for a
 * token that is too long for a line: the server's configuration is wrong.
 */
export function formatIsupportLines(tokens: ReadonlyMap<string, string | true>): string[] {
  const lines: string[] = [];
  let line: string[] = [];
  let bytes = 0;
  for (const [name, value] of tokens) {
    const token = formatIsupportToken(name, value);
    const tokenBytes = utf8Length(token);
    if (tokenBytes > MAX_TOKENS_BYTES) throw new RangeError(`ISUPPORT token does not fit a line: ${name}`);
    if (line.length === MAX_ISUPPORT_TOKENS || bytes + tokenBytes > MAX_TOKENS_BYTES) {
      lines.push(line.join(" ") + TRAILER);
      line = [];
      bytes = 0;
    }
    line.push(token);
    bytes += tokenBytes + 1;
  }
  if (line.length > 0) lines.push(line.join(" ") + TRAILER);
  return lines;
}

/** Whether the token fits a line. */
export function fitsIsupportLine(name: string, value: string): boolean {
  return utf8Length(formatIsupportToken(name, value)) <= MAX_TOKENS_BYTES;
}

function formatIsupportToken(name: string, value: string | true): string {
  return value === true ? name : `${name}=${escapeIsupport(value)}`;
}

/** Parses one received token: `NAME`, `NAME=value`, or `-NAME` (no longer supported, value `false`). */
export function parseIsupportToken(token: string): { name: string; value: string | true | false } {
  if (token.startsWith("-")) return { name: token.slice(1), value: false };
  const equals = token.indexOf("=");
  if (equals < 0) return { name: token, value: true };
  return { name: token.slice(0, equals), value: unescapeIsupport(token.slice(equals + 1)) };
}

/**
 * Values encode space, `=` and `\` as `\x20`, `\x3D` and `\x5C`. CR, LF and NUL, which no line can hold, are escaped
 * in the same way.
 */
function escapeIsupport(value: string): string {
  return value.replace(/[ =\\\r\n\0]/g, (char) => {
    return "\\x" + char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0");
  });
}

function unescapeIsupport(value: string): string {
  return value.replace(/\\x([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

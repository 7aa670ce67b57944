/**
 * One line of the protocol and its parts (modern, "Message Format", and IRCv3 message-tags):
 *
 *     ['@' <tags> SPACE] [':' <source> SPACE] <command> {SPACE <middle>} [SPACE ':' <trailing>]
 *
 * Lines come and go without their CR LF.
 */
import { formatTags, NO_TAGS, parseTags } from "./tags.ts";

export { escapeTagValue, formatTags, NO_TAGS, unescapeTagValue } from "./tags.ts";

export interface Message {
  /** Keys as received, values unescaped; a missing value is "". */
  readonly tags: ReadonlyMap<string, string>;
  /** Without its colon: a server name or `nick!user@host`. */
  readonly source: string | undefined;
  /** Upper-cased. */
  readonly command: string;
  readonly params: string[];
}

/** Input of {@link formatMessage}: a {@link Message}, or only some of its parts. */
export interface MessageParts {
  readonly tags?: ReadonlyMap<string, string> | undefined;
  readonly source?: string | undefined;
  readonly command: string;
  readonly params?: readonly string[] | undefined;
}

const SPACE = 0x20;
const COLON = 0x3a;
const AT = 0x40;

/**
 * Parses one line; `undefined` if it holds no command. A run of spaces separates like a single space, and any number
 * of params is accepted. Only the framing is checked; whether commands and names are valid is checked elsewhere.
 *
 * Every message of every client passes through here: no regular expression, no split, one look at each character of
 * the head; the trailing text is sliced off without a scan.
 */
export function parseMessage(line: string): Message | undefined {
  let at = skipSpaces(line, 0);
  let tags = NO_TAGS;
  if (line.charCodeAt(at) === AT) {
    const end = line.indexOf(" ", at);
    if (end < 0) return undefined;
    tags = parseTags(line.slice(at + 1, end));
    at = skipSpaces(line, end);
  }
  let source: string | undefined;
  if (line.charCodeAt(at) === COLON) {
    const end = line.indexOf(" ", at);
    if (end < 0) return undefined;
    if (end > at + 1) source = line.slice(at + 1, end);
    at = skipSpaces(line, end);
  }
  const commandEnd = wordEnd(line, at);
  if (commandEnd === at) return undefined;
  const command = toUpperAscii(line, at, commandEnd);
  return { tags, source, command, params: parseParams(line, commandEnd) };
}

/** Params from `at` on, which is a space or the end. */
function parseParams(line: string, at: number): string[] {
  const params: string[] = [];
  for (;;) {
    at = skipSpaces(line, at);
    if (at >= line.length) return params;
    if (line.charCodeAt(at) === COLON) {
      params.push(line.slice(at + 1));
      return params;
    }
    const end = wordEnd(line, at);
    params.push(line.slice(at, end));
    at = end;
  }
}

function skipSpaces(line: string, at: number): number {
  while (line.charCodeAt(at) === SPACE) at++;
  return at;
}

function wordEnd(line: string, at: number): number {
  while (at < line.length && line.charCodeAt(at) !== SPACE) at++;
  return at;
}

/**
 * Upper-cases a–z only: `toUpperCase` on other letters could turn a foreign word into a valid command ("ı" becomes
 * "I").
 */
function toUpperAscii(line: string, start: number, end: number): string {
  const word = line.slice(start, end);
  for (let i = start; i < end; i++) {
    const unit = line.charCodeAt(i);
    if (unit >= 0x61 && unit <= 0x7a) return word.replace(/[a-z]+/g, (run) => run.toUpperCase());
  }
  return word;
}

/**
 * Formats one line. The last param gets a colon if it needs one (empty, with a space, or starting with a colon).
 * Throws RangeError for parts that cannot be framed: CR, LF or NUL anywhere; a part other than the last param that is
 * empty or has a space; a command that is not letters and digits. The caller checks lengths. Tags keep the order of
 * the map; message-tags requires the server's tags before the client's (`+`).
 */
export function formatMessage(message: MessageParts): string {
  const { tags, source, command, params } = message;
  let line = tags !== undefined && tags.size > 0 ? `@${formatTags(tags)} ` : "";
  if (source !== undefined) {
    if (source === "" || source.includes(" ")) throw framingError("source", source);
    line += `:${source} `;
  }
  if (!isCommand(command)) throw framingError("command", command);
  line += command;
  if (params !== undefined && params.length > 0) {
    const last = params.length - 1;
    for (let i = 0; i < last; i++) {
      const param = params[i] ?? "";
      if (needsColon(param)) throw framingError(`middle param ${i + 1}`, param);
      line += " " + param;
    }
    const trailing = params[last] ?? "";
    line += (needsColon(trailing) ? " :" : " ") + trailing;
  }
  if (hasLineBreakOrNul(line)) throw framingError("message (CR, LF or NUL)", line);
  return line;
}

function needsColon(param: string): boolean {
  return param === "" || param.charCodeAt(0) === COLON || param.includes(" ");
}

/** Whether `param` can be a param other than the last. */
export function isMiddleParam(param: string): boolean {
  return !needsColon(param);
}

function hasLineBreakOrNul(line: string): boolean {
  return line.includes("\n") || line.includes("\r") || line.includes("\0");
}

/** modern, "Command": `letter* / 3digit`; this also accepts digits among letters. */
function isCommand(word: string): boolean {
  for (let i = 0; i < word.length; i++) {
    const unit = word.charCodeAt(i) | 0x20; // A–Z become a–z, digits stay
    if (!(unit >= 0x61 && unit <= 0x7a || unit >= 0x30 && unit <= 0x39)) return false;
  }
  return word !== "";
}

function framingError(part: string, value: string): RangeError {
  return new RangeError(`cannot frame the ${part}: ${JSON.stringify(value)}`);
}

/** Parts of a message's source. A server name is stored as `nick`. */
export interface MessageSource {
  nick: string;
  user?: string;
  host?: string;
}

/**
 * Parses `nick`, `nick!user`, `nick@host` or `nick!user@host`; the first `!` and the last `@` after it separate the
 * parts.
 */
export function parseSource(source: string): MessageSource {
  const bang = source.indexOf("!");
  const at = source.lastIndexOf("@");
  const hasHost = at > bang;
  const parts: MessageSource = { nick: source.slice(0, bang >= 0 ? bang : hasHost ? at : source.length) };
  if (bang >= 0) parts.user = source.slice(bang + 1, hasHost ? at : source.length);
  if (hasHost) parts.host = source.slice(at + 1);
  return parts;
}

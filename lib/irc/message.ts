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
  /** Without its colon: a server's name or `nick!user@host`. */
  readonly source: string | undefined;
  /** Upper-cased. */
  readonly command: string;
  readonly params: string[];
}

/** What {@link formatMessage} takes: a {@link Message}, or just the parts that are there. */
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
 * Reads one line; `undefined` when it holds no command. Runs of spaces separate as one space does, any number
 * of params is read, and nothing but the framing is judged: which commands and names are valid is for others
 * to say.
 *
 * Every message of every client passes here: no regular expression, no split, one look at each character of
 * the head; the trailing text is cut off unseen.
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

/** The params that start at `at`, which is a space or the end. */
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
 * Only a–z may change: `toUpperCase` on other letters could make a foreign word a command of ours ("ı"
 * becomes "I").
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
 * Writes one line. The last param gets its colon when it needs one (empty, with a space, or with a colon in
 * front). A RangeError says what cannot be framed: CR, LF or NUL anywhere, a space in or nothing for any part
 * but the last param, a command that is not letters and digits. Lengths are the caller's to check. Tags go in
 * the order of the map, and message-tags wants the server's before the client's (`+`).
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

/** Whether `param` can stand in the middle of a line. */
export function isMiddleParam(param: string): boolean {
  return !needsColon(param);
}

function hasLineBreakOrNul(line: string): boolean {
  return line.includes("\n") || line.includes("\r") || line.includes("\0");
}

/** modern, "Command": `letter* / 3digit`; digits are let in among letters. */
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

/** The parts of a message's source. A server's name comes as `nick`. */
export interface MessageSource {
  nick: string;
  user?: string;
  host?: string;
}

/**
 * Reads `nick`, `nick!user`, `nick@host` or `nick!user@host`: the first `!` and the last `@` after it
 * separate.
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

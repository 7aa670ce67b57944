/**
 * The login with a token on a connection that the server opened itself (docs/protocol/token.md): TOKEN LOGIN is the
 * first line, and its answer names the account. What follows is a connection registration like any other.
 */
import { encodeUtf8 } from "../../base/bytes.ts";
import { parseTimestamp } from "../../base/values/timestamp.ts";
import { LineSplitter } from "../../irc/line_splitter.ts";
import type { LineFault } from "../../irc/line_splitter.ts";
import { MAX_LINE_BYTES, MAX_SERVER_TAGS_BYTES } from "../../irc/limits.ts";
import { parseMessage } from "../../irc/message.ts";
import type { Message } from "../../irc/message.ts";
import { RPL_LOGGEDIN } from "../../irc/numerics.ts";
import { parseTokenScope } from "../../irc/token_scopes.ts";
import type { TokenScope } from "../../irc/token_scopes.ts";
import { writeAll } from "../../net/conn.ts";
import type { Conn } from "../../net/conn.ts";
import { PrefixedConn } from "../../net/tunnel.ts";
import { ApiProblem } from "./problem.ts";

/** Longest token, in characters: one fits a line. */
const MAX_TOKEN_LENGTH = 200;
/** RFC 6750 section 2.1: `b64token`. */
const TOKEN_PATTERN = /^[\w.~+/-]+=*$/;
const READ_BYTES = 4096;
/** How a refusal says when to try again. */
const RETRY_PATTERN = /\btry again in (\d{1,6}) s(?:econds?)?\b/;

export interface TokenLogin {
  readonly account: string;
  readonly scopes: readonly TokenScope[];
  /** When the token expires, in milliseconds since the epoch; Infinity: never. */
  readonly expiresAt: number;
  /** The connection, for a client session: it begins with the line that says that the session is logged in. */
  readonly conn: Conn;
}

/** Whether `text` can be a token. */
export function isToken(text: string): boolean {
  return text.length <= MAX_TOKEN_LENGTH && TOKEN_PATTERN.test(text);
}

/**
 * Logs in on the new connection `conn`, which is closed if that fails.
 * @throws {ApiProblem} if the token is not valid, or the server refuses the client.
 */
export async function loginByToken(conn: Conn, token: string): Promise<TokenLogin> {
  try {
    await writeAll(conn, encodeUtf8(`TOKEN LOGIN ${token}\r\n`));
    const { account, until, scopes } = await readAnswer(conn);
    const known = scopes.split(",").flatMap((each) => parseTokenScope(each) ?? []);
    const line = `:server ${RPL_LOGGEDIN} * * ${account} :You are now logged in as ${account}\r\n`;
    const expiresAt = parseTimestamp(until) ?? Infinity;
    return { account, scopes: known, expiresAt, conn: new PrefixedConn(conn, encodeUtf8(line)) };
  } catch (error) {
    conn.close();
    throw error instanceof ApiProblem
      ? error
      : new ApiProblem("unavailable", "the server has closed the connection");
  }
}

/** The problem for the words with which the server refuses a client; `status`, where it is known. */
export function refusalProblem(words: string, status?: 403 | 429): ApiProblem {
  const seconds = RETRY_PATTERN.exec(words)?.[1];
  if (seconds !== undefined) return new ApiProblem("rate_limited", words, { retryAfterS: Number(seconds) });
  return status === 429 || status === undefined && /\btoo many\b/i.test(words)
    ? new ApiProblem("rate_limited", words)
    : new ApiProblem("refused", words);
}

interface LoginAnswer {
  readonly account: string;
  /** A time, or `*`. */
  readonly until: string;
  readonly scopes: string;
}

/** What the server sends besides is passed over. */
async function readAnswer(conn: Conn): Promise<LoginAnswer> {
  const splitter = new LineSplitter({ tagsBytes: MAX_SERVER_TAGS_BYTES, restBytes: 4 * MAX_LINE_BYTES });
  const buffer = new Uint8Array(READ_BYTES);
  for (;;) {
    const length = await conn.read(buffer);
    if (length === null) throw new ApiProblem("unavailable", "the server has closed the connection");
    const lines: (string | LineFault)[] = [];
    splitter.push(buffer.subarray(0, length), lines);
    for (const line of lines) {
      const answer = typeof line === "string" ? readAnswerLine(parseMessage(line)) : undefined;
      if (answer !== undefined) return answer;
    }
  }
}

function readAnswerLine(message: Message | undefined): LoginAnswer | undefined {
  const { command, params } = message ?? { command: "", params: [] };
  const words = params.at(-1) ?? "";
  const [word, account, until = "", scopes = ""] = params;
  if (command === "TOKEN" && word === "LOGIN" && account !== undefined) return { account, until, scopes };
  if (command === "ERROR") throw refusalProblem(words);
  if (command !== "FAIL" || params[0] !== "TOKEN") return undefined;
  if (params[1] === "TEMPORARILY_UNAVAILABLE") throw refusalProblem(words);
  throw new ApiProblem("bad_token", words);
}

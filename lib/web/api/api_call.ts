/** A request to the HTTP API, and what the routes share: token, body, responses. */
import { utf8Length } from "../../base/bytes.ts";
import { formatJsonLine } from "../../cli/json_line.ts";
import { CHANNELLEN } from "../../irc/limits.ts";
import { isSameName } from "../../irc/names/casemap.ts";
import { CHANNEL_PREFIX, isTargetName } from "../../irc/names/name_rules.ts";
import type { RequestOrigin } from "../../net/web/http_handler.ts";
import { MAX_EXCHANGES } from "../../net/web/http_upgrade.ts";
import { permits } from "../../irc/token_scopes.ts";
import type { TokenAction, TokenScope } from "../../irc/token_scopes.ts";
import { formatTokenScope } from "../../irc/token_scopes.ts";
import type { ApiSessions } from "./api_session.ts";
import { ApiProblem, missingScope } from "./problem.ts";
import type { ResponseBudget } from "./response_budget.ts";

/** What the routes need of the server. */
export interface ApiServer {
  readonly sessions: ApiSessions;
  readonly streams: StreamCounts;
  readonly responses: ResponseBudget;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** A stream without events has a comment so often. */
  readonly heartbeatMs: number;
}

export interface ApiCall {
  readonly server: ApiServer;
  readonly request: Request;
  readonly url: URL;
  readonly from: RequestOrigin;
}

/** Streams that are open at a time for one token. */
export const MAX_TOKEN_STREAM_COUNT = 8;
/** Streams that are open at a time: each is a request, and half of those are left to others, such as `/healthz`. */
export const MAX_STREAM_COUNT = MAX_EXCHANGES / 2;

/** Counts open streams. */
export class StreamCounts {
  readonly #byToken = new Map<string, number>();
  #all = 0;

  /** Number of open streams. */
  get all(): number {
    return this.#all;
  }

  /**
   * Counts one more stream of `token`, until the returned function is called; a second call does nothing.
   * @throws {ApiProblem} if there are too many.
   */
  take(token: string): () => void {
    const own = this.#byToken.get(token) ?? 0;
    if (own >= MAX_TOKEN_STREAM_COUNT) {
      throw new ApiProblem("too_many_streams", `the token has ${own} streams open: close one first`);
    }
    if (this.#all >= MAX_STREAM_COUNT) {
      throw new ApiProblem("unavailable", "the server has too many open streams");
    }
    this.#byToken.set(token, own + 1);
    this.#all++;
    let isOpen = true;
    return () => {
      if (!isOpen) return;
      isOpen = false;
      this.#all--;
      const left = this.#byToken.get(token)! - 1;
      if (left === 0) this.#byToken.delete(token);
      else this.#byToken.set(token, left);
    };
  }
}

/**
 * The token in `Authorization: Bearer TOKEN` (RFC 6750).
 * @throws {ApiProblem} if there is none.
 */
export function readBearerToken({ headers }: Request): string {
  const value = headers.get("authorization");
  const token = /^Bearer +(\S+) *$/i.exec(value ?? "")?.[1];
  if (token !== undefined) return token;
  throw new ApiProblem(
    "no_token",
    value === null ? "send the header Authorization: Bearer TOKEN" : "Authorization is not Bearer TOKEN",
  );
}

/** Whether `text` can be the name of a room or a user. */
export function isReceiverName(text: string): boolean {
  return isTargetName(text) && utf8Length(text) <= CHANNELLEN;
}

/** @throws {ApiProblem} if no scope permits `action`. */
export function requireScope(scopes: readonly TokenScope[], action: TokenAction): void {
  if (permits(scopes, action)) return;
  const room = "target" in action ? CHANNEL_PREFIX + action.target : "";
  const hasRoom = scopes.some((scope) => "target" in scope && isSameName(scope.target, room));
  throw missingScope(formatTokenScope(action), hasRoom ? `; the room is ${room}` : "");
}

/**
 * The body as text.
 * @throws {ApiProblem} if it is longer than `maxBytes`, or not UTF-8.
 */
export async function readBodyText({ body }: Request, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  let text = "";
  let bytes = 0;
  try {
    for await (const chunk of body ?? []) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new ApiProblem("too_large", `the body is longer than ${maxBytes} bytes`);
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  } catch (error) {
    if (error instanceof ApiProblem) throw error;
    if (error instanceof TypeError) throw new ApiProblem("malformed", "the body is not UTF-8");
    throw new ApiProblem("too_large", "the body could not be read to its end");
  }
}

/** The media type of a body in lower case, without parameters; "": none is given. */
export function mediaType({ headers }: Request): string {
  return (headers.get("content-type") ?? "").split(";")[0]!.trim().toLowerCase();
}

/** @throws {ApiProblem} if `text` is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiProblem("malformed", "the body is not JSON");
  }
}

/** Headers of every answer that depends on the token. */
export const PRIVATE_HEADERS = { "cache-control": "no-store" };

export function jsonResponse(value: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(formatJsonLine(value), {
    status,
    headers: { "content-type": "application/json", ...PRIVATE_HEADERS, ...headers },
  });
}

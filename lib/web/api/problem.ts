/** Errors of the HTTP API and of hooks: problem details with a code of our own. Pure. */
import { suggestWord } from "../../cli/flags/word_suggestion.ts";
import { problemResponse } from "../problem.ts";

/** Status by code (docs/api/README.md). */
export const PROBLEM_STATUS = {
  malformed: 400,
  no_token: 401,
  bad_token: 401,
  missing_scope: 403,
  refused: 403,
  no_such_target: 404,
  no_such_message: 404,
  method_not_allowed: 405,
  id_in_use: 409,
  too_large: 413,
  unsupported_type: 415,
  invalid: 422,
  not_understood: 422,
  rate_limited: 429,
  too_many_streams: 429,
  not_durable: 503,
  unclear: 503,
  unavailable: 503,
} as const;

export type ProblemCode = keyof typeof PROBLEM_STATUS;

/** Seconds after which a client may try again where the server names no time. */
const RETRY_AFTER_S = 1;

export interface ProblemDetails {
  /** Further members of the object. */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Seconds. */
  readonly retryAfterS?: number | undefined;
}

/** Why a request is answered by an error. */
export class ApiProblem extends Error {
  constructor(readonly code: ProblemCode, detail: string, readonly details: ProblemDetails = {}) {
    super(detail);
  }
}

/** A value of the request that is not valid; `parameter` names it. */
export function invalidValue(parameter: string, why: string): ApiProblem {
  return new ApiProblem("invalid", `${parameter}: ${why}`, { members: { parameter } });
}

/** A parameter, or member, that there is not; `known`: those that there are. `what` is either word. */
export function unknownName(name: string, known: readonly string[], what = "parameter"): ApiProblem {
  const others = known.length === 0 ? "" : `; there are ${known.join(", ")}`;
  const near = suggestWord(name, known);
  const hint = near === undefined ? others : `; did you mean ${near}?`;
  return new ApiProblem("invalid", `there is no ${what} ${JSON.stringify(name)}${hint}`, {
    members: { parameter: name },
  });
}

/** What an attribute of a challenge may hold as a scope (RFC 6750 section 3). */
const SCOPE_PATTERN = /^[!#-[\]-~]+$/;

/** The token lacks `scope`, which names a room or user as the client wrote it. `hint`: the end of the text. */
export function missingScope(scope: string, hint = ""): ApiProblem {
  const attribute = SCOPE_PATTERN.test(scope) ? `, scope="${scope}"` : "";
  return new ApiProblem("missing_scope", `the token has no scope ${scope}${hint}`, {
    members: { scope },
    headers: { "www-authenticate": `Bearer realm="chatterbox", error="insufficient_scope"${attribute}` },
  });
}

/** `problem` as a response. */
export function apiProblemResponse({ code, message, details }: ApiProblem): Response {
  const status = PROBLEM_STATUS[code];
  const mayRetry = status === 429 || status === 503;
  const { members, headers, retryAfterS = mayRetry ? RETRY_AFTER_S : undefined } = details;
  return problemResponse({
    status,
    detail: message,
    members: { code, ...members },
    headers: {
      ...status === 401 && { "www-authenticate": challenge(code) },
      ...retryAfterS !== undefined && { "retry-after": String(retryAfterS) },
      ...headers,
    },
  });
}

function challenge(code: ProblemCode): string {
  return `Bearer realm="chatterbox"${code === "bad_token" ? ', error="invalid_token"' : ""}`;
}

/** Errors of the HTTP API: problem details in JSON (RFC 9457). */
import { formatProblem, PROBLEM_TYPE } from "../net/web/http_request.ts";

export interface Problem {
  readonly status: number;
  /** A sentence for the person behind the request: what is wrong, and what to do. */
  readonly detail: string;
  /** Further members, in the words of the API. */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The response that says what is wrong. */
export function problemResponse({ status, detail, members, headers }: Problem): Response {
  return new Response(formatProblem(status, detail, members), {
    status,
    headers: { "content-type": PROBLEM_TYPE, ...headers },
  });
}

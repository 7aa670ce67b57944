/** Bearer tokens of requests (RFC 6750). */
import type { RequestOrigin } from "../net/web/http_handler.ts";
import type { TokenGrant, WebPorts } from "./ports.ts";
import { problemResponse } from "./problem.ts";

/** What the bearer of the request's token may do; or the response that asks for one, or for another one. */
export async function authorizeBearer(
  request: Request,
  from: RequestOrigin,
  ports: WebPorts,
): Promise<TokenGrant | Response> {
  const header = request.headers.get("authorization");
  if (header === null) {
    return challenge("This needs a token: send the header Authorization: Bearer TOKEN.");
  }
  const [, token] = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(header) ?? [];
  const grant = token === undefined ? undefined : await ports.authorize(token, from);
  return grant ?? challenge("The token is unknown, expired or revoked.", "invalid_token");
}

/** The response to a token without the scope that is needed. */
export function insufficientScope(scope: string): Response {
  return problemResponse({
    status: 403,
    detail: `The token does not have the scope ${scope}.`,
    headers: { "www-authenticate": `Bearer error="insufficient_scope", scope="${scope}"` },
  });
}

function challenge(detail: string, error?: string): Response {
  const why = error === undefined ? "" : ` error="${error}"`;
  return problemResponse({ status: 401, detail, headers: { "www-authenticate": `Bearer${why}` } });
}

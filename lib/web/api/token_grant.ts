/** What the bearer of a token may do, for routes that do not use the server as a client. */
import type { RequestOrigin } from "../../net/web/http_handler.ts";
import { formatTokenScope } from "../../irc/token_scopes.ts";
import type { TokenGrant, WebPorts } from "../ports.ts";
import { ApiProblem, apiProblemResponse } from "./problem.ts";
import { loginInTime } from "./api_session.ts";
import { isToken, refusalProblem } from "./token_login.ts";

/**
 * Logs in with `token`, and closes the connection. Undefined: it is not valid. A response: the client is refused for
 * another reason, or there is no answer in time.
 */
export async function readTokenGrant(
  connect: WebPorts["connect"],
  token: string,
  { host, isSecure }: Pick<RequestOrigin, "host" | "isSecure">,
): Promise<TokenGrant | Response | undefined> {
  if (!isToken(token)) return undefined;
  try {
    const outcome = connect(host, isSecure);
    if (outcome.kind === "refused") throw refusalProblem(outcome.why, outcome.status);
    const { account, scopes, conn } = await loginInTime(outcome.conn, token, outcome.waitMs);
    conn.close();
    return { account, scopes: scopes.map(formatTokenScope) };
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
    return error.code === "bad_token" ? undefined : apiProblemResponse(error);
  }
}

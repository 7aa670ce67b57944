/** What the bearer of a token may do, for routes that do not use the server as a client. */
import type { RequestOrigin } from "../../net/web/http_handler.ts";
import { formatTokenScope } from "../../irc/token_scopes.ts";
import type { TokenGrant, WebPorts } from "../ports.ts";
import { ApiProblem } from "./problem.ts";
import { isToken, loginByToken } from "./token_login.ts";

/** Logs in with `token`, and closes the connection. Undefined: it is not valid, or the client is refused. */
export async function readTokenGrant(
  connect: WebPorts["connect"],
  token: string,
  { host, isSecure }: Pick<RequestOrigin, "host" | "isSecure">,
): Promise<TokenGrant | undefined> {
  const outcome = isToken(token) ? connect(host, isSecure) : undefined;
  if (outcome?.kind !== "connected") return undefined;
  try {
    const { account, scopes, conn } = await loginByToken(outcome.conn, token);
    conn.close();
    return { account, scopes: scopes.map(formatTokenScope) };
  } catch (error) {
    if (error instanceof ApiProblem) return undefined;
    throw error;
  }
}

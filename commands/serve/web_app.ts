/** The web application as `serve` runs it. It is loaded only for a web listener. */
import type { HttpHandler } from "../../lib/net/web/http_handler.ts";
import type { OriginPolicy } from "../../lib/net/web/websocket_handshake.ts";
import type { ServerLog } from "../../lib/server/server_log.ts";
import type { ChatServer } from "../../lib/server/server.ts";

export async function loadWebApp(
  server: ChatServer,
  policy: OriginPolicy,
  log: ServerLog,
): Promise<HttpHandler> {
  const { makeWebHandler } = await import("../../lib/web/app.ts");
  return makeWebHandler({
    policy,
    connect: (host, isSecure) => server.connect(host, isSecure),
    authorize: () => Promise.resolve(undefined),
    readStatus: () => ({ troubles: [] }),
    reportBug: (text) => log.warning("trouble", text),
  });
}

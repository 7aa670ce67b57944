/** The web application as `serve` runs it. It is loaded only for a web listener. */
import type { Clock } from "../../lib/base/clock.ts";
import type { HttpHandler } from "../../lib/net/web/http_handler.ts";
import type { OriginPolicy } from "../../lib/net/web/websocket_handshake.ts";
import type { ArchiveService } from "../../lib/server/archive/archive_service.ts";
import type { ServerLog } from "../../lib/server/server_log.ts";
import type { ChatServer } from "../../lib/server/server.ts";
import type { Storage } from "../../lib/server/storage.ts";

/** `policy`: names and origins under which the server answers. */
export async function loadWebApp(
  policy: OriginPolicy,
  server: ChatServer,
  storage: Storage,
  archive: ArchiveService | undefined,
  log: ServerLog,
  clock: Clock,
): Promise<HttpHandler> {
  const { makeWebHandler } = await import("../../lib/web/app.ts");
  const { readServerMetrics, readServerStatus } = await import("../../lib/server/server_metrics.ts");
  const sources = { server, ring: storage.ring, storage, archive, log, now: () => clock.now() };
  const connect = (host: string, isSecure: boolean) => server.connect(host, isSecure);
  return makeWebHandler({
    policy,
    connect,
    async authorize(token, from) {
      const { readTokenGrant } = await import("../../lib/web/api/token_grant.ts");
      return await readTokenGrant(connect, token, from);
    },
    readStatus: () => readServerStatus(sources),
    readMetrics: () => readServerMetrics(sources),
    reportBug: (text) => log.warning("trouble", text),
  });
}

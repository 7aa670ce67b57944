/** The web application as `serve` runs it. It is loaded only for a web listener. */
import type { Clock } from "../../lib/base/clock.ts";
import type { HttpHandler } from "../../lib/net/web/http_handler.ts";
import type { OriginPolicy } from "../../lib/net/web/websocket_handshake.ts";
import type { ArchiveService } from "../../lib/server/archive/archive_service.ts";
import type { NotificationQueue } from "../../lib/server/notify/notification_queue.ts";
import type { ServerLog } from "../../lib/server/server_log.ts";
import type { ChatServer } from "../../lib/server/server.ts";
import type { ClusterFigures } from "../../lib/server/server_metrics.ts";
import type { Storage } from "../../lib/server/storage.ts";

/** What the application shows, beside the chat. */
export interface WebAppSources {
  readonly server: ChatServer;
  readonly storage: Pick<Storage, "ring" | "trouble">;
  readonly archive: ArchiveService | undefined;
  readonly notifications: NotificationQueue;
  readonly log: ServerLog;
  readonly clock: Clock;
  readonly cluster?: () => ClusterFigures;
}

/** `policy`: names and origins under which the server answers. */
export async function loadWebApp(
  policy: OriginPolicy,
  { server, storage, archive, notifications, log, clock, cluster }: WebAppSources,
): Promise<HttpHandler> {
  const { makeWebHandler } = await import("../../lib/web/app.ts");
  const { readServerMetrics, readServerStatus } = await import("../../lib/server/server_metrics.ts");
  const { ring } = storage;
  const sources = { server, ring, storage, archive, notifications, log, now: () => clock.now(), cluster };
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

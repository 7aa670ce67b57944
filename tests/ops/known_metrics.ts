/** All metrics that a server has: those of the server, and those of the web application. */
import { readServerMetrics } from "../../lib/server/server_metrics.ts";
import { formatMetrics } from "../../lib/web/metrics_text.ts";
import { ResponseCounts } from "../../lib/web/response_counts.ts";
import { runServer } from "../support/chat_server.ts";
import { parsePrometheus } from "../web/prometheus_text.ts";
import type { ParsedMetric } from "../web/prometheus_text.ts";

export async function knownMetrics(): Promise<Map<string, ParsedMetric>> {
  const { server, ring, stop } = await runServer();
  try {
    const metrics = readServerMetrics({
      server,
      ring,
      storage: { trouble: undefined },
      archive: {
        cursor: 1,
        size: { bytes: 0, oldestAt: 0 },
        trouble: undefined,
        unreadable: undefined,
        lostRecords: 0,
      },
      notifications: { counts: { sent: 0, failed: 0 } },
      log: { counts: { info: 0, warning: 0, error: 0 } },
      now: () => 0,
    });
    return parsePrometheus(formatMetrics([...metrics, new ResponseCounts().metric]));
  } finally {
    await stop();
  }
}

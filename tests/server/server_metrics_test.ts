import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { DEFAULT_LIMITS } from "../../lib/hub/model/config.ts";
import type { ArchiveState } from "../../lib/hub/model/config.ts";
import { readServerMetrics, readServerStatus } from "../../lib/server/server_metrics.ts";
import type { MetricsSources } from "../../lib/server/server_metrics.ts";
import { formatMetrics } from "../../lib/web/metrics_text.ts";
import { runServer } from "../support/chat_server.ts";
import type { RunningServer, RunOptions } from "../support/chat_server.ts";
import { comesTrue } from "../support/guard.ts";
import { START } from "../support/hub.ts";
import { SocketClient } from "../support/socket_client.ts";
import { parsePrometheus } from "../web/prometheus_text.ts";

const ARCHIVE: ArchiveState = {
  cursor: 0,
  size: { bytes: 4096, oldestAt: START },
  trouble: undefined,
  unreadable: undefined,
  lostRecords: 0,
};

function sourcesOf({ server, ring }: RunningServer, change: Partial<MetricsSources> = {}): MetricsSources {
  return {
    server,
    ring,
    storage: { trouble: undefined },
    archive: ARCHIVE,
    notifications: { counts: { sent: 0, failed: 0 } },
    log: { counts: { info: 5, warning: 1, error: 0 } },
    now: () => START + 3_600_000,
    ...change,
  };
}

/** The values of all samples, by name and labels. */
function valuesOf(sources: MetricsSources): Record<string, number> {
  const metrics = parsePrometheus(formatMetrics(readServerMetrics(sources)));
  return Object.fromEntries(metrics.values().flatMap(({ samples }) => samples));
}

async function withServer(
  fn: (running: RunningServer) => Promise<void>,
  options?: RunOptions,
): Promise<void> {
  const running = await runServer(options);
  try {
    await fn(running);
  } finally {
    await running.stop();
  }
}

Deno.test("the metrics are well-formed and say what has happened", () =>
  withServer(async (running) => {
    const before = valuesOf(sourcesOf(running));
    const clients = await Promise.all([1, 2].map(() => SocketClient.connect(running.address)));
    for (const [index, client] of clients.entries()) {
      await client.send(`NICK user${index}\r\nUSER u 0 * :u\r\nJOIN #tea`);
      await client.barrier();
    }
    for (let count = 0; count < 3; count++) await clients[0]!.send(`PRIVMSG #tea :${count}`);
    await clients[0]!.barrier();
    await clients[1]!.barrier();
    const after = valuesOf(sourcesOf(running));
    assertEquals([after["chatterbox_sessions"], after["chatterbox_users"]], [2, 2]);
    assertEquals(after["chatterbox_unregistered_sessions"], 0);
    assertEquals(after["chatterbox_messages_total"]! - before["chatterbox_messages_total"]!, 3);
    assertEquals(after['chatterbox_commands_total{command="PRIVMSG"}'], 3);
    for (
      const grown of [
        "chatterbox_lines_total",
        "chatterbox_deliveries_total",
        "chatterbox_turn_seconds_count",
        "chatterbox_delivery_seconds_count",
        "chatterbox_last_record",
        "chatterbox_unsynced_records",
      ]
    ) {
      assert(after[grown]! > before[grown]!, `${grown}: ${before[grown]} and then ${after[grown]}`);
    }
    assert(after["chatterbox_sync_age_seconds"]! > 3000, "nothing is on disk");
    assertEquals(after["chatterbox_archive_lag_records"], after["chatterbox_unsynced_records"]);
    assertEquals(after["chatterbox_ring_wraps_total"], 0);
    for (const client of clients) client.close();
  }));

Deno.test("refused connections are counted by their reason", () =>
  withServer(async (running) => {
    const client = await SocketClient.connect(running.address);
    await client.send("NICK alice\r\nUSER u 0 * :u");
    await client.barrier();
    const late = await SocketClient.connect(running.address);
    await late.ended();
    const counted = () =>
      valuesOf(sourcesOf(running))['chatterbox_refused_connections_total{reason="address"}'];
    await comesTrue("it is counted", () => counted() === 1);
    client.close();
  }, { limits: { perAddress: 1 }, config: { limits: { ...DEFAULT_LIMITS, exempt: [] } } }));

Deno.test("what keeps the server from being ready is in its status and its metrics", () =>
  withServer((running) => {
    const well = sourcesOf(running);
    assertEquals(readServerStatus(well).troubles, []);
    assertEquals(valuesOf(well)["chatterbox_history_saved"], 1);
    const ill = sourcesOf(running, {
      storage: { trouble: "the disk is full" },
      archive: { ...ARCHIVE, trouble: "it is locked", unreadable: "a page is torn" },
    });
    assertEquals(readServerStatus(ill).troubles, [
      "history is not being saved: the disk is full",
      "history is not being archived: it is locked",
      "the archive cannot be read: a page is torn",
    ]);
    const values = valuesOf(ill);
    assertEquals([values["chatterbox_history_saved"], values["chatterbox_archive_well"]], [0, 0]);
    const none = valuesOf(sourcesOf(running, { archive: undefined }));
    assertEquals(Object.keys(none).filter((name) => name.includes("archive")), []);
    return Promise.resolve();
  }));

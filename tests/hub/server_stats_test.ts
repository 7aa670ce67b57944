import { assertEquals } from "@std/assert";
import { collectServerStats, type ServerStatsSources } from "../../lib/hub/services/server_stats.ts";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { START, TEST_CONFIG } from "../support/hub.ts";
import { appendSamples } from "../log/samples.ts";
import { pureTest } from "../support/test.ts";

pureTest("server stats: what is on disk stays on disk when the ring has overwritten it", () => {
  const log = Ring.create(RING_MIN_BYTES);
  const archive = { cursor: 0, size: { bytes: 1, oldestAt: START } };
  const sources = {
    log,
    state: { sessions: new Map(), users: new Map(), channels: new Map() },
    config: { ...TEST_CONFIG, storage: { sync: 1000 }, archive },
    now: START,
    monotonic: 0,
  } as unknown as ServerStatsSources;
  const stats = () => ["durable", "archived"].map((key) => collectServerStats(sources).get(key));
  assertEquals(stats(), [0, 0], "of a log without records");
  appendSamples(log, 10);
  log.markDurable(8, log.position);
  archive.cursor = 6;
  assertEquals(stats(), [7, 5]);
  while (log.oldestSeq <= 10) appendSamples(log, 1);
  assertEquals(stats(), [7, 5], "the ring holds neither of the two");
});

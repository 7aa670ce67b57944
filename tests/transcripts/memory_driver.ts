/**
 * Transcripts against the hub alone, on the engines in memory instead of a ring and a database. At the end another hub starts on
 * what is in them.
 */
import { assertEquals } from "@std/assert";
import type { HubConfig } from "../../lib/hub/model/config.ts";
import { TEST_CONFIG, TestHub } from "../support/hub.ts";
import { MemoryEventLog } from "../support/memory_event_log.ts";
import { MemoryFactStore } from "../support/memory_fact_store.ts";
import { driverOf } from "./pure_driver.ts";
import type { Driver } from "./transcript.ts";

/** As the ring of a {@link TestHub}: without a bound SERVERSTATS would tell no size. */
const CAPACITY_BYTES = 1 << 20;

export function memoryDriver(config: Partial<HubConfig>): Driver {
  const log = new MemoryEventLog(CAPACITY_BYTES);
  const test = new TestHub(config, log);
  return {
    ...driverOf(test),
    close() {
      const store = new MemoryFactStore();
      store.save(test.takeFacts(), TEST_CONFIG.logId);
      const { serverEvents } = new TestHub(config, log, store.readFacts());
      assertEquals(serverEvents.filter(({ kind }) => kind.startsWith("fact")), []);
      return Promise.resolve();
    },
  };
}

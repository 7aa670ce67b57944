/**
 * Transcripts against the hub alone, where the log has overwritten what came before and an archive has all since: a
 * request that the log cannot answer for certain is answered from the archive.
 */
import type { HubConfig } from "../../lib/hub/model/config.ts";
import { TestHub } from "../support/hub.ts";
import { MemoryEventLog } from "../support/memory_event_log.ts";
import { ModelArchive } from "../support/model_archive.ts";
import { driverOf } from "./pure_driver.ts";
import type { Driver } from "./transcript.ts";

const CAPACITY_BYTES = 1 << 20;
/** Records before this one are said to be overwritten. */
const FIRST_SEQ = 1000;

export function archiveDriver(config: Partial<HubConfig>): Driver {
  const test = new TestHub({ ...config, hasArchive: true }, new MemoryEventLog(CAPACITY_BYTES, FIRST_SEQ));
  const archive = new ModelArchive(FIRST_SEQ);
  test.archive = (query) => {
    archive.follow(test.log, test.log.nextSeq);
    for (const order of test.archiveOrders.splice(0)) archive.obey(order);
    return archive.answer(query);
  };
  return driverOf(test);
}

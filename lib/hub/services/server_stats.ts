/** Statistics of the server, for SERVERSTATS and the console. */
import type { Ring } from "../../log/ring.ts";
import { decodeEvent } from "../log/event_codec.ts";
import type { HubConfig } from "../model/config.ts";
import type { ReadonlyState } from "../model/state/state.ts";

/** Most records read for one reply. */
const MAX_SCANNED_RECORDS = 4096;

/**
 * What the statistics are computed from; `now` in milliseconds since the epoch, `monotonic` without the steps by
 * which the clock was set.
 */
export interface ServerStatsSources {
  readonly ring: Ring;
  readonly state: ReadonlyState;
  readonly config: HubConfig;
  readonly now: number;
  readonly monotonic: number;
}

/** Values by key, which ARCHITECTURE.md, "chatterbox.chat/receipts", explains. */
export function collectServerStats(
  { ring, state, config, now, monotonic }: ServerStatsSources,
): ReadonlyMap<string, string | number> {
  const stats = new Map<string, string | number>([
    ["uptime", Math.floor((monotonic - config.startedAt) / 1000)],
    ["connections", state.sessions.size],
    ["users", state.users.size],
    ["rooms", state.channels.size],
    ["buffer", ring.capacity],
    ["oldest", ring.oldestSeq < ring.nextSeq ? ring.oldestSeq : 0],
    ["last", ring.lastSeqBefore(ring.nextSeq)],
  ]);
  if (config.storage === undefined) return stats;
  const { sync, trouble } = config.storage;
  stats.set("sync", sync);
  stats.set("durable", ring.lastSeqBefore(ring.durableSeq));
  stats.set("unsynced_messages", unsyncedMessages(ring));
  stats.set("unsynced_ms", unsyncedMs(ring, now));
  if (trouble !== undefined) stats.set("trouble", trouble);
  return stats;
}

/**
 * Messages that a crash now would lose; if the disk has failed for long, older records are counted without a look
 * at their kind.
 */
function unsyncedMessages(ring: Ring): number {
  const first = Math.max(ring.durableSeq, ring.oldestSeq);
  const looked = Math.max(first, ring.nextSeq - MAX_SCANNED_RECORDS);
  let count = looked - first;
  for (let seq = ring.firstSeqFrom(looked); seq < ring.nextSeq; seq++) {
    const record = ring.read(seq);
    if (record.kind === "ok" && decodeEvent(record.payload)?.kind === "message") count++;
  }
  return count;
}

/** Age of the oldest of them, in milliseconds. */
function unsyncedMs(ring: Ring, now: number): number {
  const oldest = ring.timeOf(ring.firstSeqFrom(ring.durableSeq));
  return oldest === undefined ? 0 : Math.max(0, now - oldest);
}

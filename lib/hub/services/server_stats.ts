/** How the server is, in numbers: for SERVERSTATS and for the server's own prompt. */
import type { Ring } from "../../log/ring.ts";
import { decodeEvent } from "../log/event_codec.ts";
import type { HubConfig } from "../model/config.ts";
import type { ReadonlyState } from "../model/state/state.ts";

/** Records looked at for one answer. */
const MAX_SCANNED_RECORDS = 4096;

/** What the numbers are taken from; `now` in milliseconds since the epoch, `monotonic` without the steps by which the clock was set. */
export interface ServerStatsSources {
  readonly ring: Ring;
  readonly state: ReadonlyState;
  readonly config: HubConfig;
  readonly now: number;
  readonly monotonic: number;
}

/** By key; what they mean is in ARCHITECTURE.md, "chatterbox.chat/receipts". */
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

/** Messages that a crash now would cost; where the disk has long failed, the older ones are counted as events. */
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

/** How old the oldest of them is, in milliseconds. */
function unsyncedMs(ring: Ring, now: number): number {
  const oldest = ring.timeOf(ring.firstSeqFrom(ring.durableSeq));
  return oldest === undefined ? 0 : Math.max(0, now - oldest);
}

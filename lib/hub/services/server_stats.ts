/** Statistics of the server, for SERVERSTATS and the console. */
import type { EventLog } from "../log/event_log.ts";
import { decodeEvent } from "../log/event_codec.ts";
import type { ArchiveState, HubConfig } from "../model/config.ts";
import type { ReadonlyState } from "../model/state/state.ts";

/** Most records read for one reply. */
const MAX_SCANNED_RECORDS = 4096;

/**
 * What the statistics are computed from; `now` in milliseconds since the epoch, `monotonic` without the steps by
 * which the clock was set.
 */
export interface ServerStatsSources {
  readonly log: EventLog;
  readonly state: ReadonlyState;
  readonly config: HubConfig;
  readonly now: number;
  readonly monotonic: number;
}

/** Values by key, which docs/protocol/server_stats.md explains. */
export function collectServerStats(
  { log, state, config, now, monotonic }: ServerStatsSources,
): ReadonlyMap<string, string | number> {
  const stats = new Map<string, string | number>([
    ["uptime", Math.floor((monotonic - config.startedAt) / 1000)],
    ["connections", state.sessions.size],
    ["users", state.users.size],
    ["rooms", state.channels.size],
  ]);
  if (log.capacityBytes !== Infinity) stats.set("buffer", log.capacityBytes);
  stats.set("oldest", log.oldestSeq < log.nextSeq ? log.oldestSeq : 0);
  stats.set("last", log.lastSeqBefore(log.nextSeq));
  addArchiveStats(stats, log, config.archive);
  if (config.storage === undefined) return stats;
  const { sync, trouble } = config.storage;
  stats.set("sync", sync);
  stats.set("durable", log.lastSeqBefore(log.durableSeq));
  stats.set("unsynced_messages", unsyncedMessages(log));
  stats.set("unsynced_ms", unsyncedMs(log, now));
  if (trouble !== undefined) stats.set("trouble", trouble);
  return stats;
}

function addArchiveStats(
  stats: Map<string, string | number>,
  log: EventLog,
  archive: ArchiveState | undefined,
): void {
  if (archive === undefined) return;
  const { cursor, size, trouble, unreadable, lostRecords } = archive;
  if (size !== undefined) {
    stats.set("archive", size.bytes);
    stats.set("archived", cursor <= log.oldestSeq ? Math.max(0, cursor - 1) : log.lastSeqBefore(cursor));
    stats.set("archive_start", size.oldestAt);
  }
  stats.set("archive_lost", lostRecords);
  if (trouble !== undefined) stats.set("archive_trouble", trouble);
  if (unreadable !== undefined) stats.set("archive_unreadable", unreadable);
}

/**
 * Messages that a crash now would lose; if the disk has failed for long, older records are counted without a look
 * at their kind.
 */
function unsyncedMessages(log: EventLog): number {
  const first = Math.max(log.durableSeq, log.oldestSeq);
  const looked = Math.max(first, log.nextSeq - MAX_SCANNED_RECORDS);
  let count = looked - first;
  for (let seq = log.firstSeqFrom(looked); seq < log.nextSeq; seq++) {
    const record = log.read(seq);
    if (record.kind === "ok" && decodeEvent(record.payload)?.kind === "message") count++;
  }
  return count;
}

/** Age of the oldest record that is not on disk, in milliseconds. */
export function unsyncedMs(log: EventLog, now: number): number {
  const oldest = log.timeOf(log.firstSeqFrom(log.durableSeq));
  return oldest === undefined ? 0 : Math.max(0, now - oldest);
}

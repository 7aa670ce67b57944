/** The statistics of a server in words, as `list --server-stats` and the server's prompt show them. Pure. */
import { MAX_TIME_MS } from "../../base/clock.ts";
import { formatDuration } from "../../base/values/duration.ts";
import { formatSize } from "../../base/values/size.ts";
import { formatUtcDate } from "../../base/values/timestamp.ts";
import { SEQ_JUMP } from "../../log/seq_jump.ts";
import type { ServerStats } from "./server_stats.ts";

export interface StatsRow {
  readonly label: string;
  readonly text: string;
  readonly isAlarm?: boolean;
}

/** Values that the server does not report are `?`. */
export function describeServerStats(stats: ServerStats): StatsRow[] {
  const { uptimeMs, buffer, oldest, trouble } = stats;
  const since = oldest === undefined || oldest === 0 ? "" : `, from record ${oldest} on`;
  return [
    {
      label: "history",
      text: trouble === undefined ? describeSyncState(stats) : `NOT being saved: ${trouble}`,
      isAlarm: trouble !== undefined,
    },
    { label: "lost by a crash now", text: describeLoss(stats) },
    { label: "saved", text: describeSyncPolicy(stats.sync) },
    { label: "newest record", text: describeNewest(stats.last) },
    { label: "on disk up to record", text: describeCount(stats.durable) },
    { label: "room for history", text: buffer === undefined ? "?" : formatSize(buffer) + since },
    ...describeArchive(stats),
    { label: "uptime", text: uptimeMs === undefined ? "?" : formatDuration(uptimeMs) },
    { label: "connections", text: describeCount(stats.connections) },
    { label: "users", text: describeCount(stats.users) },
    { label: "rooms", text: describeCount(stats.channels) },
  ];
}

/** Nothing of a server without an archive. */
function describeArchive(stats: ServerStats): StatsRow[] {
  const { archiveTrouble, archiveUnreadable, archiveLost } = stats;
  const lost: StatsRow = {
    label: "not archived",
    text: `${archiveLost === 1 ? "1 record" : `${archiveLost} records`}, lost since the server's start`,
    isAlarm: true,
  };
  return [
    ...archiveTrouble === undefined && archiveUnreadable === undefined ? describeArchiveSize(stats) : [],
    ...archiveAlarm("NOT being written", archiveTrouble),
    ...archiveAlarm("CANNOT be read", archiveUnreadable),
    ...archiveLost ? [lost] : [],
  ];
}

function archiveAlarm(what: string, why: string | undefined): StatsRow[] {
  return why === undefined ? [] : [{ label: "archive", text: `${what}: ${why}`, isAlarm: true }];
}

function describeArchiveSize({ archiveBytes, archived, archiveStart }: ServerStats): StatsRow[] {
  if (archiveBytes === undefined) return [];
  const since = archiveStart && archiveStart <= MAX_TIME_MS ? `, from ${formatUtcDate(archiveStart)} on` : "";
  const upTo = archived ? `, up to record ${archived}` : "";
  return [{ label: "archive", text: formatSize(archiveBytes) + since + upTo }];
}

function describeCount(number: number | undefined): string {
  return number === undefined ? "?" : String(number);
}

/** The number of the newest record. It is large after an unclean shutdown, which is no fault. */
function describeNewest(last: number | undefined): string {
  const jumped = last !== undefined && last >= SEQ_JUMP;
  return describeCount(last) + (jumped ? " (numbers jump by 2^32 after a crash)" : "");
}

function describeSyncState({ sync }: ServerStats): string {
  return sync === undefined ? "is not kept on disk" : "is being saved";
}

/** The messages that a crash now would lose. */
function describeLoss({ unsyncedMessages, unsyncedMs = 0 }: ServerStats): string {
  if (unsyncedMessages === undefined) return "?";
  if (unsyncedMessages === 0) return "nothing";
  return unsyncedMessages === 1
    ? `1 message, ${unsyncedMs} ms old`
    : `${unsyncedMessages} messages, the oldest ${unsyncedMs} ms old`;
}

function describeSyncPolicy(sync: number | "always" | undefined): string {
  if (sync === undefined) return "?";
  return sync === "always" ? "before anything is acknowledged" : `every ${sync} ms at the latest`;
}

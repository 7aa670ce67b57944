/** The statistics of a server, as text and as one JSON object. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import { formatDuration } from "../../lib/base/values/duration.ts";
import { formatJsonLine } from "../../lib/cli/json_line.ts";
import type { Palette } from "../../lib/cli/standard_streams.ts";
import { formatSize } from "../../lib/base/values/size.ts";
import type { ServerStats } from "../../lib/client/query/server_stats.ts";

/** Values that the server does not report are `?`. */
export function formatServerStats(
  stats: ServerStats,
  { dim, alarm }: Pick<Palette, "dim" | "alarm">,
): string {
  const { uptimeMs, buffer, oldest, trouble } = stats;
  const since = oldest === undefined || oldest === 0 ? "" : `, from sequence ${oldest} on`;
  const rows: [string, string][] = [
    ["last sequence", formatCount(stats.last)],
    ["durable sequence", formatCount(stats.durable)],
    ["loss window", formatLossWindow(stats)],
    [
      "history",
      trouble === undefined ? formatSyncState(stats) : alarm(`NOT being saved: ${toPrintable(trouble)}`),
    ],
    ["sync", formatSyncPolicy(stats.sync)],
    ["buffer", buffer === undefined ? "?" : formatSize(buffer) + since],
    ["uptime", uptimeMs === undefined ? "?" : formatDuration(uptimeMs)],
    ["connections", formatCount(stats.connections)],
    ["users", formatCount(stats.users)],
    ["rooms", formatCount(stats.channels)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `${dim(name.padEnd(width))}  ${text}\n`).join("");
}

function formatCount(number: number | undefined): string {
  return number === undefined ? "?" : String(number);
}

function formatSyncState({ sync }: ServerStats): string {
  return sync === undefined ? "is not kept on disk" : "is being saved";
}

/** The messages that a crash now would lose. */
function formatLossWindow({ unsyncedMessages, unsyncedMs = 0 }: ServerStats): string {
  if (unsyncedMessages === undefined) return "?";
  if (unsyncedMessages === 0) return "nothing";
  return `${unsyncedMessages === 1 ? "1 message" : `${unsyncedMessages} messages`}, ${unsyncedMs} ms`;
}

function formatSyncPolicy(sync: number | "always" | undefined): string {
  if (sync === undefined) return "?";
  return sync === "always" ? "before anything is acknowledged" : `every ${sync} ms at the latest`;
}

/** The keys of SERVERSTATS; `uptime` in seconds. Values that the server does not report are null. */
export function formatServerStatsJson(stats: ServerStats): string {
  const { uptimeMs } = stats;
  return formatJsonLine({
    last: stats.last ?? null,
    durable: stats.durable ?? null,
    unsynced_messages: stats.unsyncedMessages ?? null,
    unsynced_ms: stats.unsyncedMs ?? null,
    trouble: stats.trouble ?? null,
    sync: stats.sync ?? null,
    buffer: stats.buffer ?? null,
    oldest: stats.oldest ?? null,
    uptime: uptimeMs === undefined ? null : uptimeMs / 1000,
    connections: stats.connections ?? null,
    users: stats.users ?? null,
    rooms: stats.channels ?? null,
  });
}

/** The statistics of a server, as text and as one JSON object. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import { formatJsonLine } from "../../lib/cli/json_line.ts";
import { wrapText } from "../../lib/cli/flags/help_layout.ts";
import type { Palette } from "../../lib/cli/standard_streams.ts";
import type { ServerStats } from "../../lib/client/query/server_stats.ts";
import { describeServerStats } from "../../lib/client/query/server_stats_text.ts";

/** A narrower screen breaks the lines by itself. */
const MIN_TEXT_COLUMNS = 10;

/** The statistics for people, one row each, in aligned columns, folded to `columns`; left out: each is one line. */
export function formatServerStats(
  stats: ServerStats,
  { dim, alarm }: Pick<Palette, "dim" | "alarm">,
  columns?: number,
): string {
  const rows = describeServerStats(stats);
  const width = Math.max(...rows.map(({ label }) => label.length));
  const indent = " ".repeat(width + 2);
  return rows.map(({ label, text, isAlarm }) => {
    const shown = toPrintable(text);
    const lines = columns === undefined
      ? [shown]
      : wrapText(shown, Math.max(MIN_TEXT_COLUMNS, columns - indent.length));
    return `${dim(label.padEnd(width))}  ${lines.map(isAlarm ? alarm : String).join(`\n${indent}`)}\n`;
  }).join("");
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
    archive: stats.archiveBytes ?? null,
    archived: stats.archived ?? null,
    archive_start: stats.archiveStart ?? null,
    archive_trouble: stats.archiveTrouble ?? null,
    archive_unreadable: stats.archiveUnreadable ?? null,
    archive_lost: stats.archiveLost ?? null,
    uptime: uptimeMs === undefined ? null : uptimeMs / 1000,
    connections: stats.connections ?? null,
    users: stats.users ?? null,
    rooms: stats.channels ?? null,
  });
}

/** The nodes of a cluster for people, in columns that fit the screen, and for programs, tab-separated. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import { formatDuration } from "../../lib/base/values/duration.ts";
import { formatTime } from "../../lib/base/values/timestamp.ts";
import { formatTable } from "../../lib/cli/table.ts";
import type { TableCell } from "../../lib/cli/table.ts";
import type { NodeRow } from "../../lib/client/query/nodes.ts";
import { formatRow, isWideScreen, type ListFormat } from "./list_format.ts";

/** Columns that names, versions and addresses have at least. */
const LEAST = { name: 6, version: 7, relay: 8 };
const UNKNOWN = "-";

/** Name, role, relay, version, records that it lacks, clients, start (RFC 3339); unknown: empty. */
export function formatNodeRows(rows: readonly NodeRow[]): string {
  return rows.map(({ name, role, relay, version, lag, sessions, since }) =>
    formatRow([
      name,
      role,
      relay ?? "",
      version,
      String(lag ?? ""),
      String(sessions ?? ""),
      since === undefined ? "" : new Date(since).toISOString(),
    ])
  ).join("");
}

export async function formatNodeTable(rows: readonly NodeRow[], format: ListFormat): Promise<string> {
  const { palette, columns, now, utc } = format;
  const isWide = isWideScreen(columns);
  const cells = rows.map(({ name, role, relay, version, lag, sessions, since }): TableCell[] => {
    const age = since === undefined ? UNKNOWN : formatDuration(now - since);
    return [
      { text: toPrintable(name), paint: palette.name },
      { text: toPrintable(role) },
      { text: toPrintable(relay ?? UNKNOWN) },
      { text: toPrintable(version) },
      { text: String(lag ?? UNKNOWN) },
      { text: String(sessions ?? UNKNOWN) },
      { text: isWide && since !== undefined ? `${formatTime(since, utc)} (${age})` : age },
    ];
  });
  const heading = ["NODE", "ROLE", "RELAY", "VERSION", "LACKS", "CLIENTS", isWide ? "SINCE" : "UP"];
  const fit = columns === undefined
    ? undefined
    : { columns, least: { 0: LEAST.name, 2: LEAST.relay, 3: LEAST.version } };
  return await formatTable(heading, cells, palette.dim, fit);
}

/** Users and rooms for people, in columns that fit the screen, and for programs, tab-separated. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import { formatDuration } from "../../lib/base/values/duration.ts";
import { formatTime } from "../../lib/base/values/timestamp.ts";
import type { Palette } from "../../lib/cli/standard_streams.ts";
import { formatTable } from "../../lib/cli/table.ts";
import type { TableCell } from "../../lib/cli/table.ts";
import type { ChannelInfo, OnlineUser } from "../../lib/client/query/presence.ts";

export interface ListFormat {
  readonly palette: Palette;
  readonly utc: boolean;
  readonly now: number;
  /** Columns of the screen; undefined: there is none. */
  readonly columns: number | undefined;
}

/** On narrower screens the time is left out, and how long ago it was is shown alone. */
const WIDE_COLUMNS = 100;
/** Columns that names, rooms, topics and away texts have at least: with the others they fit 40. */
const LEAST = { name: 7, rooms: 6, away: 5, topic: 8 };

/**
 * Name, time of arrival (RFC 3339), seconds idle, rooms with spaces between, away text, `lost` where the connection is;
 * unknown: empty.
 */
export function formatUserRows(rows: readonly OnlineUser[]): string {
  return rows.map(({ name, since, idleMs, channels, away, isLost }) =>
    formatRow([
      name,
      since === undefined ? "" : new Date(since).toISOString(),
      idleMs === undefined ? "" : String(idleMs / 1000),
      channels.join(" "),
      away ?? "",
      isLost ? "lost" : "",
    ])
  ).join("");
}

/** Name, number of people, topic. */
export function formatChannelRows(rows: readonly ChannelInfo[]): string {
  return rows.map(({ name, members, topic }) => formatRow([name, String(members), topic])).join("");
}

/** Cells with a tab between them, as a line. */
export function formatRow(cells: readonly string[]): string {
  return cells.map(toPrintable).join("\t") + "\n"; // toPrintable leaves no tab
}

/** Whether there is room for times beside ages. */
export function isWideScreen(columns: number | undefined): boolean {
  return columns === undefined || columns >= WIDE_COLUMNS;
}

export async function formatUserTable(rows: readonly OnlineUser[], format: ListFormat): Promise<string> {
  if (rows.length === 0) return "no users are online\n";
  const { palette, columns } = format;
  const isWide = isWideScreen(columns);
  const isAway = rows.some(({ away }) => away !== undefined);
  const isLost = rows.some(({ isLost }) => isLost);
  return await formatTable(
    ["NAME", isWide ? "SINCE" : "ON", "IDLE", "ROOMS", ...isLost ? ["LINK"] : [], ...isAway ? ["AWAY"] : []],
    rows.map((row) => {
      const [name, on, idle, rooms, link, away] = formatUser(row, format, isWide);
      return [name, on, idle, rooms, ...isLost ? [link] : [], away];
    }),
    palette.dim,
    columns === undefined
      ? undefined
      : { columns, least: { 0: LEAST.name, 3: LEAST.rooms, [isLost ? 5 : 4]: LEAST.away } },
  );
}

function formatUser(
  { name, since, idleMs, away, isLost, channels }: OnlineUser,
  { palette, now, utc }: ListFormat,
  isWide: boolean,
): [
  name: TableCell,
  on: TableCell,
  idle: TableCell,
  rooms: TableCell,
  link: TableCell,
  away: TableCell,
] {
  const age = since === undefined ? "?" : formatDuration(now - since);
  return [
    { text: toPrintable(name), paint: palette.name },
    { text: isWide && since !== undefined ? `${formatTime(since, utc)} (${age})` : age },
    { text: idleMs === undefined ? "?" : formatDuration(idleMs) },
    { text: toPrintable(channels.join(" ")), paint: palette.channel },
    { text: isLost ? "lost" : "", paint: palette.alarm },
    { text: away === undefined ? "" : toPrintable(away) || "away", paint: palette.dim },
  ];
}

export async function formatChannelTable(
  rows: readonly ChannelInfo[],
  { palette, columns }: ListFormat,
): Promise<string> {
  if (rows.length === 0) return "there are no rooms\n";
  const cells = rows.map(({ name, members, topic }): TableCell[] => [
    { text: toPrintable(name), paint: palette.channel },
    { text: String(members) },
    { text: toPrintable(topic) },
  ]);
  const fit = columns === undefined ? undefined : { columns, least: { 0: LEAST.name, 2: LEAST.topic } };
  return await formatTable(["ROOM", "PEOPLE", "TOPIC"], cells, palette.dim, fit);
}

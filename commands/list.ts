/** `chatterbox list`: the users online, the channels, or the statistics of the server. */
import { toPrintable } from "../lib/base/printable_text.ts";
import { formatTime } from "../lib/base/values/timestamp.ts";
import type { Command, Io } from "../lib/cli/command.ts";
import { formatDuration } from "../lib/base/values/duration.ts";
import type { ExitCode } from "../lib/cli/exit_codes.ts";
import { EXIT } from "../lib/cli/exit_codes.ts";
import { formatJsonLine } from "../lib/cli/json_line.ts";
import type { Palette } from "../lib/cli/standard_streams.ts";
import { loadPalette, reportFailure, wantsColor } from "../lib/cli/standard_streams.ts";
import { formatTable } from "../lib/cli/table.ts";
import type { TableCell } from "../lib/cli/table.ts";
import {
  defineCommand,
  UsageError,
  WATCHING_CLIENT_PERMISSIONS,
  watchStdoutReader,
} from "../lib/cli/flags/command_definition.ts";
import { CLIENT_FLAGS } from "./support/client_options.ts";
import { makeObserverRegistration, readClientLogin } from "./support/client_login.ts";
import { reportConnectFailure } from "./support/connect_failure_text.ts";
import type { ClientLogin } from "./support/client_login.ts";
import type { Link } from "../lib/client/connection/link.ts";
import { connect } from "../lib/client/connection/connect.ts";
import { withLink } from "../lib/client/connection/with_link.ts";
import { makeUserRecord, queryChannels, queryOnlineUsers } from "../lib/client/query/presence.ts";
import type { ChannelInfo, OnlineUser, PresenceOutcome } from "../lib/client/query/presence.ts";
import type { ServerStats } from "../lib/client/query/server_stats.ts";
import { queryServerStats } from "../lib/client/query/server_stats.ts";
import { formatServerStats, formatServerStatsJson } from "./list/server_stats_text.ts";

export const command: Command = defineCommand({
  name: "list",
  summary: "List the users online, the rooms, or the statistics of the server.",
  synopsis: "[FLAGS]",
  permissions: WATCHING_CLIENT_PERMISSIONS,
  examples: [
    ["chatterbox list", "users online, since when, and how idle"],
    ["chatterbox list --rooms", "rooms, number of people in them, and topics"],
    ["chatterbox list --json", "for programs: one object per line"],
    ["chatterbox list --server-stats", "statistics, and what a crash now would lose"],
    ["chatterbox list --watch", "show changes, until interrupted"],
  ],
  flags: {
    rooms: { type: "boolean", help: "rooms instead of users" },
    "server-stats": { type: "boolean", help: "statistics of the server: what is on disk, buffer, uptime" },
    json: { type: "boolean", help: "print one JSON object per line" },
    watch: { type: "boolean", short: "w", help: "repeat every 2 seconds; show what has changed" },
    "max-count": {
      type: "integer",
      short: "m",
      value: "N",
      min: 1,
      help: "with --watch: end after N lists, the first one included",
    },
    utc: { type: "boolean", help: "times in UTC" },
    name: {
      type: "string",
      value: "NAME",
      help: "your name, for servers that admit accounts only; also CHATTERBOX_NAME (default: login name)",
    },
    ...CLIENT_FLAGS,
  },
  notes: [
    "--watch redraws a terminal. Elsewhere, or if TERM is dumb, it prints another list after each change, separated by " +
    "an empty line; passing time (SINCE, IDLE, uptime) is no change. It ends with 0 when the reader of standard output " +
    "exits (list --watch | head -1): at once on Linux and macOS, elsewhere at the next change.",
  ],
  exitCodes: [
    ["0", "done"],
    ["64", "wrong usage"],
    ["68, 69", "server not found, not reachable, or without statistics"],
    ["74", "--server-stats: the server cannot save its history at present"],
    ["75", "timed out"],
    ["76", "not an IRC server, or TLS on one side only"],
    ["77", "refused"],
    ["78", "bad configuration, or other users can read a secret file"],
    ["130, 143", "interrupted"],
  ],
}, async (flags, words, io) => {
  if (words.length > 0) {
    throw new UsageError(`unexpected argument ${toPrintable(words[0]!)}: list takes flags only`);
  }
  if (flags.rooms && flags["server-stats"]) {
    throw new UsageError("--rooms and --server-stats exclude each other");
  }
  if (flags["max-count"] !== undefined && !flags.watch) {
    throw new UsageError("--max-count needs --watch");
  }
  watchStdoutReader(io, flags.watch);
  const found = await readClientLogin(io, flags, "observe");
  if (found.kind === "failed") return found.code;
  const view: ListView = {
    ...flags,
    stats: flags["server-stats"],
    palette: await loadPalette(wantsColor(io.stdout, io.env, flags["no-color"])),
    now: () => io.clock.now(),
  };
  if (!flags.watch) return await listOnce(found.access, view, io);
  const { watchStatus } = await import("./list/status_watch.ts");
  const maxCount = flags["max-count"];
  return await watchStatus({ access: found.access, io, maxCount, query: (link) => fetchList(link, view) });
});

interface ListView {
  readonly rooms: boolean;
  /** Statistics of the server instead of users. */
  readonly stats: boolean;
  readonly json: boolean;
  readonly utc: boolean;
  readonly palette: Palette;
  readonly now: () => number;
}

async function listOnce(access: ClientLogin, view: ListView, io: Io): Promise<ExitCode> {
  const { signal } = io;
  const { address, trust } = access;
  const registration = makeObserverRegistration(access);
  const connecting = connect({ address, trust, registration, signal });
  const outcome = await withLink(connecting, signal, (link) => fetchList(link, view));
  return outcome.kind === "done" ? printList(outcome.value, io) : reportConnectFailure(io, outcome, access);
}

function printList(seen: ListOutcome, io: Io): ExitCode {
  switch (seen.kind) {
    case "ok":
      io.stdout.write(seen.text);
      return seen.trouble === undefined
        ? EXIT.ok
        : reportFailure(io, EXIT.ioError, toPrintable(seen.trouble));
    case "over":
      return reportFailure(io, seen.code, seen.why);
    case "timed_out":
      return reportFailure(io, EXIT.tryAgain, "the server did not answer in time");
    case "lost":
      return reportFailure(io, EXIT.tryAgain, `the connection was lost: ${toPrintable(seen.text)}`);
  }
}

type ListOutcome =
  /** `trouble`: what is wrong with the server's history, if that is shown. */
  | {
    readonly kind: "ok";
    readonly text: string;
    /** The text without ages: a change of it is a change of the list. */
    readonly lasting?: string;
    readonly trouble?: string | undefined;
  }
  /** Another query would fail, too. */
  | { readonly kind: "over"; readonly code: ExitCode; readonly why: string }
  | Exclude<PresenceOutcome<never>, { kind: "ok" }>;

function describeTrouble({ trouble, archiveTrouble, archiveUnreadable }: ServerStats): string | undefined {
  if (trouble !== undefined) return `history is not being saved: ${trouble}`;
  if (archiveTrouble !== undefined) return `history is not being archived: ${archiveTrouble}`;
  return archiveUnreadable === undefined ? undefined : `the archive cannot be read: ${archiveUnreadable}`;
}

/** Queries the server for one list. */
async function fetchList(link: Link, view: ListView): Promise<ListOutcome> {
  if (view.stats) {
    const seen = await queryServerStats(link);
    switch (seen.kind) {
      case "ok": {
        const { stats } = seen;
        const text = view.json ? formatServerStatsJson(stats) : formatServerStats(stats, view.palette);
        const lasting = JSON.stringify({ ...stats, uptimeMs: undefined });
        return { kind: "ok", text, lasting, trouble: describeTrouble(stats) };
      }
      case "unsupported":
        return { kind: "over", code: EXIT.unreachable, why: "this server does not report statistics" };
      case "timed_out":
      case "lost":
        return seen;
    }
  }
  if (view.rooms) {
    const seen = await queryChannels(link);
    return seen.kind === "ok" ? { kind: "ok", text: await formatChannels(seen.rows, view) } : seen;
  }
  const seen = await queryOnlineUsers(link);
  if (seen.kind !== "ok") return seen;
  const lasting = JSON.stringify(seen.rows.map(({ idleMs: _, ...others }) => others));
  return { kind: "ok", text: await formatPeople(seen.rows, view), lasting };
}

async function formatPeople(rows: readonly OnlineUser[], view: ListView): Promise<string> {
  if (view.json) return rows.map((person) => formatJsonLine(makeUserRecord(person))).join("");
  if (rows.length === 0) return "no users are online\n";
  return await formatTable(
    ["NAME", "SINCE", "IDLE", "ROOMS", ""],
    rows.map((row) => personCells(row, view)),
    view.palette.dim,
  );
}

function personCells(
  { name, since, idleMs, away, channels }: OnlineUser,
  { palette, now, utc }: ListView,
): TableCell[] {
  const online = since === undefined ? "?" : `${formatTime(since, utc)} (${formatDuration(now() - since)})`;
  return [
    { text: toPrintable(name), paint: palette.name },
    { text: online },
    { text: idleMs === undefined ? "?" : formatDuration(idleMs) },
    { text: toPrintable(channels.join(" ")), paint: palette.channel },
    { text: away === undefined ? "" : `away: ${toPrintable(away)}`, paint: palette.dim },
  ];
}

async function formatChannels(rows: readonly ChannelInfo[], view: ListView): Promise<string> {
  if (view.json) return rows.map((channel) => formatJsonLine(channel)).join("");
  if (rows.length === 0) return "there are no rooms\n";
  const cells = rows.map(({ name, members, topic }): TableCell[] => [
    { text: toPrintable(name), paint: view.palette.channel },
    { text: String(members) },
    { text: toPrintable(topic) },
  ]);
  return await formatTable(["ROOM", "PEOPLE", "TOPIC"], cells, view.palette.dim);
}

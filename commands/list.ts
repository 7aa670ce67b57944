/** `chatterbox list`: the users online, the channels, the statistics of the server, or the nodes of its cluster. */
import { toPrintable } from "../lib/base/printable_text.ts";
import type { Command, Io } from "../lib/cli/command.ts";
import type { ExitCode } from "../lib/cli/exit_codes.ts";
import { EXIT } from "../lib/cli/exit_codes.ts";
import { formatJsonLine } from "../lib/cli/json_line.ts";
import type { Palette } from "../lib/cli/standard_streams.ts";
import { loadPalette, readColorDepth, reportFailure } from "../lib/cli/standard_streams.ts";
import {
  defineCommand,
  UsageError,
  WATCHING_CLIENT_PERMISSIONS,
  watchStdoutReader,
} from "../lib/cli/flags/command_definition.ts";
import { CLIENT_FLAGS } from "./support/client_options.ts";
import { makeObserverRegistration, readClientLogin } from "./support/client_login.ts";
import { COLOR_FLAG, isColored } from "./support/color_option.ts";
import { reportConnectFailure } from "./support/connect_failure_text.ts";
import type { ClientLogin } from "./support/client_login.ts";
import type { Link } from "../lib/client/connection/link.ts";
import { connect } from "../lib/client/connection/connect.ts";
import { withLink } from "../lib/client/connection/with_link.ts";
import { makeUserRecord, queryChannels, queryOnlineUsers } from "../lib/client/query/presence.ts";
import type { PresenceOutcome } from "../lib/client/query/presence.ts";
import type { ServerStats } from "../lib/client/query/server_stats.ts";
import { queryServerStats } from "../lib/client/query/server_stats.ts";
import {
  formatChannelRows,
  formatChannelTable,
  formatUserRows,
  formatUserTable,
} from "./list/list_format.ts";
import { formatServerStats, formatServerStatsJson } from "./list/server_stats_text.ts";

export const command: Command = defineCommand({
  name: "list",
  summary: "List the users online, the rooms, the statistics of the server, or its nodes.",
  synopsis: "[FLAGS]",
  permissions: WATCHING_CLIENT_PERMISSIONS,
  examples: [
    ["chatterbox list", "users online, since when, and how idle"],
    ["chatterbox list --rooms", "rooms, number of people in them, and topics"],
    ["chatterbox list --json", "for programs: one object per line"],
    ["chatterbox list --server-stats", "statistics, and what a crash now would lose"],
    ["chatterbox list --nodes", "nodes of a cluster: which one leads, how far each one is"],
    ["chatterbox list --watch", "show changes, until interrupted"],
  ],
  flags: {
    rooms: { type: "boolean", help: "rooms instead of users" },
    "server-stats": { type: "boolean", help: "statistics of the server: what is on disk, buffer, uptime" },
    nodes: {
      type: "boolean",
      help: "nodes of the cluster: role, version, records that each one lacks, clients",
    },
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
    ...COLOR_FLAG,
    name: {
      type: "string",
      value: "NAME",
      completes: { sources: ["names"] },
      help: "your name, for servers that admit accounts only; also CHATTERBOX_NAME (default: login name)",
    },
    ...CLIENT_FLAGS,
  },
  notes: [
    "On a terminal the columns fit its width, and what is too long ends with …; from 100 columns on there is the time of " +
    "arrival, else how long ago it was. Elsewhere each line is a user: name, arrival (RFC 3339), seconds idle, rooms with " +
    "spaces between, away text, the word lost if the connection is; or a room: name, people, topic; or a node: name, role, " +
    "address for other nodes (told to server operators), version, records that it lacks, clients, start. Tabs are between them, there is no heading, and " +
    "what is not known is empty. This will not change but by further columns at the end.",
    "--watch takes the screen of a terminal, gives it back at the end, and says below the list when the connection is " +
    "lost. Elsewhere, or if TERM is dumb, it prints another list after each change, separated by " +
    "an empty line; passing time (SINCE, IDLE, uptime) is no change. It ends with 0 when the reader of standard output " +
    "exits (list --watch | head -1): at once on Linux and macOS, elsewhere at the next change.",
  ],
  exitCodes: [
    ["0", "done"],
    ["64", "wrong usage"],
    ["68, 69", "server not found, not reachable, without statistics, or no node of a cluster"],
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
  const chosen = (["rooms", "server-stats", "nodes"] as const).filter((name) => flags[name]);
  if (chosen.length > 1) {
    throw new UsageError(`--${chosen[0]} and --${chosen[1]} exclude each other`);
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
    palette: loadPalette(isColored(flags, io) && readColorDepth(io.env)),
    now: () => io.clock.now(),
    columns: () => io.stdout.isTerminal ? io.stdout.size()?.columns ?? DEFAULT_COLUMNS : undefined,
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
  /** Nodes of the cluster instead of users. */
  readonly nodes: boolean;
  readonly json: boolean;
  readonly utc: boolean;
  readonly palette: Palette;
  readonly now: () => number;
  /** Columns of the screen; undefined: there is none. */
  readonly columns: () => number | undefined;
}

/** Of a terminal that does not tell. */
const DEFAULT_COLUMNS = 80;

async function listOnce(access: ClientLogin, view: ListView, io: Io): Promise<ExitCode> {
  const { signal } = io;
  const { address, trust } = access;
  const registration = makeObserverRegistration(access);
  const connecting = connect({ address, trust, registration, signal });
  const outcome = await withLink(connecting, signal, (link) => fetchList(link, view));
  return outcome.kind === "done"
    ? await printList(outcome.value, io)
    : reportConnectFailure(io, outcome, access);
}

async function printList(seen: ListOutcome, io: Io): Promise<ExitCode> {
  switch (seen.kind) {
    case "ok":
      if (seen.none !== undefined) io.stderr.write(`chatterbox: ${seen.none}\n`);
      io.stdout.write(await seen.format());
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
    /** The text, for the present width of the screen. */
    readonly format: () => string | Promise<string>;
    /** All but ages: a change of it is a change of the list. */
    readonly lasting: string;
    /** What is told beside a list for programs that has no rows. */
    readonly none?: string | undefined;
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
  if (view.nodes) return await fetchNodes(link, view);
  if (view.stats) {
    const seen = await queryServerStats(link);
    switch (seen.kind) {
      case "ok": {
        const { stats } = seen;
        const format = () =>
          view.json
            ? formatServerStatsJson(stats)
            : formatServerStats(stats, view.palette, view.columns() || undefined);
        const lasting = JSON.stringify({ ...stats, uptimeMs: undefined });
        return { kind: "ok", format, lasting, trouble: describeTrouble(stats) };
      }
      case "unsupported":
        return { kind: "over", code: EXIT.unreachable, why: "this server does not report statistics" };
      case "timed_out":
      case "lost":
        return seen;
    }
  }
  const isPlain = !view.json && view.columns() === undefined;
  const formatOf = () => ({ ...view, now: view.now(), columns: view.columns() });
  if (view.rooms) {
    const seen = await queryChannels(link);
    if (seen.kind !== "ok") return seen;
    const { rows } = seen;
    const format = () => {
      if (view.json) return rows.map((channel) => formatJsonLine(channel)).join("");
      return isPlain ? formatChannelRows(rows) : formatChannelTable(rows, formatOf());
    };
    const none = isPlain && rows.length === 0 ? "there are no rooms" : undefined;
    return { kind: "ok", format, lasting: JSON.stringify(rows), none };
  }
  const seen = await queryOnlineUsers(link);
  if (seen.kind !== "ok") return seen;
  const { rows } = seen;
  const format = () => {
    if (view.json) return rows.map((person) => formatJsonLine(makeUserRecord(person))).join("");
    return isPlain ? formatUserRows(rows) : formatUserTable(rows, formatOf());
  };
  const lasting = JSON.stringify(rows.map(({ idleMs: _, ...others }) => others));
  return {
    kind: "ok",
    format,
    lasting,
    none: isPlain && rows.length === 0 ? "no users are online" : undefined,
  };
}

async function fetchNodes(link: Link, view: ListView): Promise<ListOutcome> {
  const { makeNodeRecord, queryNodes } = await import("../lib/client/query/nodes.ts");
  const { formatNodeRows, formatNodeTable } = await import("./list/node_format.ts");
  const seen = await queryNodes(link);
  switch (seen.kind) {
    case "ok": {
      const { rows } = seen;
      const format = () => {
        if (view.json) return rows.map((node) => formatJsonLine(makeNodeRecord(node))).join("");
        const columns = view.columns();
        return columns === undefined
          ? formatNodeRows(rows)
          : formatNodeTable(rows, { ...view, now: view.now(), columns });
      };
      return { kind: "ok", format, lasting: JSON.stringify(rows) };
    }
    case "no_cluster":
      return { kind: "over", code: EXIT.unreachable, why: "this server is no node of a cluster" };
    case "unsupported":
      return { kind: "over", code: EXIT.unreachable, why: "this server does not report nodes" };
    case "timed_out":
    case "lost":
      return seen;
  }
}

/** `chatterbox list`: who is online, or which rooms there are. */
import { printable } from "../lib/base/printable.ts";
import { formatTime } from "../lib/base/timestamp.ts";
import type { Command, Io } from "../lib/cli/command.ts";
import { formatDuration } from "../lib/cli/duration.ts";
import type { ExitCode } from "../lib/cli/exit_codes.ts";
import { EXIT, exitCodeOf } from "../lib/cli/exit_codes.ts";
import { jsonLine } from "../lib/cli/json_line.ts";
import type { Palette } from "../lib/cli/output.ts";
import { fail, palette, wantsColor } from "../lib/cli/output.ts";
import { table } from "../lib/cli/table.ts";
import type { Cell } from "../lib/cli/table.ts";
import { defineCommand, UsageError, WATCHING_CLIENT, watchReader } from "../lib/cli/usage.ts";
import { ACCESS_FLAGS, observerOf, readAccess } from "../lib/client/access.ts";
import { connectFailed } from "../lib/client/failure_words.ts";
import type { Access } from "../lib/client/access.ts";
import type { Link } from "../lib/client/link.ts";
import { connect } from "../lib/client/connect.ts";
import { people, rooms } from "../lib/client/presence.ts";
import type { Person, PresenceOutcome, RoomInfo } from "../lib/client/presence.ts";
import { serverStats } from "../lib/client/server_stats.ts";
import { statsJson, statsText } from "../lib/client/server_stats_text.ts";

export const command: Command = defineCommand({
  name: "list",
  summary: "Show who is online, which rooms there are, or how the server is doing.",
  synopsis: "[FLAGS]",
  permissions: WATCHING_CLIENT,
  examples: [
    ["chatterbox list", "who is online, since when, how idle"],
    ["chatterbox list --rooms", "rooms, how many are in them, and their topics"],
    ["chatterbox list --json", "for programs: one object a line"],
    ["chatterbox list --server-stats", "how the server is doing, and what a crash now would cost"],
    ["chatterbox list --watch", "keep looking, until interrupted"],
  ],
  flags: {
    rooms: { type: "boolean", help: "rooms instead of people" },
    "server-stats": { type: "boolean", help: "the server's own state: what is on disk, buffer, uptime" },
    json: { type: "boolean", help: "one JSON object a line" },
    watch: { type: "boolean", short: "w", help: "look again every 2 seconds; show what has changed" },
    "max-count": {
      type: "integer",
      short: "m",
      value: "N",
      min: 1,
      help: "with --watch: end when N lists have been shown, the first one included",
    },
    utc: { type: "boolean", help: "times in UTC" },
    name: {
      type: "string",
      value: "NAME",
      help: "who you are, where only accounts are let in; also CHATTERBOX_NAME (default: login name)",
    },
    ...ACCESS_FLAGS,
  },
  notes: [
    "--watch redraws a terminal. Elsewhere, and where TERM is dumb, each change is one more list, with an empty line\n" +
    "before it; that time goes by (SINCE, IDLE, uptime) is no change. It ends with 0 when the reader of standard output has gone (list --watch | head -1): at once on Linux\n" +
    "and macOS, elsewhere with the next change.",
    "Exit code: 0 done; 68, 69 server not found, not reachable, or (--server-stats) one that does not tell its state;\n" +
    "74 (--server-stats) history cannot be saved at present; 75 timed out; 76 not an IRC server; 77 refused;\n" +
    "130, 143 interrupted.",
  ],
}, async (flags, words, io) => {
  if (words.length > 0) throw new UsageError(`what is ${printable(words[0]!)}? list takes flags only`);
  if (flags.rooms && flags["server-stats"]) {
    throw new UsageError("--rooms and --server-stats exclude each other");
  }
  if (flags["max-count"] !== undefined && !flags.watch) {
    throw new UsageError("--max-count is for --watch; without it one list is shown");
  }
  watchReader(io, flags.watch);
  const found = await readAccess(io, flags, "observe");
  if (found.kind === "failed") return found.code;
  const view: View = {
    ...flags,
    stats: flags["server-stats"],
    palette: await palette(wantsColor(io.stdout, io.env, flags["no-color"])),
    now: () => io.clock.now(),
  };
  if (!flags.watch) return await listOnce(found.access, view, io);
  const { watch } = await import("../lib/client/watch.ts");
  const maxCount = flags["max-count"];
  return await watch({ access: found.access, io, maxCount, look: (link) => look(link, view) });
});

interface View {
  readonly rooms: boolean;
  /** The server's state instead of people. */
  readonly stats: boolean;
  readonly json: boolean;
  readonly utc: boolean;
  readonly palette: Palette;
  readonly now: () => number;
}

async function listOnce(access: Access, view: View, io: Io): Promise<ExitCode> {
  const { signal } = io;
  const { address, trust } = access;
  const outcome = await connect({ address, trust, registration: observerOf(access), signal });
  if (outcome.kind !== "connected") return connectFailed(io, outcome, access);
  const { link } = outcome;
  const onAbort = () => link.drop("interrupted");
  signal.addEventListener("abort", onAbort);
  try {
    const seen = await look(link, view);
    if (signal.aborted) return exitCodeOf(signal);
    switch (seen.kind) {
      case "ok":
        io.stdout.write(seen.text);
        return seen.trouble === undefined
          ? EXIT.ok
          : fail(io, EXIT.ioError, `history is not being saved: ${printable(seen.trouble)}`);
      case "over":
        return fail(io, seen.code, seen.why);
      case "timed_out":
        return fail(io, EXIT.tryAgain, "the server did not answer in time");
      case "lost":
        return fail(io, EXIT.tryAgain, `the connection was lost: ${printable(seen.text)}`);
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    await link.close();
  }
}

type Seen =
  /** `trouble`: why the server does not save history, where that is shown. */
  | {
    readonly kind: "ok";
    readonly text: string;
    /** The same without ages. */
    readonly lasting?: string;
    readonly trouble?: string | undefined;
  }
  /** Looking again is of no use. */
  | { readonly kind: "over"; readonly code: ExitCode; readonly why: string }
  | Exclude<PresenceOutcome<never>, { kind: "ok" }>;

/** What there is to show now. */
async function look(link: Link, view: View): Promise<Seen> {
  if (view.stats) {
    const seen = await serverStats(link);
    switch (seen.kind) {
      case "ok": {
        const { stats } = seen;
        const text = view.json ? statsJson(stats) : statsText(stats, view.palette);
        const lasting = JSON.stringify({ ...stats, uptimeMs: undefined });
        return { kind: "ok", text, lasting, trouble: stats.trouble };
      }
      case "unsupported":
        return { kind: "over", code: EXIT.unreachable, why: "this server does not tell its state" };
      case "timed_out":
      case "lost":
        return seen;
    }
  }
  if (view.rooms) {
    const seen = await rooms(link);
    return seen.kind === "ok" ? { kind: "ok", text: roomsText(seen.rows, view) } : seen;
  }
  const seen = await people(link);
  if (seen.kind !== "ok") return seen;
  const lasting = JSON.stringify(seen.rows.map(({ idleMs: _, ...others }) => others));
  return { kind: "ok", text: peopleText(seen.rows, view), lasting };
}

function peopleText(rows: readonly Person[], view: View): string {
  if (view.json) return rows.map((person) => jsonLine(personRecord(person))).join("");
  if (rows.length === 0) return "nobody is online\n";
  return table(
    ["NAME", "SINCE", "IDLE", "ROOMS", ""],
    rows.map((row) => personCells(row, view)),
    view.palette.dim,
  );
}

function personRecord({ name, host, since, idleMs, away, rooms }: Person): Record<string, unknown> {
  return {
    name,
    host,
    since: since === undefined ? null : new Date(since).toISOString(),
    idle: idleMs === undefined ? null : idleMs / 1000,
    away: away ?? null,
    rooms,
  };
}

function personCells({ name, since, idleMs, away, rooms }: Person, { palette, now, utc }: View): Cell[] {
  const online = since === undefined ? "?" : `${formatTime(since, utc)} (${formatDuration(now() - since)})`;
  return [
    { text: printable(name), paint: palette.name },
    { text: online },
    { text: idleMs === undefined ? "?" : formatDuration(idleMs) },
    { text: printable(rooms.join(" ")), paint: palette.room },
    { text: away === undefined ? "" : `away: ${printable(away)}`, paint: palette.dim },
  ];
}

function roomsText(rows: readonly RoomInfo[], view: View): string {
  if (view.json) return rows.map((room) => jsonLine(room)).join("");
  if (rows.length === 0) return "there are no rooms\n";
  const cells = rows.map(({ name, members, topic }): Cell[] => [
    { text: printable(name), paint: view.palette.room },
    { text: String(members) },
    { text: printable(topic) },
  ]);
  return table(["ROOM", "PEOPLE", "TOPIC"], cells, view.palette.dim);
}

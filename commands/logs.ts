/** `chatterbox logs`: shows history, and follows new messages. */
import { toPrintable } from "../lib/base/printable_text.ts";
import type { Command, Io, Permission } from "../lib/cli/command.ts";
import type { ExitCode } from "../lib/cli/exit_codes.ts";
import type { FlagTable, FlagValues } from "../lib/cli/flags/flags.ts";
import { stateDir } from "../lib/cli/files/user_dirs.ts";
import { loadPalette, wantsColor } from "../lib/cli/standard_streams.ts";
import {
  defineCommand,
  LOGIN_NAME_PERMISSIONS,
  UsageError,
  WATCHING_CLIENT_PERMISSIONS,
  watchStdoutReader,
} from "../lib/cli/flags/command_definition.ts";
import { CLIENT_FLAGS } from "./support/client_options.ts";
import { readClientLogin } from "./support/client_login.ts";
import { formatEntry, formatEntryJson, formatGap, formatGapJson } from "./logs/history_entry_text.ts";
import { CursorOutput, openCursor } from "./logs/cursor_output.ts";
import { checkLocalUsage } from "./logs/local_usage.ts";
import { reportMissingKey } from "./logs/missing_key.ts";
import { casefold } from "../lib/irc/names/casemap.ts";
import { isChannelName, isTargetName } from "../lib/irc/names/name_rules.ts";
import { DEFAULT_LOBBY } from "../lib/irc/vendor_extensions.ts";
import { suggestForNameAtServer } from "../lib/net/address.ts";
import { followLive, readOnce } from "./logs/server_history.ts";
import type { HistoryItem, MessageEntry } from "../lib/client/conversation/model/chat_entry.ts";

const DEFAULT_LINES = 50;

const FLAGS = {
  lines: {
    type: "integer",
    short: "n",
    value: "N",
    help: `the newest N messages (default ${DEFAULT_LINES}; with --since: all)`,
  },
  "max-count": {
    type: "integer",
    short: "m",
    value: "N",
    min: 1,
    help: "end when N messages have been shown, also with --follow; with --from and --grep: N that match",
  },
  follow: {
    type: "boolean",
    short: "f",
    aliases: ["tail"],
    help: "then show each new message, until interrupted",
  },
  "no-retry": { type: "boolean", help: "with --follow: exit with code 75 when the connection is lost" },
  "cursor-file": {
    type: "string",
    value: "FILE",
    help: "start where the last run with FILE stopped, and save where this one does",
  },
  since: {
    type: "instant",
    value: "TIME",
    help:
      "messages from TIME on: 10m (ago), 13:00 (today, or yesterday if it is earlier now), yesterday, 2026-01-31, 2026-01-31T10:00:00Z, @1795870000",
  },
  until: { type: "instant", value: "TIME", help: "messages before TIME" },
  room: {
    type: "string",
    value: "ROOM",
    help:
      `the room (default: the lobby of the server, ${DEFAULT_LOBBY}; of --file: all rooms and direct messages)`,
  },
  with: {
    type: "string",
    value: "NAME",
    help: "your direct messages with NAME; of --file: those with any user, or with the one that --name names",
  },
  from: { type: "string", value: "NAME", help: "only messages from NAME" },
  grep: {
    type: "string",
    short: "g",
    value: "PATTERN",
    help: "only messages that match this regular expression",
  },
  search: {
    type: "string",
    short: "s",
    value: "WORDS",
    help: `messages with these words, in all rooms that you are in and your direct messages (-n, default 20)`,
  },
  json: { type: "boolean", help: "one JSON object per line: seq, id, time, room or with, from, type, text" },
  utc: { type: "boolean", help: "times in UTC" },
  file: {
    type: "string",
    value: "PATH",
    help: "read this ring file, and the archive beside it, without a server",
  },
  verify: {
    type: "boolean",
    help: "check the ring file of the server (or --file) from end to end; change nothing",
  },
  local: {
    type: "boolean",
    help: "read the memory of a server of this machine that runs with --shm; no connection is made",
  },
  "data-dir": {
    type: "string",
    value: "DIR",
    help: "with --local: the server's data folder, as for serve (default $XDG_STATE_HOME/chatterbox)",
  },
  name: {
    type: "string",
    value: "NAME",
    help: "your name, for --with; also CHATTERBOX_NAME (default: login name)",
  },
  ...CLIENT_FLAGS,
} as const satisfies FlagTable;

/** Permissions that reading a file does not need. */
const NOT_FOR_FILES: readonly Permission[] = ["net", "write", "sys:ca", ...LOGIN_NAME_PERMISSIONS];

type Flags = FlagValues<typeof FLAGS>;

export const command: Command = defineCommand({
  name: "logs",
  summary: "Show messages, and follow new ones.",
  synopsis: "[FLAGS]",
  permissions: WATCHING_CLIENT_PERMISSIONS,
  examples: [
    ["chatterbox logs", `the last ${DEFAULT_LINES} messages of ${DEFAULT_LOBBY}`],
    ["chatterbox logs --tail", "the same, then each new one"],
    ["chatterbox logs --since 2h -g deploy --room '#ops'", 'of the last two hours, those with "deploy"'],
    ["chatterbox logs -f -n 0 -m 1 -g 'deploy done'", "wait for one message, show it, and end"],
    ["chatterbox logs --with bob", "your direct messages with bob"],
    ["chatterbox logs -s 'deploy* from:bob since:1w'", "search: the newest matches first"],
    ["chatterbox logs --json --since 2026-01-31", "for programs: one JSON object per line"],
    ["chatterbox logs --json --cursor-file seen", "what is new since the last run"],
    ["chatterbox logs -f --local", "what is in the memory of a server with --shm, then each new one"],
    ["chatterbox logs --verify", "check the history on disk"],
  ],
  flags: FLAGS,
  notes: [
    "--cursor-file: the first run starts as without it (-n, --since); later runs start at the position in FILE, and " +
    "ignore -n and --since. The position also moves past messages that --from and --grep leave out. It is saved after " +
    "the messages have been written to standard output: after a crash some are repeated, and none is skipped.",
    "Lost messages are shown where they belong, if reading starts behind a known message (--since, --follow, " +
    "--cursor-file): gap: 37 messages, 10:02–10:07. Where the number is not known: up to " +
    "37 messages. With --json: type gap, lost (null: unknown, possibly none), at_most (null: unknown), why (overwritten, " +
    "restart), after, before.",
    "--follow exits with 0 when the reader of standard output has gone (logs -f | grep -m1 x): at once on Linux and " +
    "macOS, elsewhere with the next message. --max-count counts messages, not gaps; a message with several lines " +
    "counts once.",
    '--search: deploy* is the beginning of a word, "went wrong" a phrase, -staging leaves messages out; filters: ' +
    "from:bob,carol in:#dev in:bob since:1w until:2026-01-31 has:link. --room, --with, --from, --since and --until do " +
    "the same. A long message is cut around the first match; with --json it is whole, and matches has the places of " +
    "the words in text.",
    "--local reads the ring in the memory of a server on this machine (serve --shm) that runs as the same user: no " +
    "connection, no load on the server, also while it is stopped (SIGSTOP). It shows rooms, and goes on in the " +
    "archive of the data folder where the ring ends. Direct messages, and without an archive what the server has kept " +
    "of people who write little when the ring had gone round, are shown by the server only; of a gap it knows only the " +
    "number of records. A segment given as standard input is read instead, also where the C library " +
    "cannot be called: chatterbox logs --local </dev/shm/chatterbox-…",
    "After a crash (kill -9), --local shows what the server left, says on standard error that it has ended, and exits " +
    "with 0. With --follow it waits for the next server; --follow --no-retry ends with 75 instead, at once if the " +
    "server had ended before.",
  ],
  exitCodes: [
    ["0", "done"],
    ["1", "--search: nothing was found"],
    ["64", "wrong usage, or the cursor file is for something else"],
    ["65", "not a ring file, or a damaged one (--verify); damaged cursor file"],
    ["67", "no such room, or one that you may not read"],
    [
      "68, 69",
      "server not found, not reachable, or without history; --local: no such folder, or no server with --shm",
    ],
    ["74", "a file, or the segment of --local, cannot be read or written"],
    [
      "75",
      "timed out, connection lost (--no-retry), the server has ended (--local --no-retry), or it cannot read older " +
      "messages now: what it can read is shown",
    ],
    ["76", "not an IRC server, or TLS on one side only"],
    ["77", "refused by the server"],
    ["78", "--local is not possible here"],
    ["130, 143", "interrupted"],
  ],
}, async (flags, words, io) => {
  checkUsage(flags, flags.search === undefined ? words : []);
  const target = parseUser(flags.with) ?? parseChannelName(flags.room);
  if (flags.search !== undefined) {
    const { search } = await import("./logs/search_run.ts");
    return await search({ ...flags, nameFlag: "--name NAME" }, words, target, io);
  }
  const range = {
    since: flags.since,
    until: flags.until,
    limit: flags.lines ?? (flags.since === undefined ? DEFAULT_LINES : undefined),
    isWanted: buildEntryFilter(flags.from, flags.grep),
  };
  if (flags.local) {
    // Calls of the C library stay permitted: the next server's ring is mapped, too.
    io.revoke(NOT_FOR_FILES.filter((each) => each !== "write" || flags["cursor-file"] === undefined));
    if (flags.follow) io.stdout.watchForClose();
    const { runLocally } = await import("./logs/local_run.ts");
    const write = await openItemWriter(flags, io, false);
    return await runLocally(flags, { range, room: parseChannelName(flags.room), write }, io);
  }
  watchStdoutReader(io, flags.follow);
  if (flags.verify || flags.file !== undefined) io.revoke(NOT_FOR_FILES); // it only reads a file
  if (flags.verify) return await verify(flags, io);
  const write = await openItemWriter(flags, io, flags.file !== undefined && target === undefined);
  const showing = { io, isWanted: range.isWanted, maxCount: flags["max-count"] };
  if (flags.file !== undefined) {
    const { readEntriesFromFile } = await import("./logs/log_file_reader.ts");
    const shown = new CursorOutput({ ...showing, write: (items) => write(items, flags.name ?? "") });
    const signal = AbortSignal.any([io.stdout.closedSignal, shown.countReached]);
    const show = (entries: readonly MessageEntry[]) => shown.show(entries, undefined);
    return await readEntriesFromFile(flags.file, { ...range, target, me: flags.name }, io, signal, show);
  }
  const identity = { ...flags, nameFlag: "--name NAME" };
  const found = await readClientLogin(io, identity, flags.with === undefined ? "observe" : "use");
  if (found.kind === "failed") return found.code;
  const { access } = found;
  const refusal = flags.with === undefined ? undefined : reportMissingKey(access, io);
  if (refusal !== undefined) return refusal;
  const asked = {
    access,
    range: { ...range, target: target ?? DEFAULT_LOBBY, isLobby: target === undefined },
    io,
  };
  const owner = { address: access.address, target: asked.range.target, name: access.name };
  const start = await openCursor(flags["cursor-file"], owner, io);
  if (start.kind === "failed") return start.code;
  const { cursor, position } = start;
  const shown = new CursorOutput({ ...showing, cursor, write: (items) => write(items, access.name) });
  const reading = { ...asked, position, shown, signal: shown.stopSignal };
  const code = flags.follow ? await followLive(reading, !flags["no-retry"]) : await readOnce(reading);
  return await shown.end(code);
});

function checkUsage(flags: Flags, words: readonly string[]): void {
  if (words.length > 0) {
    throw new UsageError(`unexpected ${toPrintable(words[0]!)}; a room: --room, a user: --with`);
  }
  checkLocalUsage(flags);
  if (flags.verify) {
    const others = [
      "lines",
      "max-count",
      "since",
      "until",
      "room",
      "with",
      "from",
      "grep",
      "cursor-file",
    ] as const;
    const other = flags.follow ? "follow" : others.find((name) => flags[name] !== undefined);
    if (other !== undefined) {
      throw new UsageError(`--verify checks the whole file and cannot be used with --${other}`);
    }
  }
  if (flags.room !== undefined && flags.with !== undefined) {
    throw new UsageError("--room and --with cannot be used together");
  }
  if (flags.follow && flags.until !== undefined) {
    throw new UsageError("--follow and --until cannot be used together");
  }
  if (flags.file !== undefined && (flags.follow || flags["cursor-file"] !== undefined)) {
    const other = flags.follow ? "--follow" : "--cursor-file";
    throw new UsageError(`${other} needs a server and cannot be used with --file`);
  }
  if (flags["no-retry"] && !flags.follow) {
    throw new UsageError("--no-retry needs --follow");
  }
  if (flags.since !== undefined && flags.until !== undefined && flags.since >= flags.until) {
    throw new UsageError("--since must be before --until");
  }
}

async function verify(flags: Flags, io: Io): Promise<ExitCode> {
  const { reportLogFile } = await import("./logs/log_file_report.ts");
  if (flags.file !== undefined) return await reportLogFile(flags.file, flags, io);
  const { RING_FILE } = await import("../lib/store/disk/data_dir.ts");
  const dir = stateDir(io.env);
  if (dir === undefined) throw new UsageError("there is no home directory; name the file with --file PATH");
  return await reportLogFile(`${dir}/${RING_FILE}`, flags, io);
}

type ItemWriter = (items: readonly HistoryItem[], me: string) => void;

/** Writes items to standard output as the flags say. `places`: with the target of each. */
async function openItemWriter(flags: Flags, io: Io, places: boolean): Promise<ItemWriter> {
  const colors = await loadPalette(wantsColor(io.stdout, io.env, flags["no-color"]));
  const style = { utc: flags.utc, palette: colors, places };
  return (items, me) => {
    for (const item of items) {
      if (item.kind === "gap") {
        io.stdout.write(flags.json ? formatGapJson(item) : formatGap(item, style, io.clock.now()));
      } else io.stdout.write(flags.json ? formatEntryJson(item, me) : formatEntry(item, style));
    }
  };
}

function parseUser(name: string | undefined): string | undefined {
  const hint = name === undefined ? undefined : suggestForNameAtServer(name);
  if (hint !== undefined) throw new UsageError(`--with ${name}: ${hint}`);
  if (name === undefined || isTargetName(name) && !isChannelName(name)) return name;
  throw new UsageError(`--with ${JSON.stringify(name)}: not a name of a user (a room: --room)`);
}

function parseChannelName(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const channel = isChannelName(text) ? text : `#${text}`;
  if (!isTargetName(channel)) throw new UsageError(`--room ${JSON.stringify(text)}: not a name of a room`);
  return channel;
}

function buildEntryFilter(
  from: string | undefined,
  pattern: string | undefined,
): (entry: MessageEntry) => boolean {
  const author = from === undefined ? undefined : casefold(from);
  const regex = pattern === undefined ? undefined : compilePattern(pattern);
  return (entry) =>
    (author === undefined || casefold(entry.from) === author) &&
    (regex === undefined || regex.test(entry.text));
}

function compilePattern(pattern: string): RegExp {
  try {
    return new RegExp(pattern, "u");
  } catch (error) {
    throw new UsageError(`--grep: ${(error as Error).message}`);
  }
}

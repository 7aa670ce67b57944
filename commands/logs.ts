/** `chatterbox logs`: what was said, and what is being said. */
import { toPrintable } from "../lib/base/printable_text.ts";
import type { Command, Io, Permission } from "../lib/cli/command.ts";
import type { ExitCode } from "../lib/cli/exit_codes.ts";
import { EXIT } from "../lib/cli/exit_codes.ts";
import type { FlagTable, FlagValues } from "../lib/cli/flags/flags.ts";
import { loadPalette, reportFailure, wantsColor } from "../lib/cli/standard_streams.ts";
import {
  defineCommand,
  LOGIN_NAME_PERMISSIONS,
  UsageError,
  WATCHING_CLIENT_PERMISSIONS,
  watchStdoutReader,
} from "../lib/cli/flags/command_definition.ts";
import type { ClientLogin } from "./support/client_login.ts";
import { CLIENT_FLAGS } from "./support/client_options.ts";
import { readClientLogin } from "./support/client_login.ts";
import { formatOtherNamesHint } from "./support/other_names_hint.ts";
import { formatEntry, formatEntryJson, formatGap, formatGapJson } from "./support/history_entry_text.ts";
import { CursorOutput, openCursor } from "./support/cursor_output.ts";
import { casefold } from "../lib/irc/names/casemap.ts";
import { isChannelName, isTargetName } from "../lib/irc/names/name_rules.ts";
import { DEFAULT_LOBBY } from "../lib/irc/vendor_extensions.ts";
import { formatAddress, suggestForNameAtServer } from "../lib/net/address.ts";
import { followLive, readOnce } from "./logs/history_read.ts";
import type { HistoryItem, MessageEntry } from "../lib/client/conversation/model/chat_entry.ts";

const DEFAULT_LINES = 50;

const FLAGS = {
  lines: {
    type: "integer",
    short: "n",
    value: "N",
    help: `the newest N (default ${DEFAULT_LINES}; with --since: all)`,
  },
  "max-count": {
    type: "integer",
    short: "m",
    value: "N",
    min: 1,
    help:
      "end when N messages have been shown, with --follow too; --from and --grep count what they let through",
  },
  follow: {
    type: "boolean",
    short: "f",
    aliases: ["tail"],
    help: "go on with each new message, until interrupted",
  },
  "no-retry": { type: "boolean", help: "with --follow: end with 75 when the connection is lost" },
  "cursor-file": {
    type: "string",
    value: "FILE",
    help: "go on where the last run with this file stopped, and write down where this one does",
  },
  since: {
    type: "instant",
    value: "TIME",
    help:
      "from then on: 10m (ago), 13:00 (the last one: yesterday's before 13:00), yesterday, 2026-01-31, 2026-01-31T10:00:00Z, @1795870000",
  },
  until: { type: "instant", value: "TIME", help: "before then" },
  room: {
    type: "string",
    value: "ROOM",
    help: `messages in this room (default the server's lobby, ${DEFAULT_LOBBY})`,
  },
  with: { type: "string", value: "NAME", help: "your direct messages with NAME" },
  from: { type: "string", value: "NAME", help: "only what NAME said" },
  grep: { type: "string", short: "g", value: "PATTERN", help: "only what matches this regular expression" },
  json: { type: "boolean", help: "one JSON object a line: seq, id, time, room or with, from, type, text" },
  utc: { type: "boolean", help: "times in UTC" },
  file: { type: "string", value: "PATH", help: "read this ring file; no server is asked" },
  verify: {
    type: "boolean",
    help: "check the server's ring file (or --file) from end to end; change nothing",
  },
  name: {
    type: "string",
    value: "NAME",
    help: "who you are, for --with; also CHATTERBOX_NAME (default: login name)",
  },
  ...CLIENT_FLAGS,
} as const satisfies FlagTable;

/** What reading a file does without. */
const NOT_FOR_FILES: readonly Permission[] = ["net", "write", "sys:ca", ...LOGIN_NAME_PERMISSIONS];

/** For who keeps no cursor. */
const NO_CURSOR = { kind: "ok", cursor: undefined, position: undefined } as const;

type Flags = FlagValues<typeof FLAGS>;

export const command: Command = defineCommand({
  name: "logs",
  summary: "Show what was said, and follow what is being said.",
  synopsis: "[FLAGS]",
  permissions: WATCHING_CLIENT_PERMISSIONS,
  examples: [
    ["chatterbox logs", `the last ${DEFAULT_LINES} messages of ${DEFAULT_LOBBY}`],
    ["chatterbox logs --tail", "the same, then each new one as it comes"],
    ["chatterbox logs --since 2h -g deploy --room '#ops'", 'of the last two hours, those with "deploy"'],
    ["chatterbox logs -f -n 0 -m 1 -g 'deploy done'", "wait for one message, show it, and end"],
    ["chatterbox logs --with bob", "your direct messages with bob"],
    ["chatterbox logs --json --since 2026-01-31", "for programs: one object a line"],
    ["chatterbox logs --json --cursor-file seen", "what is new since the last time"],
    ["chatterbox logs --verify", "whether the history on disk is whole"],
  ],
  flags: FLAGS,
  notes: [
    "--cursor-file: the first run begins as without it (the newest 50, -n, --since); where FILE is there, it says where to\n" +
    "begin, and -n and --since say nothing. It also moves past what --from and --grep leave out. It is replaced after\n" +
    "what it stands for has been written to standard output: a crash in between repeats messages, but skips none.",
    "What should be there and is lost is shown in its place, where reading goes on from a message seen before (--since,\n" +
    "--follow, --cursor-file): gap: 37 messages, 10:02–10:07; with --json as type gap, lost (null: not known, maybe none),\n" +
    "why (overwritten, restart), after, before.",
    "--follow ends with 0 when the reader of standard output has gone (logs -f | grep -m1 x): at once on Linux and macOS,\n" +
    "elsewhere with the next message. --max-count counts messages, not gaps, and of a message with several lines one.",
  ],
  exitCodes: [
    ["0", "done"],
    ["64", "wrong usage, or the cursor file belongs to another target"],
    ["65", "not a ring file, or with --verify a damaged one, or a damaged cursor file"],
    ["67", "no such room"],
    ["68, 69", "server not found, not reachable, or without history"],
    ["74", "a file cannot be read or written"],
    ["75", "timed out, or with --no-retry the connection was lost"],
    ["76", "not an IRC server"],
    ["77", "refused"],
    ["130, 143", "interrupted"],
  ],
}, async (flags, words, io) => {
  checkUsage(flags, words);
  const target = parsePerson(flags.with) ?? parseChannelName(flags.room);
  const range = {
    since: flags.since,
    until: flags.until,
    limit: flags.lines ?? (flags.since === undefined ? DEFAULT_LINES : undefined),
    isWanted: buildEntryFilter(flags.from, flags.grep),
  };
  watchStdoutReader(io, flags.follow);
  if (flags.verify || flags.file !== undefined) io.revoke(NOT_FOR_FILES); // it only reads a file
  if (flags.verify) return await verify(flags, io);
  const write = await openItemWriter(flags, io, flags.file !== undefined && target === undefined);
  const showing = { io, isWanted: range.isWanted, maxCount: flags["max-count"] };
  if (flags.file !== undefined) {
    const { readEntriesFromFile } = await import("./support/log_file_reader.ts");
    const shown = new CursorOutput({ ...showing, write: (items) => write(items, flags.name ?? "") });
    const signal = AbortSignal.any([io.stdout.closedSignal, shown.countReached]);
    const show = (entries: readonly MessageEntry[]) => shown.show(entries, undefined);
    return await readEntriesFromFile(flags.file, { ...range, target }, io, signal, show);
  }
  const who = { ...flags, nameFlag: "--name NAME" };
  const found = await readClientLogin(io, who, flags.with === undefined ? "observe" : "use");
  if (found.kind === "failed") return found.code;
  const { access } = found;
  if (flags.with !== undefined && access.registration.credentials === undefined) {
    return reportFailure(io, EXIT.refused, toPrintable(describeMissingKey(access, io)));
  }
  const asked = {
    access,
    range: { ...range, target: target ?? DEFAULT_LOBBY, isLobby: target === undefined },
    io,
  };
  const path = flags["cursor-file"];
  const owner = { address: access.address, target: asked.range.target, name: access.name };
  const start = path === undefined ? NO_CURSOR : await openCursor(path, owner, io);
  if (start.kind === "failed") return start.code;
  const { cursor, position } = start;
  const shown = new CursorOutput({ ...showing, cursor, write: (items) => write(items, access.name) });
  const signals = [
    io.signal,
    io.stdout.closedSignal,
    shown.countReached,
    ...cursor === undefined ? [] : [cursor.failed],
  ];
  const reading = { ...asked, position, shown, signal: AbortSignal.any(signals) };
  const code = flags.follow ? await followLive(reading, !flags["no-retry"]) : await readOnce(reading);
  return await shown.end(code);
});

/** Direct messages are shown to their owner only, and nothing here tells the server that we are. */
function describeMissingKey({ name, address }: ClientLogin, io: Io): string {
  const hint = formatOtherNamesHint(io, address, name) || "; chatterbox key import takes it here";
  return `there is no key of ${name} for ${
    formatAddress(address)
  } here, so its direct messages are not shown${hint}; ` +
    "where the name has a passphrase: --passphrase-file FILE";
}

function checkUsage(flags: Flags, words: readonly string[]): void {
  if (words.length > 0) {
    throw new UsageError(`what is ${toPrintable(words[0]!)}? (a room: --room, a person: --with)`);
  }
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
      throw new UsageError(`--verify looks at the whole file; what is --${other} for?`);
    }
  }
  if (flags.room !== undefined && flags.with !== undefined) {
    throw new UsageError("--room and --with exclude each other");
  }
  if (flags.follow && flags.until !== undefined) {
    throw new UsageError("--follow has no end, so --until makes no sense with it");
  }
  if (flags.file !== undefined && (flags.follow || flags["cursor-file"] !== undefined)) {
    const other = flags.follow ? "--follow" : "--cursor-file";
    throw new UsageError(`--file is read once; ${other} needs a server`);
  }
  if (flags["no-retry"] && !flags.follow) {
    throw new UsageError("--no-retry is for --follow; without it nothing is tried twice");
  }
  if (flags.since !== undefined && flags.until !== undefined && flags.since >= flags.until) {
    throw new UsageError("--since is not before --until, so there is nothing between them");
  }
}

async function verify(flags: Flags, io: Io): Promise<ExitCode> {
  const { reportLogFile } = await import("./support/log_file_report.ts");
  if (flags.file !== undefined) return await reportLogFile(flags.file, flags, io);
  const { RING_FILE } = await import("../lib/store/disk/data_dir.ts");
  const { stateDir } = await import("../lib/cli/files/user_dirs.ts");
  const dir = stateDir(io.env);
  if (dir === undefined) throw new UsageError("there is no home directory; say which file with --file PATH");
  return await reportLogFile(`${dir}/${RING_FILE}`, flags, io);
}

type ItemWriter = (items: readonly HistoryItem[], me: string) => void;

/** Puts items on standard output as the flags say. `places`: say of each where it belongs. */
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

function parsePerson(name: string | undefined): string | undefined {
  const hint = name === undefined ? undefined : suggestForNameAtServer(name);
  if (hint !== undefined) throw new UsageError(`--with ${name}: ${hint}`);
  if (name === undefined || isTargetName(name) && !isChannelName(name)) return name;
  throw new UsageError(`--with ${JSON.stringify(name)}: not a person's name (a room: --room)`);
}

function parseChannelName(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const channel = isChannelName(text) ? text : `#${text}`;
  if (!isTargetName(channel)) throw new UsageError(`--room ${JSON.stringify(text)}: not a room's name`);
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

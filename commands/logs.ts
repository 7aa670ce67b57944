/** `chatterbox logs`: shows history, and follows new messages. */
import { toPrintable } from "../lib/base/printable_text.ts";
import type { Command, Io, Permission } from "../lib/cli/command.ts";
import type { ExitCode } from "../lib/cli/exit_codes.ts";
import { stateDir } from "../lib/cli/files/user_dirs.ts";
import { loadPalette, readColorDepth } from "../lib/cli/standard_streams.ts";
import {
  defineCommand,
  LOGIN_NAME_PERMISSIONS,
  QUESTION_PERMISSIONS,
  UsageError,
  WATCHING_CLIENT_PERMISSIONS,
  watchStdoutReader,
} from "../lib/cli/flags/command_definition.ts";
import { isChannelName } from "../lib/irc/names/name_rules.ts";
import { DEFAULT_LOBBY } from "../lib/irc/vendor_extensions.ts";
import type { MessageEntry } from "../lib/client/conversation/model/chat_entry.ts";
import { isSameName } from "../lib/irc/names/casemap.ts";
import { readClientLogin } from "./support/client_login.ts";
import type { ClientLogin } from "./support/client_login.ts";
import { isColored, isMonochrome } from "./support/color_option.ts";
import { CursorOutput, openCursor } from "./logs/cursor_output.ts";
import type { Layout } from "./logs/history_entry_text.ts";
import { reportNoKey } from "./logs/missing_key.ts";
import { ItemWriter } from "./logs/output/item_writer.ts";
import type { MessageCommand } from "./logs/output/message_command.ts";
import { makeMessageFilter } from "./logs/output/message_filter.ts";
import type { MessageFilter } from "./logs/output/message_filter.ts";
import { makeMatchTaker } from "./logs/output/selection.ts";
import { readTargets } from "./logs/rooms/room_list.ts";
import { followLive, readOnce } from "./logs/server_history.ts";
import { DEFAULT_LINES, FLAGS, LOGS_HELP } from "./logs/usage/logs_flags.ts";
import type { LogsFlags } from "./logs/usage/logs_flags.ts";
import { checkLogsUsage, readTemplate } from "./logs/usage/usage_check.ts";

/** Permissions that reading a file does not need. */
const NOT_FOR_FILES: readonly Permission[] = [
  "net",
  "write",
  "sys:ca",
  ...LOGIN_NAME_PERMISSIONS,
  ...QUESTION_PERMISSIONS,
];

export const command: Command = defineCommand({
  name: "logs",
  summary: "Show messages, and follow new ones.",
  synopsis: ["[FLAGS] ['#ROOM'|NAME]…", "[FLAGS] --search WORDS…"],
  permissions: [...WATCHING_CLIENT_PERMISSIONS, "run"],
  flags: FLAGS,
  ...LOGS_HELP,
}, async (flags, words, io) => {
  const targets = readTargets(flags.search === undefined ? words : [], flags);
  checkLogsUsage(flags, targets);
  const wantsPager = !flags.follow && !flags["no-pager"] && !flags.verify && flags.exec === undefined &&
    io.stdout.isTerminal;
  const pager = wantsPager ? await import("./logs/output/pager.ts") : undefined;
  const run = async (io: Io) => {
    if (flags.exec === undefined) io.revoke(["run"]);
    return await showLogs(flags, { targets, words }, io);
  };
  return pager?.wantsPager(io) ? await pager.runPaged(io, run) : await run(io);
});

interface Asked {
  /** Named rooms and users. */
  readonly targets: readonly string[];
  /** What `--search` looks for. */
  readonly words: readonly string[];
}

async function showLogs(flags: LogsFlags, { targets, words }: Asked, io: Io): Promise<ExitCode> {
  const isJson = flags.json || flags.output === "json";
  if (flags.search !== undefined) {
    const { search } = await import("./logs/search_run.ts");
    const layout = flags.output === "json" ? undefined : flags.output as Layout;
    return await search({ ...flags, json: isJson, layout, nameFlag: "--name NAME" }, words, targets, io);
  }
  const filter = await makeMessageFilter(flags, isJson);
  const isFile = flags.verify || flags.file !== undefined;
  if (flags.local) {
    // Calls of the C library stay permitted: the next server's ring is mapped, too.
    io.revoke(NOT_FOR_FILES.filter((each) => each !== "write" || flags["cursor-file"] === undefined));
    if (flags.follow) io.stdout.watchForClose();
  } else {
    watchStdoutReader(io, flags.follow);
    if (isFile) io.revoke(NOT_FOR_FILES); // it only reads a file
  }
  if (flags.verify) return await verify(flags, io);
  const command = flags.exec === undefined ? undefined : await openCommand(flags.exec, io);
  const isSeveral = flags["all-rooms"] || targets.length > 1 ||
    flags.file !== undefined && targets.length === 0;
  const writer = openItemWriter(flags, { io, filter, command, isSeveral });
  const run = { flags, targets, filter, writer, io };
  const code = flags.local
    ? await showLocal(run)
    : flags.file !== undefined
    ? await showFile(flags.file, run)
    : await showFromServer(run);
  return command === undefined ? code : command.end(code);
}

interface LogsRun {
  readonly flags: LogsFlags;
  readonly targets: readonly string[];
  readonly filter: MessageFilter;
  readonly writer: ItemWriter;
  readonly io: Io;
}

/** The range that `flags` ask for. */
function rangeOf(flags: LogsFlags) {
  const { since, until, lines } = flags;
  return { since, until, limit: lines ?? (since === undefined ? DEFAULT_LINES : undefined) };
}

/** Messages around those that match are needed. */
function hasContext({ before, after }: MessageFilter): boolean {
  return before + after > 0;
}

async function showLocal({ flags, targets, filter, writer, io }: LogsRun): Promise<ExitCode> {
  const { runLocally } = await import("./logs/local_run.ts");
  const { limit, ...range } = rangeOf(flags);
  const asked = {
    // With messages around them the newest are found where they are written.
    range: { ...range, limit: hasContext(filter) ? undefined : limit, isWanted: filter.isWanted },
    filter,
    room: targets[0],
    writer,
  };
  if (hasContext(filter) && flags.follow && limit !== undefined) {
    throw new UsageError("--local, --follow and messages around need --since");
  }
  return await runLocally(flags, asked, io);
}

async function showFile(path: string, { flags, targets, filter, writer, io }: LogsRun): Promise<ExitCode> {
  const { readEntriesFromFile } = await import("./logs/log_file_reader.ts");
  const shown = new CursorOutput({
    ...filter,
    io,
    maxCount: flags["max-count"],
    write: (items) => writer.write(items, flags.name ?? ""),
  });
  const signal = AbortSignal.any([io.stdout.closedSignal, shown.countReached]);
  const show = (entries: readonly MessageEntry[]) => shown.show(entries, undefined);
  const isAsked = isOfOne(targets, flags["all-rooms"], flags.name);
  const isWanted = (entry: MessageEntry) =>
    isAsked(entry) && (hasContext(filter) ? !filter.isHidden(entry) : filter.isWanted(entry));
  const range = {
    ...rangeOf(flags),
    ...hasContext(filter) && { limit: undefined },
    target: flags["all-rooms"] || targets.length !== 1 ? undefined : targets[0],
    me: flags.name,
    isWanted,
  };
  const code = await readEntriesFromFile(path, range, io, signal, show);
  await writer.finish();
  return code;
}

/** Whether a message is of one of several conversations; of all, if none is named. */
function isOfOne(
  targets: readonly string[],
  all: boolean,
  me: string | undefined,
): (entry: MessageEntry) => boolean {
  if (!all && targets.length < 2) return () => true;
  return ({ channel, from, to }) => {
    if (channel !== undefined) return all || targets.some((target) => isSameName(target, channel));
    const isBetween = (one: string, other: string) =>
      targets.some((target) => isSameName(target, one)) && (me === undefined || isSameName(other, me));
    return isBetween(from, to) || isBetween(to, from);
  };
}

async function showFromServer({ flags, targets, filter, writer, io }: LogsRun): Promise<ExitCode> {
  const isDirect = targets.some((target) => !isChannelName(target));
  const found = await readClientLogin(
    io,
    { ...flags, nameFlag: "--name NAME" },
    isDirect ? "use" : "observe",
  );
  if (found.kind === "failed") return found.code;
  const { access } = found;
  if (isDirect && access.registration.credentials === undefined) {
    return await refuseWithoutKey(access, targets.filter((name) => !isChannelName(name)), flags.with, io);
  }
  const all = flags["all-rooms"];
  const target = targets[0] ?? DEFAULT_LOBBY;
  const owner = { address: access.address, target, name: access.name };
  const start = await openCursor(flags["cursor-file"], owner, io);
  if (start.kind === "failed") return start.code;
  const { cursor, position } = start;
  const shown = new CursorOutput({
    ...filter,
    io,
    cursor,
    maxCount: flags["max-count"],
    write: (items) => writer.write(items, access.name),
  });
  const range = {
    ...rangeOf(flags),
    ...hasContext(filter) ? contextRange(rangeOf(flags).limit, filter) : { isWanted: filter.isWanted },
  };
  const signal = shown.stopSignal;
  let code: ExitCode;
  if (all || targets.length > 1) {
    const read = { access, targets, all, range, shown, io, signal };
    code = flags.follow
      ? await (await import("./logs/rooms/rooms_follower.ts")).followRooms(read, !flags["no-retry"])
      : await (await import("./logs/rooms/rooms_read.ts")).readRooms(read);
  } else {
    const wanted = { ...range, target, isLobby: targets.length === 0 };
    const reading = { access, range: wanted, io, position, shown, signal };
    code = flags.follow ? await followLive(reading, !flags["no-retry"]) : await readOnce(reading);
  }
  await writer.finish();
  return await shown.end(code);
}

/** `named`: the users that `--with` names; another one may be meant for a room. */
async function refuseWithoutKey(
  access: ClientLogin,
  users: readonly string[],
  named: readonly string[],
  io: Io,
): Promise<ExitCode> {
  const { reportUnknownWithoutKey } = await import("./logs/rooms/unknown_target.ts");
  const unknown = await reportUnknownWithoutKey(access, users, named, io);
  const refusal = reportNoKey(access, io);
  if (unknown !== undefined) return unknown;
  const word = users.find((name) => !named.includes(name));
  if (word !== undefined) {
    io.stderr.write(`chatterbox: ${toPrintable(`${word} is taken for a user; the room is '#${word}'`)}\n`);
  }
  return refusal;
}

/** The newest `limit` messages that match are found with those around them. */
function contextRange(limit: number | undefined, { isHidden, isWanted, before }: MessageFilter) {
  return {
    isWanted: (entry: MessageEntry) => !isHidden(entry),
    ...limit !== undefined && { limit: Infinity, take: makeMatchTaker(limit, isWanted, before) },
  };
}

async function verify(flags: LogsFlags, io: Io): Promise<ExitCode> {
  const { reportLogFile } = await import("./logs/log_file_report.ts");
  if (flags.file !== undefined) return await reportLogFile(flags.file, flags, io);
  const { RING_FILE } = await import("../lib/store/disk/data_dir.ts");
  const dir = stateDir(io.env);
  if (dir === undefined) throw new UsageError("there is no home directory; name the file with --file PATH");
  return await reportLogFile(`${dir}/${RING_FILE}`, flags, io);
}

async function openCommand(line: string, io: Io): Promise<MessageCommand> {
  const { MessageCommand } = await import("./logs/output/message_command.ts");
  return await MessageCommand.open(line, io);
}

interface WriterParts {
  readonly io: Io;
  readonly filter: MessageFilter;
  readonly command: MessageCommand | undefined;
  /** Of several conversations: each message is shown with its own. */
  readonly isSeveral: boolean;
}

function openItemWriter(
  flags: LogsFlags,
  { io, filter, command, isSeveral }: WriterParts,
): ItemWriter {
  const colored = isColored(flags, io);
  const { limit } = rangeOf(flags);
  const isFromRing = flags.file !== undefined || flags.local;
  return new ItemWriter({
    io,
    layout: flags.json ? "json" : flags.output as Layout | "json",
    template: flags.template === undefined ? undefined : readTemplate(flags.template),
    utc: flags.utc,
    palette: loadPalette(colored && readColorDepth(io.env)),
    isColored: colored,
    places: isSeveral,
    pattern: filter.pattern,
    marksMatches: colored || (isMonochrome(flags, io) && "monochrome"),
    command,
    isReversed: flags.reverse,
    newest: hasContext(filter) && isFromRing && limit !== undefined && !flags.follow
      ? { count: limit, before: filter.before }
      : undefined,
  });
}

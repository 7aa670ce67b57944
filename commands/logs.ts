/** `chatterbox logs`: what was said, and what is being said. */
import { printable } from "../lib/base/printable.ts";
import type { Command, Io } from "../lib/cli/command.ts";
import type { ExitCode } from "../lib/cli/exit_codes.ts";
import { EXIT, exitCodeOf } from "../lib/cli/exit_codes.ts";
import { fail, palette, wantsColor } from "../lib/cli/output.ts";
import { defineCommand, UsageError } from "../lib/cli/usage.ts";
import type { Access } from "../lib/client/access.ts";
import { ACCESS_FLAGS, connectFailed, observerOf, readAccess } from "../lib/client/access.ts";
import type { Entry } from "../lib/client/entry.ts";
import { entryJson, entryLine } from "../lib/client/entry_text.ts";
import type { Range, ReadOutcome } from "../lib/client/reader.ts";
import { readHistory } from "../lib/client/reader.ts";
import { casefold } from "../lib/irc/casemap.ts";
import { isRoomName, isTarget } from "../lib/irc/names.ts";

/** The room where everybody is, and which is meant when none is named. */
const LOBBY = "#lobby";
const DEFAULT_LINES = 50;

export const command: Command = defineCommand({
  name: "logs",
  summary: "Show what was said, and follow what is being said.",
  synopsis: "[FLAGS]",
  examples: [
    ["chatterbox logs", `the last ${DEFAULT_LINES} messages of ${LOBBY}`],
    ["chatterbox logs --tail", "the same, then each new one as it comes"],
    ["chatterbox logs --since 2h -g deploy --room '#ops'", 'of the last two hours, those with "deploy"'],
    ["chatterbox logs --with bob", "your direct messages with bob"],
    ["chatterbox logs --json --since 2026-01-31", "for programs: one object a line"],
  ],
  flags: {
    lines: {
      type: "integer",
      short: "n",
      value: "N",
      help: `the newest N (default ${DEFAULT_LINES}; with --since: all)`,
    },
    follow: {
      type: "boolean",
      short: "f",
      aliases: ["tail"],
      help: "go on with each new message, until interrupted",
    },
    since: {
      type: "instant",
      value: "TIME",
      help: "from then on: 10m (ago), 2026-01-31, 2026-01-31T10:00:00Z",
    },
    until: { type: "instant", value: "TIME", help: "before then" },
    room: { type: "string", value: "ROOM", help: `messages in this room (default ${LOBBY})` },
    with: { type: "string", value: "NAME", help: "your direct messages with NAME" },
    from: { type: "string", value: "NAME", help: "only what NAME said" },
    grep: { type: "string", short: "g", value: "PATTERN", help: "only what matches this regular expression" },
    json: { type: "boolean", help: "one JSON object a line: seq, id, time, room or with, from, type, text" },
    utc: { type: "boolean", help: "times in UTC" },
    file: { type: "string", value: "PATH", help: "read this ring file; no server is asked" },
    name: {
      type: "string",
      value: "NAME",
      help: "who you are, for --with; also CHATTERBOX_NAME (default: login name)",
    },
    ...ACCESS_FLAGS,
  },
  notes: [
    "Exit code: 0 done; 65 the file is no ring file; 67 no such room; 68, 69 server not found, not reachable, or without\n" +
    "history; 74 file not readable; 75 timed out; 76 not an IRC server; 77 refused; 130, 143 interrupted.",
  ],
}, async (flags, words, io) => {
  if (words.length > 0) {
    throw new UsageError(`what is ${printable(words[0]!)}? (a room: --room, a person: --with)`);
  }
  if (flags.room !== undefined && flags.with !== undefined) {
    throw new UsageError("--room and --with exclude each other");
  }
  if (flags.follow && flags.until !== undefined) {
    throw new UsageError("--follow has no end, so --until makes no sense with it");
  }
  if (flags.follow && flags.file !== undefined) {
    throw new UsageError("--file is read once; --follow needs a server");
  }
  if (flags.since !== undefined && flags.until !== undefined && flags.since >= flags.until) {
    throw new UsageError("--since is not before --until, so there is nothing between them");
  }
  const colors = await palette(wantsColor(io.stdout, io.env, flags["no-color"]));
  const target = person(flags.with) ?? roomName(flags.room);
  const style = { utc: flags.utc, palette: colors, places: target === undefined && flags.file !== undefined };
  const show = (entries: readonly Entry[], me: string) => {
    for (const entry of entries) io.stdout.write(flags.json ? entryJson(entry, me) : entryLine(entry, style));
    return io.stdout.flush();
  };
  const range = {
    since: flags.since,
    until: flags.until,
    limit: flags.lines ?? (flags.since === undefined ? DEFAULT_LINES : undefined),
    wanted: filter(flags.from, flags.grep),
  };
  if (flags.file !== undefined) {
    const { showFile } = await import("../lib/client/log_file.ts");
    return await showFile(flags.file, { ...range, target }, io, (entries) => show(entries, flags.name ?? ""));
  }
  const found = await readAccess(io, flags, "use");
  if (found.kind === "failed") return found.code;
  const { access } = found;
  if (flags.with !== undefined && access.registration.claim === undefined) {
    io.stderr.write(
      `chatterbox: ${access.name} has no key for this server here, so its direct messages cannot be shown\n`,
    );
  }
  const reading = { access, range: { ...range, target: target ?? LOBBY }, io, show };
  return flags.follow ? await followLive(reading) : await readOnce(reading);
});

interface Reading {
  readonly access: Access;
  readonly range: Range;
  readonly io: Io;
  readonly show: (entries: readonly Entry[], me: string) => Promise<void>;
}

async function readOnce({ access, range, io, show }: Reading): Promise<ExitCode> {
  const { connect } = await import("../lib/client/link.ts");
  const signal = AbortSignal.any([io.signal, io.stdout.gone]);
  const outcome = await connect({ address: access.address, registration: observerOf(access), signal });
  if (outcome.kind !== "connected") return connectFailed(io, outcome, access, signal);
  const { link } = outcome;
  const onAbort = () => link.drop("interrupted");
  signal.addEventListener("abort", onAbort);
  try {
    const read = await readHistory(
      link,
      range,
      io.clock.now(),
      signal,
      (entries) => show(entries, access.name),
    );
    if (signal.aborted) return exitCodeOf(signal);
    return read.kind === "done" ? EXIT.ok : trouble(read, range, io);
  } finally {
    signal.removeEventListener("abort", onAbort);
    await link.close();
  }
}

async function followLive({ access, range, io, show }: Reading): Promise<ExitCode> {
  const { follow } = await import("../lib/client/follow.ts");
  return await follow({
    access,
    range,
    io,
    signal: AbortSignal.any([io.signal, io.stdout.gone]),
    onEntries: (entries) => show(entries, access.name),
    onTrouble: (found) => {
      const code = trouble(found, range, io);
      return found.kind === "unsupported" ? undefined : code;
    },
  });
}

function trouble(found: Exclude<ReadOutcome, { kind: "done" }>, { target }: Range, io: Io): ExitCode {
  switch (found.kind) {
    case "unsupported":
      return fail(io, EXIT.unreachable, "this server keeps no history");
    case "no_such_target":
      return fail(io, EXIT.noUser, `no such room: ${printable(target)}`);
    case "failed":
      return fail(
        io,
        EXIT.refused,
        `the server does not show ${printable(target)}: ${printable(found.text)}`,
      );
    case "timed_out":
      return fail(io, EXIT.tryAgain, "the server did not answer in time");
    case "lost":
      return fail(io, EXIT.tryAgain, `the connection was lost: ${printable(found.text)}`);
  }
}

function person(name: string | undefined): string | undefined {
  if (name === undefined || isTarget(name) && !isRoomName(name)) return name;
  throw new UsageError(`--with ${JSON.stringify(name)}: not a person's name (a room: --room)`);
}

function roomName(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const room = isRoomName(text) ? text : `#${text}`;
  if (!isTarget(room)) throw new UsageError(`--room ${JSON.stringify(text)}: not a room's name`);
  return room;
}

function filter(from: string | undefined, pattern: string | undefined): (entry: Entry) => boolean {
  const author = from === undefined ? undefined : casefold(from);
  const regex = pattern === undefined ? undefined : compile(pattern);
  return (entry) =>
    (author === undefined || casefold(entry.from) === author) &&
    (regex === undefined || regex.test(entry.text));
}

function compile(pattern: string): RegExp {
  try {
    return new RegExp(pattern, "u");
  } catch (error) {
    throw new UsageError(`--grep: ${(error as Error).message}`);
  }
}

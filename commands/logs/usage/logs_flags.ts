/** The flags of `logs`, and what its help says. */
import type { CommandHelp } from "../../../lib/cli/flags/command_help.ts";
import { SPOKEN_INSTANTS } from "../../../lib/base/values/spoken_instant.ts";
import type { FlagTable, FlagValues } from "../../../lib/cli/flags/flags.ts";
import { DEFAULT_LOBBY } from "../../../lib/irc/vendor_extensions.ts";
import { CLIENT_FLAGS } from "../../support/client_options.ts";
import { COLOR_FLAG } from "../../support/color_option.ts";
import { MAX_CONTEXT_MESSAGES } from "../output/selection.ts";

export const DEFAULT_LINES = 50;

/** Headings of the help. */
const WHICH = "Which messages", HOW = "How they are shown", OFFLINE = "Without the server";

export const FLAGS = {
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
    group: WHICH,
    help: "end when N messages have been shown, also with --follow; with --from and --grep: N that match",
  },
  reverse: { type: "boolean", short: "r", group: HOW, help: "the newest first" },
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
    group: WHICH,
    help: "start where the last run with FILE stopped, and save where this one does",
  },
  since: {
    type: "instant",
    value: "TIME",
    group: WHICH,
    help: `messages from TIME on: ${SPOKEN_INSTANTS}`,
  },
  until: { type: "instant", value: "TIME", group: WHICH, help: "messages before TIME" },
  room: {
    type: "string",
    repeatable: true,
    value: "ROOM",
    completes: { sources: ["rooms"] },
    group: WHICH,
    help: "a room, as '#room' without the flag",
  },
  with: {
    type: "string",
    repeatable: true,
    value: "NAME",
    completes: { sources: ["people"] },
    group: WHICH,
    help: "your direct messages with NAME, as NAME without the flag",
  },
  "all-rooms": { type: "boolean", short: "a", group: WHICH, help: "all rooms that you may read" },
  from: {
    type: "string",
    value: "NAME",
    completes: { sources: ["people"] },
    group: WHICH,
    help: "only messages from NAME",
  },
  grep: {
    type: "string",
    short: "g",
    value: "PATTERN",
    group: WHICH,
    help: "only messages that match this regular expression (RE2); without upper case in it case is ignored",
  },
  "ignore-case": { type: "boolean", short: "i", group: WHICH, help: "with --grep: ignore case in any case" },
  "case-sensitive": { type: "boolean", group: WHICH, help: "with --grep: never ignore case" },
  "after-context": {
    type: "integer",
    short: "A",
    value: "N",
    max: MAX_CONTEXT_MESSAGES,
    group: WHICH,
    help: "with --from and --grep: N messages behind each that matches, too",
  },
  "before-context": {
    type: "integer",
    short: "B",
    value: "N",
    max: MAX_CONTEXT_MESSAGES,
    group: WHICH,
    help: "the same before each",
  },
  context: {
    type: "integer",
    short: "C",
    value: "N",
    max: MAX_CONTEXT_MESSAGES,
    group: WHICH,
    help: "both of them",
  },
  search: {
    type: "string",
    short: "s",
    value: "WORDS",
    help: `messages with these words, in all rooms that you are in and your direct messages (-n, default 20)`,
  },
  output: {
    type: "string",
    short: "o",
    value: "FORMAT",
    choices: ["full", "short", "iso", "cat", "json", "md"],
    default: "full",
    group: HOW,
    help: "how a message is shown",
  },
  json: {
    type: "boolean",
    group: HOW,
    help: "as -o json: one JSON object per line: seq, id, time, room or with, from, type, text",
  },
  template: {
    type: "string",
    value: "TEMPLATE",
    group: HOW,
    help: "a line like '{{from}}: {{text}}' for each message, of the keys of --json",
  },
  utc: { type: "boolean", group: HOW, help: "times in UTC" },
  color: { ...COLOR_FLAG.color, group: HOW },
  "no-pager": { type: "boolean", group: HOW, help: "no $PAGER, even on a terminal" },
  exec: {
    type: "string",
    value: "CMD",
    group: HOW,
    help:
      "run CMD for each message, without a shell: CHATTERBOX_MESSAGE_TEXT, _FROM, _ROOM … in its environment",
  },
  file: {
    type: "string",
    value: "PATH",
    group: OFFLINE,
    help: "read this ring file, and the archive beside it, without a server",
  },
  verify: {
    type: "boolean",
    group: OFFLINE,
    help: "check the ring file of the server (or --file) from end to end; change nothing",
  },
  local: {
    type: "boolean",
    group: OFFLINE,
    help: "read the memory of a server of this machine that runs with --shm; no connection is made",
  },
  "data-dir": {
    type: "string",
    value: "DIR",
    group: OFFLINE,
    help: "with --local: the server's data folder, as for serve (default $XDG_STATE_HOME/chatterbox)",
  },
  name: {
    type: "string",
    value: "NAME",
    completes: { sources: ["names"] },
    help: "your name, for --with; also CHATTERBOX_NAME (default: login name)",
  },
  ...CLIENT_FLAGS,
} as const satisfies FlagTable;

export type LogsFlags = FlagValues<typeof FLAGS>;

/** Examples, notes and exit codes. */
export const LOGS_HELP = {
  operands: [{ sources: ["people", "rooms"] }],
  lastOperandRepeats: true,
  examples: [
    ["chatterbox logs", `the last ${DEFAULT_LINES} messages of ${DEFAULT_LOBBY}`],
    ["chatterbox logs '#dev'", "of another room"],
    ["chatterbox logs bob", "your direct messages with bob"],
    ["chatterbox logs -f '#dev' '#ops'", "of two rooms, then each new one; --all-rooms: of all"],
    ["chatterbox logs '#ops' --since yesterday -g deploy -C 2", 'those with "deploy", and two around each'],
    ["chatterbox logs -f -n 0 -m 1 -g 'deploy done'", "wait for one message, show it, and end"],
    ["chatterbox logs -f --exec 'notify-send chat'", "run a program for each message"],
    ["chatterbox logs -s 'deploy* from:bob since:1w'", "search: the newest matches first"],
    ["chatterbox logs --template '{{time}}\\t{{from}}\\t{{text}}'", "a line of your own for each message"],
    ["chatterbox logs --json --since 2026-01-31", "for programs: one JSON object per line"],
    ["chatterbox logs --json --cursor-file seen", "what is new since the last run"],
    ["chatterbox logs -f --local", "what is in the memory of a server with --shm, then each new one"],
    ["chatterbox logs --verify", "check the history on disk"],
  ],
  notes: [
    "A word is a room if it begins with #, else a user; without one it is the lobby of the server, and of --file all " +
    "rooms and direct messages (with --name those of that user). Several are shown in the order of time, with " +
    "their names before each message; --local and --cursor-file take one.",
    "TIME: a time of day is the last one (yesterday's, if it is earlier now), monday is the last Monday or today, " +
    "31 jan the last one; a time of several words needs quotes.",
    "-o: full (2026-01-31 10:00:00), short (Jan 31 10:00:00), iso (2026-01-31T10:00:00+01:00), cat (the text alone), " +
    "json, md (Markdown, with a heading for each day). CTCP queries are shown by json alone. Formatting of the text " +
    "(bold, colours) is shown where there are colours, and else left out.",
    "--template: {{key}} stands for what --json has under that key (seq, id, time, room, with, to, from, type, text, " +
    "reply_to, replaces), or nothing; \\n and \\t for a line end and a tab. In values these are shown as \\n and \\t, and " +
    "other control characters made visible: one message is one line. Gaps are told on standard error.",
    "On a terminal the output goes through $PAGER (less -FRX), but not with --follow, --exec or --no-pager.",
    "-A, -B and -C show messages around those that match, as grep does, with -- between groups (json: context: true); " +
    "for one room or user.",
    "--exec: CMD is split into words by the quotes of a shell, and nothing else of a shell. It gets the keys of --json as " +
    "CHATTERBOX_MESSAGE_SEQ, _ID, _TIME, _ROOM, _WITH, _TO, _FROM, _TYPE and _TEXT, and the text on standard input. One " +
    "runs at a time, for at most 60 s. What fails is told, and the exit code in the end is 74.",
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
    ["74", "a file, or the segment of --local, cannot be read or written; a program of --exec has failed"],
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
} as const satisfies Partial<CommandHelp>;

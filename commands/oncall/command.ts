/** `chatterbox oncall`: escalation lists, their silences, calendars, and one's notify URL. */
import type { Command, Io } from "../../lib/cli/command.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { defineCommand, UsageError } from "../../lib/cli/flags/command_definition.ts";
import { isOnCallName } from "../../lib/irc/oncall.ts";
import { CLIENT_FLAGS } from "../support/client_options.ts";
import type { ClientFlags } from "../support/client_options.ts";
import { COLOR_FLAG } from "../support/color_option.ts";
import type { ColorFlags } from "../support/color_option.ts";
import { deleteCalendarOf, listAllCalendars, saveCalendar } from "./calendar_actions.ts";
import { deleteList, listAll, setList, silenceList } from "./list_actions.ts";
import { showNotifyUrl, testNotify } from "./notify_actions.ts";

const ACTIONS = ["list", "set", "delete", "silence", "calendar", "notify"] as const;

export const command: Command = defineCommand({
  name: "oncall",
  summary: "Who is rung by a page: escalation lists, calendars, silences, notify URLs.",
  synopsis: [
    "[list] [FLAGS]",
    "set LIST PEOPLE [DURATION PEOPLE…] [FLAGS]",
    "delete LIST [FLAGS]",
    "silence LIST DURATION|off [REASON…] [FLAGS]",
    "calendar [NAME FILE | NAME --delete] [FLAGS]",
    "notify [URL | --off | --test] [FLAGS]",
  ],
  examples: [
    ["chatterbox oncall", "all lists, who is on duty now, what is silenced"],
    ["chatterbox oncall set ops alice 5m bob,carol", "alice; after 5 minutes bob and carol, too"],
    ["chatterbox oncall set ops @ops 10m alice", "those on duty in the calendar ops, then alice"],
    ["chatterbox oncall calendar ops rota.ics", "an iCalendar file: each event names an account"],
    ["chatterbox oncall silence ops 2h new disks", "pages to ops wait for 2 hours; off ends it"],
    ["chatterbox oncall notify ntfy+https://ntfy.sh/a-secret-topic", "your phone, where you have no session"],
    ["chatterbox oncall notify --test", "whether that works"],
  ],
  operands: [{ words: ACTIONS }],
  flags: {
    json: { type: "boolean", help: "list, calendar: print one JSON object per line" },
    delete: { type: "boolean", help: "calendar: delete it" },
    off: { type: "boolean", help: "notify: delete the URL" },
    test: { type: "boolean", help: "notify: have the server send a notification now" },
    name: {
      type: "string",
      value: "NAME",
      completes: { sources: ["names"] },
      help: "your account; also CHATTERBOX_NAME (default: login name)",
    },
    ...COLOR_FLAG,
    ...CLIENT_FLAGS,
  },
  notes: [
    "PEOPLE are accounts with commas between them, or @NAME for those on duty in a calendar. After DURATION (30s to " +
    "24h; 5m behind the last) the next people are rung, after the last the first again.",
    "A list may be changed by operators of the server, and by those who own the room of its name: for ops the room #ops. " +
    "docs/oncall.md is the guide.",
    "A notify URL may have a secret in it, which other users of this machine see in the command line: notify - reads it " +
    "from standard input.",
  ],
  exitCodes: [
    ["0", "done, and on the server's disk"],
    ["64", "wrong usage"],
    ["65", "a list, file or URL is malformed or too long"],
    ["67", "there is no such list or calendar"],
    ["68, 69", "server not found, not reachable, or without on-call"],
    ["72", "notify --test: the URL's server has not taken it"],
    ["74", "the file cannot be read"],
    ["75", "no answer, or not possible at present"],
    ["76", "not an IRC server, or TLS on one side only"],
    ["77", "refused: the list is not yours to change, or there is no account of this name"],
    ["78", "bad configuration, or other users can read a secret file"],
    ["130, 143", "interrupted"],
  ],
}, async (flags, [action = "list", ...words], io) => {
  for (const [flag, owner] of [["delete", "calendar"], ["off", "notify"], ["test", "notify"]] as const) {
    if (flags[flag] && action !== owner) throw new UsageError(`--${flag} is for ${owner}`);
  }
  if (flags.json && action !== "list" && (action !== "calendar" || words.length > 0)) {
    throw new UsageError("--json is for list and for calendar without a name");
  }
  return await run(action, words, flags, io);
});

export interface OncallFlags extends ClientFlags, ColorFlags {
  readonly json: boolean;
  readonly delete: boolean;
  readonly off: boolean;
  readonly test: boolean;
}

function run(action: string, words: readonly string[], flags: OncallFlags, io: Io): Promise<ExitCode> {
  const [first, ...rest] = words;
  switch (ACTIONS.find((each) => each === action)) {
    case "list":
      refuseWords(words);
      return listAll(flags, io);
    case "set":
      return setList(readName(first, "list"), rest, flags, io);
    case "delete":
      refuseWords(rest);
      return deleteList(readName(first, "list"), flags, io);
    case "silence":
      return silenceList(readName(first, "list"), rest, flags, io);
    case "calendar":
      if (first === undefined && !flags.delete) return listAllCalendars(flags, io);
      return runCalendar(readName(first, "calendar"), rest, flags, io);
    case "notify":
      return runNotify(words, flags, io);
    case undefined:
      throw new UsageError(`unknown action ${action}; the actions are ${ACTIONS.join(", ")}`);
  }
}

function runCalendar(name: string, [file, ...more]: readonly string[], flags: OncallFlags, io: Io) {
  refuseWords(more);
  if (flags.delete) {
    if (file !== undefined) throw new UsageError("--delete takes the name of the calendar alone");
    return deleteCalendarOf(name, flags, io);
  }
  if (file === undefined) throw new UsageError(`give the iCalendar file: oncall calendar ${name} FILE.ics`);
  return saveCalendar(name, file, flags, io);
}

function runNotify([url, ...more]: readonly string[], flags: OncallFlags, io: Io): Promise<ExitCode> {
  refuseWords(more);
  if ([url !== undefined, flags.off, flags.test].filter((each) => each).length > 1) {
    throw new UsageError("give a URL, --off or --test");
  }
  return flags.test ? testNotify(flags, io) : showNotifyUrl(flags.off ? "*" : url, flags, io);
}

function refuseWords([word]: readonly string[]): void {
  if (word !== undefined) throw new UsageError(`unexpected argument ${word}`);
}

function readName(word: string | undefined, what: "list" | "calendar"): string {
  if (word === undefined) throw new UsageError(`give the name of the ${what}`);
  if (!isOnCallName(word)) throw new UsageError(`${JSON.stringify(word)} is not the name of a ${what}`);
  return word;
}

/** The flags of `send`, and what its help says. */
import type { CommandHelp } from "../../lib/cli/flags/command_help.ts";
import type { FlagTable, FlagValues } from "../../lib/cli/flags/flags.ts";
import type { WaitGoal } from "../../lib/client/sending/submission_outcome.ts";
import { CLIENT_FLAGS } from "../support/client_options.ts";

/** Longest delay of a timer: 24.8 days. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

export const WAITS = ["accepted", "durable", "delivered", "read"] as const satisfies readonly WaitGoal[];

/** Heading of the help. */
const LATER = "Later and repeated", WHAT = "What is sent";

export const FLAGS = {
  from: {
    type: "string",
    value: "NAME",
    completes: { sources: ["names"] },
    help:
      "name to send as, which the server registers for you; also CHATTERBOX_NAME (default: login name, not registered)",
  },
  wait: {
    type: "string",
    value: "WHAT",
    choices: WAITS,
    help: "state of the message to wait for (default accepted; durable if the server syncs first)",
  },
  timeout: {
    type: "duration",
    value: "DURATION",
    default: "10s",
    min: 1,
    max: MAX_TIMEOUT_MS,
    help: "give up after this time; with --retry: one attempt",
  },
  retry: {
    type: "duration",
    value: "DURATION",
    help: "keep trying for this time if the server cannot be reached",
  },
  id: {
    type: "string",
    value: "KEY",
    help: "id of the message; the server stores one message per id (default: random)",
  },
  file: {
    type: "string",
    value: "FILE",
    group: WHAT,
    help: "send a small text file, as a block of code; words of TEXT stand in front",
  },
  code: { type: "boolean", group: WHAT, help: "send the text as a block of code" },
  lang: {
    type: "string",
    value: "LANG",
    group: WHAT,
    help: "language of the code, such as sh; implies --code",
  },
  "reply-to": {
    type: "string",
    value: "ID",
    group: WHAT,
    help: "the message answers the one with this id (send --json, logs --json)",
  },
  lines: {
    type: "boolean",
    group: WHAT,
    help: "each line of standard input is a message, as it comes",
  },
  rate: {
    type: "rate",
    value: "N/DURATION",
    default: "10/10s",
    group: WHAT,
    help: "with --lines: messages; what comes faster is gathered",
  },
  at: {
    type: "string",
    value: "TIME",
    group: LATER,
    help: "the server says it at this time: 18:00, 'tomorrow 9:00', 'monday 9am', '2026-12-24 18:00'",
  },
  in: {
    type: "duration",
    value: "DURATION",
    min: 1,
    group: LATER,
    help: "the server says it after this time, such as 2h",
  },
  every: {
    type: "string",
    value: "CRON",
    group: LATER,
    help: "the server says it again and again: minute hour day month weekday, such as '0 9 * * 1-5'",
  },
  zone: {
    type: "string",
    value: "ZONE",
    group: LATER,
    help: "time zone of --at and --every, such as Europe/Berlin (default: that of this machine)",
  },
  online: {
    type: "boolean",
    help: "fail with 67 if the receiver is offline, instead of queuing the message",
  },
  outbox: { type: "boolean", help: "keep the message on disk if the server cannot be reached" },
  local: {
    type: "boolean",
    help: "send through the memory of a server of this machine that runs with --shm",
  },
  "data-dir": {
    type: "string",
    value: "DIR",
    help: "with --local: the server's data folder, as for serve (default $XDG_STATE_HOME/chatterbox)",
  },
  json: { type: "boolean", help: "print one JSON object for each accepted message" },
  template: {
    type: "string",
    value: "TEMPLATE",
    help: "print a line like '{{id}}' for each accepted message, of the keys of --json",
  },
  quiet: { type: "boolean", short: "q", help: "print and ask nothing; the exit code tells the result" },
  ...CLIENT_FLAGS,
} as const satisfies FlagTable;

export type SendFlags = FlagValues<typeof FLAGS>;

/** Examples, notes and exit codes. */
export const SEND_HELP = {
  examples: [
    ['chatterbox send bob "deploy finished"', "to a user"],
    ["chatterbox send '#lobby' hello everybody", "to a room"],
    ["make 2>&1 | tail -5 | chatterbox send bob", "standard input, as one message where the server takes it"],
    ["chatterbox send bob --json hi", "print id, sequence number and time of the message"],
    [
      "chatterbox send '#ops' --wait durable --retry 1m done",
      "succeeds when it is on the server's disk; retries for a minute",
    ],
    [
      "chatterbox send '#ops' --id build-4711 --outbox done",
      "kept on disk while the server is down; delivered once",
    ],
    ["chatterbox send '#ops' --file deploy.log it failed:", "a small text file, as a block of code"],
    ["tail -f app.log | chatterbox send '#ops' --lines", "each line as it comes"],
    ["chatterbox send '#ops' --at 'tomorrow 9:00' maintenance begins", "the server says it tomorrow at 9"],
    [
      "chatterbox send '#ops' --every '0 9 * * 1-5' stand-up",
      "each working day at 9; scheduled lists and cancels",
    ],
    ["chatterbox send --local '#ops' done", "through the memory of a server with --shm"],
  ],
  operands: [{ sources: ["people", "rooms"] }],
  notes: [
    "The text is taken from the arguments, or from standard input if there are none or a single -. Several lines are " +
    "sent as one message if the server supports it (draft/multiline; ChatterBox: up to 4096 bytes and 100 lines), " +
    "otherwise, and with --outbox, as one message per line. Long text is split; the order is kept. Of a line with " +
    "carriage returns, such as a progress bar, only what a terminal would show in the end is sent.",
    "A name given with --from, CHATTERBOX_NAME or config.json is registered, with a key, after the first accepted " +
    "message; a send that is refused leaves nothing behind. The login name, used if no name is given, is not registered.",
    "--retry tries again while the server cannot be reached, does not answer, or drops the connection. A message that " +
    "may have arrived is sent again only if the server recognises it by its id (ChatterBox servers do). A message " +
    "kept by --outbox is sent by the next send or join under the same name to the same server.",
    "--local writes the message, after the usual login, to shared memory instead of the connection; a message to a room " +
    "counts as accepted when it is in the server's log, which is read there too. The server must run as the same user; " +
    "while it does not run, or runs without --shm, --retry and --outbox do as they do without --local.",
    "A message to a registered user who is offline is queued on the server and delivered when they return. This is " +
    'reported on standard error, with --json as "queued": true, and is a success unless --online is given. --wait read ' +
    "waits until the receiver's client reports the message as read, as chatterbox join does; allow time with --timeout.",
    "--file and --code make one message, of at most 4096 bytes and 100 lines; pages show it as code, other clients " +
    "as lines between ```. --reply-to marks the answered message for clients that show replies.",
    "--lines sends until standard input ends, over one connection, and over another one if that is lost (--retry, " +
    "default 1m). --rate is how many messages: 10 at once, and then one a second. Lines that come faster are one message, " +
    "and of more than fit one, the first and the last are sent with … 120 more lines between them. Blank lines are " +
    "left out. The exit code is 0 if all messages were accepted when the stream ended; else the number of lines that " +
    "were not sent is told.",
    "--at, --in and --every leave the message with the server, which says it in your name, also while you are offline, " +
    "and once only; send succeeds when it is on the server's disk (as --wait durable). The name has to be registered: " +
    "one that you give is registered first. chatterbox scheduled lists such messages and cancels them. One that was " +
    "due while the server was down is said at its next start, with (late: due …) behind it; of several missed " +
    "times of --every there is one message. If it is refused then, a direct message from ScheduleServ tells you. A time that a clock " +
    "skips in spring is an hour later with --at, and with --every when the clock goes on; of one that it shows twice " +
    "in autumn the first counts.",
  ],
  exitCodes: [
    ["0", "the message is in the state that --wait names; --at, --in, --every: it is scheduled"],
    ["64", "wrong usage"],
    [
      "65",
      "malformed or too long, a time that the server does not take, or the id was used for another message",
    ],
    ["67", "no such user or room, or no such message to reply to"],
    ["68, 69", "server not found, or not reachable (--local: without --shm); nothing was sent"],
    ["71", "accepted, but not known to be on the server's disk"],
    ["72", "accepted, but not known to be delivered, or to be read"],
    ["73, 74", "the outbox is full, or it or the memory of --local cannot be used"],
    ["75", "no answer, or kept in the outbox; the message says how to try again"],
    ["76", "not an IRC server, or TLS on one side only"],
    ["77", "refused"],
    ["78", "bad configuration, --local is not possible here, or other users can read a secret file"],
    ["130, 143", "interrupted"],
  ],
} as const satisfies Partial<CommandHelp>;

/** `chatterbox bench load`: a load generator for any IRC server. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import { runLoad } from "../../lib/bench/load/load_run.ts";
import type { LoadProgress } from "../../lib/bench/load/load_run.ts";
import { LoadError } from "../../lib/bench/load/load_error.ts";
import {
  MAX_SENDERS,
  TEXT_BYTES,
  TEXT_MAX_BYTES,
  TEXT_MIN_BYTES,
} from "../../lib/bench/load/message_stamp.ts";
import type { Command } from "../../lib/cli/command.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { EXIT, exitCodeForSignal } from "../../lib/cli/exit_codes.ts";
import { CLIENT_PERMISSIONS, defineCommand, UsageError } from "../../lib/cli/flags/command_definition.ts";
import type { FlagTable, FlagValues } from "../../lib/cli/flags/flags.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import { formatAddress } from "../../lib/net/address.ts";
import type { Address } from "../../lib/net/address.ts";
import { CLIENT_FLAGS } from "../support/client_options.ts";
import { readServerAndName } from "../support/client_options.ts";
import { describeOtherAddress, describeUnreachable } from "../support/connect_failure_text.ts";
import { formatFigure, formatMs } from "./figure_text.ts";
import { reportLoad } from "./load_report.ts";
import { ProgressLine } from "../support/progress_line.ts";

const MAX_SECONDS = 24 * 3600;
const DEFAULT_RATE = 100, DEFAULT_MEMBERS = 100, DEFAULT_SENDERS = 10;
/** Above it a server's own limits, and the file descriptors of one process, come first. */
const MAX_CONNECTIONS = 60_000;
const MAX_ROOMS = 1000;

const FLAGS = {
  server: CLIENT_FLAGS.server,
  "password-file": CLIENT_FLAGS["password-file"],
  seconds: {
    type: "integer",
    value: "S",
    default: "10",
    min: 1,
    max: MAX_SECONDS,
    help: "how long the load lasts",
  },
  rooms: {
    type: "integer",
    value: "N",
    default: "1",
    max: MAX_ROOMS,
    help: "number of rooms",
    group: "Rooms",
  },
  members: {
    type: "integer",
    value: "N",
    min: 1,
    max: MAX_CONNECTIONS,
    help: `receivers in each room (default ${DEFAULT_MEMBERS})`,
    group: "Rooms",
  },
  senders: {
    type: "integer",
    value: "N",
    min: 1,
    max: MAX_SENDERS,
    help: `senders in each room (default ${DEFAULT_SENDERS})`,
    group: "Rooms",
  },
  rate: {
    type: "integer",
    value: "N",
    min: 1,
    help: `messages a second in all rooms together (default ${DEFAULT_RATE})`,
    group: "Rooms",
  },
  window: {
    type: "integer",
    value: "N",
    min: 1,
    help: "as fast as the server takes them: N messages of each sender on their way",
    group: "Rooms",
  },
  payload: {
    type: "size",
    value: "BYTES",
    default: String(TEXT_BYTES),
    min: TEXT_MIN_BYTES,
    max: TEXT_MAX_BYTES,
    help: "bytes of a message's text",
    group: "Rooms",
  },
  caps: {
    type: "string",
    value: "NAMES",
    help: "capabilities of the receivers, with spaces between: server-time message-tags",
    group: "Rooms",
  },
  pairs: {
    type: "integer",
    value: "N",
    default: "0",
    max: MAX_CONNECTIONS,
    help: "pairs of users that answer each other's direct messages",
    group: "Direct messages",
  },
  "direct-rate": {
    type: "integer",
    value: "N",
    min: 1,
    help: "messages a second of all pairs (default: as fast as the answers come)",
    group: "Direct messages",
  },
  readers: {
    type: "integer",
    value: "N",
    default: "0",
    max: MAX_CONNECTIONS,
    help: "clients that request the newest 100 messages of the first room (CHATHISTORY)",
    group: "History",
  },
  "history-rate": {
    type: "integer",
    value: "N",
    min: 1,
    help: "requests a second of all readers (default: as fast as the responses come)",
    group: "History",
  },
  idle: {
    type: "integer",
    value: "N",
    default: "0",
    max: MAX_CONNECTIONS,
    help: "connections that register and are silent",
    group: "Connections",
  },
  "at-once": {
    type: "integer",
    value: "N",
    default: "64",
    min: 1,
    max: 4096,
    help: "connections that register at a time",
    group: "Connections",
  },
  json: { type: "boolean", help: "print one JSON object instead of the table" },
} as const satisfies FlagTable;

type Flags = FlagValues<typeof FLAGS>;

export const command: Command = defineCommand({
  name: "bench load",
  summary: "Put a load on an IRC server and measure what arrives, and when.",
  synopsis: "[FLAGS]",
  permissions: CLIENT_PERMISSIONS,
  examples: [
    ["chatterbox bench load", "100 members, 10 senders, 100 messages a second"],
    ["chatterbox bench load --members 1000 --rate 500 --seconds 60", "a large room, for a minute"],
    ["chatterbox bench load --window 16", "as fast as the server takes the messages"],
    ["chatterbox bench load --rooms 0 --pairs 50", "direct messages only"],
    [
      "chatterbox bench load --idle 5000 --readers 4 --json",
      "idle connections and readers of history beside the room",
    ],
  ],
  flags: FLAGS,
  notes: [
    "Every message has its sender, a number and its time in it. All deliveries are counted; four receivers of each room " +
    "check every line (loss, repetition, order, content) and take its latency, from the sender's handing it to the " +
    "kernel until the receiver has read it.",
    "Use it only on servers that you are allowed to load. A server limits how much one address may send; ChatterBox " +
    "exempts its own machine. The certificate of a TLS server is checked only where a password is sent. All messages " +
    "stay in the history of the server, and drive older ones out of it.",
  ],
  exitCodes: [
    ["0", "every message arrived once and in order"],
    ["64", "wrong usage"],
    ["68, 69", "server not found, not reachable, or without what is asked of it"],
    ["72", "messages were lost, repeated, changed or out of order"],
    ["75", "timed out, or the server closed connections or stopped answering"],
    ["76", "not an IRC server"],
    ["77", "the server refused a connection, or the password"],
    ["78", "bad configuration, or other users can read the password file"],
    ["130, 143", "interrupted"],
  ],
}, async (flags, words, io) => {
  checkUsage(flags, words);
  const found = await readServerAndName(io, flags, false);
  if (found.kind === "failed") return found.code;
  const { address, servers, password } = found.person;
  if (servers !== undefined) throw new UsageError("bench load takes one server");
  const progress = new ProgressLine(io.stderr);
  try {
    const figures = await runLoad({
      address,
      password,
      secs: flags.seconds,
      rooms: flags.rooms,
      members: flags.members ?? DEFAULT_MEMBERS,
      senders: flags.senders ?? DEFAULT_SENDERS,
      perS: flags.window === undefined ? flags.rate ?? DEFAULT_RATE : undefined,
      window: flags.window ?? 0,
      textBytes: flags.payload,
      caps: flags.caps ?? "",
      pairs: flags.pairs,
      directPerS: flags["direct-rate"],
      idle: flags.idle,
      readers: flags.readers,
      historyPerS: flags["history-rate"],
      atOnce: flags["at-once"],
      signal: io.signal,
      onProgress: (now) => progress.show(formatProgress(now)),
    });
    await progress.clear();
    const code = await reportLoad(figures, formatAddress(address), flags.json, io);
    return io.signal.aborted ? exitCodeForSignal(io.signal) : code;
  } catch (error) {
    await progress.clear();
    if (io.signal.aborted) return exitCodeForSignal(io.signal);
    if (!(error instanceof LoadError)) throw error;
    return reportFailure(io, exitCodeFor(error), toPrintable(error.message) + hintOf(error, address));
  }
});

/** What to do about it. */
function hintOf({ kind, message }: LoadError, address: Address): string {
  switch (kind) {
    case "unreachable":
      return describeUnreachable(message, address);
    case "not_irc":
      return describeOtherAddress(message, address);
    case "password":
      return ": give it with --password-file FILE or CHATTERBOX_PASSWORD";
    default:
      return "";
  }
}

function checkUsage(flags: Flags, words: readonly string[]): void {
  if (words.length > 0) throw new UsageError(`unexpected argument ${toPrintable(words[0]!)}`);
  if (flags.rate !== undefined && flags.window !== undefined) {
    throw new UsageError("--rate and --window exclude each other");
  }
  if (flags.rooms === 0) {
    const needing = flags.readers > 0
      ? "readers"
      : (["members", "senders", "rate", "window", "caps"] as const).find((name) => flags[name] !== undefined);
    if (needing !== undefined) throw new UsageError(`--${needing} needs a room (--rooms)`);
  }
  if (flags["direct-rate"] !== undefined && flags.pairs === 0) {
    throw new UsageError("--direct-rate needs --pairs");
  }
  if (flags["history-rate"] !== undefined && flags.readers === 0) {
    throw new UsageError("--history-rate needs --readers");
  }
  const { rooms, members = DEFAULT_MEMBERS, senders = DEFAULT_SENDERS } = flags;
  const connections = rooms * (members + senders) + 2 * flags.pairs + flags.idle + flags.readers;
  if (connections === 0) throw new UsageError("there is nothing to do: give --rooms, --pairs or --idle");
  if (connections > MAX_CONNECTIONS) {
    throw new UsageError(
      `that is ${connections} connections; one generator opens at most ${MAX_CONNECTIONS}`,
    );
  }
}

function formatProgress(progress: LoadProgress): string {
  if (progress.kind === "opening") return `opening ${progress.what}`;
  const { elapsedS, secs, deliveries, roundTrips, pages, p99Ms, dropped } = progress;
  const parts = [
    deliveries > 0 ? `${formatFigure(deliveries)} deliveries/s` : "",
    p99Ms === undefined ? "" : `p99 ${formatMs(p99Ms)}`,
    roundTrips > 0 ? `${formatFigure(roundTrips)} round trips/s` : "",
    pages > 0 ? `${formatFigure(pages)} pages/s` : "",
    dropped > 0 ? `${dropped} connections closed` : "",
  ];
  const time = elapsedS > secs ? `${secs}/${secs} s, waiting for the rest` : `${elapsedS}/${secs} s`;
  return [time, ...parts.filter((part) => part !== "")].join(", ");
}

function exitCodeFor({ kind }: LoadError): ExitCode {
  switch (kind) {
    case "no_such_host":
      return EXIT.noHost;
    case "unreachable":
    case "unsupported":
      return EXIT.unreachable;
    case "timed_out":
    case "closed":
      return EXIT.tryAgain;
    case "not_irc":
      return EXIT.notIrc;
    case "refused":
    case "password":
    case "untrusted":
      return EXIT.refused;
  }
}

/**
 * One measurement with the load generator (lib/bench/load) of an IRC server that is there already, one line of JSON with its figures.
 * `deno task compare` starts servers and runs this beside them; tests/bench/README.md says what is measured and how. `chatterbox bench
 * load` is the same generator for people.
 *
 * Names end in their units. `lost`, `extra`, `outOfOrder`, `twice`, `malformed`, `wrong` and `dropped` should be 0, and the exit
 * code is 1 where they are not, 3 where the server does not have what the run needs.
 */
import { type FlagTable, type FlagValues, parseFlags } from "../../lib/cli/flags/flags.ts";
import { formatHelpSection } from "../../lib/cli/flags/help_layout.ts";
import { parseAddress } from "../../lib/net/address.ts";
import type { Address } from "../../lib/net/address.ts";
import { ChannelLoad, type ChannelOptions } from "../../lib/bench/load/channel_load.ts";
import { measureConnections } from "../../lib/bench/load/connection_load.ts";
import { measureDirect } from "../../lib/bench/load/direct_load.ts";
import { measureFairness } from "../../lib/bench/load/fairness_load.ts";
import {
  fillChannel,
  type HistoryFigures,
  historyFigures,
  HistoryReader,
  PAGE_MESSAGES,
} from "../../lib/bench/load/history_load.ts";
import { inParallel, type LoadClient } from "../../lib/bench/load/load_client.ts";
import { LoadError } from "../../lib/bench/load/load_error.ts";
import { rounded } from "../../lib/bench/rounding.ts";
import { formatFlagHelp } from "./flag_help.ts";

const CHANNEL = "#load";

const FLAGS = {
  server: { type: "string", value: "HOST:PORT", default: "127.0.0.1:6667", help: "where the server listens" },
  pid: { type: "integer", value: "PID", help: "the server's process: its memory and processor time (Linux)" },
  secs: { type: "integer", value: "S", default: "5", min: 1, help: "how long a run lasts" },
  "at-once": {
    type: "integer",
    value: "N",
    default: "64",
    min: 1,
    help: "connections that register at a time",
  },
  receivers: { type: "integer", value: "N", default: "100", min: 1, help: "fanout, fairness: receivers" },
  senders: {
    type: "integer",
    value: "N",
    default: "10",
    min: 1,
    max: 1000,
    help: "fanout, fairness: senders",
  },
  window: { type: "integer", value: "N", default: "16", min: 1, help: "fanout: messages in flight a sender" },
  rate: {
    type: "integer",
    value: "N",
    min: 1,
    help: "messages (history: requests) a second, instead of the most",
  },
  caps: { type: "string", value: "NAMES", help: "fanout: what the receivers negotiate, with spaces between" },
  "with-history": {
    type: "integer",
    value: "N",
    min: 1,
    help: "fanout: beside it, N pages of history a second",
  },
  connections: { type: "integer", value: "N", default: "1000", min: 1, help: "conns: how many" },
  join: { type: "boolean", help: "conns: all in one room" },
  pairs: { type: "integer", value: "N", default: "1", min: 1, help: "dm: how many" },
  readers: {
    type: "integer",
    value: "N",
    default: "1",
    min: 1,
    help: "history, --with-history: clients that ask",
  },
  fill: { type: "integer", value: "N", default: "1000", help: "history: messages written before" },
  backlog: {
    type: "size",
    value: "SIZE",
    default: "3MiB",
    help: "fairness: what waits for the member that does not read",
  },
} as const satisfies FlagTable;

type Flags = FlagValues<typeof FLAGS>;

const MODES: Readonly<Record<string, (flags: Flags, address: Address) => Promise<object>>> = {
  fanout,
  conns: (flags, address) =>
    measureConnections({
      address,
      count: flags.connections,
      channel: flags.join ? CHANNEL : undefined,
      atOnce: flags["at-once"],
      pid: flags.pid,
    }),
  dm: ({ pairs, secs, pid, "at-once": atOnce }, address) =>
    measureDirect({ address, pairs, secs, atOnce, pid }),
  history,
  fairness: (flags, address) =>
    measureFairness({
      ...channelOptions(flags, address),
      perS: flags.rate ?? 50,
      secs: flags.secs,
      backlogBytes: flags.backlog,
    }),
};

const HELP = [
  "The load generator: one run against an IRC server, one line of JSON.\n",
  formatHelpSection("Modes", [
    ["fanout", "senders talk to a room full of receivers"],
    ["conns", "connections register, and then are idle"],
    ["dm", "pairs of people answer each other"],
    ["history", "pages of a room's newest messages"],
    ["fairness", "a room's latency alone, beside a flood, with one who does not read"],
  ]),
  "Usage:\n  deno run --allow-net --allow-read --allow-run=cat tests/bench/load.ts MODE [FLAGS]\n",
  formatFlagHelp(FLAGS),
].join("\n");

function channelOptions(flags: Flags, address: Address): ChannelOptions {
  const { receivers, senders, caps = "", pid } = flags;
  return { address, channel: CHANNEL, receivers, senders, caps, atOnce: flags["at-once"], pid };
}

async function fanout(flags: Flags, address: Address): Promise<object> {
  const { rate, secs, window } = flags;
  const perS = flags["with-history"];
  const reading = perS === undefined ? undefined : await openReaders(address, flags.readers, PAGE_MESSAGES);
  try {
    const channel = await ChannelLoad.open(channelOptions(flags, address));
    try {
      const pages = reading && readAll(reading.readers, secs, perS);
      const figures = await (rate === undefined ? channel.windowed(window, secs) : channel.paced(rate, secs));
      for (const why of channel.dropped.slice(0, 10)) console.error(`dropped: ${why}`);
      if (reading === undefined) return figures;
      return { ...figures, history: await pages };
    } finally {
      channel.close();
    }
  } finally {
    reading?.close();
  }
}

/** All of them at once, `perS` pages a second together. */
async function readAll(
  readers: readonly HistoryReader[],
  secs: number,
  perS: number | undefined,
): Promise<HistoryFigures> {
  const each = perS === undefined ? undefined : perS / readers.length;
  await Promise.all(readers.map((reader) => reader.run(secs, each)));
  return historyFigures(readers);
}

async function history(flags: Flags, address: Address): Promise<object> {
  const { secs, rate, fill } = flags;
  const reading = await openReaders(address, flags.readers, fill);
  try {
    return await readAll(reading.readers, secs, rate);
  } finally {
    reading.close();
  }
}

/** `count` readers of a channel into which `fill` messages have been written. */
async function openReaders(
  address: Address,
  count: number,
  fill: number,
): Promise<{ readers: HistoryReader[]; close(): void }> {
  const opened: (LoadClient | HistoryReader)[] = [];
  const close = () => opened.forEach((each) => each.close());
  try {
    // First the readers: where there is no history there is nothing to fill.
    const readers = await inParallel(
      count,
      count,
      (index) =>
        HistoryReader.open({
          address,
          channel: CHANNEL,
          nick: `h${index}`,
          atLeast: Math.min(PAGE_MESSAGES, fill),
        }),
    );
    opened.push(...readers, await fillChannel(address, CHANNEL, fill));
    return { readers, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Exit codes. */
const OK = 0, WRONG = 1, FAILED = 2, UNSUPPORTED = 3;
const FAULTS = ["lost", "extra", "outOfOrder", "twice", "malformed", "wrong", "dropped"];

async function main(args: readonly string[]): Promise<number> {
  const parsed = parseFlags(FLAGS, args);
  const mode = parsed.kind === "ok" ? MODES[parsed.args[0] ?? ""] : undefined;
  if (parsed.kind !== "ok" || mode === undefined || parsed.args.length !== 1) {
    console.error(parsed.kind === "usage" ? `load: ${parsed.text}` : HELP);
    return parsed.kind === "help" ? OK : FAILED;
  }
  const { flags } = parsed;
  const address = parseAddress(flags.server);
  if (address.kind !== "tcp") {
    console.error(`load: --server ${flags.server}: not HOST:PORT`);
    return FAILED;
  }
  try {
    const startMs = performance.now();
    const figures = await mode(flags, address);
    const tookS = rounded((performance.now() - startMs) / 1000);
    console.log(JSON.stringify({ mode: parsed.args[0], tookS, ...figures }));
    return Object.entries(figures).some(([name, value]) => FAULTS.includes(name) && value !== 0) ? WRONG : OK;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    console.log(JSON.stringify({ [isUnsupported(error) ? "unsupported" : "error"]: why }));
    return isUnsupported(error) ? UNSUPPORTED : FAILED;
  }
}

/** The server lacks what the run needs; that is no fault of it. */
function isUnsupported(error: unknown): boolean {
  return error instanceof LoadError && error.kind === "unsupported";
}

Deno.exitCode = await main(Deno.args);

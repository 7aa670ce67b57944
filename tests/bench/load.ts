/**
 * The load generator: one run against an IRC server that is there already, one line of JSON with its figures.
 * `deno task compare` starts servers and runs this beside them; tests/bench/README.md says what is measured and how.
 *
 * Names end in their units. `lost`, `extra`, `outOfOrder`, `twice`, `malformed`, `wrong` and `dropped` should be 0, and the exit
 * code is 1 where they are not, 3 where the server does not have what the run needs.
 */
import { type FlagTable, type FlagValues, parseFlags } from "../../lib/cli/flags/flags.ts";
import { formatHelpSection } from "../../lib/cli/flags/help_layout.ts";
import { parseAddress } from "../../lib/net/address.ts";
import { type Client, type Door, inParallel, Unsupported } from "./load/client.ts";
import { conns } from "./load/conns.ts";
import { dm } from "./load/dm.ts";
import { fairness } from "./load/fairness.ts";
import { rounded } from "./load/figures.ts";
import { fillChannel, type HistoryFigures, historyFigures, HistoryReader, PAGE } from "./load/history.ts";
import { Channel, type ChannelOptions } from "./load/channel.ts";

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
  receivers: { type: "integer", value: "N", default: "100", min: 1, help: "fanout, fairness: who listens" },
  senders: {
    type: "integer",
    value: "N",
    default: "10",
    min: 1,
    max: 1000,
    help: "fanout, fairness: who talks",
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
  readers: { type: "integer", value: "N", default: "1", min: 1, help: "history, --with-history: who asks" },
  fill: { type: "integer", value: "N", default: "1000", help: "history: messages written before" },
  backlog: {
    type: "size",
    value: "SIZE",
    default: "3MiB",
    help: "fairness: what waits for the one who does not read",
  },
} as const satisfies FlagTable;

type Flags = FlagValues<typeof FLAGS>;

const MODES: Readonly<Record<string, (flags: Flags, door: Door) => Promise<object>>> = {
  fanout,
  conns: (flags, door) =>
    conns({
      door,
      count: flags.connections,
      channel: flags.join ? CHANNEL : undefined,
      atOnce: flags["at-once"],
      pid: flags.pid,
    }),
  dm: (flags, door) => dm({ door, ...flags, atOnce: flags["at-once"], pid: flags.pid }),
  history,
  fairness: (flags, door) =>
    fairness({
      ...channelOptions(flags, door),
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
  formatHelpSection(
    "Flags",
    Object.entries<FlagTable[string]>(FLAGS).map(([name, flag]) => [
      `--${name} ${flag.value ?? ""}`,
      flag.default === undefined ? flag.help : `${flag.help} (default ${flag.default})`,
    ]),
  ),
].join("\n");

function channelOptions(flags: Flags, door: Door): ChannelOptions {
  const { receivers, senders, caps = "", pid } = flags;
  return { door, channel: CHANNEL, receivers, senders, caps, atOnce: flags["at-once"], pid };
}

async function fanout(flags: Flags, door: Door): Promise<object> {
  const { rate, secs, window } = flags;
  const perS = flags["with-history"];
  const reading = perS === undefined ? undefined : await openReaders(door, flags.readers, PAGE);
  try {
    const channel = await Channel.open(channelOptions(flags, door));
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
  const samples = await Promise.all(readers.map((reader) => reader.run(secs, each)));
  return historyFigures(samples.flat(), secs, readers.reduce((sum, { lost }) => sum + lost, 0));
}

async function history(flags: Flags, door: Door): Promise<object> {
  const { secs, rate, fill } = flags;
  const reading = await openReaders(door, flags.readers, fill);
  try {
    return await readAll(reading.readers, secs, rate);
  } finally {
    reading.close();
  }
}

/** `count` readers of a channel into which `fill` messages have been written. */
async function openReaders(
  door: Door,
  count: number,
  fill: number,
): Promise<{ readers: HistoryReader[]; close(): void }> {
  const opened: (Client | HistoryReader)[] = [];
  const close = () => opened.forEach((each) => each.close());
  try {
    // First the readers: where there is no history there is nothing to fill.
    const readers = await inParallel(
      count,
      count,
      (index) => HistoryReader.open(door, CHANNEL, `h${index}`, Math.min(PAGE, fill)),
    );
    opened.push(...readers, await fillChannel(door, CHANNEL, fill));
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
    const figures = await mode(flags, { hostname: address.host, port: address.port });
    const tookS = rounded((performance.now() - startMs) / 1000);
    console.log(JSON.stringify({ mode: parsed.args[0], tookS, ...figures }));
    return Object.entries(figures).some(([name, value]) => FAULTS.includes(name) && value !== 0) ? WRONG : OK;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    console.log(JSON.stringify({ [error instanceof Unsupported ? "unsupported" : "error"]: why }));
    return error instanceof Unsupported ? UNSUPPORTED : FAILED;
  }
}

Deno.exitCode = await main(Deno.args);

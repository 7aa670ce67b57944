/**
 * `deno task bench:fronts`: a server alone, with one front and with two, and clusters of one node and of three, in rooms of
 * several sizes: processor time of the hub for a message, and of all processes for a delivery, bytes on the relay for a
 * delivery, and latency; then as many messages as it takes. A line of JSON for each run. What the processes use without
 * messages is measured before, and subtracted.
 */
import type { FlagTable } from "../../lib/cli/flags/flags.ts";
import { delay } from "../../lib/base/delay.ts";
import { ChannelLoad } from "../../lib/bench/load/channel_load.ts";
import { IdleConnections } from "../../lib/bench/load/connection_load.ts";
import type { Latency } from "../../lib/bench/load/figures.ts";
import { rounded } from "../../lib/bench/rounding.ts";
import { readToolFlags } from "../support/tool_flags.ts";
import { DeliveryBatch } from "../../lib/relay/delivery_batch.ts";
import { encodeTurnEnd } from "../../lib/relay/turn.ts";
import { BenchServer, KINDS } from "./fronts/bench_server.ts";
import { cpuUsBetween, rssKibOf, threadTimesOf } from "./fronts/processes.ts";

const FLAGS = {
  kinds: {
    type: "string",
    value: "KINDS",
    default: Object.keys(KINDS).join(),
    help: "servers that are compared",
  },
  members: {
    type: "string",
    value: "N,…",
    default: "10,100,1000",
    help: "receivers in the room, one run for each",
  },
  rate: {
    type: "integer",
    value: "N",
    default: "100",
    min: 1,
    help: "messages a second, fewer in large rooms",
  },
  window: {
    type: "integer",
    value: "N",
    default: "32",
    help: "messages of each of the 10 senders on their way in the run for the most; 0: no such run",
  },
  seconds: { type: "integer", value: "S", default: "3", min: 1, help: "how long each run lasts" },
  idle: {
    type: "integer",
    value: "N",
    default: "0",
    help: "idle connections, of which the memory is measured instead of all else",
  },
  rounds: { type: "integer", value: "N", default: "1", min: 1, help: "runs of each kind and size" },
} as const satisfies FlagTable;

/** As a member gets a message. */
const LINE = `:sender!~sender@127.0.0.1 PRIVMSG #room :${"x".repeat(80)}\r\n`;
/** Deliveries a second in large rooms. */
const MAX_DELIVERIES_PER_S = 20_000;
const SENDERS = 10;
/** Connections that register at a time. */
const AT_ONCE = 64;
/** The collectors come to rest before memory is read. */
const SETTLE_MS = 3000;

/** Bytes on the relays to so many fronts for a message in a turn of its own, and its answer. */
function relayBytesOf(fronts: number, members: number): number {
  const text = new TextEncoder().encode(LINE);
  let bytes = 0;
  for (let front = 0; front < fronts; front++) {
    const batch = new DeliveryBatch();
    for (let session = 1; session <= members / fronts; session++) batch.add(session, [text]);
    const answered: [number, number][] = front === 0 ? [[1, 1]] : [];
    const frames = [...batch.takeFrames(), encodeTurnEnd({ seq: 1, answered, gone: [], ended: [] })];
    bytes += frames.reduce((sum, frame) => sum + frame.length, 0);
  }
  return bytes;
}

/** What the processes of a server have used: processor time in microseconds, transactions of etcd. */
const USES = ["hub", "standbys", "fronts", "keepers", "etcd", "transactions", "secs"] as const;
type Use = Readonly<Record<typeof USES[number], number>>;

/** What they use while `work` lasts, and its result. */
async function useOf<T>(server: BenchServer, work: () => Promise<T>): Promise<{ use: Use; result: T }> {
  const { hub, standbys, fronts, keepers, etcd } = server.processes;
  const parts = { hub, standbys, fronts, keepers, etcd };
  const look = () => Object.entries(parts).map(([, pids]) => threadTimesOf(pids));
  const transactions = await server.transactions();
  const before = look();
  const beganMs = performance.now();
  const result = await work();
  const secs = (performance.now() - beganMs) / 1000;
  const after = look();
  const used = Object.keys(parts).map((part, nth) => [part, cpuUsBetween(before[nth]!, after[nth]!)]);
  const use = {
    ...Object.fromEntries(used),
    transactions: await server.transactions() - transactions,
    secs,
  } as Use;
  return { use, result };
}

/** The costs of `sent` messages. What the server uses in idle time is subtracted. */
function costsOf(use: Use, idle: Use, sent: number, members: number) {
  const [hub, standbys, fronts, keepers, etcd, transactions] = USES.map((part) =>
    use[part] - idle[part] * use.secs / idle.secs
  ) as [number, number, number, number, number, number];
  return {
    hubCpuUsPerMessage: rounded(hub / sent),
    standbysCpuUsPerMessage: rounded(standbys / sent),
    etcdCpuUsPerMessage: rounded(etcd / sent),
    frontsCpuUsPerDelivery: rounded(fronts / sent / members),
    allCpuUsPerDelivery: rounded((hub + standbys + fronts + keepers + etcd) / sent / members),
    batchesPerS: rounded(transactions / use.secs),
  };
}

interface Load {
  readonly members: number;
  /** Messages a second. */
  readonly rate: number;
  readonly window: number;
  readonly seconds: number;
}

/** Figures of a room with so many members, at a rate and then with as many messages as the server takes. */
async function measureRoom(server: BenchServer, { members, rate, window, seconds }: Load) {
  const [address, ...others] = server.addresses;
  const channel = await ChannelLoad.open({
    ...{ address: address!, others, channel: "#room", receivers: members, senders: SENDERS },
    ...{ caps: "", atOnce: AT_ONCE, pid: undefined },
  });
  try {
    const { sent } = await channel.paced(rate, seconds); // has the code compiled
    const idle = await useOf(server, () => delay(seconds * 1000));
    const paced = await useOf(server, () => channel.paced(rate, seconds));
    const { deliveriesPerS, p50Ms, p99Ms } = paced.result;
    const costs = costsOf(paced.use, idle.use, paced.result.sent - sent, members);
    const figures = { rate, ...costs, deliveriesPerS, p50Ms, p99Ms };
    const last = window === 0 ? paced : await useOf(server, () => channel.windowed(window, seconds));
    const { lost, extra, twice, outOfOrder, dropped } = last.result;
    const faults = { lost, extra, twice, outOfOrder, dropped };
    if (window === 0) return { ...figures, ...faults };
    const most = {
      deliveriesPerS: last.result.deliveriesPerS,
      ...costsOf(last.use, idle.use, last.result.sent - paced.result.sent, members),
      ...{ p50Ms: last.result.p50Ms, p99Ms: last.result.p99Ms, generatorLoad: last.result.generatorLoad },
    };
    return { ...figures, most, ...faults };
  } finally {
    channel.close();
  }
}

/** Memory that so many idle connections take, of the hub and of the fronts. */
async function measureMemory(server: BenchServer, count: number) {
  const { hub, fronts } = server.processes;
  const look = () => ({ hub: rssKibOf(hub), fronts: rssKibOf(fronts) });
  const [address] = server.addresses;
  const open = (many: number, nickPrefix: string) =>
    IdleConnections.open({ address: address!, count: many, nickPrefix, atOnce: AT_ONCE });
  const first = await open(AT_ONCE, "a"); // has the code compiled
  await delay(SETTLE_MS);
  const before = look();
  const rest = await open(count, "b");
  await delay(SETTLE_MS);
  const after = look();
  for (const connections of [first, rest]) connections.close();
  return {
    ...{ connections: count, hubMib: rounded(before.hub / 1024), frontsMib: rounded(before.fronts / 1024) },
    hubKibPerConnection: rounded((after.hub - before.hub) / count),
    frontsKibPerConnection: rounded((after.fronts - before.fronts) / count),
  };
}

/** Latencies of a server alone in the same round, by members of the room. */
type Alone = Map<number, Pick<Latency, "p50Ms" | "p99Ms">>;

async function measure(kind: string, load: Load, alone: Alone): Promise<void> {
  await using server = await BenchServer.start(KINDS[kind]!);
  const { members } = load;
  const figures = await measureRoom(server, load);
  if (kind === "alone") alone.set(members, figures);
  const { p50Ms, p99Ms } = alone.get(members) ?? {};
  console.log(JSON.stringify({
    ...{ kind, members },
    ...figures,
    addedP50Ms: p50Ms && figures.p50Ms && rounded(figures.p50Ms - p50Ms),
    addedP99Ms: p99Ms && figures.p99Ms && rounded(figures.p99Ms - p99Ms),
    relayBytesPerDelivery: rounded(relayBytesOf(server.processes.fronts.length, members) / members),
    loadAverage: Deno.loadavg()[0],
  }));
}

async function main(args: string[]): Promise<number> {
  const parsed = readToolFlags(FLAGS, args);
  if ("code" in parsed) return parsed.code;
  const { rate: most, window, seconds, rounds, idle } = parsed.flags;
  const kinds = parsed.flags.kinds.split(",");
  const sizes = parsed.flags.members.split(",").map(Number);
  const unknown = kinds.find((kind) => !Object.hasOwn(KINDS, kind));
  if (unknown !== undefined || !sizes.every((size) => Number.isInteger(size) && size > 0)) {
    const why = unknown === undefined ? "--members: numbers, with commas" : `--kinds: there is no ${unknown}`;
    console.error(`${why}; the kinds are ${Object.keys(KINDS).join(", ")}`);
    return 64;
  }
  for (let round = 0; round < rounds; round++) {
    if (idle > 0) {
      for (const kind of kinds) {
        await using server = await BenchServer.start(KINDS[kind]!);
        console.log(JSON.stringify({ kind, ...await measureMemory(server, idle) }));
      }
      continue;
    }
    const alone: Alone = new Map();
    for (const members of sizes) {
      const rate = Math.max(1, Math.min(most, Math.floor(MAX_DELIVERIES_PER_S / members)));
      for (const kind of kinds) await measure(kind, { members, rate, window, seconds }, alone);
    }
  }
  return 0;
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);

/**
 * `deno task bench:etcd`: what an append to a cluster's log costs, with etcd on one member and on three of this machine,
 * fsync included. Transactions are as the log's: fenced by the create revision of a key, under a key that does not exist
 * yet. A line of JSON for each number of members; times are in milliseconds.
 */
import { assert } from "../../lib/base/assert.ts";
import { LatencyHistogram } from "../../lib/bench/latency_histogram.ts";
import { delay } from "../../lib/base/delay.ts";
import { parseFlags } from "../../lib/cli/flags/flags.ts";
import type { FlagTable, FlagValues } from "../../lib/cli/flags/flags.ts";
import type { EtcdStore } from "../../lib/cluster/etcd/etcd_store.ts";
import { type Operation, StoreUnavailable } from "../../lib/cluster/key_value_store.ts";
import { EtcdRig } from "../cluster/etcd_rig.ts";
import { formatFlagHelp } from "./flag_help.ts";

const FLAGS = {
  small: { type: "integer", value: "N", default: "1000", min: 1, help: "transactions of 200 bytes" },
  large: { type: "integer", value: "N", default: "100", min: 1, help: "transactions of 200 KB" },
  failures: { type: "integer", value: "N", default: "3", min: 0, help: "how often the leader is killed" },
} as const satisfies FlagTable;

const LOG = { key: "/log/", end: "/log0" };

interface Summary {
  readonly p50: number;
  readonly p99: number;
}

function summarize(histogram: LatencyHistogram): Summary {
  const ms = (share: number) => Math.round(100 * histogram.percentileMs(share)!) / 100;
  return { p50: ms(0.5), p99: ms(0.99) };
}

function put(key: string, value: Uint8Array<ArrayBuffer>): Operation {
  return { kind: "put", key, value };
}

/** Appends one batch after the other, and watches them come. */
async function measureAppends(
  store: EtcdStore,
  watcher: EtcdStore,
  name: string,
  count: number,
  bytes: number,
) {
  const [appends, arrivals] = [new LatencyHistogram(), new LatencyHistogram()];
  const value = crypto.getRandomValues(new Uint8Array(Math.min(bytes, 65536)));
  const batch = new Uint8Array(bytes).map((_, at) => value[at % value.length]!);
  const { revision } = await store.transact({ compare: [], success: [put("/leader", value.slice(0, 100))] });
  const { entries: [leader] } = await store.range({ key: "/leader" });
  const sent = new Map<string, number>();
  const end = new AbortController();
  // etcd looks ten times a second for what a new watch has not seen yet; after its first change a watch is live.
  const live = Promise.withResolvers<void>();
  const watching = (async () => {
    for await (const { events } of watcher.watch(LOG, revision + 1, end.signal)) {
      for (const event of events) {
        const at = event.kind === "put" ? sent.get(event.entry.key) : undefined;
        if (at !== undefined) arrivals.record(performance.now() - at);
        live.resolve();
      }
      if (arrivals.samples >= count) end.abort();
    }
  })();
  await store.transact({ compare: [], success: [put(`/log/${name}first`, batch)] });
  await live.promise;
  const start = performance.now();
  for (let n = 0; n < count; n++) {
    const key = `/log/${name}${n}`;
    sent.set(key, performance.now());
    const { succeeded } = await store.transact({
      compare: [
        { key: "/leader", target: "createRevision", is: "equal", to: leader!.createRevision },
        { key, target: "createRevision", is: "equal", to: 0 },
      ],
      success: [put(key, batch)],
    });
    assert(succeeded, "the fence holds");
    appends.record(performance.now() - sent.get(key)!);
  }
  const seconds = (performance.now() - start) / 1000;
  await watching;
  return { append: summarize(appends), arrival: summarize(arrivals), perSecond: Math.round(count / seconds) };
}

/** Time from the death of etcd's leader to the next transaction that succeeds. */
async function measureElection(rig: EtcdRig, store: EtcdStore): Promise<number> {
  const leader = await rig.leader();
  await leader.kill();
  const start = performance.now();
  for (;;) {
    try {
      await store.transact({ compare: [], success: [put("/after", new Uint8Array())] });
      break;
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      await delay(10);
    }
  }
  const ms = Math.round(performance.now() - start);
  leader.start();
  await rig.ready();
  return ms;
}

/** Time from the last keepalive of a lease to the deletion of its key. */
async function measureLease(store: EtcdStore): Promise<number> {
  const lease = await store.grantLease(3);
  const { revision } = await store.transact({
    compare: [],
    success: [{ kind: "put", key: "/log/leased", value: new Uint8Array(), lease: lease.id }],
  });
  const start = performance.now();
  await store.keepAlive(lease.id);
  for await (const { events } of store.watch(LOG, revision + 1, new AbortController().signal)) {
    if (events.length > 0) break;
  }
  return Math.round(performance.now() - start);
}

async function measure(members: number, { small, large, failures }: FlagValues<typeof FLAGS>) {
  await using rig = await EtcdRig.start({ members });
  using store = rig.client();
  using watcher = rig.client();
  const result = {
    members,
    small: await measureAppends(store, watcher, "s", small, 200),
    large: await measureAppends(store, watcher, "l", large, 200_000),
    leaseOf3sEndsAfter: await measureLease(store),
    elections: [] as number[],
  };
  for (let n = 0; members > 1 && n < failures; n++) result.elections.push(await measureElection(rig, store));
  console.log(JSON.stringify(result));
}

const parsed = parseFlags(FLAGS, Deno.args);
if (parsed.kind !== "ok") {
  console.error(parsed.kind === "usage" ? parsed.text : formatFlagHelp(FLAGS));
  Deno.exitCode = 64;
} else {
  for (const members of [1, 3]) await measure(members, parsed.flags);
}

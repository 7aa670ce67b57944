/** Random requests to the simulated store and to etcd get the same answers, revision by revision. */
import { assertEquals } from "@std/assert";
import {
  type Compare,
  type KeyRange,
  type KeyValue,
  type KeyValueStore,
  type Operation,
  type RangeOptions,
  type RangeResult,
  StoreRefusal,
  type Transaction,
  WatchCompacted,
} from "../../lib/cluster/key_value_store.ts";
import { Random } from "../irc/property.ts";
import { inTime } from "../support/guard.ts";
import { EtcdRig } from "./etcd_rig.ts";
import { SimEtcd } from "./sim/sim_etcd.ts";
import { SimProcess } from "./sim/sim_process.ts";
import { SimScheduler } from "./sim/sim_scheduler.ts";

const REQUESTS = 200;
const NAMES = ["a", "ab", "b", "c", "c\0", "é", "\u{1f600}", "\uffee"];

/** A store of which the revisions are counted from its first one. */
interface Counted {
  readonly store: KeyValueStore;
  readonly start: number;
  readonly run: <T>(task: Promise<T>) => Promise<T>;
}

/** What is requested: revisions as distances from the start. */
type Request =
  | { readonly kind: "range"; readonly range: KeyRange; readonly options: RangeOptions }
  | { readonly kind: "transact"; readonly transaction: Transaction }
  | { readonly kind: "compact"; readonly revision: number }
  | { readonly kind: "watch"; readonly from: number; readonly count: number; readonly range: KeyRange };

function makeRange(random: Random, prefix: string): KeyRange {
  const key = prefix + random.pick(NAMES);
  if (random.chance(2)) return { key };
  return { key, end: random.chance(3) ? `${prefix}\u{10ffff}` : prefix + random.pick(NAMES) };
}

function makeOptions(random: Random, revision: number): RangeOptions {
  return {
    ...(random.chance(3) ? { limit: 1 + random.below(3) } : {}),
    ...(random.chance(4) ? { revision: Math.max(1, revision + 1 - random.below(8)) } : {}),
    ...(random.chance(4) ? { keysOnly: true } : {}),
    ...(random.chance(3) ? { order: random.chance(3) ? "ascending" : "descending" } : {}),
  };
}

function makeOperation(random: Random, prefix: string, revision: number): Operation {
  switch (random.below(4)) {
    case 0:
      return { kind: "delete", ...makeRange(random, prefix) };
    case 1:
      return { kind: "range", ...makeRange(random, prefix), ...makeOptions(random, revision) };
    default: {
      const value = Uint8Array.from({ length: random.below(4) }, () => random.below(256));
      return { kind: "put", key: prefix + random.pick(NAMES), value };
    }
  }
}

function makeCompare(random: Random, prefix: string, revision: number): Compare {
  const target = random.pick(["createRevision", "modRevision", "version"] as const);
  const to = random.chance(3) ? 0 : target === "version" ? random.below(4) : 1 + random.below(revision + 1);
  return {
    key: prefix + random.pick(NAMES),
    target,
    is: random.pick(["equal", "greater", "less"] as const),
    to,
  };
}

function makeRequest(random: Random, prefix: string, revision: number): Request {
  const list = <T>(most: number, make: () => T) => Array.from({ length: random.below(most + 1) }, make);
  const operation = () => makeOperation(random, prefix, revision);
  switch (random.below(12)) {
    case 0:
    case 1:
      return { kind: "range", range: makeRange(random, prefix), options: makeOptions(random, revision) };
    case 2:
      return { kind: "compact", revision: Math.max(1, revision + 1 - random.below(12)) };
    default: {
      const compare = list(2, () => makeCompare(random, prefix, revision));
      return {
        kind: "transact",
        transaction: { compare, success: list(4, operation), failure: list(2, operation) },
      };
    }
  }
}

/** Sends the request with the store's own revisions; gives what it answers with those from the start. */
async function send({ store, start, run }: Counted, request: Request): Promise<unknown> {
  const own = (revision: number) => revision + start;
  const options = (range: RangeOptions) =>
    range.revision === undefined ? range : { ...range, revision: own(range.revision) };
  const operation = (each: Operation) => each.kind === "range" ? { ...each, ...options(each) } : each;
  try {
    switch (request.kind) {
      case "range":
        return rangeFrom(start, await run(store.range(request.range, options(request.options))));
      case "compact":
        return await run(store.compact(own(request.revision)));
      case "transact": {
        const { compare, success, failure = [] } = request.transaction;
        const result = await run(store.transact({
          compare: compare.map((each) =>
            each.target === "version" || each.to === 0 ? each : { ...each, to: own(each.to) }
          ),
          success: success.map(operation),
          failure: failure.map(operation),
        }));
        return {
          ...result,
          revision: result.revision - start,
          ranges: result.ranges.map((range) => rangeFrom(start, range)),
        };
      }
      case "watch":
        return await run(watch(store, start, request));
    }
  } catch (error) {
    if (error instanceof StoreRefusal) return error.why;
    if (error instanceof WatchCompacted) return error.revision - start;
    throw error;
  }
}

function rangeFrom(start: number, { revision, entries, more }: RangeResult): unknown {
  return { revision: revision - start, entries: entries.map((entry) => entryFrom(start, entry)), more };
}

function entryFrom(start: number, entry: KeyValue): unknown {
  const { createRevision, modRevision } = entry;
  return { ...entry, createRevision: createRevision - start, modRevision: modRevision - start };
}

/** The changes of the range, one list for each revision, until `count` have come. */
async function watch(
  store: KeyValueStore,
  start: number,
  request: Request & { kind: "watch" },
): Promise<unknown> {
  const end = new AbortController();
  const seen: unknown[] = [];
  for await (const { events } of store.watch(request.range, request.from + start, end.signal)) {
    for (const event of events) {
      if (event.kind === "put") seen.push(entryFrom(start, event.entry));
      else seen.push({ key: event.key, modRevision: event.modRevision - start });
    }
    if (seen.length >= request.count) end.abort();
  }
  return seen;
}

async function compareStores(rig: EtcdRig, seed: number): Promise<void> {
  const random = new Random(seed);
  const prefix = `/${seed}/`;
  const scheduler = new SimScheduler(seed);
  const etcd = new SimEtcd(scheduler);
  using real = rig.client();
  const first = await real.range({ key: prefix });
  const stores: Counted[] = [
    {
      store: etcd.client(new SimProcess(scheduler, "p")),
      start: etcd.data.revision,
      run: (task) => scheduler.run(task),
    },
    { store: real, start: first.revision, run: (task) => task },
  ];
  const ask = async (request: Request) => {
    const [simulated, actual] = [await send(stores[0]!, request), await send(stores[1]!, request)];
    assertEquals(simulated, actual, `seed ${seed}: ${JSON.stringify(request)}`);
  };
  for (let n = 0; n < REQUESTS; n++) {
    await ask(makeRequest(random, prefix, etcd.data.revision - 1));
    if (n % 25 !== 24) continue;
    const range = { key: prefix, end: `${prefix}\u{10ffff}` };
    const after = etcd.data.compacted + random.below(etcd.data.revision - etcd.data.compacted + 1);
    const count = etcd.data.changesOf(range, after).flatMap(({ events }) => events).length;
    if (count > 0) await ask({ kind: "watch", from: after + 1 - stores[0]!.start, count, range });
    if (etcd.data.compacted > 0) {
      await ask({ kind: "watch", from: etcd.data.compacted - stores[0]!.start, count: 1, range });
    }
  }
}

let rig: EtcdRig;
Deno.test.beforeAll(async () => void (rig = await EtcdRig.start()));
Deno.test.afterAll(async () => await rig?.[Symbol.asyncDispose]());

for (let seed = 1; seed <= 3; seed++) {
  Deno.test(`the simulated store answers as etcd does: random requests, seed ${seed}`, async () => {
    await inTime(`seed ${seed}`, compareStores(rig, seed));
  });
}

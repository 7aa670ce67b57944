/** Failures of real members, three of them. Each test leaves all of them running. */
import { assertEquals, assertRejects } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { delay } from "../../lib/base/delay.ts";
import type { EtcdStore, EtcdStoreOptions } from "../../lib/cluster/etcd/etcd_store.ts";
import { StoreUnavailable, type TransactionResult } from "../../lib/cluster/key_value_store.ts";
import { GUARD_MS, inTime } from "../support/guard.ts";
import { type EtcdMember, EtcdRig } from "./etcd_rig.ts";

const RANGE = { key: "/f/", end: "/f0" };
/** For what has to succeed at the first attempt, however slow the machine is. */
const PATIENT = { requestTimeoutMs: GUARD_MS };
/** For what has to give up: a member that is paused answers nothing. */
const IMPATIENT = { requestTimeoutMs: 600 };
/** Longer than what is done before it is renewed. */
const LEASE_SECONDS = 60;

let rig: EtcdRig;
Deno.test.beforeAll(async () => void (rig = await EtcdRig.start({ members: 3 })));
Deno.test.afterAll(async () => await rig?.[Symbol.asyncDispose]());

/** What hangs in it fails it. */
function failureTest(name: string, fn: () => Promise<void>): void {
  Deno.test(`etcd fails: ${name}`, () => inTime(name, fn()));
}

function put(store: EtcdStore, key: string): Promise<TransactionResult> {
  return store.transact({ compare: [], success: [{ kind: "put", key, value: new Uint8Array([1]) }] });
}

/** The result of `work`, again and again until it is not StoreUnavailable. */
async function untilAvailable<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      await delay(50);
    }
  }
}

/** A client that asks `first` first. */
function clientOf(first: EtcdMember, options: Partial<EtcdStoreOptions> = PATIENT): EtcdStore {
  const { urls, secure } = rig.endpoints;
  const at = rig.members.indexOf(first);
  return rig.client({ endpoints: { secure, urls: [...urls.slice(at), ...urls.slice(0, at)] }, ...options });
}

/** A member that does not lead. */
async function follower(): Promise<EtcdMember> {
  const leader = await rig.leader();
  return rig.members.find((member) => member !== leader)!;
}

/** The keys that a watch of {@link RANGE} brings, until `count` are there. */
async function watchKeys(store: EtcdStore, from: number, count: number): Promise<string[]> {
  const end = new AbortController();
  const keys: string[] = [];
  for await (const { events } of store.watch(RANGE, from, end.signal)) {
    for (const event of events) keys.push(event.kind === "put" ? event.entry.key : event.key);
    if (keys.length >= count) end.abort();
  }
  return keys;
}

failureTest("a member is killed: reads go to the next one, a transaction is not sent twice", async () => {
  const member = await follower();
  using store = clientOf(member);
  const { revision } = await put(store, "/f/before");
  await member.kill();
  try {
    await assertRejects(() => put(store, "/f/lost"), StoreUnavailable);
    assertEquals((await put(store, "/f/next")).revision, revision + 1, "the lost one was not carried out");
    using reader = clientOf(member);
    assertEquals((await reader.range({ key: "/f/next" })).entries.length, 1);
    assertEquals(await watchKeys(reader, revision, 2), ["/f/before", "/f/next"]);
  } finally {
    member.start();
    await rig.ready();
  }
});

failureTest("without a majority nothing is answered, and the watch ends; with it all is there", async () => {
  using patient = rig.client(PATIENT);
  using store = rig.client(IMPATIENT);
  const { revision } = await put(patient, "/f/majority");
  const watch = assertRejects(() => watchKeys(store, revision + 1, 1), StoreUnavailable);
  const [first, second] = rig.members;
  await Promise.all([first!.kill(), second!.kill()]);
  try {
    await untilRefused(() => store.range(RANGE));
    await assertRejects(() => put(store, "/f/none"), StoreUnavailable);
    await watch;
  } finally {
    first!.start();
    second!.start();
    await rig.ready();
  }
  const { entries } = await untilAvailable(() => store.range({ key: "/f/majority" }));
  assertEquals(entries[0]?.modRevision, revision);
  await untilAvailable(() => put(store, "/f/again"));
});

/** The majority may answer until it is gone. */
async function untilRefused(work: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await work();
    } catch (error) {
      assert(error instanceof StoreUnavailable, String(error));
      return;
    }
  }
}

failureTest("a paused member: reads and the watch go on at another one", async () => {
  const member = await follower();
  using patient = clientOf(member);
  using store = clientOf(member, { silenceMs: 300, ...IMPATIENT });
  const { revision } = await put(patient, "/f/paused");
  const watch = untilAvailable(() => watchKeys(store, revision, 2));
  await untilAvailable(() => store.range(RANGE));
  member.pause();
  try {
    using other = clientOf(rig.members.find((each) => each !== member)!);
    await put(other, "/f/during");
    assertEquals(await watch, ["/f/paused", "/f/during"]);
    const { entries } = await untilAvailable(() => store.range({ key: "/f/during" }));
    assertEquals(entries.length, 1);
  } finally {
    member.resume();
    await rig.ready();
  }
});

failureTest("the leader is paused: another one is elected, and leases that are renewed live on", async () => {
  const leader = await rig.leader();
  using patient = clientOf(leader);
  using store = clientOf(leader, IMPATIENT);
  const lease = await patient.grantLease(LEASE_SECONDS);
  const key = "/f/leased";
  await patient.transact({
    compare: [],
    success: [{ kind: "put", key, value: new Uint8Array(), lease: lease.id }],
  });
  leader.pause();
  try {
    assertEquals(await untilAvailable(() => store.keepAlive(lease.id)), true);
    await untilAvailable(() => put(store, "/f/elected"));
    const { entries } = await untilAvailable(() => store.range({ key }));
    assertEquals(entries[0]?.lease, lease.id);
    assert(await rig.leader(leader) !== leader, "the paused one leads");
  } finally {
    leader.resume();
    await rig.ready();
  }
  await untilAvailable(() => store.revokeLease(lease.id));
  assertEquals((await untilAvailable(() => store.range({ key }))).entries, []);
});

failureTest("a watch without changes gives signs of life, and misses none afterwards", async () => {
  using store = rig.client({ silenceMs: 40, ...PATIENT });
  const { revision } = await put(store, "/f/quiet");
  const end = new AbortController();
  const seen: string[] = [];
  let signs = 0;
  let writing: Promise<unknown> | undefined;
  for await (const batch of store.watch(RANGE, revision + 1, end.signal)) {
    for (const event of batch.events) seen.push(event.kind === "put" ? event.entry.key : event.key);
    if (batch.events.length > 0) [signs, writing] = [0, undefined];
    else assertEquals(batch.revision, revision + seen.length);
    if (seen.length === 3) end.abort();
    else if (++signs > 3) await (writing ??= put(store, `/f/q${seen.length}`));
  }
  assertEquals(seen, ["/f/q0", "/f/q1", "/f/q2"]);
});

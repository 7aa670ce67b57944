/** TLS, passwords and the quota of a real etcd. */
import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { delay } from "../../lib/base/delay.ts";
import type { EtcdStore } from "../../lib/cluster/etcd/etcd_store.ts";
import { StoreRefusal, StoreUnavailable, type TransactionResult } from "../../lib/cluster/key_value_store.ts";
import { describeQuota } from "../../lib/cluster/store_quota.ts";
import { Authority } from "../support/certificates.ts";
import { inTime } from "../support/guard.ts";
import { EtcdRig } from "./etcd_rig.ts";

/** What hangs in it fails it. */
function securityTest(name: string, fn: () => Promise<void>): void {
  Deno.test(`etcd: ${name}`, () => inTime(name, fn()));
}

function put(store: EtcdStore, key: string, value = new Uint8Array([1])): Promise<TransactionResult> {
  return store.transact({ compare: [], success: [{ kind: "put", key, value }] });
}

/** What a watch from `from` on brings first. */
async function firstChange(store: EtcdStore, from: number): Promise<unknown> {
  for await (const { events } of store.watch({ key: "k", end: "l" }, from, new AbortController().signal)) {
    if (events.length > 0) return events[0];
  }
  return undefined;
}

securityTest(
  "TLS with certificates of both sides; another authority, or none of the client's, gets no answer",
  async () => {
    await using rig = await EtcdRig.start({ tls: true });
    using store = rig.client();
    const { revision } = await put(store, "k");
    assertEquals((await store.range({ key: "k" })).entries.length, 1);
    await firstChange(store, revision);
    const tls = rig.clientOptions.tls!;
    using impostor = rig.client({ tls: { ...tls, ca: (await Authority.create()).pem } });
    const untrusted = await assertRejects(() => impostor.range({ key: "k" }), StoreUnavailable);
    assertMatch(untrusted.message, /certificate/);
    using stranger = rig.client({ tls: { ca: tls.ca! } });
    await assertRejects(() => stranger.range({ key: "k" }), StoreUnavailable);
    using plain = rig.client({
      endpoints: { secure: false, urls: rig.endpoints.urls.map((url) => url.replace("https", "http")) },
    });
    await assertRejects(() => plain.range({ key: "k" }), Error);
  },
);

securityTest(
  "a password: right, wrong, none, of a user without rights; a new token after a restart",
  async () => {
    await using rig = await EtcdRig.start({ auth: { name: "root", password: "right" } });
    using store = rig.client();
    const { revision } = await put(store, "k");
    await firstChange(store, revision);
    for (
      const user of [{ name: "root", password: "wrong" }, { name: "guest", password: "right" }, undefined]
    ) {
      using other = rig.client({ user });
      for (const work of [() => put(other, "k"), () => firstChange(other, 1)]) {
        const error = await assertRejects(work, StoreRefusal);
        assertEquals(error.why, "denied", error.message);
      }
    }
    await rig.addUser({ name: "guest", password: "right" });
    using guest = rig.client({ user: { name: "guest", password: "right" } });
    for (
      const work of [() => guest.range({ key: "k" }), () => put(guest, "k"), () => firstChange(guest, 1)]
    ) {
      const error = await assertRejects(work, StoreRefusal);
      assertEquals(error.why, "denied", error.message);
    }
    // A member forgets the tokens that it has given when it ends.
    await rig.members[0]!.kill();
    rig.members[0]!.start();
    await rig.ready();
    assertEquals((await put(store, "k")).succeeded, true);
  },
);

securityTest("a password where etcd asks for none is refused", async () => {
  await using rig = await EtcdRig.start();
  using store = rig.client({ user: { name: "root", password: "right" } });
  const error = await assertRejects(() => put(store, "k"), StoreRefusal);
  assertEquals([error.why, error.message], ["denied", "etcdserver: authentication is not enabled"]);
});

securityTest("what the quota does not allow is refused; keys can be read and deleted", async () => {
  const quotaBytes = 4 * 1024 * 1024;
  await using rig = await EtcdRig.start({ args: [`--quota-backend-bytes=${quotaBytes}`] });
  using store = rig.client();
  const status = await store.status();
  assertEquals([status.quotaBytes, describeQuota(status)], [quotaBytes, undefined]);
  const error = await assertRejects(async () => {
    for (;;) await put(store, "k", new Uint8Array(512 * 1024));
  }, StoreRefusal);
  assertEquals(error.why, "no_space", error.message);
  // The alarm follows the first refusal.
  let full = await store.status();
  while (full.alarms.length === 0) {
    await delay(20);
    full = await store.status();
  }
  assertEquals(full.alarms, ["NOSPACE"]);
  assertStringIncludes(describeQuota(full)!, "etcd is full and stores nothing");
  assertEquals((await store.range({ key: "k" })).entries.length, 1);
  await store.transact({ compare: [], success: [{ kind: "delete", key: "k" }] });
  assertEquals((await store.range({ key: "k" })).entries.length, 0);
});

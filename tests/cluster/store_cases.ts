/**
 * What a {@link KeyValueStore} promises, as cases that run against any of them: key_value_store_test.ts runs them
 * against the simulated store and against etcd, so that the simulated one is what etcd is.
 */
import { assertEquals, assertRejects } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import {
  type Compare,
  type KeyRange,
  type KeyValueStore,
  MAX_TRANSACTION_OPERATIONS,
  type Operation,
  prefixEnd,
  type RefusalReason,
  StoreRefusal,
  type WatchBatch,
  WatchCompacted,
} from "../../lib/cluster/key_value_store.ts";
import type { Timers } from "../../lib/cluster/timers.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array) => new TextDecoder().decode(value);

/** A store with a prefix that no other case uses. */
export class StoreCase {
  constructor(readonly store: KeyValueStore, readonly timers: Timers, readonly prefix: string) {}

  get all(): KeyRange {
    return { key: this.prefix, end: prefixEnd(this.prefix) };
  }

  put(name: string, value = name, lease?: string): Operation {
    return {
      kind: "put",
      key: this.prefix + name,
      value: bytes(value),
      ...(lease === undefined ? {} : { lease }),
    };
  }

  /** Carries the operations out, and gives the revision. */
  async write(...success: Operation[]): Promise<number> {
    return (await this.store.transact({ compare: [], success })).revision;
  }

  /** Keys without the prefix, with their values. */
  async read(): Promise<string[]> {
    const { entries } = await this.store.range(this.all);
    return entries.map(({ key, value }) => `${key.slice(this.prefix.length)}=${text(value)}`);
  }

  /** Watches until `count` events have come; gives what each revision has brought. */
  async watch(fromRevision: number, count: number, range = this.all): Promise<string[]> {
    const end = new AbortController();
    const seen = new Map<number, string[]>();
    let last = fromRevision - 1;
    for await (const batch of this.store.watch(range, fromRevision, end.signal)) {
      for (const [revision, name] of this.#named(batch)) {
        assert(revision > last || seen.has(revision) && revision === last, "a revision came late");
        assert(revision <= batch.revision, "a change beyond the batch's revision");
        seen.set(last = revision, [...seen.get(revision) ?? [], name]);
      }
      assert(batch.revision >= last, "the revision of a batch is before its changes");
      if ([...seen.values()].flat().length >= count) end.abort();
    }
    return [...seen].map(([revision, names]) => `${revision}: ${names.join(" ")}`);
  }

  *#named({ events }: WatchBatch): Iterable<[number, string]> {
    for (const event of events) {
      if (event.kind === "delete") yield [event.modRevision, `-${event.key.slice(this.prefix.length)}`];
      else {yield [
          event.entry.modRevision,
          `${event.entry.key.slice(this.prefix.length)}=${text(event.entry.value)}`,
        ];}
    }
  }
}

async function assertRefused(why: RefusalReason, work: () => Promise<unknown>): Promise<void> {
  const error = await assertRejects(work, StoreRefusal);
  assertEquals(error.why, why, error.message);
}

function is(key: string, target: Compare["target"], relation: Compare["is"], to: number): Compare {
  return { key, target, is: relation, to };
}

/** Keys and transactions. */
const DATA: Record<string, (t: StoreCase) => Promise<void>> = {
  "a transaction carries out one list or the other, in order, at one revision": async (t) => {
    const key = t.prefix + "a";
    const first = await t.write(t.put("a"), t.put("b"));
    const yes = await t.store.transact({
      compare: [is(key, "createRevision", "equal", first), is(key, "version", "less", 2)],
      success: [t.put("c"), { kind: "range", ...t.all }, { kind: "delete", key }, {
        kind: "range",
        ...t.all,
      }],
      failure: [t.put("never")],
    });
    assertEquals([yes.succeeded, yes.revision], [true, first + 1]);
    assertEquals(yes.ranges.map(({ entries }) => entries.length), [3, 2]);
    const no = await t.store.transact({
      compare: [is(key, "createRevision", "greater", 0)],
      success: [t.put("never")],
      failure: [{ kind: "range", key: t.prefix + "c" }],
    });
    assertEquals([no.succeeded, no.revision, no.ranges[0]!.entries.length], [false, first + 1, 1]);
    assertEquals(no.ranges[0]!.entries[0]!.modRevision, first + 1);
    assertEquals(await t.read(), ["b=b", "c=c"]);
  },

  "a key that does not exist has 0 in each number": async (t) => {
    const key = t.prefix + "absent";
    for (const target of ["createRevision", "modRevision", "version"] as const) {
      const holds = async (relation: Compare["is"], to: number) =>
        (await t.store.transact({ compare: [is(key, target, relation, to)], success: [] })).succeeded;
      assertEquals(
        [await holds("equal", 0), await holds("less", 1), await holds("greater", 0), await holds("equal", 1)],
        [true, true, false, false],
      );
    }
  },

  "a key has other numbers after it was deleted and created again": async (t) => {
    const numbers = async () => {
      const { entries: [entry] } = await t.store.range({ key: t.prefix + "k" });
      return [entry!.createRevision, entry!.modRevision, entry!.version];
    };
    const first = await t.write(t.put("k"));
    const second = await t.write(t.put("k", "new"));
    assertEquals(await numbers(), [first, second, 2]);
    await t.write({ kind: "delete", key: t.prefix + "k" });
    assertEquals((await t.store.range({ key: t.prefix + "k" })).entries, []);
    const third = await t.write(t.put("k"));
    assertEquals(await numbers(), [third, third, 1]);
  },

  "what changes nothing makes no revision": async (t) => {
    const before = await t.write(t.put("k"));
    const after = await t.write({ kind: "delete", key: t.prefix + "absent" }, { kind: "range", ...t.all });
    assertEquals(after, before);
  },

  "a transaction that is refused changes nothing": async (t) => {
    const before = await t.write(t.put("k"));
    await assertRefused("other", () => t.write(t.put("a"), t.put("a")));
    await assertRefused("other", () => t.write(t.put("a"), { kind: "delete", ...t.all }));
    await assertRefused("other", () => t.write(t.put("a"), { kind: "delete", key: "" }));
    await assertRefused("no_lease", () => t.write(t.put("a"), t.put("b", "b", "7777")));
    await assertRefused(
      "other",
      () => t.write(t.put("a"), { kind: "range", ...t.all, revision: before + 999 }),
    );
    const many = Array.from({ length: MAX_TRANSACTION_OPERATIONS + 1 }, (_, n) => t.put(`${n}`));
    await assertRefused("too_large", () => t.write(...many));
    assertEquals([await t.read(), await t.write({ kind: "range", ...t.all })], [["k=k"], before]);
    await t.write(...many.slice(1));
    assertEquals((await t.read()).length, MAX_TRANSACTION_OPERATIONS + 1);
  },

  "ranges: by page, backwards, keys alone, as it was": async (t) => {
    const old = await t.write(...["a", "b", "c", "d", "e"].map((name) => t.put(name)));
    await t.write({ kind: "delete", key: t.prefix + "c" }, t.put("d", "new"));
    const names = async (...[range, options]: Parameters<KeyValueStore["range"]>) => {
      const { entries, more } = await t.store.range(range, options);
      return [entries.map(({ key, value }) => key.slice(t.prefix.length) + value.length).join(" "), more];
    };
    assertEquals(await names(t.all, { limit: 2 }), ["a1 b1", true]);
    assertEquals(await names({ ...t.all, key: t.prefix + "b\0" }, { limit: 2 }), ["d3 e1", false]);
    assertEquals(await names(t.all, { limit: 1, order: "descending" }), ["e1", true]);
    assertEquals(await names(t.all, { keysOnly: true }), ["a0 b0 d0 e0", false]);
    assertEquals(await names(t.all, { revision: old }), ["a1 b1 c1 d1 e1", false]);
    assertEquals(await names({ key: t.prefix + "b", end: t.prefix + "a" }), ["", false]);
    await assertRefused("other", () => t.store.range(t.all, { revision: old + 999 }));
  },

  "keys and values may be of any bytes, and are in the order of bytes": async (t) => {
    const names = ["", "\0", "\0\0", "\n", '"', "/", "a", "a\0", "a/b", "é", "\ufeff", "\uff5e", "\u{1f600}"];
    const value = Uint8Array.from({ length: 256 }, (_, n) => n);
    await t.write(...names.toReversed().map((name) => ({ ...t.put(name), value }) as Operation));
    await t.write(t.put("a", ""));
    const { entries } = await t.store.range(t.all);
    assertEquals(entries.map(({ key }) => key.slice(t.prefix.length)), names);
    for (const entry of entries) {
      assertEquals(entry.value, entry.key === t.prefix + "a" ? new Uint8Array() : value);
    }
  },

  "a value of 1 MiB fits, one of 2 MiB is too large": async (t) => {
    const value = new Uint8Array(1024 * 1024).fill(7);
    await t.write({ kind: "put", key: t.prefix + "k", value });
    const { entries: [entry] } = await t.store.range(t.all);
    assert(entry!.value.every((byte) => byte === 7) && entry!.value.length === value.length, "another value");
    const large = new Uint8Array(2 * value.length);
    await assertRefused("too_large", () => t.write({ kind: "put", key: t.prefix + "k", value: large }));
  },
};

/** Leases, watches, compaction. */
const CHANGES: Record<string, (t: StoreCase) => Promise<void>> = {
  "a lease that is not renewed ends, and one that is does not": async (t) => {
    const [ending, renewed] = [await t.store.grantLease(2), await t.store.grantLease(2)];
    assert(ending.ttlSeconds >= 2, "shorter than requested");
    const start = t.timers.now();
    const put = await t.write(
      t.put("b", "b", ending.id),
      t.put("a", "a", ending.id),
      t.put("c", "c", renewed.id),
    );
    const { entries } = await t.store.range(t.all);
    assertEquals(entries.map(({ lease }) => lease), [ending.id, ending.id, renewed.id]);
    const isGone = t.watch(put + 1, 2).then((seen) => ({ seen, ms: t.timers.now() - start }));
    let end: Awaited<typeof isGone> | undefined;
    void isGone.then((value) => end = value);
    while (end === undefined) {
      assertEquals(await t.store.keepAlive(renewed.id), true);
      await t.timers.sleep(200);
    }
    assertEquals(end.seen, [`${put + 1}: -a -b`], "both at one revision");
    assert(end.ms >= ending.ttlSeconds * 1000, `it ended ${end.ms} ms after its start`);
    assertEquals([await t.store.keepAlive(ending.id), await t.read()], [false, ["c=c"]]);
    await assertRefused("no_lease", () => t.write(t.put("b", "b", ending.id)));
    await t.store.revokeLease(ending.id);
  },

  "a lease that is revoked ends at once; a key put without it does not go with it": async (t) => {
    const lease = await t.store.grantLease(60);
    await t.write(t.put("a", "a", lease.id), t.put("b", "b", lease.id));
    await t.write(t.put("b"));
    await t.store.revokeLease(lease.id);
    assertEquals([await t.read(), await t.store.keepAlive(lease.id)], [["b=b"], false]);
    assertEquals(await t.store.keepAlive("1234567"), false);
  },

  "a watch brings every change once, in order, revisions as a whole": async (t) => {
    const first = await t.write(t.put("a"), t.put("b"));
    await t.write(t.put("a", "new"), { kind: "delete", key: t.prefix + "b" }, t.put("c"));
    const old = t.watch(first, 8);
    const live = t.watch(first + 2, 3);
    const one = t.watch(first, 3, { key: t.prefix + "a" });
    await t.write(t.put("d"));
    await t.write(t.put("e"), { kind: "delete", key: t.prefix + "a" });
    assertEquals(await old, [
      `${first}: a=a b=b`,
      `${first + 1}: a=new -b c=c`,
      `${first + 2}: d=d`,
      `${first + 3}: e=e -a`,
    ]);
    assertEquals(await live, [`${first + 2}: d=d`, `${first + 3}: e=e -a`]);
    assertEquals(await one, [`${first}: a=a`, `${first + 1}: a=new`, `${first + 3}: -a`]);
  },

  "a watch of many large changes": async (t) => {
    const value = "x".repeat(300_000);
    const revisions: number[] = [];
    for (let n = 0; n < 8; n++) {
      revisions.push(await t.write(t.put("a", value), t.put("b", value), t.put(`${n}`)));
    }
    const first = revisions[0]!;
    const seen = await t.watch(first, 24);
    assertEquals(seen, seen.map((_, n) => `${first + n}: a=${value} b=${value} ${n}=${n}`));
    assertEquals(seen.length, 8);
  },

  "a watch ends when its signal is aborted": async (t) => {
    const end = new AbortController();
    const next = t.store.watch(t.all, 1 + await t.write(t.put("a")), end.signal)[Symbol.asyncIterator]();
    const result = (async () => {
      for (;;) if ((await next.next()).done) return "over";
    })();
    end.abort();
    assertEquals(await result, "over");
    for await (const _ of t.store.watch(t.all, 1, end.signal)) throw new Error("watches after its end");
  },

  "what is compacted can't be watched or read; the rest can, with the deletion right after it": async (t) => {
    await t.write(t.put("a"), t.put("b"));
    const gone = await t.write({ kind: "delete", key: t.prefix + "a" });
    const next = await t.write({ kind: "delete", key: t.prefix + "b" });
    await t.write(t.put("c"));
    await t.store.compact(gone);
    await t.store.compact(gone);
    await t.store.compact(gone - 1);
    for (const from of [1, gone - 1, gone]) {
      const error = await assertRejects(() => t.watch(from, 1), WatchCompacted);
      assertEquals(error.revision, gone);
    }
    assertEquals(await t.watch(next, 2), [`${next}: -b`, `${next + 1}: c=c`]);
    await assertRefused("compacted", () => t.store.range(t.all, { revision: gone - 1 }));
    const { entries } = await t.store.range(t.all, { revision: gone });
    assertEquals(entries.map(({ key }) => key), [t.prefix + "b"]);
    await assertRefused("other", () => t.store.compact(next + 999));
  },

  "status: a version and the size of the database": async (t) => {
    await t.write(t.put("a"));
    const { version, bytes, bytesInUse, quotaBytes, alarms } = await t.store.status();
    assertEquals([/^3\./.test(version), bytes >= bytesInUse, bytesInUse > 0], [true, true, true]);
    assertEquals([quotaBytes, alarms], [2 * 1024 ** 3, []]);
  },
};

export const STORE_CASES: Readonly<Record<string, (t: StoreCase) => Promise<void>>> = { ...DATA, ...CHANGES };

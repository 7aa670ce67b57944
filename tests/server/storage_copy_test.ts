import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { parseFlags } from "../../lib/cli/flags/flags.ts";
import { RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { SEQ_JUMP } from "../../lib/log/seq_jump.ts";
import { StorageCopy } from "../../lib/server/cluster/storage_copy.ts";
import { ServerLog } from "../../lib/server/server_log.ts";
import { SERVE_FLAGS } from "../../lib/server/settings/serve_flags.ts";
import { resolveServeSettings } from "../../lib/server/settings/settings.ts";
import { Storage } from "../../lib/server/storage.ts";
import { START } from "../support/hub.ts";
import { tempDirTest } from "../support/test.ts";

const LOG = { logId: "abc123", createdAt: START - 5, ringBytes: RING_MIN_BYTES };
const fact = (key: string, value: string, seq = 1) => ({ kind: "topic", key, value, seq });

async function openStorage(dir: string, copyOf: typeof LOG | undefined): Promise<Storage | string> {
  const parsed = parseFlags(SERVE_FLAGS, [`--data-dir=${dir}/data`, `--buffer=${RING_MIN_BYTES}`]);
  assert(parsed.kind === "ok", "flags");
  const settings = await resolveServeSettings(parsed.flags, () => undefined);
  assert(settings.kind === "ok", "settings");
  const log = new ServerLog("json", { now: () => START }, () => {});
  const lockName = crypto.randomUUID();
  const opened = await Storage.open(settings.settings, log, START, { lockName, ...copyOf && { copyOf } });
  return opened.kind === "ok" ? opened.storage : opened.why;
}

async function open(dir: string): Promise<{ storage: Storage; copy: StorageCopy; useless: string[] }> {
  const storage = await openStorage(dir, LOG);
  assert(typeof storage !== "string", "opens");
  const useless: string[] = [];
  const onFatalError = (error: unknown) => {
    throw error;
  };
  const copy = new StorageCopy({ storage, onUseless: (why) => useless.push(why), onFatalError });
  return { storage, copy, useless };
}

function append(copy: StorageCopy, from: number, to: number): void {
  for (let seq = from; seq < to; seq++) {
    copy.append({ seq, time: START + seq, payload: encodeUtf8(`record ${seq}`) });
  }
  copy.confirm({ logId: LOG.logId, nextSeq: to });
}

/** Numbers of the records in the ring. */
function list({ ring }: Storage): number[] {
  const seqs: number[] = [];
  for (let seq = ring.firstSeqFrom(0); seq < ring.nextSeq; seq = ring.firstSeqFrom(seq + 1)) seqs.push(seq);
  return seqs;
}

tempDirTest("a node's copy has the numbers and the identity of the cluster's log", async (dir) => {
  const first = await open(dir);
  assertEquals(first.copy.position, undefined);
  first.copy.reset(7);
  append(first.copy, 7, 10);
  append(first.copy, SEQ_JUMP + 10, SEQ_JUMP + 12);
  assertEquals(first.copy.position, { logId: "abc123", nextSeq: SEQ_JUMP + 12 });
  await first.storage.makeDurable();
  await first.storage.close();
  const { storage, copy } = await open(dir);
  assertEquals([storage.logId, storage.logCreatedAt], [LOG.logId, LOG.createdAt]);
  assertEquals(list(storage), [7, 8, 9, SEQ_JUMP + 10, SEQ_JUMP + 11]);
  assertEquals(copy.position, { logId: "abc123", nextSeq: SEQ_JUMP + 12 });
  await storage.close();
});

tempDirTest("what a leader has appended is in its ring file once it is committed", async (dir) => {
  const first = await open(dir);
  append(first.copy, 1, 4);
  await first.copy.lead();
  const { ring, lock } = first.storage;
  await lock.runKeepingLock(() => {
    for (let nth = 4; nth < 10; nth++) ring.append(START, encodeUtf8(`record ${nth}`));
    ring.wakeReaders();
  });
  first.copy.confirm({ logId: LOG.logId, nextSeq: 6 });
  assertEquals((await first.storage.makeDurable()).trouble, undefined);
  assertEquals([ring.durableSeq, ring.nextSeq], [6, 10]);
  await first.storage.close();
  const { storage, copy, useless } = await open(dir);
  assertEquals(list(storage), [1, 2, 3, 4, 5]);
  append(copy, 6, 8); // what another leader has committed there
  await storage.close();
  assertEquals(useless, []);
});

tempDirTest("a ring that is not the cluster's is set aside, and the next start is empty", async (dir) => {
  const first = await open(dir);
  append(first.copy, 1, 4);
  await first.storage.makeDurable();
  first.copy.reset(1);
  append(first.copy, 1, 3); // the loader goes on until the program ends
  assertEquals(first.useless.length, 1);
  assertEquals(first.copy.position, undefined);
  await first.storage.close();
  first.storage.setRingAside();
  const { storage } = await open(dir);
  assertEquals(list(storage), []);
  await storage.close();
  assert((await Deno.stat(`${dir}/data/log.ring.aside`)).isFile, "the ring is still there");
});

tempDirTest("the log of another server is refused, and stays", async (dir) => {
  const other = await openStorage(dir, undefined);
  assert(typeof other !== "string", "opens");
  await other.lock.runKeepingLock(() => other.ring.append(START, encodeUtf8("a message")));
  await other.close();
  const why = await openStorage(dir, LOG);
  assert(typeof why === "string" && why.includes("it is the log of another server"), String(why));
  const again = await openStorage(dir, undefined);
  assert(typeof again !== "string", "opens");
  assertEquals(list(again).length, 1);
  await again.close();
});

tempDirTest("the database of a node becomes what the cluster has", async (dir) => {
  const first = await open(dir);
  append(first.copy, 1, 4);
  first.copy.replaceFacts([fact("#a", "1"), fact("#b", "1"), fact("#c", "1")]);
  first.copy.saveFacts([fact("#b", "2"), { ...fact("#c", ""), value: undefined }]);
  assertEquals(await first.storage.flushFacts(), undefined);
  await first.storage.close();
  const second = await open(dir);
  assertEquals(second.storage.facts.map(({ key, value }) => key + value).sort(), ["#a1", "#b2"]);
  second.copy.replaceFacts([fact("#b", "2"), fact("#d", "1")]);
  assertEquals((await second.copy.lead()).map(({ key }) => key), ["#b", "#d"]);
  assertEquals(await second.storage.flushFacts(), undefined);
  await second.storage.close();
  const third = await open(dir);
  assertEquals(third.storage.facts.map(({ key, value }) => key + value).sort(), ["#b2", "#d1"]);
  await third.storage.close();
});

/** Keys and values of a cluster: read as they were written, and refused in words otherwise. */
import { assertEquals, assertThrows } from "@std/assert";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { ClusterFault } from "../../lib/cluster/cluster_fault.ts";
import { ClusterKeys, findNameFault, MAX_CLUSTER_NAME_CHARS } from "../../lib/cluster/cluster_keys.ts";
import {
  decodeFact,
  decodeLeader,
  decodeMeta,
  decodeNode,
  decodeTail,
  encodeFact,
  encodeLeader,
  encodeMeta,
  encodeNode,
  encodeTail,
} from "../../lib/cluster/cluster_values.ts";
import { decodeBatch, encodeBatch } from "../../lib/cluster/log_batch.ts";
import { SEQ_JUMP } from "../../lib/log/seq_jump.ts";
import { forAll } from "../irc/property.ts";
import { pureTest } from "../support/test.ts";
import { META } from "./world.ts";

const keys = new ClusterKeys("team");

pureTest("cluster keys: each is read as it was written", () => {
  for (const kind of ["meta", "leader", "tail"] as const) assertEquals(keys.read(keys[kind]), { kind });
  for (const firstSeq of [1, 41, 7 * SEQ_JUMP + 3, Number.MAX_SAFE_INTEGER]) {
    assertEquals(keys.read(keys.log(firstSeq)), { kind: "log", firstSeq });
  }
  assertEquals(keys.read(keys.node("a.b-c")), { kind: "node", name: "a.b-c" });
  forAll(500, (random) => {
    const [factKind, factKey] = [0, 1].map(() =>
      random.text("a/%\0\n #\u00e4\u{1f375}\ud800", 0, 9).toWellFormed()
    );
    const key = keys.fact(factKind!, factKey!);
    assertEquals(keys.read(key), { kind: "fact", factKind, factKey });
    assertEquals(/^[\x21-\x7e]+$/.test(key), true);
    const { key: from, end } = keys.facts;
    assertEquals(key > from && key < end, true);
  });
});

pureTest("cluster keys: batches are in the order of their numbers", () => {
  const seqs = [1, 9, 10, 255, 4096, SEQ_JUMP, 16 * SEQ_JUMP];
  assertEquals(seqs.map((seq) => keys.log(seq)).toSorted(), seqs.map((seq) => keys.log(seq)));
  const { key, end } = keys.logRange(10, 4096);
  assertEquals(seqs.filter((seq) => keys.log(seq) >= key && keys.log(seq) < end), [10, 255]);
});

pureTest("cluster keys: others are not read", () => {
  for (
    const rest of [
      "",
      "x",
      "batches/",
      "batches/1",
      `batches/${"f".repeat(16)}`,
      "facts/a",
      "facts/a/b/c",
      "facts/%/a",
    ]
  ) {
    assertEquals(keys.read(`${keys.prefix}${rest}`), undefined, rest);
  }
  assertEquals(keys.read("/chatterbox/teams/meta"), undefined);
});

pureTest("cluster keys: names have few characters", () => {
  assertEquals(findNameFault("team-1.b_C"), undefined);
  assertEquals(findNameFault("n".repeat(MAX_CLUSTER_NAME_CHARS)), undefined);
  for (const name of ["", "a/b", "a b", "ä", "n".repeat(MAX_CLUSTER_NAME_CHARS + 1)]) {
    assertEquals(typeof findNameFault(name), "string", name);
    assertThrows(() => new ClusterKeys(name), RangeError);
  }
});

pureTest("cluster values: each is read as it was written", () => {
  assertEquals(decodeMeta("k", encodeMeta(META)), META);
  const leader = { node: "a", relayAddress: "h:1", relayVersion: 2 };
  assertEquals(decodeLeader("k", encodeLeader(leader)), leader);
  const node = {
    relayAddress: "h:1",
    certificate: "-----BEGIN",
    version: "1",
    startedAt: 5,
    instance: "x",
    role: "standby",
    nextSeq: 7,
    fronts: 2,
    sessions: 3,
  } as const;
  assertEquals(decodeNode("k", encodeNode(node)), node);
  const tail = { epoch: 3, commit: 1, lastSeq: 9 };
  assertEquals(decodeTail("k", encodeTail(tail)), tail);
  const fact = { kind: "topic", key: "#tea", value: '{"a":"\\n\u00e4"}\n', seq: 7 };
  assertEquals(decodeFact("topic", "#tea", encodeFact(fact.seq, fact.value)), fact);
});

pureTest("cluster values: a fault is told with its key", () => {
  const fail = (read: (key: string, bytes: Uint8Array) => unknown, text: string, why: string) =>
    assertThrows(() => read("k", encodeUtf8(text)), ClusterFault, `k in etcd cannot be used: ${why}`);
  fail(decodeTail, "{", "it is not JSON in UTF-8");
  fail(decodeTail, "[]", "it is not an object");
  fail(decodeTail, '{"epoch":1,"commit":1,"lastSeq":-1}', "lastSeq is -1");
  fail(decodeTail, '{"epoch":1,"commit":1}', "lastSeq is undefined");
  fail(decodeMeta, '{"format":2}', "its format is 2; this program reads 1");
  fail(decodeNode, '{"relayAddress":5}', "relayAddress is 5");
  const { fault } = decodeFact("topic", "#tea", encodeUtf8("x\nvalue"));
  assertEquals(fault, "its value in etcd is damaged");
  assertEquals(decodeFact("topic", "#tea", new Uint8Array([0x31, 0x0a, 0xff])).fault, fault);
});

pureTest("log batch: it is read as it was written; any change of a byte is found", () => {
  forAll(300, (random) => {
    let seq = random.below(5) * SEQ_JUMP;
    const batch = {
      epoch: 1 + random.below(1000),
      previousSeq: seq,
      records: Array.from({ length: 1 + random.below(4) }, () => ({
        seq: seq += 1 + random.below(3),
        time: random.below(1e9),
        payload: Uint8Array.from({ length: random.below(50) }, () => random.below(256)),
      })),
    };
    const first = batch.records[0]!.seq;
    const bytes = encodeBatch(batch);
    assertEquals(decodeBatch("k", first, bytes), batch);
    const changed = bytes.slice(0, random.chance(3) ? random.below(bytes.length) : undefined);
    if (changed.length === bytes.length) changed[random.below(bytes.length)]! ^= 1 << random.below(8);
    assertThrows(() => decodeBatch("k", first, changed), ClusterFault);
    assertThrows(() => decodeBatch("k", first + 1, bytes), ClusterFault, "not those of its key");
  });
});

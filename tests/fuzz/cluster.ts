/** What a node reads from etcd: keys and values that are damaged, or another program's, end with a fault at most. */
import { assert } from "../../lib/base/assert.ts";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { ClusterFault } from "../../lib/cluster/cluster_fault.ts";
import { ClusterKeys } from "../../lib/cluster/cluster_keys.ts";
import {
  decodeFact,
  decodeLeader,
  decodeMeta,
  decodeNode,
  decodeTail,
  encodeFact,
  encodeLeader,
  encodeMeta,
  encodeTail,
} from "../../lib/cluster/cluster_values.ts";
import { decodeBatch, encodeBatch } from "../../lib/cluster/log_batch.ts";
import type { Random } from "../irc/property.ts";
import { damaged, randomBytes, type Target } from "./target.ts";

const KEYS = new ClusterKeys("team");
const DECODERS = [
  (bytes: Uint8Array) => decodeMeta("k", bytes),
  (bytes: Uint8Array) => decodeLeader("k", bytes),
  (bytes: Uint8Array) => decodeNode("k", bytes),
  (bytes: Uint8Array) => decodeTail("k", bytes),
  (bytes: Uint8Array) => decodeFact("topic", "#tea", bytes),
  (bytes: Uint8Array) => decodeBatch("k", 1, bytes),
];

export const CLUSTER_VALUES: Target = {
  name: "cluster values",
  run(random, note) {
    const { bytes } = damaged(value(random), random);
    note(bytes.toHex());
    try {
      random.pick(DECODERS)(bytes);
    } catch (error) {
      if (!(error instanceof ClusterFault)) throw error;
    }
    const key = KEYS.prefix + random.text("batchesfacts/%04a\u00e4", 0, 24);
    const read = KEYS.read(key);
    if (read?.kind === "log") assert(KEYS.log(read.firstSeq) === key, `${key} is read as ${read.firstSeq}`);
  },
};

function value(random: Random): Uint8Array<ArrayBuffer> {
  const text = random.text("ab\u00fc\u{1f375}\n", 0, 20);
  switch (random.below(5)) {
    case 0:
      return encodeMeta({ logId: text, createdAt: 1, cloakKey: text, secret: text, ringBytes: 65536 });
    case 1:
      return encodeLeader({ node: text, relayAddress: text, relayVersion: 1 });
    case 2:
      return encodeTail({ epoch: 1, commit: random.below(99), lastSeq: random.below(99) });
    case 3:
      return encodeFact(random.below(99), text);
    default: {
      const records = Array.from({ length: 1 + random.below(3) }, (_, nth) => ({
        seq: nth + 1,
        time: random.below(1e9),
        payload: randomBytes(random, 30),
      }));
      return random.chance(9) ? encodeUtf8(text) : encodeBatch({ epoch: 1, previousSeq: 0, records });
    }
  }
}

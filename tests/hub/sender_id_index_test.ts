import { assert, assertEquals } from "@std/assert";
import { encodeEvent } from "../../lib/hub/log/event_codec.ts";
import { hashSenderId, hashSenderIdOf, SenderIdIndex } from "../../lib/hub/history/sender_id_index.ts";
import { forAll } from "../irc/property.ts";
import { pureTest } from "../support/test.ts";

const scratch = new Uint8Array(8192);

pureTest(
  "the hash in a record is that of its sender and id; a record without an id has none",
  () =>
    forAll(1000, (random) => {
      const id = random.chance(3) ? undefined : random.text("ab.-", 1, 64);
      const from = random.text("ab~.", 0, 16);
      const length = encodeEvent({
        kind: "message",
        verb: random.pick(["PRIVMSG", "NOTICE"]),
        source: random.text("aä", 1, 9),
        target: { kind: "channel", name: random.text("aä#", 1, 9) },
        text: random.text("aä ", 1, 9),
        tags: random.text("a+", 0, 9),
        from,
        id,
      }, scratch);
      assertEquals(
        hashSenderIdOf(scratch.subarray(0, length)),
        id === undefined ? undefined : hashSenderId(from, id),
      );
    }),
);

pureTest(
  "what is in the log is found, however much has gone, and what has gone takes no room for ever",
  () =>
    forAll(20, (random) => {
      const ids = new SenderIdIndex();
      const hashes = new Map<number, number>();
      const held = 1 + random.below(300);
      for (let seq = 1; seq < 3000; seq++) {
        const hash = random.below(random.pick([8, 2 ** 32]));
        hashes.set(seq, hash);
        ids.add(hash, seq, seq - held);
        const wanted = Math.max(1, seq - random.below(held));
        assert([...ids.candidates(hashes.get(wanted)!)].includes(wanted));
      }
      assert(ids.slots <= Math.max(64, 8 * held));
    }),
);

import { assert, assertEquals } from "@std/assert";
import { parseMessage } from "../../../lib/irc/message.ts";
import { parseHistoryGap } from "../../../lib/irc/vendor_extensions.ts";
import { Ring, RING_MIN_BYTES } from "../../../lib/log/ring.ts";
import { SEQ_JUMP } from "../../../lib/log/seq_jump.ts";
import { forAll } from "../../irc/property.ts";
import { TestHub } from "../../support/hub.ts";
import { pureTest } from "../../support/test.ts";

const CAPS = ["message-tags", "chatterbox.chat/seq", "echo-message", "batch", "draft/chathistory"];

pureTest(
  "a gap counts the messages of that room which were overwritten since the one named, and says nothing without one",
  () =>
    forAll(20, (random) => {
      const test = new TestHub({}, Ring.create(RING_MIN_BYTES));
      const alice = test.enter("alice", ...CAPS);
      const said: { id: string; seq: number; channel: string }[] = [];
      const channels = ["#tea", "#milk"];
      test.say(alice, ...channels.map((channel) => `JOIN ${channel}`));
      test.heard(alice);
      for (let i = 0; i < 2000; i++) {
        const channel = random.pick(channels);
        test.say(alice, `PRIVMSG ${channel} :${random.text("ab", 1, 300)}`);
        const { tags } = parseMessage(test.heard(alice)[0]!)!;
        said.push({ id: tags.get("msgid")!, seq: Number(tags.get("chatterbox.chat/seq")), channel });
      }
      const { oldestSeq } = test.log;
      for (let i = 0; i < 20; i++) {
        const at = random.below(said.length);
        const { id, seq, channel } = said[at]!;
        const lost = said.filter((one) =>
          one.channel === channel && one.seq > seq && one.seq < oldestSeq
        ).length;
        const command = random.pick(["AFTER", "LATEST"]);
        test.say(alice, `CHATHISTORY ${command} ${channel} msgid=${id} ${1 + random.below(1000)}`);
        const [, first, second] = test.heard(alice).map((line) => parseMessage(line)!);
        const gap = parseHistoryGap(first!);
        assertEquals(gap?.count ?? 0, seq < oldestSeq ? lost : 0);
        if (gap !== undefined) assert(gap.target === channel && gap.why === "overwritten");
        const shown = Number(
          (gap === undefined ? first : second)?.tags.get("chatterbox.chat/seq") ?? Infinity,
        );
        const next = said.find((one) => one.channel === channel && one.seq > seq && one.seq >= oldestSeq);
        if (command === "AFTER") assertEquals(shown, next?.seq ?? Infinity);
      }
    }),
);

pureTest(
  "a server that was cut off in between is a gap of which nobody knows the size; one that ended in order is none",
  () => {
    const ring = Ring.create(RING_MIN_BYTES);
    const before = new TestHub({}, ring);
    const alice = before.enter("alice", ...CAPS);
    before.say(alice, "PRIVMSG #lobby :1");
    const id = parseMessage(before.heard(alice)[0]!)!.tags.get("msgid");
    const ask = (test: TestHub, ...caps: string[]) => {
      const bob = test.enter("bob", ...caps);
      test.say(bob, `CHATHISTORY AFTER #lobby msgid=${id} 10`);
      return test.heard(bob).map((line) => parseHistoryGap(parseMessage(line)!)).filter((gap) =>
        gap !== undefined
      );
    };
    assertEquals(ask(new TestHub({}, ring), ...CAPS), []);
    const { position, capacityBytes: capacity, nextSeq } = ring;
    ring.restoreContents({
      count: 2,
      seqs: Float64Array.of(nextSeq - 2, nextSeq - 1),
      offsets: offsetsOf(ring, nextSeq - 2, nextSeq - 1),
      head: position % capacity,
      nextSeq: nextSeq + SEQ_JUMP,
    });
    assertEquals(ask(new TestHub({}, ring), ...CAPS), [{
      target: "#lobby",
      count: undefined,
      why: "restart",
    }]);
    assertEquals(ask(new TestHub({}, ring), "message-tags", "batch", "draft/chathistory"), []);
  },
);

/** Where the records lie. */
function offsetsOf(ring: Ring, ...seqs: number[]): Uint32Array {
  const offsets = new Map<number, number>();
  for (
    let offset = 0;
    ring.area.validRecordBytesAt(offset) > 0;
    offset += ring.area.validRecordBytesAt(offset)
  ) {
    offsets.set(ring.area.seqAt(offset), offset);
  }
  return Uint32Array.from(seqs, (seq) => offsets.get(seq)!);
}

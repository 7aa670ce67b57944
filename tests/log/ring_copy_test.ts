import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { LogReader } from "../../lib/log/log_reader.ts";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { HeaderInTransit, RingDamage, RingFault } from "../../lib/log/ring_header.ts";
import { RingCopy } from "../../lib/log/ring_copy.ts";
import { forAll } from "../irc/property.ts";
import { pureTest } from "../support/test.ts";
import { appendSamples, assertSample, range, readSamples } from "./samples.ts";

/** A copy of `ring`; `between` runs before each read of bytes. */
function copyOf(ring: Ring, between: () => void = () => {}): RingCopy {
  const bytes = new Uint8Array(ring.buffer);
  const copy = RingCopy.open(bytes.length, (offset, into) => {
    between();
    into.set(bytes.subarray(offset, offset + into.length));
  });
  assert(copy !== undefined, "it holds a ring");
  return copy;
}

pureTest("ring copy: it has what the ring has, and after a refresh what was appended since", () => {
  const ring = Ring.create(RING_MIN_BYTES);
  const copy = copyOf(ring);
  for (const count of [0, 3, 500, 1, 0, 4000, 7]) {
    appendSamples(ring, count);
    copy.refresh();
    assertEquals(readSamples(copy.ring), readSamples(ring));
    assertEquals([copy.ring.oldestSeq, copy.ring.nextSeq], [ring.oldestSeq, ring.nextSeq]);
  }
});

pureTest("ring copy: numbers go on over 2^32, where both words of a number change", () => {
  const first = 2 ** 32 - 300;
  const ring = Ring.create(RING_MIN_BYTES, { firstSeq: first });
  const copy = copyOf(ring);
  const seen: number[] = [];
  for (let i = 0; i < 100; i++) {
    appendSamples(ring, 6);
    const from = copy.ring.nextSeq === 1 ? first : copy.ring.nextSeq;
    copy.refresh();
    for (let seq = from; seq < copy.ring.nextSeq; seq++) {
      assertSample(copy.ring.read(seq), seq);
      seen.push(seq);
    }
  }
  assertEquals(seen, range(first, first + 600));
});

pureTest(
  "ring copy: whatever is appended between two reads of bytes, each record is read once, whole, or is told as overwritten",
  () =>
    forAll(60, (random) => {
      const ring = Ring.create(RING_MIN_BYTES, { firstSeq: random.pick([1, 2 ** 32 - 900, 2 ** 32]) });
      appendSamples(ring, random.below(3000));
      const pace = random.pick([0, 3, 100, 2500]); // 2500: round and round, slots of the index too
      let left = 9000;
      const copy = copyOf(ring, () => {
        const count = Math.min(left, random.below(pace + 1));
        appendSamples(ring, count);
        left -= count;
      });
      const reader = new LogReader(copy.ring, copy.ring.oldestSeq);
      let expected = reader.cursor;
      for (let empty = 0; empty < 3;) {
        const outcome = reader.next();
        if (outcome.kind === "ok") assertSample(outcome, expected++);
        else if (outcome.kind === "missing") {
          assertEquals(outcome.why, "overwritten");
          expected += outcome.lost;
          assertEquals(outcome.next, expected);
        } else {
          appendSamples(ring, 5);
          left = 20;
          copy.refresh();
          empty++;
        }
      }
      assert(expected > ring.nextSeq - 200, "it has come to the end");
    }),
);

pureTest("ring: a writer that was killed between the words of a number keeps no reader waiting", () => {
  const ring = Ring.create(RING_MIN_BYTES);
  const copy = copyOf(ring);
  appendSamples(ring, 3);
  for (const word of [5, 7]) { // high words of oldest and next
    const words = new Int32Array(ring.buffer);
    words[word] = -1;
    assertThrows(() => [ring.oldestSeq, ring.nextSeq], HeaderInTransit);
    assertThrows(() => copy.refresh(), HeaderInTransit);
    words[word] = 0;
  }
  copy.refresh();
  assertEquals(readSamples(copy.ring), range(1, 4));
});

pureTest(
  "ring: numbers that other processes have changed into impossible ones are damage, mapped or copied",
  () => {
    const [OLDEST, NEXT] = [4, 6]; // low words in the header
    const cases: [word: number, value: number][] = [
      [NEXT, -16],
      [NEXT, 5000],
      [OLDEST, 5000],
      [NEXT + 1, -2],
      [
        OLDEST + 1,
        1,
      ],
      [NEXT + 1, 2 ** 30],
    ];
    for (const [word, value] of cases) {
      const ring = Ring.create(RING_MIN_BYTES);
      const copy = copyOf(ring);
      appendSamples(ring, 3);
      new Int32Array(ring.buffer)[word] = value;
      assertThrows(() => ring.span(), RingDamage, "the ring cannot hold the records from ", `${word}`);
      assertThrows(() => ring.firstSeqFrom(2), RingDamage);
      assertThrows(() => copy.refresh(), RingDamage);
    }
  },
);

pureTest(
  "ring: whatever other processes have written to it, a reader comes to an end, and shows only what is whole",
  () =>
    forAll(300, (random) => {
      const firstSeq = random.pick([1, 2 ** 32 - 900]);
      const ring = Ring.create(RING_MIN_BYTES, { firstSeq });
      appendSamples(ring, random.below(3000));
      const words = new Uint32Array(ring.buffer);
      const values = [0, 1, 0xffffffff, 0x7fffffff, 9000, words[random.below(words.length)]!];
      const from = random.pick([4, 32, 32 + 2048]); // the numbers, the index, the data area
      for (let count = random.below(3000); count >= 0; count--) {
        words[from + random.below(from === 4 ? 4 : words.length - from)] = random.pick(values);
      }
      for (const open of [() => ring, () => copyOf(ring).ring]) {
        try {
          const readable = open();
          const { oldest, next } = readable.span();
          readable.lastSeqBefore(next);
          for (let seq = oldest; seq < next;) {
            const outcome = readable.read(seq);
            if (outcome.kind === "ok") assertSample(outcome, seq);
            const to = outcome.kind === "missing" ? outcome.next : seq + 1;
            assert(to > seq, "it goes forwards");
            seq = to;
          }
        } catch (error) {
          assertInstanceOf(error, RingFault);
        }
      }
    }),
);

pureTest("ring copy: bytes that hold no ring of that size give none", () => {
  const { buffer } = Ring.create(RING_MIN_BYTES);
  const open = (bytes: number, change: (words: Uint32Array) => void = () => {}) => {
    const copied = new Uint8Array(buffer).slice();
    change(new Uint32Array(copied.buffer));
    return RingCopy.open(bytes, (offset, into) => into.set(copied.subarray(offset, offset + into.length)));
  };
  assert(open(buffer.byteLength) !== undefined, "the size is right");
  assertEquals(open(buffer.byteLength + 8), undefined);
  for (const word of [0, 1, 2]) {
    assertEquals(open(buffer.byteLength, (words) => words[word]! ^= 4), undefined);
  }
  assertEquals(open(164, (words) => [words[1], words[2]] = [32, 1]), undefined, "no ring is so small");
});

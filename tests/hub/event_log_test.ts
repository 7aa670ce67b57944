/** The engines of the log keep what its port promises, and a bounded one in memory is the ring in all that can be asked. */
import { assert, assertEquals } from "@std/assert";
import type { EventLog } from "../../lib/hub/log/event_log.ts";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { SEQ_JUMP } from "../../lib/log/seq_jump.ts";
import { forAll, type Random } from "../irc/property.ts";
import { payloadOf } from "../log/samples.ts";
import { TestHub } from "../support/hub.ts";
import { MemoryEventLog } from "../support/memory_event_log.ts";
import { pureTest } from "../support/test.ts";

/** An empty log, and what says up to where it is durable. */
interface Engine {
  readonly log: EventLog;
  markDurable(seq: number): void;
}

function ring(capacity: number, firstSeq: number): Engine {
  const log = Ring.create(capacity, { firstSeq });
  return { log, markDurable: (seq) => log.markDurable(seq, log.position) };
}

function memory(capacity: number, firstSeq: number): Engine {
  const log = new MemoryEventLog(capacity, firstSeq);
  return { log, markDurable: (seq) => log.markDurable(seq) };
}

const ENGINES: Readonly<Record<string, (firstSeq: number) => Engine>> = {
  "the ring": (firstSeq) => ring(RING_MIN_BYTES, firstSeq),
  "memory with a bound": (firstSeq) => memory(RING_MIN_BYTES, firstSeq),
  "memory without a bound": (firstSeq) => memory(Infinity, firstSeq),
};

function randomLength(random: Random): number {
  return random.below(random.pick([1, 40, 300, 300, 2000, RING_MIN_BYTES / 8 - 23]));
}

function randomFirstSeq(random: Random): number {
  return random.pick([1, 41, SEQ_JUMP - 50]);
}

/** A number of a record, of one that is gone, or of one that is not written. */
function anySeq(random: Random, { oldestSeq, nextSeq }: EventLog): number {
  return random.pick([
    oldestSeq - random.below(3),
    nextSeq + 1 - random.below(4),
    oldestSeq + random.below(nextSeq - oldestSeq + 1),
    0,
  ]);
}

/** All that can be asked of the record `seq`, copied. */
function answersOn(log: EventLog, seq: number, room: number): unknown[] {
  const peeked = log.peek(seq);
  const inPlace = peeked && { time: peeked.time, payload: peeked.bytes.slice(peeked.start, peeked.end) };
  const [read, into] = [log.read(seq), log.read(seq, new Uint8Array(room))];
  return [
    read,
    into,
    inPlace,
    log.timeOf(seq),
    log.lengthOf(seq),
    log.firstSeqFrom(seq),
    log.lastSeqBefore(seq),
    log.bytesUntilOverwritten(seq),
  ];
}

function answers(log: EventLog): number[] {
  return [log.capacityBytes, log.oldestSeq, log.nextSeq, log.durableSeq];
}

pureTest(
  "log engines: what a bounded one in memory answers is what the ring answers",
  () =>
    forAll(12, (random) => {
      const capacity = RING_MIN_BYTES + 8 * random.below(100);
      const firstSeq = randomFirstSeq(random);
      const [one, other] = [ring(capacity, firstSeq), memory(capacity, firstSeq)];
      const scratch = new Uint8Array(capacity);
      for (let step = 0; step < 600; step++) {
        const length = random.chance(100) ? capacity / 8 - 24 + random.below(3) : randomLength(random);
        scratch.set(payloadOf(step, length));
        const [time, whole] = [1000 + step, random.chance(2)];
        const append = ({ log }: Engine) =>
          whole ? log.append(time, scratch.slice(0, length)) : log.append(time, scratch, length);
        assertEquals(append(other), append(one));
        assertEquals(other.log.storedBytes(length), one.log.storedBytes(length));
        if (random.chance(20)) {
          const seq = one.log.firstSeqFrom(one.log.nextSeq - random.below(4));
          if (seq > one.log.durableSeq) { for (const each of [one, other]) each.markDurable(seq); }
        }
        assertEquals(answers(other.log), answers(one.log));
        for (let asked = 0; asked < 3; asked++) {
          const [seq, room] = [anySeq(random, one.log), random.below(600)];
          assertEquals(answersOn(other.log, seq, room), answersOn(one.log, seq, room), `record ${seq}`);
        }
      }
      assert(one.log.oldestSeq > firstSeq, "the ring went round");
    }),
);

for (const [name, create] of Object.entries(ENGINES)) {
  pureTest(
    `log engines: ${name}: every record is what was appended, until it is given up`,
    () =>
      forAll(12, (random) => {
        const firstSeq = randomFirstSeq(random);
        const { log } = create(firstSeq);
        assertEquals([log.oldestSeq, log.nextSeq, log.durableSeq], [firstSeq, firstSeq, firstSeq]);
        const lengths: number[] = [];
        for (let step = 0; step < 400; step++) {
          const [seq, length] = [log.nextSeq, randomLength(random)];
          const payload = payloadOf(seq, length);
          assertEquals(log.append(seq + 7, payload), seq);
          payload.fill(0); // it is the caller's again
          lengths.push(length);
        }
        const { oldestSeq, nextSeq, capacityBytes } = log;
        assertEquals(nextSeq, firstSeq + lengths.length);
        assertEquals(oldestSeq === firstSeq, capacityBytes === Infinity);
        lengths.forEach((length, index) => {
          const seq = firstSeq + index;
          const peeked = log.peek(seq);
          assertEquals(peeked !== undefined, seq >= oldestSeq, `record ${seq}`);
          if (peeked === undefined) {
            assertEquals(log.read(seq), {
              kind: "missing",
              lost: oldestSeq - seq,
              next: oldestSeq,
              why: "overwritten",
            });
            return assertEquals([log.timeOf(seq), log.lengthOf(seq), log.bytesUntilOverwritten(seq)], [
              undefined,
              0,
              0,
            ]);
          }
          const payload = payloadOf(seq, length);
          assertEquals([log.timeOf(seq), log.lengthOf(seq)], [seq + 7, length]);
          assertEquals(log.read(seq), { kind: "ok", seq, time: seq + 7, payload });
          assertEquals([peeked.time, peeked.bytes.slice(peeked.start, peeked.end)], [seq + 7, payload]);
          if (capacityBytes === Infinity) assertEquals(log.bytesUntilOverwritten(seq), Infinity);
        });
        assertEquals(log.read(nextSeq), { kind: "empty" });
      }),
  );

  pureTest(`log engines: ${name}: a record stays as long as it says`, () =>
    forAll(12, (random) => {
      const { log } = create(1);
      for (let step = 0; step < 500; step++) {
        const length = randomLength(random);
        const seq = log.firstSeqFrom(log.oldestSeq + random.below(4));
        // A record that does not fit the end of a ring takes that, too.
        const stays = 2 * log.storedBytes(length) <= log.bytesUntilOverwritten(seq);
        const view = log.peek(seq);
        log.append(step, payloadOf(step, length));
        if (stays) assert(log.peek(seq) !== undefined, `record ${seq}`);
        if (view !== undefined) assert(log.peek(log.nextSeq - 1) === view, "one view for all records");
      }
    }));
}

pureTest("log engines: a hub on one without a bound copies no message, and tells no size", () => {
  const chat = new TestHub({}, new MemoryEventLog());
  const alice = chat.enter("alice");
  for (let turn = 0; turn < 200; turn++) {
    chat.say(alice, `PRIVMSG #lobby :${"x".repeat(400)}`);
    chat.advance(1000);
  }
  chat.heard(alice);
  assertEquals(chat.hub.services.history.retained.size, 0);
  chat.say(alice, "SERVERSTATS");
  const keys = chat.heard(alice).map((line) => line.split(" ")[2]);
  assertEquals(keys, ["uptime", "connections", "users", "rooms", "oldest", "last", "*"]);
});

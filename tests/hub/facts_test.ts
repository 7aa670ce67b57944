import { assertEquals } from "@std/assert";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import type { SavedFact } from "../../lib/log/fact.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

function topicOf(test: TestHub, channel: string): string | undefined {
  const reader = test.enter(`reader${test.now++}`);
  test.say(reader, `JOIN ${channel}`);
  return test.heard(reader).map((line) => / 332 \S+ \S+ :(.*)/.exec(line)?.[1]).find((topic) =>
    topic !== undefined
  );
}

function retitled(fact: SavedFact, topic: string): SavedFact {
  return { ...fact, value: JSON.stringify({ ...JSON.parse(fact.value!), topic }) };
}

/** So much that the ring holds nothing of before. */
function overwrite(test: TestHub): void {
  for (let i = 0; i < 1000; i++) test.hub.announce("#lobby", "x".repeat(200), test.now);
  test.deliver();
}

pureTest("facts: what cannot be used is told, and the rest is taken in", () => {
  const topic = JSON.stringify({ name: "#tea", topic: "black", source: "a!b@c", time: 5 });
  const facts = ["nonsense", "{}", "null", '{"name":"#tea","topic":7}', topic].map((value) => {
    return { kind: "topic", key: "#tea", value, seq: 0 };
  });
  const unknown = { kind: "toString", key: "x", value: "{}", seq: 0 };
  const test = new TestHub({}, Ring.create(RING_MIN_BYTES), [unknown, ...facts]);
  assertEquals(test.serverEvents.filter(({ kind }) => kind === "fact_unreadable").length, 5);
  assertEquals(topicOf(test, "#tea"), "black");
});

pureTest("topics: what was saved is there after a start, though the log holds nothing of it", () => {
  const ring = Ring.create(RING_MIN_BYTES);
  const before = new TestHub({}, ring);
  const alice = before.enter("alice");
  before.say(alice, "JOIN #Tea", "TOPIC #tea :black");
  const saved = before.takeFacts();
  assertEquals(saved.map(({ kind, key, seq }) => [kind, key, seq > 0]), [["topic", "#tea", true]]);
  assertEquals(before.takeFacts(), []);
  overwrite(before);
  assertEquals(topicOf(new TestHub({}, ring), "#tea"), undefined);
  const after = new TestHub({}, ring, saved);
  after.advance(10_000); // what is not in use is swept
  assertEquals(topicOf(after, "#tea"), "black");
  assertEquals(after.takeFacts(), []);
});

pureTest(
  "topics: the newer of log and database counts, and what the database lacks is saved after the start",
  () => {
    const ring = Ring.create(RING_MIN_BYTES);
    const before = new TestHub({}, ring);
    const alice = before.enter("alice");
    const said = (topic: string): SavedFact => {
      before.say(alice, `TOPIC #tea :${topic}`);
      return before.takeFacts()[0]!;
    };
    before.say(alice, "JOIN #tea");
    const [black, green, none] = [said("black"), said("green"), said("")];
    // The database is behind: a crash between the two.
    const behind = new TestHub({}, ring, [black]);
    assertEquals(behind.takeFacts(), [none]);
    assertEquals(topicOf(behind, "#tea"), undefined);
    // The log has lost the newest: damage.
    const ahead = new TestHub({}, ring, [{ ...retitled(green, "newer"), seq: none.seq + 1 }]);
    assertEquals(ahead.takeFacts(), []);
    assertEquals(topicOf(ahead, "#tea"), "newer");
    // Another log's numbers mean nothing.
    const other = new TestHub({}, ring, [{ ...retitled(black, "old"), seq: 0 }]);
    assertEquals(topicOf(other, "#tea"), undefined);
  },
);

pureTest("facts: of many that cannot be used a bounded number is told one by one", () => {
  const facts = Array.from(
    { length: 250 },
    (_, i) => ({ kind: "topic", key: `#t${i}`, value: "x", seq: 0 }),
  );
  const { serverEvents } = new TestHub({}, Ring.create(RING_MIN_BYTES), facts);
  assertEquals(serverEvents.filter(({ kind }) => kind === "fact_unreadable").length, 100);
  assertEquals(serverEvents.filter(({ kind }) => kind === "facts_unreadable"), [{
    kind: "facts_unreadable",
    more: 150,
  }]);
});

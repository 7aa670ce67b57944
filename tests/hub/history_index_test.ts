import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { forAll } from "../irc/property.ts";
import { makeOperator } from "../support/hub_accounts.ts";
import { MAX_AHEAD_MS } from "../../lib/hub/model/timeline.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";
import { CHANNELS, NICKS, playRandomChat } from "./random_chat.ts";

/**
 * All that the holder of `key` can read in `test`, by target: nothing, too, of a channel that nobody is in and the
 * log holds nothing of (the answer is a failure) and of one with members whose messages are all overwritten.
 */
function readAll(test: TestHub, key: string): string[] {
  const session = test.open();
  test.say(session, "CAP REQ :message-tags server-time chatterbox.chat/claim chatterbox.chat/observer");
  test.say(session, `CLAIM ${key}`, "NICK reader", "USER r 0 * :r", "CAP END");
  test.heard(session);
  return [...CHANNELS, ...NICKS].flatMap((target) => {
    test.say(session, `CHATHISTORY LATEST ${target} * 1000`);
    return test.heard(session).filter((line) => !line.includes(" FAIL CHATHISTORY INVALID_TARGET "));
  });
}

pureTest("history is the same before and after a restart: ids, times, order, and who may read what", () => {
  let compared = 0;
  forAll(20, (random) => {
    const ring = Ring.create(random.chance(2) ? RING_MIN_BYTES : 1 << 20);
    const test = new TestHub({}, ring);
    playRandomChat(test, random, 500, () => test.now += random.below(3) - 1);
    const keys = ["A".repeat(43), "B".repeat(43)];
    const before = keys.map((key) => readAll(test, key));
    const topics = CHANNELS.map((channel) => test.hub.services.history.channel(channel).topic);
    compared += before.flat().length;

    const again = new TestHub({}, ring, test.takeFacts());
    assertEquals(keys.map((key) => readAll(again, key)), before);
    const kept = CHANNELS.map((channel) => again.hub.services.history.channel(channel).topic);
    if (ring.oldestSeq === 1) assertEquals(kept, topics);
  });
  assert(compared > 20 * 20, "there is something to compare");
});

pureTest("a room in the place of a renamed one keeps its spelling over a restart", () => {
  const ring = Ring.create(1 << 20);
  const test = new TestHub({}, ring);
  const alice = test.enter("alice");
  makeOperator(test, "alice");
  test.say(alice, "JOIN #tea", "RENAME #tea #sugar", "PART #sugar", "JOIN #TEA", "TOPIC #TEA :hot");
  const again = new TestHub({}, ring, test.takeFacts());
  assertEquals(["#tea", "#sugar"].map((name) => again.hub.services.history.channels.get(name)?.name), [
    "#TEA",
    "#sugar",
  ]);
});

pureTest(
  "times are near the clock and increase in every room and every talk, but where a restart has set the clock back",
  () => {
    const ring = Ring.create(1 << 20);
    const key = "A".repeat(43);
    const clocks: { from: number; now: number }[] = [];
    for (const offset of [0, -5000, 1]) {
      const test = new TestHub({}, ring);
      test.now += offset;
      clocks.push({ from: ring.nextSeq, now: test.now });
      const [alice, bob] = [test.open(), test.enter("bob")];
      test.say(
        alice,
        "CAP REQ chatterbox.chat/claim",
        `CLAIM ${key}`,
        "NICK alice",
        "USER a 0 * :a",
        "CAP END",
      );
      for (let each = 0; each < 20; each++) {
        test.say(
          alice,
          "JOIN #tea",
          "PRIVMSG #tea,bob,alice :hello",
          "NICK alicia",
          "NICK alice",
          "PART #tea",
        );
        test.say(bob, "PRIVMSG #tea,alice :hello");
        test.now -= each % 3;
        clocks.push({ from: ring.nextSeq, now: test.now });
      }
    }
    const { history } = new TestHub({}, ring).hub.services;
    const targets = [
      ...history.channels.values(),
      ...[...history.directConversations.values()].flatMap((talks) => [...talks.values()]),
    ];
    for (const { timeline } of targets) {
      const length = timeline.length(ring.oldestSeq);
      for (let index = 1; index < length; index++) {
        const [before, seq] = [timeline.at(index - 1), timeline.at(index)];
        const [earlier, time] = [ring.timeOf(before)!, ring.timeOf(seq)!];
        const clock = clocks.findLast(({ from }) => from <= seq)!.now;
        assert(time >= clock && time <= clock + MAX_AHEAD_MS, `message ${index}: the clock's`);
        const most = clock + MAX_AHEAD_MS;
        assert(earlier > most || time > earlier || time === most, `message ${index}: increasing`);
      }
    }
    assert(history.channel("#tea").timeline.clockBreaks.length > 0, "where a restart has set it back");
    assertEquals(history.channel("#tea").timeline.length(ring.oldestSeq), 120);
  },
);

pureTest("a topic stays as long as the log holds anything of its room, also when nobody is there", () => {
  const test = new TestHub();
  const alice = test.enter("alice");
  test.say(alice, "JOIN #tea", "TOPIC #tea :Assam", "PART #tea");
  test.advance(1000);
  test.heard(alice);
  test.say(alice, "JOIN #tea");
  assertEquals(test.heard(alice)[1], ":irc.test 332 alice #tea :Assam");
});

pureTest("a record that is no event is passed over", () => {
  const ring = Ring.create(RING_MIN_BYTES);
  ring.append(1, new TextEncoder().encode("Z\0of a later version"));
  ring.append(2, Uint8Array.of(0xff, 0xfe));
  ring.append(3, new Uint8Array(0));
  const test = new TestHub({}, ring);
  const alice = test.enter("alice");
  test.say(alice, "PRIVMSG #lobby :hello", "CHATHISTORY LATEST #lobby * 10");
  assertEquals(test.heard(alice), [":alice!~alice@127.0.0.1 PRIVMSG #lobby :hello"]);
});

import { assertEquals } from "@std/assert";
import { MAX_MONITORED, Monitors } from "../../lib/hub/services/monitors.ts";
import { createSession } from "../../lib/hub/apply/session_changes.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

const session = (id: number) => createSession(id, "host", false, 0);

pureTest("monitors: a name is watched once, whatever its letters, as it was first given", () => {
  const monitors = new Monitors();
  const one = session(1);
  assertEquals(monitors.add(one, "Élise"), true);
  assertEquals(monitors.add(one, "éLISE"), true);
  assertEquals([...monitors.watched(one)], ["Élise"]);
  assertEquals([...monitors.watchersOf("élise")], [one]);
  monitors.remove(one, "ÉLISE");
  assertEquals([...monitors.watched(one)], []);
  assertEquals(monitors.watchersOf("élise").size, 0);
});

pureTest("monitors: each session watches as many as it may, and one that goes watches nobody", () => {
  const monitors = new Monitors();
  const [one, other] = [session(1), session(2)];
  for (let nth = 0; nth < MAX_MONITORED; nth++) assertEquals(monitors.add(one, `n${nth}`), true);
  assertEquals(monitors.add(one, "more"), false);
  assertEquals(monitors.add(one, "N0"), true);
  assertEquals(monitors.watchersOf("more").size, 0);
  assertEquals(monitors.add(other, "n0"), true);
  monitors.clear(one);
  assertEquals([...monitors.watched(one)], []);
  assertEquals([...monitors.watchersOf("n0")], [other]);
  assertEquals(monitors.watchersOf("n1").size, 0);
});

pureTest("monitors: who has left is told nothing more, and is kept in no list", () => {
  const test = new TestHub();
  const alice = test.enter("alice");
  test.say(alice, "MONITOR + bob");
  assertEquals(test.hub.services.monitors.watchersOf("bob").size, 1);
  test.say(alice, "QUIT");
  assertEquals(test.hub.services.monitors.watchersOf("bob").size, 0);
  assertEquals([...test.hub.services.monitors.watched(alice)], []);
});

pureTest(
  "monitors: a further session of somebody is no coming, and one of several that goes no leaving",
  () => {
    const test = new TestHub({ accounts: "off" });
    const alice = test.enter("alice");
    test.say(alice, "MONITOR + bob");
    test.heard(alice);
    const enter = () => {
      const bob = test.open();
      const key = "k".repeat(43);
      test.say(bob, "CAP REQ chatterbox.chat/claim", `CLAIM ${key}`, "NICK bob", "USER b 0 * :B", "CAP END");
      return bob;
    };
    const bob = enter();
    assertEquals(test.heard(alice), [":irc.test 730 alice :bob!~b@127.0.0.1"]);
    const again = enter();
    test.say(bob, "QUIT");
    assertEquals(test.heard(alice), []);
    test.say(again, "QUIT");
    assertEquals(test.heard(alice), [":irc.test 731 alice :bob"]);
  },
);

import { assertEquals } from "@std/assert";
import { MAX_TALKS, MAX_UNREAD } from "../../lib/tui/absence.ts";
import { MARK_INTERVAL_MS } from "../../lib/tui/reading.ts";
import { forAll } from "../irc/property.ts";
import { TestHub } from "../support/hub.ts";
import { Guest } from "./guest.ts";

const PURE = { permissions: "none" } as const;

/** Alice talks to bob, of whom a program is there that nobody reads. */
function party(): { test: TestHub; alice: Guest; bob: Guest; comes: () => Guest } {
  const test = new TestHub({ motd: [] });
  const alice = new Guest(test, "alice").connect();
  const bob = new Guest(test, "bob").connect();
  return { test, alice, bob, comes: () => new Guest(test, "bob").reader().connect() };
}

/** What is shown that is not about the room. */
function talkOn({ shown }: Guest): string[] {
  return shown.filter((line) => /^\[|while you were away|!!!/.test(line));
}

Deno.test({
  name: "absence: what was not read is counted and shown, with what one said oneself; what was read is not",
  ...PURE,
  fn() {
    const { test, alice, bob, comes } = party();
    const carol = new Guest(test, "carol").connect();
    alice.type("/msg bob one", "/msg bob two");
    bob.pump();
    bob.type("/msg alice later");
    test.now += 1000;
    carol.type("/msg bob three");
    bob.type("/msg carol never mind");
    const desk = comes();
    assertEquals(talkOn(desk), [
      "--- 3 messages while you were away:",
      "[alice -> bob] one",
      "[alice -> bob] two",
      "[bob -> alice] later",
      "[carol -> bob] three",
      "[bob -> carol] never mind",
    ]);
    // Nobody has been told that it was read: a phone shows it too, and then no device does any more.
    const phone = comes();
    assertEquals(talkOn(phone), talkOn(desk));
    desk.mark();
    assertEquals(talkOn(comes()), []);
    test.now += 1000;
    alice.type("/msg bob four");
    for (const each of [desk, phone]) each.pump();
    assertEquals(talkOn(desk).at(-1), "[alice -> bob] four");
    phone.mark();
    assertEquals(talkOn(comes()), []);
  },
});

Deno.test({
  name: "absence: what is only one's own is no news",
  ...PURE,
  fn() {
    const { bob, comes } = party();
    bob.type("/msg alice done", "/msg alice done again");
    assertEquals(talkOn(comes()), []);
  },
});

Deno.test({
  name: "absence: whom one ignores counts for nothing, and does not learn that it was read",
  ...PURE,
  fn() {
    const { test, alice, comes } = party();
    const desk = comes();
    desk.type("/ignore alice");
    alice.type("/msg bob one");
    const again = new Guest(test, "bob");
    again.ignored = desk.ignored;
    assertEquals(talkOn(again.reader().connect().mark()), []);
    assertEquals(talkOn(comes()), ["--- 1 message while you were away:", "[alice -> bob] one"]);
  },
});

Deno.test({
  name: "absence: of one talk and of all there is a bound, and it is said",
  ...PURE,
  fn() {
    const { test, alice, comes } = party();
    for (let n = 0; n <= MAX_UNREAD; n++) alice.type(`/msg bob ${n}`);
    const [header, more, first, ...rest] = talkOn(comes().mark());
    assertEquals(header, `--- more than ${MAX_UNREAD} messages while you were away:`);
    assertEquals(more, "!!! more came from alice than is shown here: chatterbox logs --with alice");
    assertEquals([first, rest.at(-1)], ["[alice -> bob] 1", `[alice -> bob] ${MAX_UNREAD}`]);
    test.now += 1000; // above a message a millisecond the clock of a talk runs ahead
    for (let n = 0; n <= MAX_TALKS; n++) {
      test.now += 1;
      new Guest(test, `guest${n}`).connect().type(`/msg bob from ${n}`);
    }
    const shown = talkOn(comes());
    assertEquals(shown[0], `--- ${MAX_TALKS} messages while you were away:`);
    assertEquals(
      shown.at(-1),
      `!!! others may have written to you, too: only ${MAX_TALKS} talks are looked at`,
    );
  },
});

Deno.test({
  name:
    "absence: all is shown once and in order, whatever comes meanwhile, and however often the connection breaks",
  ...PURE,
  fn: () =>
    forAll(100, (random) => {
      const { test, alice } = party();
      const senders = [alice, new Guest(test, "carol").connect()];
      const said: string[] = [];
      const say = () => {
        test.now += 1;
        const sender = random.pick(senders);
        said.push(`[${sender.chat.nick} -> bob] ${said.length}`);
        sender.type(`/msg bob ${said.length - 1}`);
      };
      for (let n = random.below(5); n > 0; n--) say();
      const bob = new Guest(test, "bob").reader();
      bob.dial();
      let again = false;
      for (let step = 0; step < 60; step++) {
        if (random.chance(3)) say();
        if (random.chance(20)) {
          test.advance(1);
          if (bob.connected) {
            again ||= bob.chat.online;
            if (bob.chat.online) bob.cut();
            else continue;
          }
          bob.dial(again);
        }
        bob.send(1 + random.below(5));
        bob.hear(1 + random.below(10));
      }
      if (!bob.connected) bob.dial(again);
      bob.pump();
      for (const { chat: { nick } } of senders) {
        const ofOne = (lines: string[]) => lines.filter((line) => line.startsWith(`[${nick}`));
        assertEquals(ofOne(bob.shown), ofOne(said));
      }
    }),
});

Deno.test({
  name: "absence: who can't be told what was read shows nothing, and marks nothing",
  ...PURE,
  fn() {
    const { test, alice, comes } = party();
    alice.type("/msg bob one");
    const pipe = new Guest(test, "bob").connect().mark();
    const old = new Guest(test, "bob", "draft/read-marker").reader().connect().mark();
    assertEquals([talkOn(pipe), talkOn(old)], [[], []]);
    assertEquals(talkOn(comes()).length, 2);
  },
});

Deno.test({
  name: "reading: a conversation is marked at most every two seconds, and all of them when one leaves",
  ...PURE,
  fn() {
    const { test, alice, bob, comes } = party();
    const desk = comes();
    const marker = () => {
      const watcher = new Guest(test, "bob").connect(); // a further session is told with its rooms
      watcher.pump();
      return test.hub.markers.of(test.hub.state.user("bob")!, "#lobby")?.time ?? 0;
    };
    const say = (ms: number) => {
      test.now += ms;
      alice.type("hello");
      for (const each of [desk, bob]) each.pump();
      return test.now;
    };
    const first = say(1000);
    assertEquals(desk.chat.marksIn(test.now), 0);
    desk.mark();
    assertEquals(marker(), first);
    const second = say(500);
    assertEquals(desk.chat.marksIn(test.now), MARK_INTERVAL_MS - 500);
    desk.mark();
    assertEquals(marker(), first);
    test.now = first + MARK_INTERVAL_MS;
    desk.mark();
    assertEquals(marker(), second);
    assertEquals(desk.chat.marksIn(test.now), undefined);
    const third = say(1);
    desk.mark(true);
    assertEquals(marker(), third);
  },
});

Deno.test({
  name: "reading: whom one ignores does not learn that one was there when it came",
  ...PURE,
  fn() {
    const { test, alice, comes } = party();
    const desk = comes();
    alice.type("/msg bob before");
    desk.pump();
    desk.mark();
    desk.type("/ignore alice");
    test.now += MARK_INTERVAL_MS;
    alice.type("/msg bob after");
    desk.pump();
    desk.mark(true);
    assertEquals(talkOn(desk), ["[alice -> bob] before"]);
    assertEquals(talkOn(comes()), ["--- 1 message while you were away:", "[alice -> bob] after"]);
  },
});

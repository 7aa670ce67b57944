import { assertEquals } from "@std/assert";
import {
  MAX_UNREAD_CONVERSATIONS,
  MAX_UNREAD_SHOWN,
  UNREAD_PAGE_MESSAGES,
} from "../../lib/client/conversation/sync/unread_sync.ts";
import { MAX_MISSED_PAGES, MISSED_PAGE_MESSAGES } from "../../lib/client/conversation/sync/missed_history.ts";
import { MARK_INTERVAL_MS } from "../../lib/client/conversation/read_marker_tracker.ts";
import { forAll } from "../irc/property.ts";
import { TestHub } from "../support/hub.ts";
import { ChatHarness } from "../support/chat_harness.ts";

const PURE = { permissions: "none" } as const;

/** Alice talks to bob, of whom a program is there that nobody reads. */
function party(): { test: TestHub; alice: ChatHarness; bob: ChatHarness; comes: () => ChatHarness } {
  const test = new TestHub({ motd: [] });
  const alice = new ChatHarness(test, "alice").connect();
  const bob = new ChatHarness(test, "bob").connect();
  return { test, alice, bob, comes: () => new ChatHarness(test, "bob").reader().connect() };
}

/** What is shown that is not about the channel. */
function talkOn({ shown }: ChatHarness): string[] {
  return shown.filter((line) => /^\[|while you were away|!!!/.test(line));
}

Deno.test({
  name: "absence: what was not read is counted and shown, with what one said oneself; what was read is not",
  ...PURE,
  fn() {
    const { test, alice, bob, comes } = party();
    const carol = new ChatHarness(test, "carol").connect();
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
    const again = new ChatHarness(test, "bob");
    again.ignored = desk.ignored;
    assertEquals(talkOn(again.reader().connect().mark()), []);
    assertEquals(talkOn(comes()), ["--- 1 message while you were away:", "[alice -> bob] one"]);
  },
});

Deno.test({
  name: "absence: more than one answer holds is shown whole",
  ...PURE,
  fn() {
    const { alice, comes } = party();
    const count = 2 * UNREAD_PAGE_MESSAGES + 1;
    for (let n = 1; n <= count; n++) alice.type(`/msg bob ${n}`);
    const all = Array.from({ length: count }, (_, n) => `[alice -> bob] ${n + 1}`);
    const desk = comes();
    assertEquals(talkOn(desk), [`--- ${count} messages while you were away:`, ...all]);
    desk.mark();
    assertEquals(talkOn(comes()), []);
  },
});

Deno.test({
  name:
    "absence: of one talk there is a bound, it is said, and what is not shown is not read, whatever comes then",
  ...PURE,
  fn() {
    const { test, alice, bob, comes } = party();
    // So many at once have the same time in the end: the last one within the bound and the first beyond it go together.
    for (let n = 0; n <= MAX_UNREAD_SHOWN; n++) alice.type(`/msg bob ${n}`);
    test.now += 10_000;
    alice.type(`/msg bob ${MAX_UNREAD_SHOWN + 1}`);
    const desk = comes().mark();
    const [header, first, ...rest] = talkOn(desk);
    assertEquals(header, `--- more than ${MAX_UNREAD_SHOWN + 1} messages while you were away:`);
    const owner = test.hub.context.state.user("bob")!;
    const read = test.hub.services.readMarkers.of(owner, "alice")!;
    assertEquals(
      [first, ...rest.slice(-2), desk.shown.find((line) => line.includes("chatterbox logs"))],
      [
        "[alice -> bob] 0",
        `[alice -> bob] ${MAX_UNREAD_SHOWN}`,
        "!!! more came from alice than is shown here; it is not marked as read, and comes the next time you join, or by:",
        `--- chatterbox logs --with alice --name bob --since @${read.time / 1000}`,
      ],
    );
    test.now += 10_000;
    alice.type("/msg bob and now");
    desk.pump();
    desk.type("/msg alice I am here");
    desk.mark(true);
    assertEquals(talkOn(desk).slice(-2), ["[alice -> bob] and now", "[bob -> alice] I am here"]);
    assertEquals(test.hub.services.readMarkers.of(owner, "alice"), read);
    const again = comes();
    again.mark(true);
    assertEquals(talkOn(again), [
      "--- 2 messages while you were away:",
      `[alice -> bob] ${MAX_UNREAD_SHOWN + 1}`,
      "[alice -> bob] and now",
      "[bob -> alice] I am here",
    ]);
    assertEquals(talkOn(comes()), []);
    bob.pump();
  },
});

Deno.test({
  name: "absence: of all talks there is a bound, it is said, and one that is not looked at is not read",
  ...PURE,
  fn() {
    const { test, alice, comes } = party();
    alice.type("/msg bob first of all");
    for (let n = 0; n < MAX_UNREAD_CONVERSATIONS; n++) {
      test.now += 1;
      new ChatHarness(test, `guest${n}`).connect().type(`/msg bob from ${n}`);
    }
    const desk = comes();
    assertEquals(talkOn(desk)[0], `--- ${MAX_UNREAD_CONVERSATIONS} messages while you were away:`);
    assertEquals(
      talkOn(desk).at(-1),
      `!!! others may have written to you, too: only ${MAX_UNREAD_CONVERSATIONS} talks are looked at`,
    );
    alice.type("/msg bob and now");
    desk.pump();
    desk.mark(true);
    assertEquals(talkOn(comes()), [
      "--- 2 messages while you were away:",
      "[alice -> bob] first of all",
      "[alice -> bob] and now",
      `!!! others may have written to you, too: only ${MAX_UNREAD_CONVERSATIONS} talks are looked at`,
    ]);
  },
});

Deno.test({
  name: "absence: where the server does not answer nothing counts as read",
  ...PURE,
  fn() {
    for (const unanswered of ["TARGETS", "AFTER"]) {
      const { test, alice, comes } = party();
      alice.type("/msg bob unseen");
      const desk = new ChatHarness(test, "bob").reader();
      desk.ignores = (message) => message.params?.[0] === unanswered;
      desk.connect();
      alice.type("/msg bob and now");
      desk.pump();
      desk.mark(true);
      assertEquals(talkOn(desk).filter((line) => line.startsWith("[")), ["[alice -> bob] and now"]);
      assertEquals(talkOn(comes()), [
        "--- 2 messages while you were away:",
        "[alice -> bob] unseen",
        "[alice -> bob] and now",
      ]);
    }
  },
});

Deno.test({
  name: "absence: what is not shown of what came during a loss of the connection does not count as read",
  ...PURE,
  fn() {
    const many = MAX_MISSED_PAGES * MISSED_PAGE_MESSAGES + 1;
    for (const [count, unanswered] of [[1, "TARGETS"], [1, "AFTER"], [many, ""]] as const) {
      const { test, alice, comes } = party();
      const desk = comes();
      alice.type("/msg bob before");
      desk.pump();
      desk.mark(true);
      desk.cut();
      test.now += 60_000;
      for (let n = 0; n < count; n++) {
        test.now += 1;
        alice.type(`/msg bob ${n}`);
      }
      desk.ignores = (message) => message.params?.[0] === unanswered;
      desk.connect(true);
      test.now += 60_000;
      alice.type("/msg bob and now");
      desk.pump();
      desk.mark(true);
      assertEquals(talkOn(desk).at(-1), "[alice -> bob] and now");
      assertEquals(talkOn(comes()), [
        "--- 2 messages while you were away:",
        `[alice -> bob] ${count - 1}`,
        "[alice -> bob] and now",
      ]);
    }
  },
});

Deno.test({
  name:
    "absence: all is shown once and in order, whatever comes meanwhile, and however often the connection breaks",
  ...PURE,
  fn: () =>
    forAll(100, (random) => {
      const { test, alice } = party();
      const senders = [alice, new ChatHarness(test, "carol").connect()];
      const said: string[] = [];
      const say = () => {
        test.now += 1;
        const sender = random.pick(senders);
        said.push(`[${sender.chat.nick} -> bob] ${said.length}`);
        sender.type(`/msg bob ${said.length - 1}`);
      };
      for (let n = random.below(5); n > 0; n--) say();
      const bob = new ChatHarness(test, "bob").reader();
      bob.dial();
      let again = false;
      for (let step = 0; step < 60; step++) {
        if (random.chance(3)) say();
        if (random.chance(20)) {
          test.advance(1);
          if (bob.connected) {
            again ||= bob.chat.isOnline;
            if (bob.chat.isOnline) bob.cut();
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
    const pipe = new ChatHarness(test, "bob").connect().mark();
    const old = new ChatHarness(test, "bob", "draft/read-marker").reader().connect().mark();
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
      const watcher = new ChatHarness(test, "bob").connect(); // a further session is told with its channels
      watcher.pump();
      return test.hub.services.readMarkers.of(test.hub.context.state.user("bob")!, "#lobby")?.time ?? 0;
    };
    const say = (ms: number) => {
      test.now += ms;
      alice.type("hello");
      for (const each of [desk, bob]) each.pump();
      return test.now;
    };
    const first = say(1000);
    assertEquals(desk.chat.nextReadMarkerMs(test.now), 0);
    desk.mark();
    assertEquals(marker(), first);
    const second = say(500);
    assertEquals(desk.chat.nextReadMarkerMs(test.now), MARK_INTERVAL_MS - 500);
    desk.mark();
    assertEquals(marker(), first);
    test.now = first + MARK_INTERVAL_MS;
    desk.mark();
    assertEquals(marker(), second);
    assertEquals(desk.chat.nextReadMarkerMs(test.now), undefined);
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

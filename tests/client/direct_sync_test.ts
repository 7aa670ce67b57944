import { assertEquals } from "@std/assert";
import {
  MAX_UNREAD_CONVERSATIONS,
  MAX_UNREAD_SHOWN,
} from "../../lib/client/conversation/sync/direct_sync.ts";
import { MAX_MISSED_MESSAGES, PAGE_MESSAGES } from "../../lib/client/conversation/sync/sync_host.ts";
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
function directLines({ shown }: ChatHarness): string[] {
  return shown.filter((line) => /^\[|while you were away|!!!/.test(line));
}

Deno.test({
  name: "direct sync: unread messages are counted and shown, with our own among them; read ones are not",
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
    assertEquals(directLines(desk), [
      "--- 3 messages while you were away:",
      "[alice -> bob] one",
      "[alice -> bob] two",
      "[bob -> alice] later",
      "[carol -> bob] three",
      "[bob -> carol] never mind",
    ]);
    // Nobody has been told that it was read: a phone shows it too, and then no device does any more.
    const phone = comes();
    assertEquals(directLines(phone), directLines(desk));
    desk.mark();
    assertEquals(directLines(comes()), []);
    test.now += 1000;
    alice.type("/msg bob four");
    for (const each of [desk, phone]) each.pump();
    assertEquals(directLines(desk).at(-1), "[alice -> bob] four");
    phone.mark();
    assertEquals(directLines(comes()), []);
  },
});

Deno.test({
  name: "direct sync: a conversation with nothing but our own messages is not shown",
  ...PURE,
  fn() {
    const { bob, comes } = party();
    bob.type("/msg alice done", "/msg alice done again");
    assertEquals(directLines(comes()), []);
  },
});

Deno.test({
  name: "direct sync: messages of an ignored sender do not count, and are not marked as read",
  ...PURE,
  fn() {
    const { test, alice, comes } = party();
    const desk = comes();
    desk.type("/ignore alice");
    alice.type("/msg bob one");
    const again = new ChatHarness(test, "bob");
    again.ignored = desk.ignored;
    assertEquals(directLines(again.reader().connect().mark()), []);
    assertEquals(directLines(comes()), ["--- 1 message while you were away:", "[alice -> bob] one"]);
  },
});

Deno.test({
  name: "direct sync: more messages than a page holds are shown whole",
  ...PURE,
  fn() {
    const { alice, comes } = party();
    const count = 2 * PAGE_MESSAGES + 1;
    for (let n = 1; n <= count; n++) alice.type(`/msg bob ${n}`);
    const all = Array.from({ length: count }, (_, n) => `[alice -> bob] ${n + 1}`);
    const desk = comes();
    assertEquals(directLines(desk), [`--- ${count} messages while you were away:`, ...all]);
    desk.mark();
    assertEquals(directLines(comes()), []);
  },
});

Deno.test({
  name: "direct sync: the messages of a conversation have a bound, it is told, and the rest stays unread",
  ...PURE,
  fn() {
    const { test, alice, bob, comes } = party();
    // So many at once have the same time in the end: the last one within the bound and the first beyond it go
    // together.
    for (let n = 0; n <= MAX_UNREAD_SHOWN; n++) alice.type(`/msg bob ${n}`);
    test.now += 10_000;
    alice.type(`/msg bob ${MAX_UNREAD_SHOWN + 1}`);
    const desk = comes().mark();
    const [header, first, ...rest] = directLines(desk);
    assertEquals(header, `--- more than ${MAX_UNREAD_SHOWN + 1} messages while you were away:`);
    const owner = test.hub.context.state.user("bob")!;
    const read = test.hub.services.readMarkers.of(owner, "alice")!;
    assertEquals(
      [first, ...rest.slice(-2), desk.shown.find((line) => line.includes("chatterbox logs"))],
      [
        "[alice -> bob] 0",
        `[alice -> bob] ${MAX_UNREAD_SHOWN}`,
        "!!! more was missed from alice than is shown here; the rest stays unread:",
        `--- chatterbox logs --with alice --name bob --since @${read.time / 1000}`,
      ],
    );
    test.now += 10_000;
    alice.type("/msg bob and now");
    desk.pump();
    desk.type("/msg alice I am here");
    desk.mark(true);
    assertEquals(directLines(desk).slice(-2), ["[alice -> bob] and now", "[bob -> alice] I am here"]);
    assertEquals(test.hub.services.readMarkers.of(owner, "alice"), read);
    const again = comes();
    again.mark(true);
    assertEquals(directLines(again), [
      "--- 2 messages while you were away:",
      `[alice -> bob] ${MAX_UNREAD_SHOWN + 1}`,
      "[alice -> bob] and now",
      "[bob -> alice] I am here",
    ]);
    assertEquals(directLines(comes()), []);
    bob.pump();
  },
});

Deno.test({
  name: "direct sync: the conversations have a bound, it is told, and one that is not read stays unread",
  ...PURE,
  fn() {
    const { test, alice, comes } = party();
    alice.type("/msg bob first of all");
    for (let n = 0; n < MAX_UNREAD_CONVERSATIONS; n++) {
      test.now += 1;
      new ChatHarness(test, `guest${n}`).connect().type(`/msg bob from ${n}`);
    }
    const desk = comes();
    assertEquals(directLines(desk)[0], `--- ${MAX_UNREAD_CONVERSATIONS} messages while you were away:`);
    assertEquals(
      directLines(desk).at(-1),
      "!!! not all direct conversations are shown: the server has more of them",
    );
    alice.type("/msg bob and now");
    desk.pump();
    desk.mark(true);
    assertEquals(directLines(comes()), [
      "--- 2 messages while you were away:",
      "[alice -> bob] first of all",
      "[alice -> bob] and now",
      "!!! not all direct conversations are shown: the server has more of them",
    ]);
  },
});

Deno.test({
  name: "direct sync: where the server does not answer nothing counts as read",
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
      assertEquals(directLines(desk).filter((line) => line.startsWith("[")), ["[alice -> bob] and now"]);
      assertEquals(directLines(comes()), [
        "--- 2 messages while you were away:",
        "[alice -> bob] unseen",
        "[alice -> bob] and now",
      ]);
    }
  },
});

Deno.test({
  name: "direct sync: what was missed during a connection loss and is not shown does not count as read",
  ...PURE,
  fn() {
    const many = MAX_MISSED_MESSAGES + 1;
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
      assertEquals(directLines(desk).at(-1), "[alice -> bob] and now");
      assertEquals(directLines(comes()), [
        "--- 2 messages while you were away:",
        `[alice -> bob] ${count - 1}`,
        "[alice -> bob] and now",
      ]);
    }
  },
});

Deno.test({
  name:
    "direct sync: all is shown once and in order, whatever comes meanwhile, and however often the connection breaks",
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
  name:
    "direct sync: without read markers, or a person who reads, nothing is shown at first and nothing is marked",
  ...PURE,
  fn() {
    const { test, alice, comes } = party();
    alice.type("/msg bob one");
    const pipe = new ChatHarness(test, "bob").connect().mark();
    const old = new ChatHarness(test, "bob", "draft/read-marker").reader().connect().mark();
    assertEquals([directLines(pipe), directLines(old)], [[], []]);
    assertEquals(directLines(comes()).length, 2);
  },
});

Deno.test({
  name: "read markers: a conversation is marked at most every two seconds, and all of them at the end",
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
  name: "read markers: a message of an ignored sender is not marked as read",
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
    assertEquals(directLines(desk), ["[alice -> bob] before"]);
    assertEquals(directLines(comes()), ["--- 1 message while you were away:", "[alice -> bob] after"]);
  },
});

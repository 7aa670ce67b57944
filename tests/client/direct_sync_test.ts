import { assertEquals } from "@std/assert";
import {
  MAX_ROWS,
  MAX_UNREAD_CONVERSATIONS,
  MAX_UNREAD_SHOWN,
} from "../../lib/client/conversation/sync/direct_sync.ts";
import { MAX_MISSED_MESSAGES, PAGE_MESSAGES } from "../../lib/client/conversation/sync/sync_host.ts";
import { MARK_INTERVAL_MS } from "../../lib/client/conversation/read_marker_tracker.ts";
import { parseMessage } from "../../lib/irc/message.ts";
import { formatHistoryGap } from "../../lib/irc/vendor_extensions.ts";
import { forAll } from "../irc/property.ts";
import { TestHub } from "../support/hub.ts";
import { ChatHarness } from "../support/chat/chat_harness.ts";
import { makeChat } from "../support/chat/test_chat.ts";
import { pureTest } from "../support/test.ts";

/**
 * Alice, and bob with a program that no person reads; `openClient` starts a client of bob that a person
 * reads.
 */
function setUp(): { test: TestHub; alice: ChatHarness; bob: ChatHarness; openClient: () => ChatHarness } {
  const test = new TestHub({ motd: [] });
  const alice = new ChatHarness(test, "alice").connect();
  const bob = new ChatHarness(test, "bob").connect();
  return { test, alice, bob, openClient: () => new ChatHarness(test, "bob").reader().connect() };
}

/** What is shown that is not about the channel. */
function directLines({ shown }: ChatHarness): string[] {
  return shown.filter((line) => /^\[|^--- .*new from|!!!/.test(line));
}

pureTest(
  "direct sync: unread messages are counted and shown, with our own among them; read ones are not",
  () => {
    const { test, alice, bob, openClient } = setUp();
    const carol = new ChatHarness(test, "carol").connect();
    alice.type("/msg bob one", "/msg bob two");
    bob.pump();
    bob.type("/msg alice later");
    test.now += 1000;
    carol.type("/msg bob three");
    bob.type("/msg carol never mind");
    const client = openClient();
    assertEquals(directLines(client), [
      "--- 2 new from alice",
      "[alice -> bob] one",
      "[alice -> bob] two",
      "[bob -> alice] later",
      "--- 1 new from carol",
      "[carol -> bob] three",
      "[bob -> carol] never mind",
    ]);
    // Nobody has been told that it was read: a phone shows it too, and then no device does any more.
    const phone = openClient();
    assertEquals(directLines(phone), directLines(client));
    client.mark();
    assertEquals(directLines(openClient()), []);
    test.now += 1000;
    alice.type("/msg bob four");
    for (const each of [client, phone]) each.pump();
    assertEquals(directLines(client).at(-1), "[alice -> bob] four");
    phone.mark();
    assertEquals(directLines(openClient()), []);
  },
);

pureTest("direct sync: a conversation with nothing but our own messages is not shown", () => {
  const { bob, openClient } = setUp();
  bob.type("/msg alice done", "/msg alice done again");
  assertEquals(directLines(openClient()), []);
});

pureTest("direct sync: our own message that is sent while history is read is shown", () => {
  const { test, bob } = setUp();
  bob.type("/msg alice earlier");
  const client = new ChatHarness(test, "bob").reader();
  client.typeUnsent("/msg alice queued");
  client.connect();
  assertEquals(directLines(client), ["[bob -> alice] earlier", "[bob -> alice] queued"]);
});

pureTest("direct sync: messages of an ignored sender do not count, and are not marked as read", () => {
  const { test, alice, openClient } = setUp();
  const client = openClient();
  client.type("/ignore alice");
  alice.type("/msg bob one");
  const again = new ChatHarness(test, "bob");
  again.ignored = client.ignored;
  assertEquals(directLines(again.reader().connect().mark()), []);
  assertEquals(directLines(openClient()), ["--- 1 new from alice", "[alice -> bob] one"]);
});

pureTest("direct sync: more messages than a page holds are shown whole", () => {
  const { alice, openClient } = setUp();
  const count = 2 * PAGE_MESSAGES + 1;
  for (let n = 1; n <= count; n++) alice.type(`/msg bob ${n}`);
  const all = Array.from({ length: count }, (_, n) => `[alice -> bob] ${n + 1}`);
  const client = openClient();
  assertEquals(directLines(client), [`--- ${count} new from alice`, ...all]);
  client.mark();
  assertEquals(directLines(openClient()), []);
});

pureTest(
  "direct sync: the messages of a conversation have a bound, it is told, and the rest stays unread",
  () => {
    const { test, alice, bob, openClient } = setUp();
    // So many at once have the same time in the end: the last one within the bound and the first beyond it go
    // together.
    for (let n = 0; n <= MAX_UNREAD_SHOWN; n++) alice.type(`/msg bob ${n}`);
    test.now += 10_000;
    alice.type(`/msg bob ${MAX_UNREAD_SHOWN + 1}`);
    const client = openClient().mark();
    const [header, first, ...rest] = directLines(client);
    const shown = MAX_UNREAD_SHOWN + 1;
    const more = `(more: /logs alice ${shown})`;
    assertEquals(header, `--- more than ${shown} new from alice, showing ${shown} ${more}`);
    const owner = test.hub.context.state.user("bob")!;
    const read = test.hub.services.readMarkers.of(owner, "alice")!;
    assertEquals(
      [first, ...rest.slice(-2), client.shown.find((line) => line.includes("chatterbox logs"))],
      [
        "[alice -> bob] 0",
        `[alice -> bob] ${MAX_UNREAD_SHOWN}`,
        "!!! more was missed from alice than is shown here; the rest stays unread:",
        `--- chatterbox logs --with alice --name bob --since @${read.time / 1000}`,
      ],
    );
    test.now += 10_000;
    alice.type("/msg bob and now");
    client.pump();
    client.type("/msg alice I am here");
    client.mark(true);
    assertEquals(directLines(client).slice(-2), ["[alice -> bob] and now", "[bob -> alice] I am here"]);
    assertEquals(test.hub.services.readMarkers.of(owner, "alice"), read);
    const again = openClient();
    again.mark(true);
    assertEquals(directLines(again), [
      "--- 2 new from alice since 12:34",
      `[alice -> bob] ${MAX_UNREAD_SHOWN + 1}`,
      "[alice -> bob] and now",
      "[bob -> alice] I am here",
    ]);
    assertEquals(directLines(openClient()), []);
    bob.pump();
  },
);

pureTest(
  "direct sync: the conversations have a bound, it is told, and one that is not read stays unread",
  () => {
    const { test, alice, openClient } = setUp();
    alice.type("/msg bob first of all");
    for (let n = 0; n < MAX_UNREAD_CONVERSATIONS; n++) {
      test.now += 1;
      new ChatHarness(test, `guest${n}`).connect().type(`/msg bob from ${n}`);
    }
    const client = openClient();
    const counts = directLines(client).filter((line) => /^--- 1 new from guest\d+$/.test(line));
    assertEquals(counts.length, MAX_UNREAD_CONVERSATIONS);
    assertEquals(
      directLines(client).at(-1),
      "!!! not all direct conversations are shown: the server has more of them",
    );
    alice.type("/msg bob and now");
    client.pump();
    client.mark(true);
    assertEquals(directLines(openClient()), [
      "--- 2 new from alice",
      "[alice -> bob] first of all",
      "[alice -> bob] and now",
      "!!! not all direct conversations are shown: the server has more of them",
    ]);
  },
);

pureTest("direct sync: where the server does not answer nothing counts as read", () => {
  for (const unanswered of ["TARGETS", "AFTER"]) {
    const { test, alice, openClient } = setUp();
    alice.type("/msg bob unseen");
    const client = new ChatHarness(test, "bob").reader();
    client.ignores = (message) => message.params?.[0] === unanswered;
    client.connect();
    alice.type("/msg bob and now");
    client.pump();
    client.mark(true);
    assertEquals(directLines(client).filter((line) => line.startsWith("[")), ["[alice -> bob] and now"]);
    assertEquals(directLines(openClient()), [
      "--- 2 new from alice",
      "[alice -> bob] unseen",
      "[alice -> bob] and now",
    ]);
  }
});

pureTest(
  "direct sync: what was missed during a connection loss and is not shown does not count as read",
  () => {
    const many = MAX_MISSED_MESSAGES + 1;
    for (const [count, unanswered] of [[1, "TARGETS"], [1, "AFTER"], [many, ""]] as const) {
      const { test, alice, openClient } = setUp();
      const client = openClient();
      alice.type("/msg bob before");
      client.pump();
      client.mark(true);
      client.cut();
      test.now += 60_000;
      for (let n = 0; n < count; n++) {
        test.now += 1;
        alice.type(`/msg bob ${n}`);
      }
      client.ignores = (message) => message.params?.[0] === unanswered;
      client.connect(true);
      test.now += 60_000;
      alice.type("/msg bob and now");
      client.pump();
      client.mark(true);
      assertEquals(directLines(client).at(-1), "[alice -> bob] and now");
      assertEquals(directLines(openClient()), [
        "--- 2 new from alice since 12:34",
        `[alice -> bob] ${count - 1}`,
        "[alice -> bob] and now",
      ]);
    }
  },
);

pureTest(
  "direct sync: all is shown once and in order, whatever openClient meanwhile, and however often the connection breaks",
  () =>
    forAll(100, (random) => {
      const { test, alice } = setUp();
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
);

pureTest(
  "direct sync: without read markers, or a person who reads, nothing is shown at first and nothing is marked",
  () => {
    const { test, alice, openClient } = setUp();
    alice.type("/msg bob one");
    const pipe = new ChatHarness(test, "bob").connect().mark();
    const old = new ChatHarness(test, "bob", "draft/read-marker").reader().connect().mark();
    assertEquals([directLines(pipe), directLines(old)], [[], []]);
    assertEquals(directLines(openClient()).length, 2);
  },
);

pureTest(
  "read markers: a conversation is marked at most every two seconds, and all of them at the end",
  () => {
    const { test, alice, bob, openClient } = setUp();
    const client = openClient();
    const marker = () => {
      const observer = new ChatHarness(test, "bob").connect(); // a further session is told with its channels
      observer.pump();
      return test.hub.services.readMarkers.of(test.hub.context.state.user("bob")!, "#lobby")?.time ?? 0;
    };
    const say = (ms: number) => {
      test.now += ms;
      alice.type("hello");
      for (const each of [client, bob]) each.pump();
      return test.now;
    };
    const first = say(1000);
    assertEquals(client.chat.nextReadMarkerMs(test.now), 0);
    client.mark();
    assertEquals(marker(), first);
    const second = say(500);
    assertEquals(client.chat.nextReadMarkerMs(test.now), MARK_INTERVAL_MS - 500);
    client.mark();
    assertEquals(marker(), first);
    test.now = first + MARK_INTERVAL_MS;
    client.mark();
    assertEquals(marker(), second);
    assertEquals(client.chat.nextReadMarkerMs(test.now), undefined);
    const third = say(1);
    client.mark(true);
    assertEquals(marker(), third);
  },
);

pureTest("read markers: a message of an ignored sender is not marked as read", () => {
  const { test, alice, openClient } = setUp();
  const client = openClient();
  alice.type("/msg bob before");
  client.pump();
  client.mark();
  client.type("/ignore alice");
  test.now += MARK_INTERVAL_MS;
  alice.type("/msg bob after");
  client.pump();
  client.mark(true);
  assertEquals(directLines(client), ["[alice -> bob] before"]);
  assertEquals(directLines(openClient()), ["--- 1 new from alice since 12:34", "[alice -> bob] after"]);
});

pureTest("read markers: what a service says, without a time of the server's, is not marked as read", () => {
  const { test, openClient } = setUp();
  const client = openClient();
  client.type("/msg HistServ #lobby").mark(true);
  assertEquals(directLines(client).at(-1), "[HistServ -> bob] #lobby: the history has no messages");
  assertEquals(
    test.hub.services.readMarkers.of(test.hub.context.state.user("bob")!, "HistServ"),
    undefined,
  );
});

pureTest(
  "direct sync: of a server that lists more conversations than were asked for, only so many are read",
  () => {
    const chat = makeChat();
    chat.handleConnected({ nick: "alice", caps: new Set(["draft/chathistory"]), isClaimed: false }, true, 0);
    const asks = () => chat.takeEffects().filter((effect) => effect.kind === "ask");
    const targets = asks().find(({ message }) => message.params?.[0] === "TARGETS")!;
    const lines = Array.from(
      { length: 5 * MAX_ROWS },
      (_, n) => parseMessage(`:s CHATHISTORY TARGETS user${n} 2026-01-02T03:04:05.000Z`)!,
    );
    chat.handleResult(targets.id, { kind: "answered", lines }, 0);
    assertEquals(asks().length, MAX_ROWS);
  },
);

pureTest("direct sync: a gap that is shown when the connection is lost again is not shown once more", () => {
  const chat = makeChat();
  const caps = new Set(["draft/chathistory", "message-tags", "server-time"]);
  const time = "2026-01-02T03:04:05.000Z";
  let gaps = 0;
  /** Answers what was asked, but for the history of `silent`. */
  const answer = (silent: string) => {
    for (let effects = chat.takeEffects(); effects.length > 0; effects = chat.takeEffects()) {
      for (const effect of effects) {
        if (effect.kind === "show" && effect.entry.kind === "gap") gaps++;
        if (effect.kind !== "ask") continue;
        const [which, target = ""] = effect.message.params ?? [];
        if (target === silent) continue;
        const lines = which === "TARGETS"
          ? ["bob", "carol"].map((nick) => `:s CHATHISTORY TARGETS ${nick} ${time}`)
          : target === "bob"
          ? [`:s ${formatHistoryGap({ target, count: 3, why: "overwritten" })}`]
          : [];
        const result = { kind: "answered", lines: lines.map((line) => parseMessage(line)!) } as const;
        chat.handleResult(effect.id, result, 0);
      }
    }
  };
  chat.handleConnected({ nick: "alice", caps, isClaimed: false }, false, 0);
  chat.handleLine(parseMessage(`@time=${time};msgid=m1 :bob!b@h PRIVMSG alice :hi`)!, 0);
  for (const silent of ["carol", "nobody"]) {
    chat.handleDisconnected("cut", 1000, 0);
    chat.handleConnected({ nick: "alice", caps, isClaimed: false }, true, 0);
    answer(silent);
  }
  assertEquals(gaps, 1);
});

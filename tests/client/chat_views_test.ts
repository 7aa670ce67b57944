/** What the chat tells its views: who says what where, and what of it has been read. */
import { listCompletionWords } from "../../lib/client/commands/completion_words.ts";
import { assertEquals } from "@std/assert";
import { parseMessage } from "../../lib/irc/message.ts";
import { RECENT_MESSAGES } from "../../lib/client/conversation/sync/join_sync.ts";
import { MAX_VIEWS } from "../../lib/client/conversation/model/views.ts";
import { ChatHarness } from "../support/chat/chat_harness.ts";
import { TestHub } from "../support/hub.ts";
import { makeChat } from "../support/chat/test_chat.ts";
import { pureTest } from "../support/test.ts";

/** alice and bob are in #lobby. */
function setUp(): { test: TestHub; alice: ChatHarness; bob: ChatHarness } {
  const test = new TestHub({ motd: [] });
  const alice = new ChatHarness(test, "alice").reader().connect();
  return { test, alice, bob: new ChatHarness(test, "bob").connect() };
}

/** `>#lobby 0/0, #dev 3/1 (left)`: unread messages and mentions, after all lines have been received. */
function viewsOf(harness: ChatHarness): string {
  harness.pump();
  return harness.chat.views.list().map(({ name, unreadCount, mentionCount, isCurrent, isJoined }) =>
    `${isCurrent ? ">" : ""}${name} ${unreadCount}/${mentionCount}${isJoined ? "" : " (left)"}`
  ).join(", ");
}

pureTest(
  "chat views: messages in other rooms and direct messages are unread until their view is chosen",
  () => {
    const { alice, bob } = setUp();
    alice.type("/join dev", "/join lobby");
    bob.type("here", "/join dev", "hello", "ALICE?", "/msg alice psst");
    assertEquals(viewsOf(alice), ">#lobby 0/0, #dev 2/1, bob 1/1");
    alice.type("/join dev");
    assertEquals(viewsOf(alice), "#lobby 0/0, >#dev 0/0, bob 1/1");
  },
);

pureTest("chat views: arrivals, departures, topics and our own messages count nothing", () => {
  const { alice, bob } = setUp();
  alice.type("/join dev", "/join lobby", "/msg bob hi");
  bob.type("/join dev", "/topic #dev all welcome", "/part #dev", "/nick rob", "/nick bob");
  assertEquals(viewsOf(alice), ">#lobby 0/0, #dev 0/0, bob 0/0");
});

pureTest("chat views: what an ignored user says counts nothing", () => {
  const { alice, bob } = setUp();
  alice.type("/join dev", "/join lobby", "/ignore bob");
  bob.type("/join dev", "alice", "/msg alice psst");
  assertEquals(viewsOf(alice), ">#lobby 0/0, #dev 0/0");
});

/** Joins `channel`, and goes back to #lobby before its history has come. */
function joinAside(harness: ChatHarness, channel: string): void {
  harness.typeUnsent(`/join ${channel}`);
  harness.send(Infinity);
  harness.hear(Infinity);
  harness.typeUnsent("/join lobby");
}

pureTest("chat views: history counts from the read marker on, also where not all of it is shown", () => {
  const { test, alice, bob } = setUp();
  alice.type("/join dev");
  bob.type("/join dev", "read");
  alice.pump();
  alice.mark(true);
  const keeper = new ChatHarness(test, "alice").connect(); // of the name and its markers
  alice.cut();
  keeper.type("/part #dev");
  for (let n = 0; n < RECENT_MESSAGES + 20; n++) {
    test.now += 1;
    bob.type(n < 20 ? "not shown" : "shown to alice");
  }
  const again = new ChatHarness(test, "alice").reader().connect();
  joinAside(again, "dev");
  assertEquals(viewsOf(again), `>#lobby 0/0, #dev ${RECENT_MESSAGES + 20}/${RECENT_MESSAGES}`);
});

pureTest("chat views: without a read marker the history of a room that we enter counts as read", () => {
  const { alice, bob } = setUp();
  bob.type("/join dev", "alice");
  joinAside(alice, "dev");
  assertEquals(viewsOf(alice), ">#lobby 0/0, #dev 0/0");
  bob.type("alice");
  assertEquals(viewsOf(alice), ">#lobby 0/0, #dev 1/1");
});

pureTest("chat views: what was missed during a loss of the connection counts", () => {
  const { test, alice, bob } = setUp();
  alice.type("/join dev", "/join lobby");
  bob.type("/join dev");
  alice.pump();
  new ChatHarness(test, "alice").connect(); // keeps the name
  alice.cut();
  bob.type("missed", "/msg alice psst");
  assertEquals(viewsOf(alice), ">#lobby 0/0 (left), #dev 0/0 (left)");
  alice.connect(true);
  assertEquals(viewsOf(alice), ">#lobby 0/0, #dev 1/0, bob 1/1");
});

pureTest("chat views: direct messages that were unread when we came count", () => {
  const { test, alice, bob } = setUp();
  new ChatHarness(test, "alice").connect(); // keeps the name
  alice.cut();
  bob.type("/msg alice one", "/msg alice two");
  assertEquals(viewsOf(new ChatHarness(test, "alice").reader().connect()), ">#lobby 0/0, bob 2/2");
});

pureTest("chat views: what another client of ours has read is no longer unread", () => {
  const { test, alice, bob } = setUp();
  alice.type("/join dev", "/join lobby");
  const phone = new ChatHarness(test, "alice").reader().connect();
  phone.type("/join dev");
  bob.type("/join dev", "one", "/msg alice psst");
  phone.mark();
  test.now += 1;
  bob.type("two");
  assertEquals(viewsOf(alice), ">#lobby 0/0, #dev 2/0, bob 1/1");
  phone.pump();
  phone.mark(true);
  assertEquals(viewsOf(alice), ">#lobby 0/0, #dev 0/0, bob 0/0");
});

pureTest("chat views: a renamed room and a partner with a new nick keep their view", () => {
  const { alice, bob } = setUp();
  alice.type("/join dev", "/join lobby");
  bob.type("/join dev", "one", "/msg alice psst");
  alice.pump();
  alice.chat.handleLine(parseMessage(":irc.test RENAME #dev #ops :")!, 0);
  bob.type("/nick rob", "/msg alice again");
  assertEquals(viewsOf(alice), ">#lobby 0/0, #ops 1/0, rob 2/2");
});

pureTest(
  "chat views: a room that we are removed from is kept as left, and stays current",
  () => {
    const { alice, bob } = setUp();
    bob.type("/join dev");
    alice.type("/join dev");
    bob.type("hello", "/kick alice");
    assertEquals(viewsOf(alice), "#lobby 0/0, >#dev 0/0 (left)");
    assertEquals([alice.chat.channel, alice.chat.views.current], [undefined, "#dev"]);
    alice.type("/join lobby");
    assertEquals(viewsOf(alice), ">#lobby 0/0, #dev 0/0 (left)");
    alice.chat.views.close("#dev");
    assertEquals(viewsOf(alice), ">#lobby 0/0");
  },
);

pureTest("chat views: people and rooms of all views can be completed, and their number is bounded", () => {
  const chat = makeChat();
  for (let n = 0; n < MAX_VIEWS + 10; n++) {
    chat.handleLine(parseMessage(`:p${n}!p@h PRIVMSG alice :hi`)!, n);
  }
  const names = [...listCompletionWords(chat).names];
  assertEquals([names.length, names[0], names.at(-1)], [MAX_VIEWS - 1, "p11", `p${MAX_VIEWS + 9}`]);
  assertEquals([...listCompletionWords(chat).channels], ["#lobby"]);
});

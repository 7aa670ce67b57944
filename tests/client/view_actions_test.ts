/** What a page makes the chat do: one view at a time, pages of history, typing, receipts. */
import { assertEquals } from "@std/assert";
import { askForPage, openView, setWatched, tellTyping } from "../../lib/client/conversation/view_actions.ts";
import { HISTORY_PAGE_MESSAGES } from "../../lib/client/conversation/history_page.ts";
import { ChatHarness } from "../support/chat/chat_harness.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

function setUp(): { test: TestHub; alice: ChatHarness; bob: ChatHarness } {
  const test = new TestHub({ motd: [] });
  const alice = new ChatHarness(test, "alice").page().connect();
  return { test, alice, bob: new ChatHarness(test, "bob").connect() };
}

function unreadOf(harness: ChatHarness): string[] {
  harness.pump();
  return harness.chat.views.list().map(({ name, unreadCount }) => `${name} ${unreadCount}`);
}

/** Read markers that were sent since the last call. */
function takeMarkers(harness: ChatHarness): string[] {
  harness.mark(true);
  const sent = harness.effects.splice(0).flatMap((effect) => effect.kind === "ask" ? [effect.message] : []);
  return sent.flatMap(({ command, params }) => command === "MARKREAD" ? [params![0]!] : []);
}

pureTest("views of a page: only what is seen is read", () => {
  const { test, alice, bob } = setUp();
  alice.type("/join dev", "/join lobby");
  bob.type("/join dev");
  takeMarkers(alice);
  test.now += 1000;
  bob.type("unseen", "/msg alice psst");
  assertEquals(unreadOf(alice), ["#lobby 0", "#dev 1", "bob 1"]);
  assertEquals(takeMarkers(alice), []);
  alice.do((chat) => openView(chat, "bob"));
  assertEquals(unreadOf(alice), ["#lobby 0", "#dev 1", "bob 0"]);
  assertEquals(takeMarkers(alice), ["bob"]);
});

pureTest("views of a page: behind other windows the current one is not read, until it is seen again", () => {
  const { test, alice, bob } = setUp();
  takeMarkers(alice);
  alice.do((chat) => setWatched(chat, false));
  test.now += 1000;
  bob.type("anyone?");
  assertEquals(unreadOf(alice), ["#lobby 1"]);
  assertEquals(takeMarkers(alice), []);
  alice.do((chat) => setWatched(chat, true));
  assertEquals(unreadOf(alice), ["#lobby 0"]);
  assertEquals(takeMarkers(alice), ["#lobby"]);
});

pureTest("views of a page: history comes page by page, the last one empty", () => {
  const { test, alice, bob } = setUp();
  for (let n = 0; n < HISTORY_PAGE_MESSAGES + 20; n++) {
    test.now += 1000;
    bob.type(`text ${n}`);
  }
  const takePage = () => {
    const pages = alice.effects.splice(0).flatMap((effect) => effect.kind === "page" ? [effect.page] : []);
    assertEquals(pages.map(({ target, failure }) => [target, failure]), [["#lobby", ""]]);
    return pages[0]!.items.filter((item) => item.kind === "message");
  };
  alice.effects.length = 0;
  alice.do((chat, now) => askForPage(chat, "#lobby", undefined, now));
  const latest = takePage();
  assertEquals([latest.length, latest.at(-1)?.text], [HISTORY_PAGE_MESSAGES, "text 119"]);
  alice.do((chat, now) => askForPage(chat, "#lobby", latest[0]!, now));
  const earlier = takePage();
  assertEquals([earlier.length, earlier[0]?.text, earlier.at(-1)?.text], [20, "text 0", "text 19"]);
  alice.do((chat, now) => askForPage(chat, "#lobby", earlier[0]!, now));
  assertEquals(takePage(), []);
});

pureTest("views of a page: typing is told to the others, and ends with the message", () => {
  const { test, alice, bob } = setUp();
  bob.do((chat, now) => tellTyping(chat, "#lobby", "active", now));
  alice.pump();
  assertEquals(alice.chat.typing.list("#lobby", test.now), ["bob"]);
  bob.type("so");
  alice.pump();
  assertEquals(alice.chat.typing.list("#lobby", test.now), []);
});

pureTest("views of a page: a direct message is read once the other person has opened it", () => {
  const { test, alice } = setUp();
  const carol = new ChatHarness(test, "carol").page().connect();
  alice.type("/msg carol hi");
  carol.pump();
  carol.mark(true);
  const reached = () => {
    alice.pump();
    return alice.effects.flatMap((effect) => effect.kind === "receipt" ? [effect.what] : []);
  };
  assertEquals(reached().includes("read"), false);
  carol.do((chat) => openView(chat, "alice"));
  carol.mark(true);
  assertEquals(reached().includes("read"), true);
});

pureTest("views of a page: direct conversations are listed, read or not", () => {
  const { test, alice, bob } = setUp();
  bob.type("/msg alice psst");
  alice.pump();
  test.now += 1000;
  alice.do((chat) => openView(chat, "bob"));
  alice.mark(true);
  test.now += 5000;
  const other = new ChatHarness(test, "alice").page().connect();
  assertEquals(unreadOf(other), ["#lobby 0", "bob 0"]);
  assertEquals(other.chat.views.list()[1]?.lastActivity, test.now - 6000);
  const terminal = new ChatHarness(test, "alice").reader().connect();
  assertEquals(unreadOf(terminal), ["#lobby 0"]);
});

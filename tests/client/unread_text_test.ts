import { assertEquals } from "@std/assert";
import { MAX_UNREAD_COUNTED, RECENT_MESSAGES } from "../../lib/client/conversation/sync/join_sync.ts";
import { describeUnread } from "../../lib/client/conversation/model/unread_text.ts";
import { TestHub } from "../support/hub.ts";
import { ChatHarness } from "../support/chat/chat_harness.ts";
import { pureTest } from "../support/test.ts";

/** alice is in the lobby; bob was there, read everything and quit. */
function left(): { test: TestHub; alice: ChatHarness; comes: (...without: string[]) => ChatHarness } {
  const test = new TestHub({ motd: [] });
  const alice = new ChatHarness(test, "alice").connect();
  new ChatHarness(test, "bob").connect(); // keeps the name, and its markers
  alice.type("read");
  test.now += 1000;
  new ChatHarness(test, "bob").reader().connect().mark().cut();
  test.now += 1000;
  alice.pump();
  return { test, alice, comes: (...without) => new ChatHarness(test, "bob", ...without).reader().connect() };
}

/** The history that is shown of the channel, without the list of members. */
function past({ shown }: ChatHarness): string[] {
  return shown.filter((line) => !/people in|came in/.test(line));
}

pureTest("unread: what came since stands behind a line that counts it, and what was read before that", () => {
  const { alice, comes } = left();
  alice.type("one", "two");
  const bob = comes();
  assertEquals(past(bob), [
    "--- earlier messages in #lobby:",
    "<alice> read",
    "--- 2 new since 12:34",
    "<alice> one",
    "<alice> two",
  ]);
  bob.mark();
  assertEquals(past(comes()), [
    "--- earlier messages in #lobby:",
    "<alice> read",
    "<alice> one",
    "<alice> two",
  ]);
});

pureTest("unread: messages that are hidden are not counted", () => {
  const { test, alice } = left();
  const eve = new ChatHarness(test, "eve").connect();
  eve.type("noise");
  const comes = () => {
    const bob = new ChatHarness(test, "bob");
    bob.ignored = ["eve"];
    return past(bob.reader().connect());
  };
  assertEquals(comes(), ["--- earlier messages in #lobby:", "<alice> read"]);
  alice.type("one");
  assertEquals(comes().slice(-2), ["--- 1 new since 12:34", "<alice> one"]);
});

pureTest("unread: of more than are shown it is told how many there are", () => {
  for (const count of [RECENT_MESSAGES, 120, MAX_UNREAD_COUNTED + 5]) {
    const { test, alice, comes } = left();
    for (let nth = 1; nth <= count; nth++) {
      test.now += 1; // a page of history does not end within a millisecond
      alice.type(`${nth}`);
    }
    const lines = past(comes());
    const told = count > MAX_UNREAD_COUNTED ? `more than ${MAX_UNREAD_COUNTED}` : `${count}`;
    const more = `, showing ${RECENT_MESSAGES} (PgUp or /logs for more)`;
    assertEquals(lines[0], `--- ${told} new since 12:34${count === RECENT_MESSAGES ? "" : more}`);
    assertEquals([lines.length, lines.at(-1)], [RECENT_MESSAGES + 1, `<alice> ${count}`]);
  }
});

pureTest("unread: where the server keeps no read markers it is the past", () => {
  const { alice, comes } = left();
  alice.type("one");
  assertEquals(past(comes("draft/read-marker")), [
    "--- earlier messages in #lobby:",
    "<alice> read",
    "<alice> one",
  ]);
});

pureTest(
  "unread: the time is told with its day where it is not today's, and the room where it is not the reader's",
  () => {
    const hour = 60 * 60_000;
    const local = {
      clock: (time: number) => `${Math.floor(time / hour) % 24}:00`,
      day: (time: number) => `day ${Math.floor(time / hour / 24)}`,
      date: (time: number) => `${Math.floor(time / hour / 24)} Nov`,
    };
    const unread = {
      kind: "unread",
      channel: "#tea",
      count: 3,
      isAtLeast: false,
      shown: 3,
      time: 60 * hour,
    } as const;
    const text = (since: number, channel = "#tea") =>
      describeUnread({ ...unread, since: since * hour }, channel, local);
    assertEquals(text(50), "3 new since 2:00");
    assertEquals(text(47), "3 new since yesterday 23:00");
    assertEquals(text(23, "#dev"), "3 new in #tea since 0 Nov 23:00");
    assertEquals(
      describeUnread({ ...unread, shown: 2, since: 50 * hour }, "#tea", local),
      "3 new since 2:00, showing 2 (PgUp or /logs for more)",
    );
    assertEquals(
      describeUnread({ ...unread, channel: "bob", shown: 2, since: 0 }, "#tea", local),
      "3 new from bob, showing 2 (more: /logs bob 3)",
    );
  },
);

import { assertEquals } from "@std/assert";
import { JoinedChannels } from "../../lib/client/conversation/model/joined_channels.ts";
import { MAX_VIEWS, Views } from "../../lib/client/conversation/model/views.ts";
import { WantedChannels } from "../../lib/client/conversation/model/wanted_channels.ts";
import { parseMessage } from "../../lib/irc/message.ts";
import { pureTest } from "../support/test.ts";

/** The views of alice. Times are small numbers. */
class Fixture {
  readonly joined = new JoinedChannels();
  readonly wanted = new WantedChannels();
  readonly views = new Views(this.joined, this.wanted);
  #time = 0;

  join(...channels: string[]): this {
    for (const channel of channels) {
      this.joined.applyLine(parseMessage(`:alice!a@h JOIN ${channel}`)!, "alice");
      this.wanted.add(channel);
      this.views.openChannel(channel);
    }
    return this;
  }

  part(channel: string): this {
    this.joined.applyLine(parseMessage(`:alice!a@h PART ${channel}`)!, "alice");
    this.wanted.remove(channel);
    return this;
  }

  /** `from` sends a message to `to`; each is one millisecond later than the one before. */
  receive(from: string, to: string, text = "hi", time = ++this.#time): this {
    this.#time = time;
    this.views.receive({ channel: to.startsWith("#") ? to : undefined, from, to, text, time }, "alice");
    return this;
  }

  /** `#lobby 3/1`: unread and mentions; `>` before the current one, `(left)` behind a channel that we are out of. */
  get text(): string {
    return this.views.list().map(({ name, unreadCount, mentionCount, isCurrent, isJoined }) =>
      `${isCurrent ? ">" : ""}${name} ${unreadCount}/${mentionCount}${isJoined ? "" : " (left)"}`
    ).join(", ");
  }

  find(name: string) {
    return this.views.list().find((view) => view.name === name);
  }
}

pureTest(
  "views: channels first, then direct conversations, each in the order in which they were opened",
  () => {
    const alice = new Fixture().join("#b").receive("bob", "alice").join("#a").receive("al", "alice");
    alice.views.choose("#a");
    assertEquals(alice.text, "#b 0/0, >#a 0/0, bob 1/1, al 1/1");
    assertEquals(alice.views.list().map(({ kind }) => kind), ["channel", "channel", "direct", "direct"]);
  },
);

pureTest(
  "views: what is said in the current view is read, what is said elsewhere is unread until it is chosen",
  () => {
    const alice = new Fixture().join("#a", "#b");
    alice.views.choose("#a");
    alice.receive("bob", "#a").receive("bob", "#b").receive("bob", "#B").receive("bob", "alice");
    assertEquals(alice.text, ">#a 0/0, #b 2/0, bob 1/1");
    assertEquals([alice.find("#a")?.readUntil, alice.find("#b")?.readUntil], [1, 0]);
    assertEquals([alice.find("#a")?.lastActivity, alice.find("#b")?.lastActivity], [1, 3]);
    alice.views.choose("#b");
    assertEquals(alice.text, "#a 0/0, >#b 0/0, bob 1/1");
    assertEquals(alice.find("#b")?.readUntil, 3);
    alice.receive("bob", "#a");
    assertEquals(alice.text, "#a 1/0, >#b 0/0, bob 1/1");
  },
);

pureTest("views: a mention is our nick as a word; in a direct conversation every message is one", () => {
  const alice = new Fixture().join("#a");
  for (const text of ["hello", "ALICE: hello", "malice", "alice2", "ask alice!"]) {
    alice.receive("bob", "#a", text);
  }
  alice.receive("bob", "alice", "no name");
  assertEquals(alice.text, "#a 5/2, bob 1/1");
});

pureTest(
  "views: our own messages count nothing, and open the direct conversation that they belong to",
  () => {
    const alice = new Fixture().join("#a").receive("alice", "#a", "alice").receive("Alice", "bob");
    assertEquals(alice.text, "#a 0/0, bob 0/0");
  },
);

pureTest(
  "views: a read marker of another client lowers the counts to what came after it, and never raises them",
  () => {
    const alice = new Fixture().join("#a");
    for (let n = 0; n < 4; n++) alice.receive("bob", "#a", n === 0 ? "alice" : "hi");
    alice.views.markRead("#A", 1);
    assertEquals(alice.text, "#a 3/0");
    alice.views.markRead("#a", 3);
    alice.views.markRead("#a", 2);
    assertEquals([alice.text, alice.find("#a")?.readUntil], ["#a 1/0", 3]);
    alice.receive("bob", "#a", "again, of a time that has been read", 2);
    assertEquals(alice.text, "#a 1/0");
    alice.views.markRead("nobody", 3);
    assertEquals(alice.text, "#a 1/0");
  },
);

pureTest("views: messages that were unread before we came count with those that came since", () => {
  const alice = new Fixture().join("#a", "#b");
  alice.views.markRead("#a", 10);
  alice.views.addUnread("#a", 950);
  alice.receive("bob", "#a", "shown", 12).receive("bob", "#a", "shown too", 13);
  assertEquals(alice.text, "#a 952/0, #b 0/0");
  alice.views.markRead("#a", 11); // among those that are not known one by one
  assertEquals(alice.text, "#a 952/0, #b 0/0");
  alice.views.markRead("#a", 12);
  assertEquals(alice.text, "#a 1/0, #b 0/0");
  alice.views.choose("#b");
  alice.views.addUnread("#b", 5);
  assertEquals(alice.text, "#a 1/0, >#b 0/0");
});

pureTest(
  "views: of many unread messages all are counted, and those at the end stay when the others are read",
  () => {
    const alice = new Fixture().join("#a");
    for (let n = 0; n < 2500; n++) alice.receive("bob", "#a", "alice");
    assertEquals(alice.text, "#a 2500/2500");
    alice.views.markRead("#a", 2490);
    assertEquals(alice.text, "#a 10/10");
  },
);

pureTest("views: a renamed channel keeps its place, its counts and that it is current", () => {
  const alice = new Fixture().join("#a", "#b").receive("bob", "#a").receive("bob", "#b");
  alice.views.choose("#b");
  alice.wanted.rename("#a", "#c");
  alice.views.rename("#A", "#c");
  alice.wanted.rename("#b", "#d");
  alice.views.rename("#b", "#d");
  assertEquals(alice.views.list().map(({ name, unreadCount }) => `${name} ${unreadCount}`), ["#c 1", "#d 0"]);
  assertEquals(alice.views.current, "#d");
  alice.views.rename("#d", "#D");
  assertEquals(alice.views.current, "#D");
});

pureTest(
  "views: a channel that takes the name of one that we have left, which is shown, becomes one with it",
  () => {
    const alice = new Fixture().join("#a", "#b");
    alice.views.choose("#b");
    alice.part("#b");
    assertEquals(alice.text, "#a 0/0, >#b 0/0 (left)");
    alice.wanted.rename("#a", "#b");
    alice.views.rename("#a", "#b");
    assertEquals([alice.views.current, alice.text], ["#b", ">#b 0/0 (left)"]);
  },
);

pureTest("views: a direct conversation goes on under the new nick of the other user", () => {
  const alice = new Fixture().receive("bob", "alice");
  alice.views.rename("BOB", "rob");
  alice.views.rename("unknown", "other");
  alice.receive("rob", "alice");
  assertEquals(alice.text, "rob 2/2");
  alice.receive("carol", "alice").views.choose("carol");
  alice.views.rename("carol", "Rob");
  assertEquals([alice.text, alice.views.current], [">Rob 0/0", "Rob"]);
});

pureTest(
  "views: a channel that we are out of stays current, marked as left, until another one is chosen or it is closed",
  () => {
    const alice = new Fixture().join("#a", "#b").receive("bob", "#b");
    alice.views.choose("#b");
    alice.part("#b");
    assertEquals(alice.text, "#a 0/0, >#b 0/0 (left)");
    alice.views.choose("#a");
    assertEquals(alice.text, ">#a 0/0, #b 0/0 (left)");
    alice.views.close("#b");
    assertEquals(alice.text, ">#a 0/0");
    alice.join("#b");
    assertEquals(alice.text, ">#a 0/0, #b 0/0");
  },
);

pureTest("views: a channel that we only wanted to enter is listed while it is wanted or current", () => {
  const alice = new Fixture();
  alice.wanted.add("#a");
  alice.views.choose("#a");
  assertEquals(alice.text, ">#a 0/0 (left)");
  alice.wanted.remove("#a");
  alice.views.choose(undefined);
  assertEquals([alice.text, alice.views.current], ["", undefined]);
});

pureTest("views: a closed direct conversation is listed again with its next message", () => {
  const alice = new Fixture().receive("bob", "alice");
  alice.views.choose("bob");
  alice.views.close("Bob");
  assertEquals([alice.text, alice.views.current], ["", undefined]);
  assertEquals(alice.receive("bob", "alice").text, "bob 1/1");
});

pureTest(
  "views: beyond the bound the least recently active one goes: a closed one first, a channel that is wanted never",
  () => {
    const alice = new Fixture().join("#a");
    for (let n = 1; n < MAX_VIEWS; n++) alice.receive(`u${n}`, "alice");
    alice.views.choose("u1");
    alice.views.close("u3");
    alice.views.close("u4");
    const names = () => new Set(alice.views.list().map(({ name }) => name));
    alice.receive("new1", "alice").receive("u4", "alice");
    assertEquals([names().size, names().has("u4")], [MAX_VIEWS, true]); // u3 went
    alice.receive("u2", "alice").receive("new2", "alice");
    const kept = ["#a", "u1", "u2", "u5"].map((name) => names().has(name));
    assertEquals(kept, [true, true, true, false]);
    assertEquals(names().size, MAX_VIEWS);
  },
);

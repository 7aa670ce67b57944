/** What a page shows of a chat with a server: the model on a whole client and a hub. */
import { assertEquals } from "@std/assert";
import type { MessageEntry } from "../../../lib/client/conversation/model/chat_entry.ts";
import { browserTime } from "../../../lib/page/state/time_text.ts";
import { MAX_CONVERSATIONS, PageModel } from "../../../lib/page/model/page_model.ts";
import type { MessageRow, Row } from "../../../lib/page/model/row.ts";
import { ChatHarness } from "../../support/chat/chat_harness.ts";
import { TestHub } from "../../support/hub.ts";
import { pureTest } from "../../support/test.ts";

/** A page of alice; its model takes all effects of the chat. */
class Page {
  readonly harness: ChatHarness;
  readonly model: PageModel;
  #taken = 0;

  constructor(readonly test: TestHub, nick = "alice", ...without: string[]) {
    this.harness = new ChatHarness(test, nick, ...without).page();
    this.model = new PageModel({ chat: this.harness.chat, local: browserTime });
  }

  connect(again = false): this {
    this.harness.connect(again);
    return this.sync();
  }

  /** Passes all lines, and gives the model the effects. */
  sync(): this {
    do {
      this.harness.pump();
      for (const effect of this.harness.effects.slice(this.#taken)) this.model.apply(effect);
      this.#taken = this.harness.effects.length;
    } while (this.harness.chat.effectCount > 0);
    return this;
  }

  do(change: (model: PageModel, now: number) => void): this {
    change(this.model, this.test.now);
    this.harness.do(() => {});
    return this.sync();
  }

  rows(name = "#lobby"): Row[] {
    this.sync();
    const rows = this.model.rows(name);
    return Array.from({ length: rows.count }, (_, index) => rows.at(index));
  }

  messages(name = "#lobby"): MessageRow[] {
    return this.rows(name).filter((row) => row.kind === "message");
  }

  texts(name = "#lobby"): string[] {
    return this.rows(name).filter(({ kind }) => kind !== "day").map((row) =>
      row.kind === "message"
        ? `<${row.from}> ${row.text}${row.sendState === undefined ? "" : ` [${row.sendState}]`}`
        : row.kind === "unread"
        ? `[${row.count} new]`
        : `[${row.text}]`
    );
  }

  get list(): string[] {
    const { rooms, direct } = this.sync().model.roomList;
    return [...rooms, ...direct].map(({ name, unreadCount, mentionCount, isCurrent }) =>
      `${isCurrent ? ">" : ""}${name} ${unreadCount}/${mentionCount}`
    );
  }
}

function setUp(): { test: TestHub; alice: Page; bob: ChatHarness } {
  const test = new TestHub({ motd: [] });
  const alice = new Page(test).connect();
  return { test, alice, bob: new ChatHarness(test, "bob").connect() };
}

pureTest("page model: what is typed is there at once", () => {
  const { alice } = setUp();
  alice.model.say("#lobby", "hi", alice.test.now);
  for (const effect of alice.harness.chat.takeEffects()) alice.model.apply(effect);
  assertEquals(alice.messages().map(({ sendState }) => sendState), ["pending"]);
});

pureTest("page model: messages go to their conversations, arrivals to their rooms, and both count", () => {
  const { alice, bob } = setUp();
  alice.do((model, now) => model.say("#lobby", "hi", now));
  bob.type("hello alice", "/msg alice psst", "/join dev");
  assertEquals(alice.texts(), ["[bob joined]", "<alice> hi [sent]", "<bob> hello alice"]);
  assertEquals(alice.texts("bob"), ["<bob> psst"]);
  assertEquals(alice.list, [">#lobby 0/0", "bob 1/1"]);
  bob.type("/nick rob", "/msg alice me again");
  assertEquals(alice.texts("rob"), ["<bob> psst", "[bob is now rob]", "<rob> me again"]);
  assertEquals(alice.list, [">#lobby 0/0", "rob 2/2"]);
});

pureTest("page model: a conversation opens with a mark above what is new, and closes without", () => {
  const { test, alice, bob } = setUp();
  bob.type("/msg alice one");
  alice.do((model, now) => model.open("bob", now));
  alice.do((model, now) => model.open("#lobby", now));
  test.now += 1000;
  bob.type("/msg alice two", "/msg alice three");
  alice.sync().do((model, now) => model.open("bob", now));
  assertEquals(alice.texts("bob"), ["<bob> one", "[2 new]", "<bob> two", "<bob> three"]);
  bob.type("/msg alice four");
  assertEquals(alice.texts("bob").slice(-2), ["<bob> three", "<bob> four"]);
  assertEquals(alice.list, ["#lobby 0/0", ">bob 0/0"]);
  alice.do((model, now) => model.open("#lobby", now));
  assertEquals(alice.texts("bob").length, 4);
});

pureTest(
  "page model: behind other windows messages become unread, with a mark when the page is seen again",
  () => {
    const { test, alice, bob } = setUp();
    bob.type("one");
    alice.sync().do((model) => model.setVisible(false));
    test.now += 1000;
    bob.type("two", "alice: three");
    assertEquals(alice.list, [">#lobby 2/1"]);
    alice.do((model) => model.setVisible(true));
    assertEquals(alice.list, [">#lobby 0/0"]);
    assertEquals(alice.texts().slice(1), ["<bob> one", "[2 new]", "<bob> two", "<bob> alice: three"]);
  },
);

pureTest("page model: history is loaded page by page until there is no more", () => {
  const test = new TestHub({ motd: [] });
  const bob = new ChatHarness(test, "bob").connect();
  for (let n = 0; n < 230; n++) {
    test.now += 1000;
    bob.type(`text ${n}`);
  }
  const alice = new Page(test).connect();
  const counts = [alice.messages().length];
  const { key } = alice.messages()[0]!;
  while (!alice.model.loadState("#lobby").isWhole) {
    alice.do((model, now) => {
      assertEquals(model.loadEarlier("#lobby", now), true);
      assertEquals(model.loadEarlier("#lobby", now), false, "it is under way");
    });
    counts.push(alice.messages().length);
  }
  assertEquals(counts, [99, 199, 230, 230], "of the latest 100 events one is her own JOIN");
  assertEquals(alice.messages().map(({ text }) => text), Array.from({ length: 230 }, (_, n) => `text ${n}`));
  assertEquals(alice.messages()[131]!.key, key);
  assertEquals(alice.model.loadEarlier("#lobby", test.now), false);
});

pureTest("page model: reply, reaction, edit and removal reach the other people", () => {
  const { alice, bob } = setUp();
  const other = new Page(alice.test, "carol").connect();
  bob.type("tea?");
  const tea = alice.messages()[0]!;
  alice.do((model, now) => model.say("#lobby", "helo", now, { replyTo: tea.id! }));
  alice.do((model, now) => model.toggleReaction("#lobby", tea, "👍", now));
  const mine = alice.messages()[1]!;
  assertEquals(alice.model.canEdit(mine, alice.test.now), true);
  assertEquals(alice.model.canEdit(tea, alice.test.now), false);
  alice.do((model, now) => model.edit("#lobby", mine, "hello", now));
  for (const page of [alice, other]) {
    const [first, second, ...rest] = page.messages();
    assertEquals(first!.reactions.map(({ text, names }) => [text, names]), [["👍", ["alice"]]]);
    assertEquals([second!.text, second!.isEdited, second!.replyTo?.excerpt], ["hello", true, "tea?"]);
    assertEquals([rest, second!.removedBy], [[], undefined]);
  }
  alice.do((model, now) => model.toggleReaction("#lobby", alice.messages()[0]!, "👍", now));
  alice.do((model, now) => model.remove("#lobby", alice.messages()[1]!, now));
  for (const page of [alice, other]) {
    assertEquals(page.messages().map(({ text, removedBy, reactions }) => [text, removedBy, reactions]), [
      ["tea?", undefined, []],
      ["", "alice", []],
    ]);
  }
});

pureTest("page model: a refused message can be sent again, or dismissed", () => {
  const { alice } = setUp();
  alice.do((model, now) => model.say("dave", "hi", now));
  assertEquals(alice.texts("dave"), ["<alice> hi [failed]"]);
  assertEquals(alice.texts().filter((text) => text.includes("not delivered")), [], "it is told once");
  alice.do((model, now) => model.retry(alice.messages("dave")[0]!, now));
  assertEquals(alice.texts("dave"), ["<alice> hi [failed]"]);
  alice.do((model) => model.dismiss(alice.messages("dave")[0]!));
  assertEquals(alice.texts("dave"), []);
});

pureTest("page model: what is typed without a connection waits, and is sent once", () => {
  const { alice, bob } = setUp();
  alice.do((model, now) => model.say("#lobby", "one", now));
  alice.harness.cut();
  alice.model.handleDisconnected();
  alice.do((model, now) => model.say("#lobby", "two\nlines", now));
  assertEquals(alice.messages().map(({ text, sendState }) => [text, sendState]), [["one", "sent"], [
    "two\nlines",
    "pending",
  ]]);
  alice.connect(true);
  assertEquals(alice.messages().map(({ text, sendState }) => [text, sendState]), [["one", "sent"], [
    "two\nlines",
    "sent",
  ]]);
  bob.pump();
  assertEquals(bob.takeShown().filter((line) => line.includes("<alice>")).length, 2);
});

pureTest("page model: what was typed before the page was loaded anew is shown and sent", () => {
  const test = new TestHub({ motd: [] });
  const unsent = [{ id: "s1", target: "#lobby", text: "kept", manner: "said", at: test.now }] as const;
  const harness = new ChatHarness(test, "alice").page();
  const model = new PageModel({ chat: harness.chat, local: browserTime, unsent });
  assertEquals(model.rows("#lobby").at(0).kind, "message");
});

pureTest("page model: conversations that are not listed are dropped", () => {
  const { alice, bob } = setUp();
  bob.type("hello");
  alice.sync();
  const { key } = alice.messages()[0]!;
  alice.model.rows("x0").append({ kind: "note", time: 0, text: "so" });
  for (let n = 1; n <= MAX_CONVERSATIONS; n++) alice.model.rows(`x${n}`);
  assertEquals(alice.model.rows("x0").count, 0);
  assertEquals(alice.messages()[0]!.key, key);
});

pureTest("page model: a paste of 100 lines is one message, before the first connection too", () => {
  const lines = Array.from({ length: 100 }, (_, nth) => `${nth}: ${"x".repeat(20)}`).join("\n");
  const { alice, bob } = setUp();
  const early = new Page(alice.test, "carol");
  early.do((model, now) => model.say("#lobby", lines, now)).connect();
  alice.do((model, now) => model.say("#lobby", lines, now));
  for (const page of [early, alice]) {
    assertEquals(page.messages().filter(({ text }) => text === lines).length, 2);
    assertEquals(page.messages().length, 2);
  }
  bob.pump();
  const plain = new Page(alice.test, "dave", "draft/multiline").connect();
  plain.do((model, now) => model.say("erin", "a\nb", now));
  assertEquals(plain.messages("erin").map(({ text }) => text), ["a", "b"]);
  const offline = new Page(alice.test, "frank", "draft/multiline");
  offline.do((model, now) => model.say("#lobby", "a\nb", now));
  assertEquals(offline.messages().map(({ text }) => text), ["a\nb"]);
  offline.connect();
  assertEquals(offline.messages().slice(-2).map(({ text, sendState }) => [text, sendState]), [
    ["a", "sent"],
    ["b", "sent"],
  ]);
});

/** Reactions of the messages of a page that have some. */
function reactionsOf(page: Page): string[] {
  return page.messages().flatMap(({ text, reactions }) =>
    reactions.map((group) => `${text} ${group.text} ${group.names.join("+")}`)
  );
}

pureTest(
  "page model: reactions from before the page was opened are shown, also to messages far above",
  () => {
    const test = new TestHub({ motd: [] });
    const bob = new Page(test, "bob").connect();
    const carol = new Page(test, "carol").connect();
    const say = (text: string) => {
      test.now += 1000;
      bob.do((model, now) => model.say("#lobby", text, now));
    };
    const react = (page: Page, text: string) => {
      const row = page.messages()[0]!;
      page.do((model, now) => model.toggleReaction("#lobby", row, text, now));
    };
    say("first");
    react(carol, "👍");
    react(carol, "🎉");
    for (let n = 0; n < 130; n++) say(`text ${n}`);
    carol.sync();
    react(carol, "🎉"); // withdrawn
    react(bob, "👍");
    const alice = new Page(test).connect();
    assertEquals(reactionsOf(alice), []);
    while (!alice.model.loadState("#lobby").isWhole) {
      alice.do((model, now) => void model.loadEarlier("#lobby", now));
    }
    assertEquals(alice.messages().length, 131);
    assertEquals(reactionsOf(alice), ["first 👍 carol+bob"]);
  },
);

pureTest("page model: a page of history that shows nothing is followed by the next one", () => {
  const test = new TestHub({ motd: [] });
  const bob = new ChatHarness(test, "bob").connect().type("first");
  for (let n = 0; n < 120; n++) bob.type("/part #lobby", "/join lobby");
  const alice = new Page(test).connect();
  assertEquals(alice.messages().map(({ text }) => text), ["first"]);
});

pureTest(
  "page model: reactions that are missed during a connection loss are shown, and messages in order",
  () => {
    const { test, alice, bob } = setUp();
    bob.type("one");
    alice.sync().harness.cut();
    alice.model.handleDisconnected();
    test.now += 1000;
    const carol = new Page(test, "carol").connect();
    bob.type("two");
    carol.do((model, now) => model.toggleReaction("#lobby", carol.messages()[1]!, "🎉", now));
    assertEquals(reactionsOf(new Page(test, "dave").connect()), ["two 🎉 carol"], "as soon as it is opened");
    carol.do((model, now) => model.toggleReaction("#lobby", carol.messages()[0]!, "👍", now));
    alice.harness.dial(true);
    alice.sync();
    assertEquals(reactionsOf(alice), ["one 👍 carol", "two 🎉 carol"]);
    assertEquals(alice.messages().map(({ text }) => text), ["one", "two"]);
  },
);

pureTest("page model: what a page of history has that is still to come is not put above", () => {
  const { test, alice, bob } = setUp();
  bob.type("one");
  alice.sync();
  const item: MessageEntry = {
    kind: "message",
    seq: 1_000_000,
    id: "later",
    time: test.now + 1000,
    channel: "#lobby",
    from: "bob",
    to: "#lobby",
    manner: "said",
    text: "two",
  };
  const start = { seq: item.seq, id: item.id, time: item.time };
  alice.model.apply({
    kind: "page",
    page: { target: "#lobby", items: [item], reactions: [], start, failure: "" },
  });
  assertEquals(alice.messages().map(({ text }) => text), ["one"]);
});

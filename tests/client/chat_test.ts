import { listCompletionWords } from "../../lib/client/commands/completion_words.ts";
import { assertEquals } from "@std/assert";
import { RECEIPTS } from "../../lib/irc/vendor_extensions.ts";
import { Ring } from "../../lib/log/ring.ts";
import { TestHub } from "../support/hub.ts";
import { ChatHarness, takeAllShown } from "../support/chat/chat_harness.ts";
import { pureTest } from "../support/test.ts";

function setUp(): { test: TestHub; alice: ChatHarness; bob: ChatHarness } {
  const test = new TestHub({ motd: [] });
  const alice = new ChatHarness(test, "alice").connect();
  const bob = new ChatHarness(test, "bob").connect();
  takeAllShown(alice, bob);
  return { test, alice, bob };
}

pureTest("chat: a join shows recent messages, the topic and the members, then what happens", () => {
  const test = new TestHub({ motd: ["Be kind"] });
  const alice = new ChatHarness(test, "alice").connect();
  assertEquals(takeAllShown(alice), [["--- Be kind", "--- 1 person in #lobby: alice"]]);
  alice.type("first", "/topic all welcome");
  const bob = new ChatHarness(test, "bob").connect();
  bob.type("hi");
  assertEquals(takeAllShown(alice, bob), [
    [
      "<alice> first",
      "--- alice set the topic of #lobby: all welcome",
      "--> bob joined #lobby",
      "<bob> hi",
    ],
    [
      "--- Be kind",
      "--- earlier messages in #lobby:",
      "<alice> first",
      "--- topic of #lobby: all welcome",
      "--- 2 people in #lobby: alice, bob",
      "<bob> hi",
    ],
  ]);
});

pureTest("chat: messages to the room, to one user, and actions are shown with sender and target", () => {
  const { alice, bob } = setUp();
  alice.type("hello", "/me waves", "/msg bob psst", "//slash");
  const both = ["<alice> hello", "* alice waves", "[alice -> bob] psst", "<alice> /slash"];
  assertEquals(takeAllShown(alice, bob), [both, both]);
  bob.type("/nick rob", "/quit so long");
  assertEquals(bob.quitReason, "so long");
  bob.cut();
  assertEquals(takeAllShown(alice), [["--- bob is now known as rob", "<-- rob quit (cut)"]]);
});

pureTest("chat: /react reacts to the latest message of another user, or of a name, and quotes it", () => {
  const { test, alice, bob } = setUp();
  bob.type("/react 👍");
  assertEquals(takeAllShown(bob), [["!!! there is no message of another person here to react to"]]);
  alice.type("who makes tea?");
  bob.type("me", "/react 👍", "/react 🎉 bob", "/msg alice psst", "/react x nobody");
  const both = [
    "<alice> who makes tea?",
    "<bob> me",
    "--- bob reacted 👍 to alice: «who makes tea?»",
    "--- bob reacted 🎉 to bob: «me»",
    "[bob -> alice] psst",
  ];
  assertEquals(takeAllShown(alice, bob), [
    both,
    [...both, "!!! there is no message of nobody here to react to"],
  ]);
  alice.type("/ignore bob");
  takeAllShown(alice);
  bob.type("/react 👍");
  assertEquals(takeAllShown(alice, bob), [[], ["--- bob reacted 👍 to alice: «who makes tea?»"]]);
  const carol = new ChatHarness(test, "carol", "message-tags").connect();
  carol.type("/react 👍");
  assertEquals(takeAllShown(carol)[0]?.at(-1), "!!! this server does not support reactions (message-tags)");
});

pureTest("chat: rooms are joined and left, and messages to others are marked", () => {
  const { alice, bob } = setUp();
  bob.type("/join dev", "in dev");
  alice.type("/join #dev", "/join #lobby", "back");
  assertEquals(alice.chat.channel, "#lobby");
  assertEquals(takeAllShown(alice, bob), [
    [
      "--- earlier messages in #dev:",
      "<bob> in dev",
      "--- 2 people in #dev: alice, bob",
      "--- now in #lobby",
      "<alice> back",
    ],
    ["--- 1 person in #dev: bob", "<bob> in dev", "--> alice joined #dev", "#lobby <alice> back"],
  ]);
  bob.type("/part", "/join #lobby", "to the lobby again");
  assertEquals(bob.chat.channel, "#lobby");
  assertEquals(takeAllShown(alice), [["<-- bob left #dev", "<bob> to the lobby again"]]);
  bob.type("/part #lobby done", "nowhere");
  const refusal = "!!! not sent: you are no longer in #lobby (/join #lobby)";
  assertEquals(takeAllShown(alice, bob)[1]!.at(-1), refusal);
});

pureTest("chat: input for a room is sent there or nowhere, however we have left it", () => {
  const ways: [string, (alice: ChatHarness, bob: ChatHarness) => void][] = [
    ["kicked", (alice) => alice.type("/kick bob wrong room")],
    ["left", (_, bob) => bob.type("/part")],
    ["not let in again", (alice, bob) => {
      bob.lose();
      alice.type("/ban bob");
      bob.connect(true);
    }],
  ];
  for (const [way, out] of ways) {
    const { alice, bob } = setUp();
    alice.type("/join #private");
    bob.type("/join #dev", "/join #private");
    takeAllShown(alice, bob);
    out(alice, bob);
    takeAllShown(alice, bob); // heard of
    bob.type("confidential", "/me whispers");
    assertEquals([bob.chat.channel, bob.chat.views.current], [undefined, "#private"], way);
    const said = takeAllShown(alice, bob).map((lines) =>
      lines.filter((line) => /confidential|whispers/.test(line))
    );
    assertEquals(said, [[], []], way);
    assertEquals(bob.chat.undelivered.refused >= 2, true, way);
    bob.type("/join #dev", "here");
    assertEquals([bob.chat.channel, bob.chat.views.current], ["#dev", "#dev"], way);
    assertEquals(takeAllShown(bob)[0]!.at(-1), "<bob> here", way);
  }
});

pureTest("chat: queries show their responses", () => {
  const { alice, bob } = setUp();
  bob.type("/away at lunch");
  alice.type("one", "two");
  takeAllShown(alice, bob);
  alice.type("/list", "/list rooms", "/who", "/who bob", "/topic", "/logs 1", "/logs bob");
  assertEquals(takeAllShown(alice), [[
    "--- 2 people online: alice, bob (away)",
    "--- 1 room",
    "--- #lobby: 2 people",
    "--- 2 people in #lobby: alice, bob (away)",
    "--- bob is online as ~bob@127.0.0.1",
    "--- bob is in #lobby",
    "--- bob is away: at lunch",
    "--- bob has been idle for 0 seconds, online since 12:34",
    "--- #lobby has no topic",
    "--- earlier messages in #lobby:",
    "<alice> two",
    "--- (end of earlier messages in #lobby; those before them: /older)",
    "--- no messages with bob",
  ]]);
  alice.type("/msg bob are you there?");
  assertEquals(takeAllShown(alice), [["[alice -> bob] are you there?", "--- bob is away: at lunch"]]);
});

pureTest("chat: what fails is reported and counted", () => {
  const { alice } = setUp();
  alice.type(
    "/msg nobody hi",
    "/nick bob",
    "/nick 9x",
    "/join a,b",
    "/msg a,b hi",
    "/msg :x hi",
    "/foo",
    "/topic #none",
    "/me",
  );
  assertEquals(takeAllShown(alice), [[
    "!!! no user called nobody is online; not delivered: hi",
    "!!! the name bob is taken; if it is yours: /quit, then chatterbox join bob",
    "!!! 9x: A name starts with a letter or one of []\\`_^{|}",
    "!!! #a,b: The name has a character that names cannot have (,)",
    "!!! a,b is not a valid name; give one name or one room",
    "!!! :x is not a valid name; give one name or one room",
    "!!! unknown command /foo; /help lists the commands (//foo sends it as text)",
    "!!! no such room: #none",
    "!!! usage: /me TEXT",
  ]]);
  assertEquals(alice.chat.undelivered, { refused: 9, unknown: 0 });
  assertEquals(alice.chat.isIdle, true);
});

pureTest(
  "chat: long text and several lines arrive as one message, or in several where the server has no such messages",
  () => {
    const test = new TestHub({ motd: [] });
    const alice = new ChatHarness(test, "alice").connect();
    const bob = new ChatHarness(test, "bob").connect();
    const carol = new ChatHarness(test, "carol", "draft/multiline").connect();
    const words = Array.from({ length: 300 }, (_, n) => `word${n}`).join(" ");
    takeAllShown(alice, bob, carol);
    alice.type(words, "two\nlines", "/msg bob three\n\n  lines");
    assertEquals(takeAllShown(alice, bob)[1], [
      `<alice> ${words}`,
      "<alice> two\n      lines",
      "[alice -> bob] three\n      \n        lines",
    ]);
    carol.type(words, "two\nlines");
    const heard = takeAllShown(carol, bob)[1]!.map((line) => line.replace("<carol> ", ""));
    assertEquals(heard.slice(-2), ["two", "lines"]);
    assertEquals(heard.length > 3, true);
    assertEquals(heard.slice(0, -2).join(""), words);
  },
);

pureTest("chat: after a reconnect missed messages are shown once, and queued ones are sent in order", () => {
  const { test, alice, bob } = setUp();
  alice.type("/join dev", "before");
  bob.type("/join dev");
  takeAllShown(alice, bob);
  alice.cut();
  alice.type("kept 1", "/who", "kept 2");
  bob.type("missed 1", "/msg alice missed too", "/join lobby", "missed 2");
  alice.connect(true);
  const [atAlice, atBob] = takeAllShown(alice, bob);
  assertEquals(atAlice, [
    "!!! connection lost: cut; trying again in 1 s",
    "--- queued for #dev until connected: kept 1",
    "!!! not connected: /who needs the server; only messages are queued",
    "--- queued for #dev until connected: kept 2",
    "--- connected again as alice",
    "--- 1 new in #lobby since 12:34",
    "#lobby <bob> missed 2",
    "--- 1 new since 12:34",
    "<bob> missed 1",
    "<alice> kept 1",
    "<alice> kept 2",
  ]);
  assertEquals(atBob!.slice(-4), [
    "--> alice joined #lobby",
    "--> alice joined #dev",
    "#dev <alice> kept 1",
    "#dev <alice> kept 2",
  ]);
  assertEquals(test.hub.context.state.user("alice") !== undefined, true);
  assertEquals(alice.chat.channel, "#dev");
});

pureTest("chat: after a reconnect missed direct messages are shown too", () => {
  const { test, alice, bob } = setUp();
  // The server forgets who is gone: only to somebody present can one say something. So alice is there a
  // second time.
  const second = new ChatHarness(test, "alice").connect();
  alice.lose();
  test.advance(1);
  bob.type("/msg alice while one of you is away");
  alice.connect(true);
  const [shown] = takeAllShown(alice, second);
  assertEquals(shown!.filter((line) => line.startsWith("[bob")), [
    "[bob -> alice] while one of you is away",
  ]);
});

pureTest("chat: a message whose response was lost is sent once", () => {
  const { alice, bob } = setUp();
  alice.typeUnanswered("heard by all");
  alice.type("next");
  alice.connect(true);
  const [atAlice, atBob] = takeAllShown(alice, bob);
  assertEquals(atBob!.filter((line) => line.startsWith("<alice>")), [
    "<alice> heard by all",
    "<alice> next",
  ]);
  assertEquals(atAlice!.filter((line) => line.startsWith("<alice>")), [
    "<alice> heard by all",
    "<alice> next",
  ]);
});

for (const missing of [RECEIPTS, "labeled-response"]) {
  // Without labels, requests have no tags, and so messages no ids.
  pureTest(
    `chat: without history and ${missing} a message whose response was lost is reported, not sent again`,
    () => {
      const test = new TestHub({ motd: [] });
      const alice = new ChatHarness(test, "alice", "draft/chathistory", missing).connect();
      const bob = new ChatHarness(test, "bob").connect();
      takeAllShown(alice, bob);
      alice.typeUnanswered("perhaps").connect(true);
      const [atAlice, atBob] = takeAllShown(alice, bob);
      assertEquals(atBob!.filter((line) => line.startsWith("<alice>")), ["<alice> perhaps"]);
      assertEquals(atAlice!.at(-1), "!!! this may not have arrived: perhaps");
      assertEquals(alice.chat.undelivered, { refused: 0, unknown: 1 });
    },
  );
}

pureTest("chat: a server without any capability will do", () => {
  const test = new TestHub({ motd: [], replay: 0 });
  const all = [
    "draft/chathistory",
    "echo-message",
    "labeled-response",
    "batch",
    "message-tags",
    "server-time",
  ];
  const alice = new ChatHarness(test, "alice", ...all).connect();
  const bob = new ChatHarness(test, "bob", ...all).connect();
  takeAllShown(alice, bob);
  alice.type("hello", "/msg bob psst", "/logs", "/who", "/msg nobody hi");
  assertEquals(takeAllShown(alice, bob), [
    [
      "<alice> hello",
      "[alice -> bob] psst",
      "!!! this server keeps no history",
      "--- 2 people in #lobby: alice, bob",
      "!!! no user called nobody is online; not delivered: hi",
    ],
    ["<alice> hello", "[alice -> bob] psst"],
  ]);
  alice.cut().connect(true);
  assertEquals(takeAllShown(alice)[0]!.slice(-1), ["--- connected again as alice"]);
});

pureTest("chat: more was missed than a page holds", () => {
  const { alice, bob } = setUp();
  alice.cut();
  for (let n = 0; n < 250; n++) bob.type(`line ${n}`);
  alice.connect(true);
  const seen = takeAllShown(alice)[0]!.filter((line) => line.startsWith("<bob>"));
  assertEquals(seen, Array.from({ length: 250 }, (_, n) => `<bob> line ${n}`));
});

pureTest("chat: missed messages that are lost are shown as a gap in their place", () => {
  const test = new TestHub({ motd: [] }, Ring.create(64 * 1024));
  const alice = new ChatHarness(test, "alice").connect();
  const bob = new ChatHarness(test, "bob").connect();
  alice.type("before", "/msg bob before");
  alice.cut();
  const long = "x".repeat(300);
  for (let n = 0; n < 200; n++) bob.type(`${n} ${long}`);
  takeAllShown(alice, bob);
  alice.connect(true);
  const seen = takeAllShown(alice)[0]!.slice(1);
  const lost = 200 - seen.filter((line) => line.startsWith("<bob>")).length;
  assertEquals(lost > 0, true);
  assertEquals(seen.slice(0, 2), [
    `--- ${200 - lost} new since 12:34`,
    `--- gap: ${lost} messages, at 12:34`,
  ]);
  assertEquals(seen[2]!.startsWith(`<bob> ${lost} xxx`), true);
  assertEquals(seen.at(-1)!.startsWith("<bob> 199 xxx"), true);
});

pureTest("chat: a gap in a room without messages is shown, from our JOIN on", () => {
  const test = new TestHub({ motd: [] }, Ring.create(64 * 1024));
  const alice = new ChatHarness(test, "alice").connect().cut();
  const bob = new ChatHarness(test, "bob").connect();
  for (let n = 0; n < 200; n++) bob.type("x".repeat(300));
  alice.connect(true);
  const gaps = takeAllShown(alice)[0]!.filter((line) => line.startsWith("--- gap:"));
  assertEquals(gaps.length, 1);
});

pureTest("chat: typed messages outlive a crash and are sent once, whether they had arrived or not", () => {
  const { alice, bob } = setUp();
  alice.typeUnanswered("it had arrived");
  alice.type("never sent", "/me waves");
  alice.crash().connect();
  const [atAlice, atBob] = takeAllShown(alice, bob);
  assertEquals(atBob!.filter((line) => !line.includes(" quit") && !line.startsWith("-->")), [
    "<alice> it had arrived",
    "<alice> never sent",
    "* alice waves",
  ]);
  assertEquals(atAlice, [
    "--- earlier messages in #lobby:",
    "<alice> it had arrived",
    "--- 2 people in #lobby: alice, bob",
    "--- 3 messages were not sent last time; sending them now",
    "<alice> never sent",
    "* alice waves",
  ]);
  assertEquals(alice.disk.size, 0);
  alice.crash().connect();
  assertEquals(takeAllShown(alice)[0]!.some((line) => line.includes("last time")), false);
});

pureTest("chat: messages of earlier runs are not sent to a server without sender ids, and reported", () => {
  const test = new TestHub({ motd: [] });
  const alice = new ChatHarness(test, "alice", RECEIPTS).connect();
  const bob = new ChatHarness(test, "bob").connect();
  alice.typeUnanswered("it had arrived");
  alice.type("never sent");
  alice.crash().connect();
  const [atAlice, atBob] = takeAllShown(alice, bob);
  assertEquals(atBob!.filter((line) => line.startsWith("<alice>")), ["<alice> it had arrived"]);
  assertEquals(atAlice!.slice(1), [
    "<alice> it had arrived",
    "--- 2 people in #lobby: alice, bob",
    "!!! this may not have arrived: never sent",
  ]);
  assertEquals([alice.disk.size, alice.chat.undelivered.unknown], [0, 1]);
});

pureTest("chat: a refused message is not kept", () => {
  const { alice } = setUp();
  alice.type("/msg nobody hi");
  assertEquals(takeAllShown(alice), [["!!! no user called nobody is online; not delivered: hi"]]);
  assertEquals(alice.disk.size, 0);
});

pureTest("chat: a request that times out is reported", () => {
  const test = new TestHub({ motd: [] });
  const { chat } = new ChatHarness(test, "alice", RECEIPTS).connect();
  chat.takeEffects();
  chat.say({ target: "#lobby", text: "hm", manner: "said" }, 0);
  const effects = chat.takeEffects();
  const kept = effects.find((effect) => effect.kind === "keep")!;
  const asked = effects.find((effect) => effect.kind === "ask")!;
  chat.handleResult(asked.id, { kind: "timed_out" }, 0);
  const text = "no answer; this may not have arrived: hm";
  assertEquals(chat.takeEffects().filter(({ kind }) => kind === "show"), [
    { kind: "show", entry: { kind: "alarm", time: 0, text, senderId: kept.message.id } },
  ]);
  assertEquals(chat.undelivered.unknown, 1);
  assertEquals(chat.isIdle, true);
});

pureTest("chat: on a server with sender ids a message that times out is sent again with the same id", () => {
  const { alice: { chat } } = setUp();
  chat.say({ target: "#lobby", text: "hm", manner: "said" }, 0);
  const [first, ...others] = [0, 1, 2].map(() => {
    const effects = chat.takeEffects();
    const asked = effects.find((effect) => effect.kind === "ask")!;
    chat.handleResult(asked.id, { kind: "timed_out" }, 0);
    return asked.message;
  });
  assertEquals(first!.tags?.get("chatterbox.chat/id")?.startsWith("id-"), true);
  assertEquals(others, [first!, first!]);
  assertEquals(chat.takeEffects().map(({ kind }) => kind), ["ask"]);
  assertEquals(chat.outbox.unsentCount, 1);
  assertEquals(chat.undelivered.unknown, 0);
});

pureTest("chat: status of the connection", () => {
  const { test, alice } = setUp();
  const { chat } = alice;
  assertEquals(chat.status, { kind: "live" });
  alice.cut();
  assertEquals(chat.status, { kind: "waiting", since: test.now, retryMs: 1000 });
  chat.handleConnecting();
  assertEquals(chat.status, { kind: "connecting" });
  chat.handleConnectFailure("nobody listens", 2000, test.now + 1100);
  assertEquals(chat.status, { kind: "waiting", since: test.now + 1100, retryMs: 2000 });
  assertEquals(chat.isOnline, false);
  alice.connect(true);
  assertEquals(chat.status, { kind: "live" });
});

pureTest("chat: failed attempts to reconnect are shown once for each reason", () => {
  const { alice } = setUp();
  alice.cut();
  for (const why of ["nobody listens", "nobody listens", "password"]) {
    alice.chat.handleConnectFailure(why, 0, 0);
  }
  assertEquals(takeAllShown(alice)[0]!.slice(1), [
    "--- still trying to connect: nobody listens",
    "--- still trying to connect: password",
  ]);
  alice.connect(true);
  alice.cut();
  alice.chat.handleConnectFailure("password", 0, 0);
  assertEquals(
    takeAllShown(alice)[0]!.at(-1),
    "--- still trying to connect: password",
    "after another loss",
  );
});

pureTest("chat: other members, partners of direct conversations and rooms can be completed", () => {
  const { alice } = setUp();
  const { names, channels } = listCompletionWords(alice.chat);
  assertEquals([[...names], [...channels]], [["bob"], ["#lobby"]]);
});

pureTest("chat: the first room is the lobby of the server, if it has one", () => {
  const elsewhere = new ChatHarness(new TestHub({ motd: [], lobby: "#Tea" }), "alice").connect();
  assertEquals(takeAllShown(elsewhere), [["--- 1 person in #Tea: alice"]]);
  elsewhere.type("hello");
  assertEquals(takeAllShown(elsewhere), [["<alice> hello"]]);
  const nowhere = new ChatHarness(new TestHub({ motd: [], lobby: "" }), "alice").connect();
  const words = "--- this server has no lobby; /list rooms lists the rooms, /join ROOM enters one";
  assertEquals(takeAllShown(nowhere), [[words]]);
  nowhere.type("hello", "/join #tea", "hello again");
  const heard = takeAllShown(nowhere)[0]!;
  assertEquals(heard[0]?.startsWith("!!! not sent: no room is shown"), true, heard.join("\n"));
  assertEquals(heard.slice(1), ["--- 1 person in #tea: alice", "<alice> hello again"]);
  // Another server that says nothing of it, and a connection that comes back, change nothing.
  nowhere.crash().connect();
  assertEquals(takeAllShown(nowhere), [[words]]);
});

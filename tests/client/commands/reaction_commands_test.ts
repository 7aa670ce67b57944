/** Replies and reactions: which message they are about, in rooms and in direct conversations. */
import { assertEquals } from "@std/assert";
import { MAX_GIVEN_REACTIONS } from "../../../lib/client/commands/messages/reaction_commands.ts";
import { ChatHarness, takeAllShown } from "../../support/chat/chat_harness.ts";
import { ScriptedChat } from "../../support/chat/scripted_chat.ts";
import { TestHub } from "../../support/hub.ts";
import { pureTest } from "../../support/test.ts";

function setUp() {
  const test = new TestHub({ motd: [] });
  const alice = new ChatHarness(test, "alice").connect();
  const bob = new ChatHarness(test, "bob").connect();
  takeAllShown(alice, bob);
  return { test, alice, bob };
}

/** A chat in #lobby, where bob has said b1 to b3, carol c1, and alice a1. */
function inConversation(...caps: string[]): ScriptedChat {
  const alice = new ScriptedChat(["message-tags", ...caps]);
  const said = [["bob", "b1"], ["carol", "c1"], ["bob", "b2"], ["alice", "a1"], ["bob", "b3"]];
  for (const [who, id] of said) alice.receive(`@msgid=${id} :${who}!u@h PRIVMSG #lobby :text ${id}`);
  alice.receive("@msgid=d1 :bob!u@h PRIVMSG alice :psst");
  alice.takeShown();
  return alice;
}

pureTest("/reply answers the last message of others here, or counts back, and quotes it", () => {
  const { alice, bob } = setUp();
  alice.type("tea?", "coffee?");
  bob.type("mine", "/reply yes", "/reply 2 no", "/reply 1 2 cups");
  const said = ["<alice> tea?", "<alice> coffee?", "<bob> mine"];
  const replies = [
    "<bob> yes (reply to alice: «coffee?»)",
    "<bob> no (reply to alice: «tea?»)",
    "<bob> 2 cups (reply to alice: «coffee?»)",
  ];
  assertEquals(takeAllShown(alice, bob), [
    [...said, ...replies.map((line) => `>>> ${line}`)],
    [...said, ...replies],
  ]);
});

pureTest("/reply with several lines is one message, and of several messages the first is the reply", () => {
  const { test, alice, bob } = setUp();
  const carol = new ChatHarness(test, "carol", "draft/multiline").connect();
  alice.type("tea?");
  takeAllShown(alice, bob, carol);
  bob.type("/reply yes\nplease");
  takeAllShown(carol);
  carol.type("/reply no", "/reply 2 no\nthanks"); // of several lines the first one has the id
  const quote = "(reply to alice: «tea?»)";
  assertEquals(takeAllShown(alice)[0], [
    `>>> <bob> yes\n      please ${quote}`,
    "<carol> no (reply to bob: «yes please»)",
    "<carol> thanks",
  ]);
  assertEquals(takeAllShown(carol)[0]![0], "!!! the server has no id for «please»");
});

pureTest("/reply without a connection waits with its message, which it names", () => {
  const { alice, bob } = setUp();
  alice.type("tea?");
  takeAllShown(alice, bob);
  bob.cut().type("/reply yes\nplease");
  assertEquals(takeAllShown(bob)[0]!.slice(1), [
    "--- reply to alice: «tea?»",
    "--- queued for #lobby until connected: yes␊please",
  ]);
  assertEquals(bob.disk.size, 1);
  bob.crash().connect();
  assertEquals(takeAllShown(alice)[0]!.at(-1), ">>> <bob> yes\n      please (reply to alice: «tea?»)");
  assertEquals(bob.disk.size, 0);
});

pureTest(
  "/reply that has waited, on a server without messages of several lines: its first line is the reply",
  () => {
    const test = new TestHub({ motd: [] });
    const alice = new ChatHarness(test, "alice").connect();
    const bob = new ChatHarness(test, "bob", "draft/multiline").connect();
    alice.type("tea?");
    takeAllShown(alice, bob);
    bob.cut().type("/reply yes\nplease").connect(true);
    assertEquals(takeAllShown(alice)[0]!.slice(-2), [
      ">>> <bob> yes (reply to alice: «tea?»)",
      "<bob> please",
    ]);
  },
);

pureTest(
  "/reply and /react count what was shown here: no other room, none of one's own, none that is hidden",
  () => {
    const sent = (line: string) => inConversation().type(line).takeSent();
    assertEquals(sent("/reply x"), ["@+draft/reply=b3 PRIVMSG #lobby x"]);
    assertEquals(sent("/reply 2 x"), ["@+draft/reply=b2 PRIVMSG #lobby x"]);
    assertEquals(sent("/reply 4 x"), ["@+draft/reply=b1 PRIVMSG #lobby x"]);
    assertEquals(sent("/reply 5 x"), []);
    assertEquals(sent("/reply 100 x"), ["@+draft/reply=b3 PRIVMSG #lobby :100 x"]);
    assertEquals(sent("/react 3 👍"), ["@+draft/react=👍;+draft/reply=c1 TAGMSG #lobby"]);
    assertEquals(sent("/react 2 👍 BOB"), ["@+draft/react=👍;+draft/reply=b2 TAGMSG #lobby"]);
    assertEquals(sent("/react 👍 alice"), ["@+draft/react=👍;+draft/reply=a1 TAGMSG #lobby"]);
    assertEquals(sent("/react :+1:"), ["@+draft/react=👍;+draft/reply=b3 TAGMSG #lobby"]);
    assertEquals(sent("/react :nosuch:"), []);
    assertEquals(inConversation().type("/react x others").type("/react 3 x bob").takeShown(), [
      "!!! there is no message of others here to react to",
      "--- you reacted x to bob: «text b1»",
    ]);
    const alice = inConversation().type("/ignore dave");
    alice.receive("@msgid=h1 :dave!u@h PRIVMSG #lobby :hidden");
    alice.receive("@msgid=h2 :b0t!u@h NOTICE #dev :elsewhere").takeSent();
    assertEquals(alice.type("/reply x").takeSent(), ["@+draft/reply=b3 PRIVMSG #lobby x"]);
    assertEquals(inConversation().type("/reply 9 x").takeShown(), [
      "!!! 4 messages of others came here, not 9",
    ]);
  },
);

pureTest("/reply and /react do not take an earlier message for one that the server has no id for", () => {
  const alice = inConversation();
  alice.receive(":dave!u@h PRIVMSG #lobby :no id").takeShown();
  assertEquals(alice.type("/reply x").type("/react 👍").takeShown(), [
    "!!! the server has no id for «no id»",
    "!!! the server has no id for «no id»",
  ]);
  assertEquals(alice.takeSent(), []);
  assertEquals(alice.type("/reply 2 x").takeSent(), ["@+draft/reply=b3 PRIVMSG #lobby x"]);
});

pureTest(
  "/reply, /react and /unreact go to the person of a direct conversation, under a new name, too",
  () => {
    const alice = inConversation();
    alice.chat.views.choose("bob");
    assertEquals(alice.type("/reply yes").type("/react 🎉").type("/unreact").takeSent(), [
      "@+draft/reply=d1 PRIVMSG bob yes",
      "@+draft/react=🎉;+draft/reply=d1 TAGMSG bob",
      "@+draft/unreact=🎉;+draft/reply=d1 TAGMSG bob",
    ]);
    alice.receive(":bob!u@h NICK rob");
    assertEquals(alice.type("/reply yes").takeSent(), ["@+draft/reply=d1 PRIVMSG rob yes"]);
  },
);

pureTest("/react says what it is about where the server does not repeat it", () => {
  assertEquals(inConversation().type("/react 👍").type("/unreact").takeShown(), [
    "--- you reacted 👍 to bob: «text b3»",
    "--- you removed the reaction 👍 to bob: «text b3»",
  ]);
});

pureTest("/unreact withdraws one's last reaction here, or the last with an emoji, once", () => {
  const alice = inConversation();
  alice.type("/react 👍").type("/react 2 🎉").type("/react 3 👍").takeSent();
  alice.receive("@msgid=b4 :bob!u@h PRIVMSG #lobby :meanwhile").takeShown();
  assertEquals(alice.type("/unreact").type("/unreact :thumbsup:").type("/unreact").takeSent(), [
    "@+draft/unreact=👍;+draft/reply=c1 TAGMSG #lobby",
    "@+draft/unreact=👍;+draft/reply=b3 TAGMSG #lobby",
    "@+draft/unreact=🎉;+draft/reply=b2 TAGMSG #lobby",
  ]);
  alice.takeShown();
  assertEquals(alice.type("/unreact").type("/unreact 👍").takeShown(), [
    "!!! no reaction of yours is known here",
    "!!! no reaction 👍 of yours is known here",
  ]);
  for (let n = 0; n <= MAX_GIVEN_REACTIONS; n++) alice.type(`/react r${n}`);
  alice.takeShown();
  assertEquals(alice.type("/unreact r0").takeShown(), ["!!! no reaction r0 of yours is known here"]);
});

pureTest("/reply, /react and /unreact name what a server lacks, and need a conversation", () => {
  const plain = new ScriptedChat();
  assertEquals(plain.type("/reply x").type("/react x").type("/unreact").takeShown(), [
    "!!! this server does not support replies (message-tags)",
    "!!! this server does not support reactions (message-tags)",
    "!!! this server does not support reactions (message-tags)",
  ]);
  const left = inConversation().receive(":alice!a@h PART #lobby");
  left.takeShown();
  left.type("/reply x").type("/react x").type("/unreact");
  assertEquals(left.takeShown().map((line) => line.includes("you are no longer in #lobby")), [
    true,
    true,
    true,
  ]);
  assertEquals([...plain.takeSent(), ...left.takeSent()], []);
});

/** Editing and removing one's own messages. */
import { assertEquals } from "@std/assert";
import { EDIT_WINDOW_MS } from "../../../lib/client/conversation/view_actions.ts";
import { ChatHarness, takeAllShown } from "../../support/chat/chat_harness.ts";
import { ScriptedChat } from "../../support/chat/scripted_chat.ts";
import { TestHub } from "../../support/hub.ts";
import { pureTest } from "../../support/test.ts";

const CAPS = ["message-tags", "draft/message-redaction"];

/** A chat in #lobby, where alice has said a1 to a3, and bob b1 last; a4 is to bob. */
function inConversation(): ScriptedChat {
  const alice = new ScriptedChat(CAPS);
  for (const id of ["a1", "a2", "a3"]) alice.receive(`@msgid=${id} :alice!a@h PRIVMSG #lobby :text ${id}`);
  alice.receive("@msgid=b1 :bob!b@h PRIVMSG #lobby :text b1").takeShown();
  return alice;
}

const edited = (id: string, text: string) => [
  `@+chatterbox.chat/replaces=${id} PRIVMSG #lobby ${text}`,
  `REDACT #lobby ${id}`,
];

pureTest(
  "/edit puts a text in the place of one's last message, and names that; others see it as edited",
  () => {
    const test = new TestHub({ motd: [] });
    const alice = new ChatHarness(test, "alice").connect();
    const bob = new ChatHarness(test, "bob").connect();
    const carol = new ChatHarness(test, "carol", "message-tags").connect();
    alice.type("first", "two retires");
    bob.type("what?");
    takeAllShown(alice, bob, carol);
    alice.type("/edit two retries\nand a third");
    assertEquals(takeAllShown(alice, bob, carol), [
      ["--- editing your message: «two retires»", "<alice> two retries\n      and a third (edited)"],
      ["<alice> two retries\n      and a third (edited)"],
      ["<alice> two retries\n      and a third", "--- alice removed a message"],
    ]);
    alice.type("/edit 2 1st");
    assertEquals(takeAllShown(alice, bob), [
      ["--- editing your message: «first»", "<alice> 1st (edited)"],
      ["<alice> 1st (edited)"],
    ]);
    bob.type("/logs");
    assertEquals(takeAllShown(bob)[0]!.filter((line) => line.includes("<")), [
      "<bob> what?",
      "<alice> two retries\n      and a third (edited)",
      "<alice> 1st (edited)",
    ]);
  },
);

pureTest("/edit keeps the manner of a message, and what it replies to", () => {
  const test = new TestHub({ motd: [] });
  const alice = new ChatHarness(test, "alice").connect();
  const bob = new ChatHarness(test, "bob").connect();
  alice.type("tea?");
  takeAllShown(bob);
  bob.type("/reply yes", "/edit no", "/me wavse", "/edit waves");
  assertEquals(takeAllShown(alice)[0]!.filter((line) => line.includes("edited")), [
    ">>> <bob> no (reply to alice: «tea?») (edited)",
    "* bob waves (edited)",
  ]);
});

pureTest(
  "/edit and /redact count one's own messages here, and a number is one only as a word of two digits",
  () => {
    const sent = (line: string) => inConversation().type(line).takeSent();
    assertEquals(sent("/edit x"), edited("a3", "x"));
    assertEquals(sent("/edit 2 x"), edited("a2", "x"));
    assertEquals(sent("/edit 1 2 x"), edited("a3", ":2 x"));
    assertEquals(sent("/edit 100 x"), edited("a3", ":100 x"));
    assertEquals(sent("/edit 2x y"), edited("a3", ":2x y"));
    assertEquals(sent("/edit 4 x"), []);
    assertEquals(sent("/redact"), ["REDACT #lobby a3"]);
    assertEquals(sent("/redact 3"), ["REDACT #lobby a1"]);
    assertEquals(sent("/redact wrong\nroom"), ["REDACT #lobby a3 :wrong room"]);
    assertEquals(sent("/redact 2 wrong room"), ["REDACT #lobby a2 :wrong room"]);
    assertEquals(sent("/redact 4"), []);
  },
);

pureTest("an edited message counts where it stood: the last one is still that sent last", () => {
  const afterEdits = () => {
    const alice = inConversation();
    for (const [id, replaced] of [["e1", "a1"], ["e2", "e1"]]) {
      alice.receive(
        `@msgid=${id};+chatterbox.chat/replaces=${replaced} :alice!a@h PRIVMSG #lobby :text ${id}`,
      )
        .receive(`:alice!a@h REDACT #lobby ${replaced}`).takeShown();
    }
    return alice;
  };
  const sent = (line: string) => afterEdits().type(line).takeSent();
  assertEquals(sent("/edit x"), edited("a3", "x"));
  assertEquals(sent("/edit 3 x"), edited("e2", "x"));
  assertEquals(sent("/redact"), ["REDACT #lobby a3"]);
  assertEquals(sent("/delete"), ["REDACT #lobby a3"]);
  assertEquals(sent("/delete 3"), ["REDACT #lobby e2"]);
  const alice = afterEdits().type("/delete 2").receive(":alice!a@h REDACT #lobby a2");
  alice.receive(":alice!a@h REDACT #lobby a3").takeShown();
  assertEquals(alice.type("/delete").takeShown(), [
    "!!! this would be a second one: «text e2», 12:34; /delete 1 removes it",
  ]);
});

pureTest("/redact shows to oneself what is removed, and to others the reason", () => {
  const test = new TestHub({ motd: [] });
  const alice = new ChatHarness(test, "alice").connect();
  const bob = new ChatHarness(test, "bob").connect();
  alice.type("one", "two");
  takeAllShown(alice, bob);
  alice.type("/redact 2 wrong room");
  assertEquals(takeAllShown(alice, bob), [
    ["--- alice removed a message sent at 12:34: «one» (wrong room)"],
    ["--- alice removed a message sent at 12:34 (wrong room)"],
  ]);
});

pureTest("/edit and /redact do not take the last message here for the last one, which is elsewhere", () => {
  const alice = inConversation().receive("@msgid=a4 :alice!a@h PRIVMSG bob :text a4");
  alice.takeShown();
  assertEquals(alice.type("/edit x").type("/redact").takeShown(), [
    "!!! your last message is in another place (bob): «text a4»; /edit 1 means the last one here",
    "!!! your last message is in another place (bob): «text a4»; /redact 1 means the last one here",
  ]);
  assertEquals(alice.type("/redact 1").takeSent(), ["REDACT #lobby a3"]);
  alice.chat.views.choose("bob");
  assertEquals(alice.type("/redact").takeSent(), ["REDACT bob a4"]);
});

pureTest(
  "/edit and /redact do not take an earlier message for one that waits, or that the server has no id for",
  () => {
    const alice = inConversation().receive(":alice!a@h PRIVMSG #lobby :no id");
    alice.takeShown();
    assertEquals(alice.type("/edit x").type("/redact").type("/delete").takeShown(), [
      "!!! the server has no id for «no id»",
      "!!! the server has no id for «no id»",
      "!!! the server has no id for «no id»",
    ]);
    alice.chat.outbox.add({ id: "2", target: "#lobby", text: "second", manner: "said", at: 0 });
    assertEquals(alice.type("/edit 2 x").type("/redact 2").takeShown(), [
      "!!! your last message has not reached the server yet; then /edit again",
      "!!! your last message has not reached the server yet; then /redact again",
    ]);
    assertEquals(alice.takeSent(), []);
  },
);

pureTest("/edit: a message of ours that the server does not repeat counts, and cannot be edited", () => {
  const alice = inConversation();
  alice.type("not echoed").takeSent();
  alice.takeShown();
  assertEquals(alice.type("/edit x").takeShown(), ["!!! the server has no id for «not echoed»"]);
});

pureTest("/edit refuses a message of yesterday: the server would keep both", () => {
  const test = new TestHub({ motd: [] });
  const alice = new ChatHarness(test, "alice").connect();
  alice.type("old");
  takeAllShown(alice);
  test.now += EDIT_WINDOW_MS + 1000;
  alice.type("/edit new");
  assertEquals(takeAllShown(alice), [["!!! it is older than a day: «old»"]]);
});

pureTest("/edit and /redact name what a server lacks", () => {
  const without = (...caps: string[]) => new ScriptedChat(caps).type("/edit x").type("/redact").takeShown();
  assertEquals(without("message-tags"), [
    "!!! this server cannot remove messages (draft/message-redaction), so there are no edits",
    "!!! this server cannot remove messages (draft/message-redaction)",
  ]);
  assertEquals(
    without("draft/message-redaction")[0],
    "!!! this server does not support edits (message-tags)",
  );
  assertEquals(without(...CAPS), [
    "!!! there is no message of yours here for /edit",
    "!!! there is no message of yours here for /redact",
  ]);
});

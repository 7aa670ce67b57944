import { assertEquals } from "@std/assert";
import { REDACT_WINDOW_MS } from "../../lib/hub/model/config.ts";
import { ChatHarness, takeAllShown } from "../support/chat/chat_harness.ts";
import { ScriptedChat } from "../support/chat/scripted_chat.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

function setUp() {
  const test = new TestHub({ motd: [] });
  const alice = new ChatHarness(test, "alice").connect();
  const bob = new ChatHarness(test, "bob").connect();
  takeAllShown(alice, bob);
  return { test, alice, bob };
}

pureTest("/delete removes one's last message here, and shows to oneself what it was", () => {
  const { alice, bob } = setUp();
  alice.type("good", "oops");
  bob.type("what?");
  takeAllShown(alice, bob);
  alice.type("/delete");
  assertEquals(takeAllShown(alice, bob), [
    ["--- alice removed a message sent at 12:34: «oops»"],
    ["--- alice removed a message sent at 12:34"],
  ]);
  alice.type("/delete 1", "/delete");
  assertEquals(takeAllShown(alice), [[
    "--- alice removed a message sent at 12:34: «good»",
    "!!! no message of yours has come here yet; one of /logs or /search: /delete TEXT",
  ]]);
  bob.type("/logs");
  assertEquals(takeAllShown(bob)[0]!.filter((line) => line.includes("<")), ["<bob> what?"]);
});

pureTest("/delete does not remove a message elsewhere for the last one; with its text it does", () => {
  const { alice, bob } = setUp();
  alice.type("here", "/msg bob there");
  takeAllShown(alice, bob);
  alice.type("/delete", "/delete THERE");
  assertEquals(takeAllShown(alice, bob), [
    [
      "!!! your last message is in another place (bob): «there»; /delete TEXT removes it",
      "--- alice removed a message sent at 12:34: «there»",
    ],
    ["--- alice removed a message sent at 12:34"],
  ]);
});

pureTest("/delete with a number counts as /redact does", () => {
  const { alice, bob } = setUp();
  alice.type("erin2: there?", "one", "two");
  takeAllShown(alice, bob);
  alice.type("/delete 2");
  assertEquals(takeAllShown(alice), [["--- alice removed a message sent at 12:34: «one»"]]);
});

pureTest("/delete with a text removes the only message with it, or none", () => {
  const { alice, bob } = setUp();
  const long = "this is a text that is longer than what is kept of it, ";
  alice.type("tea one", "tea two", "twice", "twice", `${long}1`, `${long}2`);
  bob.type("only bob says milk");
  takeAllShown(alice, bob);
  alice.type("/delete tea", "/delete milk", "/delete one", "/delete twice", `/delete ${long}1`);
  assertEquals(takeAllShown(alice), [[
    "!!! 2 messages of yours have «tea»; write more of the one to remove",
    "!!! «milk» is in none of the last 300 of yours that were shown; /logs and /search show earlier ones",
    "--- alice removed a message sent at 12:34: «tea one»",
    "--- alice removed a message sent at 12:34: «twice»",
    `!!! 2 messages of yours have «${long}1»; write more of the one to remove`,
  ]]);
});

const REDACTION = ["draft/message-redaction", "draft/chathistory", "soju.im/search", "batch", "message-tags"];

pureTest("/delete with a text finds one's message however much others have said since", () => {
  const alice = new ScriptedChat(REDACTION);
  alice.receive("@msgid=own :alice!a@h PRIVMSG #lobby :find me");
  for (let n = 0; n < 900; n++) alice.receive(`@msgid=${n} :bob!b@h PRIVMSG #lobby :line ${n}`);
  alice.takeSent();
  assertEquals(alice.type("/delete find me").type("/delete").takeSent(), [
    "REDACT #lobby own",
    "REDACT #lobby own",
  ]);
  alice.receive(":alice!a@h REDACT #lobby own").takeShown();
  assertEquals(alice.type("/delete find me").takeShown(), [
    "!!! «find me» is in none of the last 300 of yours that were shown; /logs and /search show earlier ones",
  ]);
});

pureTest("/delete with a text finds what /logs and /search have shown, /delete alone does not", () => {
  for (const [answered, typed] of [["CHATHISTORY", "/logs #ops"], ["SEARCH", "/search find"]] as const) {
    const alice = new ScriptedChat(REDACTION);
    alice.answers[answered] = [
      "@msgid=1;time=2026-01-02T12:00:00.000Z :alice!a@h PRIVMSG #ops :find me",
      "@msgid=2;time=2026-01-02T12:00:00.000Z :bob!b@h PRIVMSG #ops :find me",
      "@msgid=3;time=2026-01-02T12:00:00.000Z :alice!a@h PRIVMSG bob :find that",
    ];
    alice.type(typed).takeSent();
    const sent = alice.type("/delete").type("/delete find me").type("/delete find that").takeSent();
    assertEquals(sent, ["REDACT #ops 1", "REDACT bob 3"], typed);
    alice.receive("@msgid=4 :alice!a@h PRIVMSG #lobby :later").type(typed).takeSent();
    assertEquals(alice.type("/delete").takeSent(), ["REDACT #lobby 4"], typed);
  }
});

pureTest("/delete of a message that is too old is refused in words for people", () => {
  const { test, alice } = setUp();
  alice.type("/msg bob hi");
  takeAllShown(alice);
  test.now += REDACT_WINDOW_MS + 1;
  alice.type("/delete hi");
  assertEquals(takeAllShown(alice), [["!!! You can no longer delete this message"]]);
});

pureTest("/delete removes a message of a room that was renamed since", () => {
  const alice = new ScriptedChat(["draft/message-redaction", "draft/channel-rename"]);
  alice.receive("@msgid=1 :alice!a@h PRIVMSG #lobby :hi").receive(":bob!b@h RENAME #lobby #hall :why not");
  alice.takeSent();
  assertEquals(alice.type("/delete").takeSent(), ["REDACT #hall 1"]);
});

pureTest("/delete waits for a message that has not been sent, and needs a server that can remove", () => {
  const alice = new ScriptedChat(["draft/message-redaction"]);
  alice.receive("@msgid=1 :alice!a@h PRIVMSG #lobby :first").takeShown();
  alice.chat.outbox.add({ id: "2", target: "#lobby", text: "second", manner: "said", at: 0 });
  assertEquals(alice.type("/delete").takeShown(), [
    "!!! your last message has not reached the server yet; to remove another: /delete TEXT",
  ]);
  assertEquals(alice.type("/delete first").takeSent()[0], "REDACT #lobby 1");
  assertEquals(new ScriptedChat().type("/delete").takeShown(), [
    "!!! this server cannot remove messages (draft/message-redaction)",
  ]);
});

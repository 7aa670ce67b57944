/** What the chat makes of channels that get another name, of messages that are taken back, and of those of several lines. */
import { assertEquals } from "@std/assert";
import { account } from "../support/hub_accounts.ts";
import { TestHub } from "../support/hub.ts";
import { ChatHarness, takeAllShown } from "../support/chat/chat_harness.ts";
import { pureTest } from "../support/test.ts";

/** `nick` has an account that `channel` remembers as its operator. */
function owns(chat: TestHub, nick: string, channel: string): void {
  const { hub } = chat;
  const user = hub.context.state.user(nick)!;
  hub.context.commit({ kind: "login", session: user.sessions[0]!, account: account(chat, nick, user.owner) });
  assertEquals(hub.services.history.channel(channel).settings?.operators.has(user.owner), true);
}

pureTest("chat: a room with another name is the one that we are in, and come back to", () => {
  const chat = new TestHub({ motd: [] });
  const alice = new ChatHarness(chat, "alice").connect();
  const bob = new ChatHarness(chat, "bob").connect();
  alice.type("/join #foo", "one");
  owns(chat, "alice", "#foo");
  bob.type("/join #foo");
  takeAllShown(alice, bob);
  chat.say(chat.hub.context.state.user("alice")!.sessions[0]!, "RENAME #foo #bar :typo");
  const told = "--- alice renamed #foo to #bar (typo)";
  const [toAlice, toBob] = takeAllShown(alice, bob);
  assertEquals([toAlice!.at(-1), toBob], [told, [told]]);
  alice.type("two");
  bob.type("three");
  assertEquals(takeAllShown(alice, bob), [["<alice> two", "<bob> three"], ["<alice> two", "<bob> three"]]);
  assertEquals([alice.chat.channel, bob.chat.channel, alice.chat.channels.names.includes("#foo")], [
    "#bar",
    "#bar",
    false,
  ]);
  bob.cut();
  alice.type("meanwhile");
  takeAllShown(alice, bob);
  bob.connect(true);
  const back = takeAllShown(bob)[0]!;
  assertEquals(back.filter((line) => line.includes("<")), ["<alice> meanwhile"]);
  assertEquals(bob.chat.channel, "#bar");
});

pureTest("chat: what is taken back is said to be, with whose it was and of when", () => {
  const chat = new TestHub({ motd: [] });
  const alice = new ChatHarness(chat, "alice").connect();
  const bob = new ChatHarness(chat, "bob").connect();
  takeAllShown(alice, bob);
  const root = chat.enter("root", "message-tags", "draft/message-redaction", "echo-message");
  chat.say(root, "JOIN #lobby", "PRIVMSG #lobby :buy this");
  const id = /msgid=([^; ]+) \S+ PRIVMSG/.exec(chat.heard(root).join("\n"))![1]!;
  takeAllShown(alice, bob);
  chat.say(root, `REDACT #lobby ${id} :oops`);
  assertEquals(takeAllShown(alice, bob), [
    ["--- root removed a message sent at 12:34 (oops)"],
    ["--- root removed a message sent at 12:34 (oops)"],
  ]);
  const carol = new ChatHarness(chat, "carol").connect();
  assertEquals(takeAllShown(carol)[0]!.filter((line) => line.includes("buy")), []);
});

pureTest(
  "chat: a message of several lines is one, live and of the past, and none of its lines passes for another message",
  () => {
    const chat = new TestHub({ motd: [] });
    const alice = new ChatHarness(chat, "alice").connect();
    takeAllShown(alice);
    const bot = chat.enter("bot", "batch", "draft/multiline");
    chat.say(bot, "JOIN #lobby");
    takeAllShown(alice);
    chat.say(
      bot,
      "BATCH +1 draft/multiline #lobby",
      "@batch=1 PRIVMSG #lobby :one",
      "@batch=1 PRIVMSG #lobby :12:34 <alice> I agree",
      "@batch=1 PRIVMSG #lobby :two and ",
      "@batch=1;draft/multiline-concat PRIVMSG #lobby :half",
      "BATCH -1",
    );
    const shown = "<bot> one\n      12:34 <alice> I agree\n      two and half";
    assertEquals(takeAllShown(alice), [[`>>> ${shown}`]]);
    const carol = new ChatHarness(chat, "carol").connect();
    assertEquals(takeAllShown(carol)[0]!.filter((line) => line.includes("one")), [shown]);
  },
);

import { listCompletionWords } from "../../lib/client/commands/completion_words.ts";
import { assertEquals } from "@std/assert";
import { ScriptedChat } from "../support/chat/scripted_chat.ts";
import { pureTest } from "../support/test.ts";

pureTest("chat: a server that no longer knows our account says so when we reconnect, once", () => {
  const alice = new ScriptedChat();
  const back = (account: string | undefined) => {
    alice.disconnect();
    alice.takeShown();
    alice.reconnect(account);
    return alice.shown.filter((text) => text.includes("chatterbox register Alice")).length;
  };
  const accounts = [undefined, "Alice", "Alice", undefined, undefined, "Alice", undefined];
  assertEquals(accounts.map(back), [0, 0, 0, 1, 0, 0, 1]);
});

pureTest("chat: the key of a channel is sent again after a reconnect", () => {
  const alice = new ScriptedChat();
  alice.answers["JOIN #dev"] = [":alice!a@h JOIN #dev"];
  delete alice.answers["JOIN"];
  alice.type("/join dev sesame");
  assertEquals(alice.sent, ["JOIN #dev sesame"]);
  alice.takeSent();
  alice.disconnect().reconnect();
  assertEquals(alice.sent.includes("JOIN #dev sesame"), true);
});

pureTest(
  "chat: a redirect is followed, once, with the key that was given; only a renamed channel is still shown",
  () => {
    const alice = new ScriptedChat();
    delete alice.answers["JOIN"];
    alice.answers["JOIN #old"] = [":s FAIL JOIN CHANNEL_RENAMED #old #new :The channel has been renamed"];
    alice.answers["JOIN #new"] = [":alice!a@h JOIN #new"];
    alice.type("/join old sesame");
    assertEquals(alice.sent, ["JOIN #old sesame", "JOIN #new sesame"]);
    assertEquals(alice.chat.channel, "#new");
    assertEquals(alice.shown.some((text) => text === "--- #old now leads to #new"), true);
    assertEquals(alice.chat.undelivered.refused, 0);

    alice.answers["JOIN #a"] = [":s 470 alice #a #b :Forwarding to another channel"];
    alice.answers["JOIN #b"] = [":s 470 alice #b #a :Forwarding to another channel"];
    alice.takeSent();
    alice.type("/join a");
    assertEquals([alice.sent, alice.chat.channel], [["JOIN #a", "JOIN #b"], undefined]);
    assertEquals(alice.shown.at(-1), "!!! #b #a: Forwarding to another channel");
    alice.takeSent();
    alice.answers["JOIN #b"] = [":alice!a@h JOIN #b"];
    alice.type("/join a").type("secret");
    assertEquals(alice.sent, ["JOIN #a", "JOIN #b"]);
    assertEquals(alice.shown.at(-1), "!!! not sent: you are not in #a (/go #lobby, /join #a)");
  },
);

pureTest("chat: a channel renamed while we were disconnected is the same channel", () => {
  const alice = new ScriptedChat();
  alice.disconnect();
  delete alice.answers["JOIN"];
  alice.answers["JOIN #lobby"] = [
    ":s FAIL JOIN CHANNEL_RENAMED #lobby #hall :The channel has been renamed",
  ];
  alice.answers["JOIN #hall"] = [":alice!a@h JOIN #hall"];
  alice.reconnect().type("here");
  assertEquals(alice.sent, ["JOIN #lobby", "JOIN #hall", "PRIVMSG #hall here"]);
  assertEquals([...listCompletionWords(alice.chat).channels], ["#hall"]);
});

pureTest("chat: after a KICK the channel is not entered again", () => {
  const alice = new ScriptedChat();
  alice.receive(":bob!b@h KICK #lobby alice :too loud");
  assertEquals(alice.chat.channel, undefined);
  assertEquals(alice.sent, []);
  assertEquals(alice.disconnect().reconnect().sent, []);
});

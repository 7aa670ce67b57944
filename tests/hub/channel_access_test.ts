/** Who may look into a closed channel. */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import { login, makeOperator } from "../support/hub_accounts.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

const KEY = "k".repeat(43);

function claiming(chat: TestHub, nick: string, observer: boolean, key = KEY): Session {
  const session = chat.open();
  const cap = `chatterbox.chat/claim${observer ? " chatterbox.chat/observer" : ""}`;
  chat.say(session, `CAP REQ :${cap}`, `CLAIM ${key}`, `NICK ${nick}`, `USER ${nick} 0 * :x`, "CAP END");
  chat.heard(session);
  return session;
}

const said = (chat: TestHub, session: Session) =>
  chat.heard(session).filter((line) => line.includes("PRIVMSG"));

pureTest(
  "room access: an observer sees the closed rooms in which somebody of the same key is, as long as he is there",
  () => {
    for (const mode of ["+i", "+s", "+k tea"]) {
      const chat = new TestHub({ accounts: "off" });
      const alice = chat.enter("alice");
      const bob = claiming(chat, "bob", false);
      const [own, other] = [claiming(chat, "bob", true), claiming(chat, "eve", true, "e".repeat(43))];
      for (const each of [own, other]) chat.say(each, "FOLLOW *");
      chat.say(alice, "JOIN #tea", "INVITE bob #tea", `MODE #tea ${mode}`, "INVITE bob #tea");
      chat.say(alice, "PRIVMSG #tea :one");
      assertEquals([said(chat, own).length, said(chat, other).length], [0, 0], mode);
      chat.say(bob, "JOIN #tea tea");
      chat.say(alice, "PRIVMSG #tea :two");
      assertEquals([said(chat, own).length, said(chat, other).length], [1, 0], mode);
      for (const each of [own, other]) chat.say(each, "CHATHISTORY LATEST #tea * 9", "LIST", "WHO #tea");
      assert(chat.heard(own).join().includes(" 322 bob #tea 2 "), "listed");
      const outside = chat.heard(other);
      assert(outside.every((line) => !/ (322|352) eve #tea /.test(line)), outside.join("\n"));
      chat.say(bob, "PART #tea");
      chat.say(alice, "PRIVMSG #tea :three");
      assertEquals([said(chat, own).length, said(chat, other).length], [0, 0], mode);
    }
  },
);

pureTest("room access: a closed room takes nothing from outside, but for its remembered operators", () => {
  for (const mode of ["+i", "+k tea", "+s", "+n"]) {
    const chat = new TestHub();
    const [alice, bob, root] = [login(chat, "alice"), chat.enter("bob"), login(chat, "root")];
    makeOperator(chat, "root");
    const watcher = claiming(chat, "eve", true);
    chat.say(watcher, "FOLLOW *", "FOLLOW #tea");
    chat.say(alice, "JOIN #tea", `MODE #tea ${mode}`);
    for (const session of [alice, bob, root, watcher]) chat.heard(session);
    for (const inside of [true, false]) {
      for (const outsider of [bob, root]) {
        chat.say(outsider, "PRIVMSG #tea :psst", "PRIVMSG @#tea :psst", "TOPIC #tea");
        const code = mode === "+s" && outsider === bob ? "403" : "404";
        const codes = chat.heard(outsider).slice(0, 2).map((line) => line.split(" ")[1]);
        assertEquals(codes, [code, code], `${mode}, ${inside ? "with members" : "empty"}`);
      }
      chat.say(bob, "NOTICE #tea :psst", "TOPIC #tea :mine", "INVITE root #tea", "METADATA #tea SET x :y");
      const heard = [alice, watcher].map((session) => chat.heard(session));
      assertEquals(heard, [[], []], `${mode}, ${inside ? "with members" : "empty"}`);
      chat.say(alice, "PART #tea");
      for (const session of [alice, bob, root, watcher]) chat.heard(session);
    }
    chat.say(alice, "PRIVMSG #tea :a note to those that come", "CHATHISTORY LATEST #tea * 9");
    assertEquals(said(chat, alice).length, 1, mode);
  }
});

pureTest("room access: an invitation lets a user past what holds others out once", () => {
  const chat = new TestHub();
  const [alice, bob] = [chat.enter("alice"), chat.enter("bob")];
  chat.say(alice, "JOIN #tea", "MODE #tea +b bob!*@*", "INVITE bob #tea");
  chat.heard(bob);
  chat.say(bob, "JOIN #tea", "PART #tea");
  assertEquals(chat.heard(bob).filter((line) => line.includes(" 474 ")), []);
  chat.say(bob, "JOIN #tea");
  assertEquals(chat.heard(bob).map((line) => line.split(" ")[1]), ["474"]);
});

/** What a terminal tells of its person typing, and shows of others. */
import { assertEquals } from "@std/assert";
import { TYPING_INTERVAL_MS, TYPING_LIFETIMES_MS } from "../../lib/client/conversation/typing_tracker.ts";
import { TYPING_PROMPT_INTERVAL_MS, TypingStatus } from "../../lib/tui/typing_status.ts";
import { ScriptedChat } from "../support/chat/scripted_chat.ts";
import { pureTest } from "../support/test.ts";

function setUp(...caps: string[]) {
  const alice = new ScriptedChat(["message-tags", ...caps]);
  const status = new TypingStatus(alice.chat);
  /** What is sent where the line is `line` after a key at the time `now`. */
  const press = (line: string, now = 0) => {
    status.noteInput(line, now);
    alice.type("/set presence"); // carries the effects out
    return alice.takeSent();
  };
  return { alice, status, press };
}

const typing = (nick: string, target: string) => `@+typing=active :${nick}!u@h TAGMSG ${target}`;

pureTest(
  "typing: that text is typed is told at most every three seconds, that it is gone at once, the text never",
  () => {
    const { press } = setUp();
    assertEquals(press("s", 0), ["@+typing=active TAGMSG #lobby"]);
    assertEquals(press("secret", 1), []);
    assertEquals(press("secret", TYPING_INTERVAL_MS), []); // no letter came or went
    assertEquals(press("secrets", TYPING_INTERVAL_MS), ["@+typing=active TAGMSG #lobby"]);
    assertEquals(press("", TYPING_INTERVAL_MS + 1), ["@+typing=done TAGMSG #lobby"]);
    assertEquals(press("", TYPING_INTERVAL_MS + 2), []);
  },
);

pureTest("typing: of commands it is told of none but those that say something here", () => {
  for (const line of ["/search secret", "/msg bob x", "/m", "/", " ", "/me ", "/nick x", "/replyx y"]) {
    assertEquals(setUp().press(line), [], line);
  }
  for (const line of ["x", "//etc", "/me waves", "/reply 2 yes", " x", "\nx"]) {
    assertEquals(setUp().press(line), ["@+typing=active TAGMSG #lobby"], line);
  }
});

pureTest(
  "typing: nothing is told behind a message, when it is off, without a connection, or in a room that was left",
  () => {
    const { alice, press } = setUp();
    press("hi");
    alice.type("hi").takeSent();
    assertEquals(press(""), []);
    assertEquals(press("more"), ["@+typing=active TAGMSG #lobby"]);
    alice.type("/set typing off");
    assertEquals(press("more and", 9_000), []);
    alice.type("/set typing on").disconnect();
    assertEquals(press("more and more", 18_000), []);
    const left = setUp();
    left.alice.receive(":alice!a@h PART #lobby");
    assertEquals(left.press("x"), []);
    assertEquals(new ScriptedChat().type("/set typing").takeShown(), [
      "--- typing is on (on|off): who is typing, and telling that you are",
    ]);
  },
);

pureTest("typing: it is told to the person of a direct conversation", () => {
  const { alice, press } = setUp();
  alice.chat.views.choose("bob");
  assertEquals(press("x"), ["@+typing=active TAGMSG bob"]);
});

pureTest(
  "typing: the prompt names one or two people of the conversation, and counts more; not those ignored",
  () => {
    const at = (...nicks: string[]) => {
      const { alice, status } = setUp();
      for (const nick of nicks) alice.receive(typing(nick, "#lobby"));
      alice.receive(typing("dave", "alice"));
      return status.describe(0);
    };
    assertEquals(at(), "");
    assertEquals(at("bob"), "bob is typing");
    assertEquals(at("eve", "bob"), "bob is typing"); // eve is ignored
    assertEquals(at("bob", "carol"), "bob and carol are typing");
    assertEquals(at("bob", "carol", "zoe"), "3 people are typing");
    assertEquals(at("a_very_long_nick_of_a_person"), "a_very_long_nic… is typing");
    const { alice, status } = setUp();
    alice.receive(typing("bob", "#lobby")).type("/set typing off");
    assertEquals(status.describe(0), "");
  },
);

pureTest("typing: the prompt changes once a second at most, but at once with the conversation", () => {
  const { alice, status } = setUp();
  const second = TYPING_PROMPT_INTERVAL_MS;
  alice.receive(typing("bob", "#lobby"));
  assertEquals(status.describe(0), "bob is typing");
  assertEquals(status.nextChangeMs(0), TYPING_LIFETIMES_MS.active);
  alice.receive(typing("carol", "#lobby"));
  assertEquals([status.describe(1), status.nextChangeMs(1)], ["bob is typing", second - 1]);
  assertEquals(status.describe(second), "bob and carol are typing");
  alice.receive(":bob!u@h PRIVMSG #lobby :x").receive(":carol!u@h PRIVMSG #lobby :y");
  assertEquals(status.describe(second + 1), "bob and carol are typing");
  alice.chat.views.choose("bob");
  assertEquals(status.describe(second + 2), "");
  assertEquals(status.nextChangeMs(second + 2), undefined);
});

pureTest("typing: it ends by itself", () => {
  const { alice, status } = setUp();
  alice.receive(typing("bob", "#lobby"));
  status.describe(0);
  assertEquals(status.describe(TYPING_LIFETIMES_MS.active), "");
});

pureTest("typing: the note stands at the end of a prompt", () => {
  const { alice, status } = setUp();
  assertEquals(status.addTo("#dev> ", 0), "#dev> ");
  alice.receive(typing("bob", "#lobby"));
  assertEquals(status.addTo("#dev [2 unsent]> ", 1000), "#dev [2 unsent] (bob is typing)> ");
});

pureTest("typing: while the person types, the note keeps its width, and their line its place", () => {
  const { alice, status } = setUp();
  const second = TYPING_PROMPT_INTERVAL_MS;
  status.addTo("#l> ", 0);
  status.noteInput("h", 0);
  alice.receive(typing("bob", "#lobby"));
  assertEquals(status.addTo("#l> ", second), "#l> ");
  status.noteInput("", second);
  assertEquals(status.addTo("#l> ", second), "#l (bob is typing)> ");
  status.noteInput("h", second);
  alice.receive(typing("carol", "#lobby"));
  assertEquals(status.addTo("#l> ", 2 * second), "#l (bob and carol…> ");
  alice.receive(":bob!u@h PRIVMSG #lobby :x").receive(":carol!u@h PRIVMSG #lobby :y");
  assertEquals(status.addTo("#l> ", 3 * second), "#l                > ");
  alice.chat.views.choose("bob");
  assertEquals(status.addTo("@bob> ", 4 * second), "@bob> ");
});

/** People that are typing, by the notices of their clients. */
import { assertEquals } from "@std/assert";
import { formatMessage, parseMessage } from "../../lib/irc/message.ts";
import {
  MAX_TYPING,
  TYPING_INTERVAL_MS,
  TYPING_LIFETIMES_MS,
  TypingTracker,
} from "../../lib/client/conversation/typing_tracker.ts";
import { pureTest } from "../support/test.ts";

function receive(typing: TypingTracker, line: string, now = 0): void {
  typing.receive(parseMessage(line)!, "alice", now);
}

pureTest("typing: a person types until a message, a done, or too long without a further notice", () => {
  const typing = new TypingTracker();
  receive(typing, "@+typing=active :bob!b@h TAGMSG #lobby");
  receive(typing, "@+typing=paused :carol!c@h TAGMSG #lobby");
  receive(typing, "@+typing=active :dave!d@h TAGMSG alice");
  receive(typing, "@+typing=active :alice!a@h TAGMSG #lobby"); // we ourselves, elsewhere
  assertEquals(typing.list("#LOBBY", 1), ["bob", "carol"]);
  assertEquals(typing.list("Dave", 1), ["dave"]);
  assertEquals(typing.nextChangeMs(1), TYPING_LIFETIMES_MS.active - 1);
  assertEquals(typing.list("#lobby", TYPING_LIFETIMES_MS.active), ["carol"]);
  receive(typing, ":carol!c@h PRIVMSG #lobby :so");
  receive(typing, "@+typing=done :dave!d@h TAGMSG alice");
  assertEquals(typing.nextChangeMs(TYPING_LIFETIMES_MS.active), undefined);
});

pureTest("typing: at most so many people are kept, and none behind a connection loss", () => {
  const typing = new TypingTracker();
  for (let n = 0; n <= MAX_TYPING; n++) receive(typing, `@+typing=active :u${n}!u@h TAGMSG #lobby`);
  assertEquals(typing.list("#lobby", 0).length, MAX_TYPING);
  typing.clear();
  assertEquals(typing.list("#lobby", 0), []);
});

pureTest("typing: we tell it at most every three seconds, and that it ends where it was told", () => {
  const typing = new TypingTracker();
  const tell = (target: string, state: "active" | "paused" | "done", now: number) => {
    const message = typing.tell(target, state, now);
    return message && formatMessage(message);
  };
  assertEquals(tell("#lobby", "done", 0), undefined);
  assertEquals(tell("#lobby", "active", 0), "@+typing=active TAGMSG #lobby");
  assertEquals(tell("#lobby", "active", TYPING_INTERVAL_MS - 1), undefined);
  assertEquals(tell("#lobby", "active", TYPING_INTERVAL_MS), "@+typing=active TAGMSG #lobby");
  assertEquals(tell("#lobby", "paused", TYPING_INTERVAL_MS + 1), "@+typing=paused TAGMSG #lobby");
  assertEquals(tell("#lobby", "done", TYPING_INTERVAL_MS + 2), "@+typing=done TAGMSG #lobby");
  assertEquals(tell("#lobby", "active", 9000), "@+typing=active TAGMSG #lobby");
  typing.noteSent("#Lobby");
  assertEquals(tell("#lobby", "done", 9001), undefined, "the message has told it");
});

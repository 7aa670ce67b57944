/** What is told once, and what the prompt says of oneself. */
import { assertEquals } from "@std/assert";
import { MAX_OWN_EXCERPTS } from "../../lib/client/conversation/model/message_excerpts.ts";
import { RepeatedEntries } from "../../lib/tui/repeated_entries.ts";
import { pureTest } from "../support/test.ts";
import { ALL_CAPS, inTwoRooms } from "./view_run.ts";

const OFFLINE = ":s NOTE PRIVMSG QUEUED bob :bob is offline; the message will be delivered when they return";

pureTest("that a person is offline is told once, until they are back", async () => {
  const alice = await inTwoRooms({ caps: ALL_CAPS });
  const told = () => alice.takeShown().filter((row) => row.includes("offline")).length;
  alice.receive(OFFLINE, OFFLINE);
  assertEquals(told(), 1);
  alice.say("bob", "#lobby", "back").receive(OFFLINE);
  assertEquals(told(), 1);
  alice.receive(":bob!u@h JOIN #lobby", OFFLINE);
  assertEquals(told(), 1);
  alice.receive(OFFLINE.replaceAll("bob", "carol"));
  assertEquals(told(), 1);
});

pureTest("the same reaction of one person is told once, unless they have taken it back", async () => {
  const alice = await inTwoRooms({ caps: ALL_CAPS });
  alice.say("bob", "#lobby", "tea?", "t").say("bob", "#lobby", "now", "n").takeShown();
  const react = (from: string, tag = "react") =>
    alice.receive(`@+draft/${tag}=👍;+draft/reply=t :${from}!u@h TAGMSG #lobby`).takeShown().length;
  assertEquals([react("carol"), react("Carol"), react("dave")], [1, 0, 1]);
  assertEquals([react("carol", "unreact"), react("carol")], [1, 1]);
});

pureTest("what was told is remembered up to a bound", () => {
  const told = new RepeatedEntries();
  const react = (n: number) =>
    told.has({
      kind: "reaction",
      time: 0,
      channel: "#l",
      from: "bob",
      text: "x",
      removed: false,
      to: `m${n}`,
    });
  for (let n = 0; n <= MAX_OWN_EXCERPTS; n++) assertEquals(react(n), false);
  assertEquals([react(MAX_OWN_EXCERPTS), react(0)], [true, false]);
});

pureTest("the prompt says that one is away, until one is back or the connection is lost", async () => {
  const alice = await inTwoRooms({ caps: ALL_CAPS });
  alice.server.answers["AWAY"] = [":s 306 alice :You have been marked as being away"];
  await alice.type("/away lunch");
  assertEquals(alice.prompt, "#lobby [away]> ");
  alice.server.answers["AWAY"] = [":s 305 alice :You are no longer marked as being away"];
  await alice.type("/away");
  assertEquals(alice.prompt, "#lobby> ");
  alice.receive(":s 306 alice :You have been marked as being away");
  assertEquals(alice.prompt, "#lobby [away]> ");
  alice.update((chat, now) => chat.handleDisconnected("cut", 1000, now));
  assertEquals(alice.prompt.includes("away"), false);
});

pureTest("/reply @bob answers the last message of bob; a bare name is asked about", async () => {
  const alice = await inTwoRooms({ caps: ALL_CAPS });
  alice.say("bob", "#lobby", "tea?", "b").say("carol", "#lobby", "cake?", "c").takeShown();
  alice.takeSent();
  await alice.type("/reply bob yes", "/reply @bob yes", "/reply 1 bob yes");
  assertEquals(alice.takeSent(), [
    "@chatterbox.chat/id=own-1;+draft/reply=b PRIVMSG #lobby yes",
    "@chatterbox.chat/id=own-2;+draft/reply=c PRIVMSG #lobby :bob yes",
  ]);
  assertEquals(
    alice.takeShown()[0],
    "t102   !!! to answer bob: /reply @bob TEXT; if bob is text: /reply 1 bob yes",
  );
});

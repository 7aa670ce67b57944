import { assertEquals } from "@std/assert";
import { parseMessage } from "../../lib/irc/message.ts";
import {
  describeChannelList,
  describeMaskList,
  describeModesReply,
  describeWho,
  describeWhois,
} from "../../lib/client/commands/response_text.ts";
import { describeTopic } from "../../lib/client/conversation/model/room_text.ts";
import { pureTest } from "../support/test.ts";

const lines = (...texts: string[]) => texts.map((text) => parseMessage(text)!);

pureTest("responses: /who", () => {
  const answer = lines(
    ":s 352 me #a u h s bob H :0 Bob",
    ":s 352 me #a u h s alice G@ :0 Alice",
    ":s 352 me #b u h s bob H :0 Bob",
    ":s 315 me * :End",
  );
  assertEquals(describeWho(answer, "online"), "2 people online: alice (away), bob");
  assertEquals(
    describeWho(lines(":s 315 me * :End"), "in #a"),
    "no people in #a: there is no such room, or it is secret",
  );
});

pureTest("responses: rooms, the largest first", () => {
  const answer = lines(
    ":s 321 me Channel :Users Name",
    ":s 322 me #a 1 :",
    ":s 322 me #b 3 :talk",
    ":s 323 me :End",
  );
  assertEquals(describeChannelList(answer), ["2 rooms", "#b: 3 people; talk", "#a: 1 person"]);
});

pureTest("responses: /whois, and topics", () => {
  const answer = lines(
    ":s 311 me bob ~b host * :Bob B.",
    ":s 301 me bob :lunch",
    ":s 319 me bob :@#a #b ",
    ":s 317 me bob 130 60 :x",
    ":s 318 me bob :End",
  );
  assertEquals(describeWhois(answer, (time) => `(${time})`), [
    "bob is online as ~b@host (Bob B.)",
    "bob is away: lunch",
    "bob is in @#a #b",
    "bob has been idle for 2 minutes, online since (60000)",
  ]);
  assertEquals(describeTopic({ name: "#a", topic: "" }), "#a has no topic");
  assertEquals(describeTopic({ name: "#a", topic: "x" }), "topic of #a: x");
});

pureTest("responses: modes of a room, and its lists", () => {
  const modes = lines(":s 324 me #a +nt", ":s 329 me #a 1");
  assertEquals(
    describeModesReply(modes, "#a"),
    "#a: no messages from outside, only operators set the topic",
  );
  assertEquals(describeModesReply(lines(":s 324 me #a +"), "#a"), "#a has no special settings");
  const bans = lines(":s 367 me #a bob!*@* alice!a@h 5", ":s 367 me #a *!*@host", ":s 368 me #a :End");
  assertEquals(describeMaskList(bans, "#a", "b"), [
    "banned from #a:",
    "  bob, by alice",
    "  all users from host",
  ]);
  assertEquals(describeMaskList(lines(":s 368 me #a :End"), "#a", "b"), ["no bans in #a"]);
  assertEquals(describeMaskList(lines(":s 728 me #a q bob!*@* alice 5"), "#a", "q"), [
    "muted in #a:",
    "  bob, by alice",
  ]);
  assertEquals(describeMaskList(lines(":s 347 me #a :End"), "#a", "I"), [
    "no permanent invitations to #a",
  ]);
});

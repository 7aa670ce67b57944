import { assertEquals } from "@std/assert";
import { hasMention, mentionsUser } from "../../lib/client/conversation/model/mention.ts";
import { pureTest } from "../support/test.ts";

pureTest("mention: the nick as a word of its own", () => {
  for (const yes of ["alice: hi", "hi Alice", "ok,alice!", "alice"]) {
    assertEquals(hasMention(yes, "alice"), true, yes);
  }
  for (const no of ["malice", "alice2", "alice_", "", "al ice"]) {
    assertEquals(hasMention(no, "alice"), false, no);
  }
  assertEquals(hasMention("anything", ""), false);
  assertEquals(hasMention("ПРИВЕТ, АЛИСА!", "Алиса"), true);
  assertEquals(hasMention("алисами", "Алиса"), false);
  assertEquals(hasMention("STRASSE: hello", "straße"), true);
});

pureTest("mention: of several words each one is enough, as a word of its own", () => {
  const words = ["deploy", "C++", "ÜBER"];
  for (const yes of ["Deploy at noon", "alice?", "who knows c++", "über"]) {
    assertEquals(hasMention(yes, "alice", words), true, yes);
  }
  for (const no of ["deployed", "c+", "ubers", ""]) assertEquals(hasMention(no, "alice", words), false, no);
  assertEquals(hasMention("anything", "alice", [""]), false);
});

pureTest("mention: a reply to a message of ours, whatever its text", () => {
  const quoted = { of: "alice", excerpt: "tea?" };
  assertEquals(mentionsUser({ text: "yes", quoted: { ...quoted, isOwn: true } }, "alice"), true);
  assertEquals(mentionsUser({ text: "yes", quoted: { ...quoted, isOwn: false } }, "alice"), false);
  assertEquals(mentionsUser({ text: "yes" }, "alice"), false);
  assertEquals(mentionsUser({ text: "yes", quoted }, "bob", ["yes"]), true);
});

import { assertEquals } from "@std/assert";
import {
  describeMask,
  describeModeChange,
  describeModeState,
} from "../../lib/client/conversation/model/mode_text.ts";
import { pureTest } from "../support/test.ts";

pureTest("modes: changes", () => {
  const expected: [string, string][] = [
    ["+o bob", "made bob an operator"],
    ["-ov bob carol", "removed operator status from bob, removed voice from carol"],
    ["+b bob!*@*", "banned bob"],
    ["-b *!*@192.0.2.7", "lifted the ban of all users from 192.0.2.7"],
    ["+I bob!*@*", "permanently invited bob"],
    ["+kl sesame 5", "set a key for the room, set the limit of the room to 5"],
    [
      "-l+m",
      "removed the limit of the room, moderated the room: only operators and people with voice may speak",
    ],
    [
      "+intS",
      "made the room invite-only, blocked messages from outside, restricted the topic to operators, set mode +S",
    ],
    ["i", "made the room invite-only"],
    ["+o", "made  an operator"],
    ["", ""],
  ];
  for (const [line, text] of expected) assertEquals(describeModeChange(line.split(" ")), text, line);
  assertEquals(describeModeChange([]), "");
});

pureTest("modes: state of a room", () => {
  assertEquals(describeModeState(["+"]), "");
  assertEquals(
    describeModeState(["+ntkl", "sesame", "5"]),
    "no messages from outside, only operators set the topic, a key is needed, limit of people: 5",
  );
  assertEquals(describeModeState(["+sC"]), "secret, mode +C");
});

pureTest("modes: masks", () => {
  const expected: [string, string][] = [
    ["bob!*@*", "bob"],
    ["*!*@*", "all users"],
    ["*!*@host", "all users from host"],
    ["bob!*@host", "bob from host"],
    ["bob!~b@host", "bob!~b@host"],
    ["~a:bob", "bob (by account)"],
    ["~account:bob", "bob (by account)"],
  ];
  for (const [mask, text] of expected) assertEquals(describeMask(mask), text, mask);
});

import { assertEquals } from "@std/assert";
import {
  describeMask,
  describeModeChange,
  describeModeState,
} from "../../lib/client/conversation/model/mode_text.ts";

Deno.test({
  name: "modes: what somebody has changed",
  permissions: "none",
  fn() {
    const expected: [string, string][] = [
      ["+o bob", "made bob an operator"],
      ["-ov bob carol", "took the operator's rights from bob, took the voice from carol"],
      ["+b bob!*@*", "banned bob"],
      ["-b *!*@192.0.2.7", "lifted the ban of everybody from 192.0.2.7"],
      ["+I bob!*@*", "invited bob for good"],
      ["+kl sesame 5", "gave the room a key, set the limit of people to 5"],
      ["-l+m", "lifted the limit of people, left talking to operators and those with a voice"],
      [
        "+intS",
        "closed the room to the uninvited, closed the room to messages from outside, left the topic to operators, set mode +S",
      ],
      ["i", "closed the room to the uninvited"],
      ["+o", "made  an operator"],
      ["", ""],
    ];
    for (const [line, text] of expected) assertEquals(describeModeChange(line.split(" ")), text, line);
    assertEquals(describeModeChange([]), "");
  },
});

Deno.test({
  name: "modes: how a room is",
  permissions: "none",
  fn() {
    assertEquals(describeModeState(["+"]), "");
    assertEquals(
      describeModeState(["+ntkl", "sesame", "5"]),
      "no messages from outside, only operators set the topic, a key is needed, people: at most 5",
    );
    assertEquals(describeModeState(["+sC"]), "secret, mode +C");
  },
});

Deno.test({
  name: "modes: masks as people say them",
  permissions: "none",
  fn() {
    const expected: [string, string][] = [
      ["bob!*@*", "bob"],
      ["*!*@*", "everybody"],
      ["*!*@host", "everybody from host"],
      ["bob!*@host", "bob from host"],
      ["bob!~b@host", "bob!~b@host"],
      ["~a:bob", "bob (by account)"],
      ["~account:bob", "bob (by account)"],
    ];
    for (const [mask, text] of expected) assertEquals(describeMask(mask), text, mask);
  },
});

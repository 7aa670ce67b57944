/** Keys in the composer, and what is sent of what is typed. */
import { assertEquals } from "@std/assert";
import { findCompletion } from "../../../lib/page/model/completion.ts";
import { decideKey, makeSentText } from "../../../lib/page/model/composer.ts";
import type { ComposerState, KeyPress } from "../../../lib/page/model/composer.ts";
import { Drafts, MAX_DRAFT_LENGTH, MAX_DRAFTS } from "../../../lib/page/model/drafts.ts";
import { pureTest } from "../../support/test.ts";

function press(keys: string, state: Partial<ComposerState> = {}, isComposing = false): string {
  const parts = keys.split("+");
  const key = parts.pop()!;
  const has = (modifier: string) => parts.includes(modifier);
  const pressed: KeyPress = {
    key,
    shift: has("shift"),
    ctrl: has("ctrl"),
    alt: has("alt"),
    meta: has("meta"),
    isComposing,
  };
  return decideKey(pressed, {
    text: "hi",
    hasReference: false,
    offersCompletion: false,
    enterBreaks: false,
    ...state,
  });
}

pureTest("composer: Enter sends and Shift-Enter breaks the line, on a screen the other way round", () => {
  assertEquals(press("Enter"), "send");
  assertEquals(press("shift+Enter"), "break_line");
  assertEquals(press("Enter", { text: " \n" }), "none");
  assertEquals(press("Enter", { enterBreaks: true }), "break_line");
  assertEquals(press("ctrl+Enter", { enterBreaks: true }), "send");
  assertEquals(press("Enter", {}, true), "none", "the input method takes it");
});

pureTest("composer: where names are offered, the keys choose among them", () => {
  const state = { offersCompletion: true, hasReference: true };
  const keys = ["Enter", "Tab", "ArrowDown", "ArrowUp", "Escape", "shift+Enter", "a"];
  assertEquals(keys.map((key) => press(key, state)), [
    "complete",
    "complete",
    "next_completion",
    "previous_completion",
    "close_completion",
    "break_line",
    "none",
  ]);
});

pureTest("composer: Escape drops a reply, and the arrow in an empty one edits the last message", () => {
  assertEquals(press("Escape", { hasReference: true }), "drop_reference");
  assertEquals(press("Escape"), "none");
  assertEquals(press("ArrowUp", { text: "" }), "edit_last");
  assertEquals([press("ArrowUp"), press("Tab"), press("toString")], ["none", "none", "none"]);
});

pureTest("composer: a text of 100 lines stays one text", () => {
  const lines = Array.from({ length: 100 }, (_, nth) => `  line ${nth}`);
  assertEquals(makeSentText(`\r\n \r\n${lines.join("\r\n")}\r\n\r\n`), lines.join("\n"));
  assertEquals(makeSentText(" \n\t\n"), "");
  assertEquals(makeSentText("a\0b\rc"), "ab\nc");
});

pureTest("composer: names, rooms and emoji are completed where a word begins", () => {
  assertEquals(findCompletion("hi @al"), { kind: "name", text: "al", start: 3 });
  assertEquals(findCompletion("@"), { kind: "name", text: "", start: 0 });
  assertEquals(findCompletion("(#de"), { kind: "room", text: "de", start: 1 });
  assertEquals(findCompletion("so :ta"), { kind: "emoji", text: "ta", start: 3 });
  const none = ["", "a@b", "12:30", "so :t", ":) ", `@${"x".repeat(50)}`];
  for (const text of none) assertEquals(findCompletion(text), undefined, text);
});

pureTest("drafts: each conversation has its own, which a page can keep", () => {
  const drafts = new Drafts();
  drafts.set("#Lobby", { text: "half a tho" });
  drafts.set("bob", { text: "", replyTo: "m1" });
  drafts.set("carol", { text: "" });
  const kept = new Drafts(JSON.parse(JSON.stringify(drafts.list())));
  assertEquals([kept.get("#lobby").text, kept.get("bob").replyTo], ["half a tho", "m1"]);
  assertEquals([kept.has("#lobby"), kept.has("bob"), kept.has("carol")], [true, false, false]);
  kept.set("#lobby", { text: "" });
  assertEquals(kept.list().length, 1);
  kept.rename("bob", "rob");
  assertEquals([kept.get("bob").replyTo, kept.get("rob").replyTo], [undefined, "m1"]);
});

pureTest("drafts: they are bounded, and what is no draft is left out", () => {
  const drafts = new Drafts([1, ["a"], ["a", {}], ["b", { text: "x".repeat(MAX_DRAFT_LENGTH + 1) }], null]);
  assertEquals(drafts.list().map(([name, { text }]) => [name, text.length]), [["b", MAX_DRAFT_LENGTH]]);
  assertEquals(new Drafts("nonsense").list(), []);
  for (let n = 0; n < MAX_DRAFTS; n++) drafts.set(`n${n}`, { text: "x" });
  assertEquals([drafts.list().length, drafts.has("b")], [MAX_DRAFTS, false]);
});

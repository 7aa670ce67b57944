/** Completion in the composer, the uses of emoji, and help for commands. */
import { assertEquals } from "@std/assert";
import { listCompletions } from "../../../lib/page/model/completion.ts";
import { isOneEmoji, listForPicker } from "../../../lib/base/values/emoji.ts";
import { countUse, listMostUsed, MAX_COUNTED_EMOJI } from "../../../lib/page/model/emoji/emoji_use.ts";
import {
  adviseCommand,
  COMMAND_HINTS,
  describeHelp,
  PAGE_COMMANDS,
} from "../../../lib/page/state/late/page_commands.ts";
import { pureTest } from "../../support/test.ts";

const words = { names: ["bob", "Bobby", "carol"], rooms: ["#dev", "#tea"], commands: COMMAND_HINTS };

/** What is put in for each completion of `before`. */
function complete(before: string, isAsked = false): string[] {
  const found = listCompletions(before, words, isAsked);
  return (found?.items ?? []).map(({ insert }) => before.slice(0, found!.start) + insert);
}

pureTest("completion: names behind @ or by Tab, rooms, emoji, and commands at the beginning", () => {
  assertEquals(complete("@bo"), ["bob: ", "Bobby: "]);
  assertEquals(complete("hi @CA"), ["hi carol "]);
  assertEquals(complete("hi ca"), []);
  assertEquals(complete("hi ca", true), ["hi carol "]);
  assertEquals(complete("in #d"), ["in #dev "]);
  assertEquals(complete("well :tad"), ["well 🎉 "]);
  assertEquals(complete("/who"), ["/who ", "/whois "]);
  assertEquals(complete("/topic now"), []);
  assertEquals([complete("", true), complete("x ", true), complete("a /top")], [[], [], []]);
});

pureTest("completion: Enter sends where the word is whole", () => {
  const isWhole = (before: string) => listCompletions(before, words)?.isWhole;
  assertEquals(["/who", "/wh", "@bob", "@bo", "#tea", "#te"].map(isWhole), [
    true,
    false,
    true,
    false,
    true,
    false,
  ]);
});

pureTest("emoji: the most used ones are first, once, and bounded", () => {
  let kept: unknown = "broken";
  for (const emoji of ["🎉", "🚀", "🚀", "🪿"]) kept = countUse(kept, emoji);
  const used = listMostUsed(kept);
  assertEquals(used, ["🚀", "🪿", "🎉"]);
  const groups = listForPicker("", used);
  assertEquals(groups[0]!.emoji.map(({ emoji }) => emoji), used);
  const all = groups.flatMap(({ emoji }) => emoji).map(({ emoji }) => emoji);
  assertEquals([all.length > 120, new Set(all).size], [true, all.length]);
  for (let nth = 0; nth < 100; nth++) kept = countUse(kept, `e${nth}`);
  assertEquals([(kept as []).length, listMostUsed(kept)[0]], [MAX_COUNTED_EMOJI, "🚀"]);
});

pureTest("emoji: what the system's picker gives is taken as it is, and names are searched", () => {
  assertEquals(["🪿", "👩‍👩‍👧", "🎉🎉", "a", ""].map(isOneEmoji), [true, true, false, false, false]);
  assertEquals(listForPicker("🪿", []).flatMap(({ emoji }) => emoji), [{ emoji: "🪿", names: ["🪿"] }]);
  assertEquals(listForPicker("rocket", []).flatMap(({ emoji }) => emoji.map((each) => each.emoji)), ["🚀"]);
});

pureTest("commands: help lists them all, and a mistyped one is not far from what is meant", () => {
  const help = describeHelp("");
  for (const { usage } of PAGE_COMMANDS) {
    assertEquals(help.some((line) => line.startsWith(usage)), true, usage);
  }
  assertEquals(describeHelp("/ban")[0], "/ban [ROOM] NAME|MASK [REASON]: ban a person, and remove them");
  assertEquals(["tpoic", "inv", "away2", "serach", "jion", "x", "foo", "nothing"].map(adviseCommand), [
    "did you mean /topic?",
    "did you mean /invite?",
    "did you mean /away?",
    "did you mean /search?",
    "did you mean /join?",
    "/help lists the commands",
    "/help lists the commands",
    "/help lists the commands",
  ]);
});

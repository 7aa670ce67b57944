import { assertEquals } from "@std/assert";
import { newestShown, Selection } from "../../commands/logs/output/selection.ts";
import type { SelectionOptions, ShownItem } from "../../commands/logs/output/selection.ts";
import { splitCommand } from "../../commands/support/command_words.ts";
import { compareItems, TimeMerge } from "../../commands/logs/rooms/time_merge.ts";
import type { HistoryItem, MessageEntry } from "../../lib/client/conversation/model/chat_entry.ts";
import { pureTest } from "../support/test.ts";

/** Message number `n`, of that second. */
function message(n: number, text = ""): MessageEntry {
  return {
    kind: "message",
    seq: n,
    id: `m${n}`,
    time: n * 1000,
    channel: "#a",
    from: "bob",
    to: "#a",
    manner: "said",
    text,
  };
}

/** Digits are messages, those in `matches` wanted; context in brackets. */
function select(all: string, matches: string, options: Partial<SelectionOptions>): string {
  const selection = new Selection({ isWanted: ({ text }) => matches.includes(text), ...options });
  const items = [...all].map((text, n) => message(n, text));
  // In pieces, as pages come.
  const shown = [items.slice(0, 3), items.slice(3)].flatMap((piece) => selection.take(piece).shown);
  return shown.map(formatShown).join("");
}

function formatShown(item: ShownItem): string {
  switch (item.kind) {
    case "message":
      return item.text;
    case "context":
      return `(${item.message.text})`;
    default:
      return item.kind === "break" ? "|" : "gap";
  }
}

pureTest("selection: what is wanted, with those around it, and a break where some are left out", () => {
  assertEquals(select("0123456789", "25", {}), "25");
  assertEquals(select("0123456789", "25", { before: 1 }), "(1)2|(4)5");
  assertEquals(select("0123456789", "25", { after: 1 }), "2(3)|5(6)");
  assertEquals(select("0123456789", "25", { before: 1, after: 1 }), "(1)2(3)(4)5(6)");
  assertEquals(select("0123456789", "29", { before: 2, after: 2 }), "(0)(1)2(3)(4)|(7)(8)9");
  assertEquals(select("0123456789", "234", { before: 1, after: 1 }), "(1)234(5)");
  assertEquals(select("0123456789", "4", { before: 9, after: 9 }), "(0)(1)(2)(3)4(5)(6)(7)(8)(9)");
});

pureTest("selection: a count ends it behind the last messages around, and hidden ones are not there", () => {
  assertEquals(select("0123456789", "2456", { maxCount: 2 }), "24");
  assertEquals(select("0123456789", "245", { maxCount: 2, after: 2 }), "2(3)4(5)(6)");
  assertEquals(select("0123456789", "25", { before: 1, isHidden: ({ text }) => text === "4" }), "(1)2(3)5");
  const selection = new Selection({ isWanted: () => true, maxCount: 2 });
  assertEquals(selection.take([1, 2, 3].map((n) => message(n))).last?.id, "m2");
  assertEquals([selection.isOver, selection.take([message(4)]).shown], [true, []]);
});

pureTest("selection: the newest so many, with the messages around them", () => {
  const shown = (all: string) =>
    Array.from(all, (char, n): ShownItem => {
      if (char === "|") return { kind: "break" };
      return char === "c" ? { kind: "context", message: message(n, char) } : message(n, char);
    });
  const text = (items: ShownItem[]) => items.map(formatShown).join("");
  assertEquals(text(newestShown(shown("c1c|c2c|c3"), 2, 1)), "(c)2(c)|(c)3");
  assertEquals(text(newestShown(shown("1cc2c3"), 2, 1)), "(c)2(c)3");
  assertEquals(text(newestShown(shown("1c2c3"), 2, 0)), "2(c)3");
  assertEquals(text(newestShown(shown("123"), 5, 1)), "123");
  assertEquals(text(newestShown(shown("123c"), 0, 1)), "");
});

pureTest("--exec: words by the quotes of a shell, and nothing else of it", () => {
  assertEquals(splitCommand("notify-send  'new message' \"a \\\"b\\\" $x\" c\\ d ''"), [
    "notify-send",
    "new message",
    'a "b" $x',
    "c d",
    "",
  ]);
  assertEquals(splitCommand("a|b `c` $(d) *"), ["a|b", "`c`", "$(d)", "*"]);
  assertEquals(["", "  ", "a 'b", '"', "'' a"].map(splitCommand), Array(5).fill(undefined));
});

pureTest("several rooms: in the order of time, without more than a page of each waiting", async () => {
  const shown: number[] = [];
  const merge = new TimeMerge(3, (items: readonly HistoryItem[]) => {
    for (const { time } of items) shown.push(time / 1000);
    return Promise.resolve();
  });
  const waits = { early: true };
  const read = async (source: number, pages: number[][]) => {
    for (const page of pages) {
      await merge.put(source, page.map((n) => message(n)));
      if (source === 0 && page[0] === 1) waits.early = shown.length < 2;
    }
    await merge.end(source);
  };
  await Promise.all([read(0, [[1, 4], [5, 9]]), read(1, [[2, 3, 8]]), read(2, [[], [6], [7, 10]])]);
  assertEquals([shown, waits.early], [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], false]);
  assertEquals([message(2), message(1)].sort(compareItems).map(({ seq }) => seq), [1, 2]);
});

pureTest("several rooms: a failure to show reaches those that read", async () => {
  const merge = new TimeMerge(2, () => Promise.reject(new Error("full")));
  const outcomes = await Promise.allSettled([merge.put(0, [message(1)]), merge.end(1)]);
  assertEquals(outcomes.map(({ status }) => status), ["rejected", "rejected"]);
});

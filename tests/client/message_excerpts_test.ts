import { assertEquals } from "@std/assert";
import { makeMessageEntry } from "../../lib/client/conversation/model/entry_parser.ts";
import { MAX_OWN_EXCERPTS, MessageExcerpts } from "../../lib/client/conversation/model/message_excerpts.ts";
import { pureTest } from "../support/test.ts";

const said = (n: number, from: string) =>
  makeMessageEntry({ seq: n, id: `m${n}`, time: n, from, to: "#a", verb: "PRIVMSG", text: `text\n${n}` });

pureTest("message excerpts: by id, the newest of a sender, and the latest 500 only", () => {
  const excerpts = new MessageExcerpts();
  for (let n = 0; n < 501; n++) excerpts.add(said(n, n === 7 ? "carol" : "bob"), "#a");
  excerpts.add({ ...said(501, "dave"), id: undefined }, "#a");
  assertEquals([excerpts.get("m1"), excerpts.get(undefined)], [undefined, undefined]);
  assertEquals({ ...excerpts.get("m2")!, order: 0 }, {
    order: 0,
    of: "bob",
    at: 2,
    excerpt: "text 2",
    where: "#a",
    isOwn: false,
    seq: 2,
    manner: "said",
    replyTo: undefined,
    replaces: undefined,
  });
  const shown = excerpts.listShown("#A");
  assertEquals(shown.length, 500);
  assertEquals(shown.filter(({ of }) => of === "carol").map(({ id }) => id), ["m7"]);
  assertEquals(shown.slice(-2).map(({ of, id }) => [of, id]), [["bob", "m500"], ["dave", undefined]]);
  excerpts.add(said(0, "bob"), "#b");
  assertEquals(excerpts.listShown("#b").map(({ id }) => id), ["m0"]);
  excerpts.delete("m500");
  excerpts.rename("#A", "#c");
  assertEquals([excerpts.get("m500"), excerpts.get("m499")?.where], [undefined, "#c"]);
});

pureTest("message excerpts: our own latest 300, and as many that were looked up, by age", () => {
  const excerpts = new MessageExcerpts();
  const ids = () => excerpts.listOwn().map(({ id }) => id);
  for (let n = 1000; n <= 1000 + MAX_OWN_EXCERPTS; n++) excerpts.add(said(n, "alice"), "#a", true);
  for (let n = 0; n < 600; n++) excerpts.add(said(2000 + n, "bob"), "#a");
  for (let n = 0; n <= MAX_OWN_EXCERPTS; n++) excerpts.addEarlier(said(n, "alice"), "#a");
  excerpts.addEarlier(said(1300, "alice"), "#a");
  assertEquals([excerpts.newestOwn?.id, ids().length], ["m1300", 2 * MAX_OWN_EXCERPTS - 1]);
  assertEquals([ids()[0], ids().at(-1), excerpts.get("m1000")], ["m2", "m1300", undefined]);
  excerpts.rename("#A", "#c");
  assertEquals(excerpts.listOwn().every(({ where }) => where === "#c"), true);
  excerpts.delete("m1300");
  assertEquals([excerpts.newestOwn?.id, ids().at(-1), excerpts.get("m1300")], ["m1299", "m1299", undefined]);
});

pureTest(
  "message excerpts: an edited message of ours has the place of its first form, another's has not",
  () => {
    for (const isOwn of [true, false]) {
      const excerpts = new MessageExcerpts();
      const ids = () => excerpts.listShown("#a", isOwn).sort((a, b) => a.order - b.order).map(({ id }) => id);
      const edit = (id: number, replaced: number) => {
        excerpts.add({ ...said(id, "alice"), replaces: `m${replaced}` }, "#a", isOwn);
        excerpts.delete(`m${replaced}`);
      };
      for (const n of [1, 2, 3]) excerpts.add(said(n, "alice"), "#a", isOwn);
      edit(4, 1);
      edit(5, 4);
      edit(6, 99); // which was not seen
      assertEquals(ids(), isOwn ? ["m5", "m2", "m3", "m6"] : ["m2", "m3", "m5", "m6"]);
      excerpts.delete("m6");
      assertEquals(excerpts.newestOwn?.id, isOwn ? "m3" : undefined);
      if (isOwn) assertEquals(excerpts.listOwn().map(({ id }) => id), ["m5", "m2", "m3"]);
    }
  },
);

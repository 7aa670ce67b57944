import { assertEquals } from "@std/assert";
import { makeMessageEntry } from "../../lib/client/conversation/model/entry_parser.ts";
import { MessageExcerpts } from "../../lib/client/conversation/model/message_excerpts.ts";
import { pureTest } from "../support/test.ts";

const said = (n: number, from: string) =>
  makeMessageEntry({ seq: n, id: `m${n}`, time: n, from, to: "#a", verb: "PRIVMSG", text: `text\n${n}` });

pureTest("message excerpts: by id, the newest of a sender, and the latest 500 only", () => {
  const excerpts = new MessageExcerpts();
  for (let n = 0; n < 501; n++) excerpts.add(said(n, n === 7 ? "carol" : "bob"), "#a");
  excerpts.add({ ...said(501, "dave"), id: undefined }, "#a");
  assertEquals([excerpts.get("m0"), excerpts.get(undefined)], [undefined, undefined]);
  assertEquals(excerpts.get("m1"), { of: "bob", at: 1, excerpt: "text 1", where: "#a", seq: 1 });
  assertEquals(excerpts.findNewest(({ of }) => of === "carol"), "m7");
  assertEquals(excerpts.findNewest(({ of }) => of === "bob"), "m500");
  assertEquals(excerpts.findNewest(({ of }) => of === "dave"), undefined);
  excerpts.add(said(0, "bob"), "#b");
  assertEquals(excerpts.list(({ of }) => of === "bob").at(-1)![0], "m500");
  excerpts.delete("m500");
  excerpts.rename("#A", "#c");
  assertEquals(excerpts.list(({ where }) => where === "#c").at(-1)![0], "m499");
});

import { assertEquals } from "@std/assert";
import { MAX_DRAFTS, ViewDrafts } from "../../lib/tui/view_drafts.ts";
import { pureTest } from "../support/test.ts";

const line = (text: string) => ({ text, cursor: text.length });

pureTest("drafts: what was typed before a view was known stays in the line", () => {
  const drafts = new ViewDrafts({ "#tea": "from before" });
  assertEquals(drafts.switchTo("#tea", line("typed ahead")), undefined);
  assertEquals(new ViewDrafts({ "#tea": "from before" }).switchTo("#tea", line("")), line("from before"));
});

pureTest("drafts: bounded; that of the view left longest ago goes first", () => {
  const drafts = new ViewDrafts();
  for (let n = 0; n < MAX_DRAFTS + 2; n++) {
    drafts.switchTo(`#room${n}`, line(`text ${n - 1}`));
  }
  const kept = drafts.list("the last");
  assertEquals(Object.keys(kept).length, MAX_DRAFTS);
  assertEquals([kept["#room0"], kept["#room1"], kept["#room2"]], [undefined, undefined, "text 2"]);
  assertEquals(drafts.switchTo("#ROOM7", line("")), line("text 7"), "the case of a name does not count");
});

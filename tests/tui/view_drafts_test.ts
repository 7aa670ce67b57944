import { assertEquals } from "@std/assert";
import { MAX_DRAFTS, ViewDrafts } from "../../lib/tui/view_drafts.ts";
import { viewOf } from "./chat_input.ts";
import { pureTest } from "../support/test.ts";

const line = (text: string) => ({ text, cursor: text.length });

pureTest("drafts: what was typed before a view was known stays in the line", () => {
  const drafts = new ViewDrafts({ "#tea": "from before" });
  assertEquals(drafts.switchTo(viewOf("#tea"), line("typed ahead")), undefined);
  assertEquals(
    new ViewDrafts({ "#tea": "from before" }).switchTo(viewOf("#tea"), line("")),
    line("from before"),
  );
});

pureTest("drafts: bounded; that of the view left longest ago goes first", () => {
  const drafts = new ViewDrafts();
  for (let n = 0; n < MAX_DRAFTS + 2; n++) {
    drafts.switchTo(viewOf(`#room${n}`), line(`text ${n - 1}`));
  }
  const kept = drafts.list("the last");
  assertEquals(Object.keys(kept).length, MAX_DRAFTS);
  assertEquals([kept["#room0"], kept["#room1"], kept["#room2"]], [undefined, undefined, "text 2"]);
  assertEquals(
    drafts.switchTo(viewOf("#ROOM7"), line("")),
    line("text 7"),
    "the case of a name does not count",
  );
});

pureTest("drafts: a view with another name keeps its draft, and one of its name before has none", () => {
  const drafts = new ViewDrafts();
  const [bob, other] = [{ name: "bob" }, { name: "bob" }];
  drafts.switchTo(bob, line(""));
  bob.name = "bobby";
  assertEquals(drafts.switchTo(bob, line("for bob")), undefined, "what is half typed stays");
  assertEquals(drafts.list("for bob"), { bobby: "for bob" });
  assertEquals(drafts.switchTo(other, line("for bob")), line(""));
  assertEquals(drafts.switchTo(bob, line("")), line("for bob"));
});

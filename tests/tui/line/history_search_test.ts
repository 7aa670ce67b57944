import { assertEquals } from "@std/assert";
import { HistorySearch, MAX_QUERY_UNITS } from "../../../lib/tui/terminal/line/history_search.ts";
import { LineHistory } from "../../../lib/tui/terminal/line/line_history.ts";
import { pureTest } from "../../support/test.ts";

function search(last = ""): HistorySearch {
  return new HistorySearch(new LineHistory(["Deploy one", "lunch", "deploy two"]), last);
}

pureTest(
  "search: the newest line with the text, whatever its case, with the cursor where the text is",
  () => {
    const found = search();
    found.type("one");
    assertEquals([found.prompt, found.line], ["search «one»: ", { text: "Deploy one", cursor: 7 }]);
    found.backspace();
    assertEquals(found.line.text, "Deploy one");
    found.type("x");
    assertEquals([found.prompt, found.line.text], ["search «onx», none before: ", "Deploy one"]);
  },
);

pureTest("search: again without a text looks for the one before", () => {
  const found = search("deploy");
  found.goOn();
  assertEquals(found.line.text, "deploy two");
  found.goOn();
  assertEquals(found.line.text, "Deploy one");
  found.goOn();
  assertEquals(found.prompt, "search «deploy», none before: ");
});

pureTest("search: the text is bounded", () => {
  const found = search();
  found.type("x".repeat(MAX_QUERY_UNITS + 10));
  assertEquals([found.query.length, found.found], [MAX_QUERY_UNITS, undefined]);
});

import { assertEquals } from "@std/assert";
import { LineTable } from "../../../lib/hub/handover/line_table.ts";
import { pureTest } from "../../support/test.ts";

const ONE = { front: "a", session: 1 };

pureTest("line table: lines are begun in order, each once", () => {
  const table = new LineTable();
  assertEquals([table.open(ONE, 4), table.open(ONE)], [true, false]);
  assertEquals([4, 6, 5, 5, 6].map((line) => table.begin(ONE, line)), [false, false, true, false, true]);
  assertEquals(table.of(ONE), { worked: 6, answered: 4 });
  assertEquals([table.answer(ONE, 5), table.answer(ONE, 5), table.answer(ONE, 4)], [true, false, false]);
  assertEquals(table.of(ONE), { worked: 6, answered: 5 });
  table.skipTo(ONE, 9);
  assertEquals([table.begin(ONE, 9), table.begin(ONE, 10)], [false, true]);
});

pureTest("line table: what is not open has no lines", () => {
  const table = new LineTable();
  assertEquals([table.begin(ONE, 1), table.answer(ONE, 1), table.of(ONE)], [false, false, undefined]);
  table.open(ONE);
  table.open({ front: "a", session: 2 });
  table.open({ front: "b", session: 1 });
  table.close(ONE);
  table.close(ONE);
  assertEquals([table.size, [...table.sessionsOf("a").keys()]], [2, [2]]);
  table.closeFront("a");
  assertEquals([table.size, table.of({ front: "a", session: 2 })], [1, undefined]);
  assertEquals(table.of({ front: "b", session: 1 }), { worked: 0, answered: 0 });
});

pureTest("line table: a session beyond the bound is not taken", () => {
  const table = new LineTable(2);
  const opened = [1, 2, 3].map((session) => table.open({ front: "a", session }));
  assertEquals(opened, [true, true, false]);
  table.close(ONE);
  assertEquals(table.open({ front: "a", session: 3 }), true);
});

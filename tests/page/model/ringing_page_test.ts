import { assertEquals } from "@std/assert";
import { ringText } from "../../../lib/hub/fanout/oncall.ts";
import { findRingingPage, isSettled } from "../../../lib/page/state/late/ringing_page.ts";
import type { MessageRow, RowList } from "../../../lib/page/model/row.ts";
import { pureTest } from "../../support/test.ts";

pureTest("page: what OnCall rings with is known, and nothing that people say", () => {
  const page = { number: 12, list: "ops", text: "db (page 9) down", source: "ci!u@h" };
  const find = (from: string, text: string, manner = "said") =>
    findRingingPage({ from, text, manner } as MessageRow);
  for (const nth of [1, 7]) {
    const text = ringText(page as Parameters<typeof ringText>[0], nth);
    assertEquals(find("OnCall", text), "12");
    assertEquals([find("oncall2", text), find("bob", text), find("OnCall", text, "notice")], [
      undefined,
      undefined,
      undefined,
    ]);
  }
  assertEquals(find("OnCall", "page 12 (ops: db down) is acknowledged by bob"), undefined);
});

pureTest("page: a page is settled where OnCall says what has become of it", () => {
  const tells = (text: string, from = "OnCall") => {
    const row = { kind: "message", from, text } as MessageRow;
    return isSettled({ count: 1, at: () => row } as unknown as RowList, "1");
  };
  assertEquals(tells("page 1 (ops: db down) is acknowledged by bob"), true);
  assertEquals(tells("You have acknowledged page 1 (ops: db down)"), true);
  assertEquals(tells("page 12 (ops: db down) is acknowledged by bob"), false);
  assertEquals(tells("Your notify URL did not take page 1 (ops: db down): 500"), false);
  assertEquals(tells("page 1 (ops: db down) is acknowledged by me", "mallory"), false);
});

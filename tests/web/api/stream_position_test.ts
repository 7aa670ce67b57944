import { assertEquals } from "@std/assert";
import { formatStreamPosition, parseStreamPosition } from "../../../lib/web/api/stream_position.ts";
import { pureTest } from "../../support/test.ts";

pureTest("a position is one word, and comes back from it", () => {
  const cases = [
    { seq: undefined, id: "5-Xk3", time: 1795870000250 },
    { seq: undefined, id: undefined, time: 0 },
    { seq: undefined, id: "5-Xk3", time: 7, reportedGap: { count: 37, why: "overwritten" } as const },
    { seq: undefined, id: "5-Xk3", time: 7, reportedGap: { count: undefined, why: "restart" } as const },
  ];
  for (const position of cases) {
    assertEquals(parseStreamPosition(formatStreamPosition(position)), { ...position, hasTime: true });
  }
  assertEquals(parseStreamPosition("5-Xk3"), { seq: undefined, id: "5-Xk3", time: 0, hasTime: false });
});

pureTest("a position that is none is refused", () => {
  for (
    const text of [
      "",
      "@",
      "@x",
      "a b",
      "a@1@2",
      "a~3o",
      "a@1~3x",
      "a\r\n",
      "é",
      "a".repeat(101),
      "@9999999999999999",
    ]
  ) {
    assertEquals(parseStreamPosition(text), undefined, text);
  }
});

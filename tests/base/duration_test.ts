import { assertEquals } from "@std/assert";
import { formatDuration, formatExactDuration, parseDuration } from "../../lib/base/values/duration.ts";
import { pureTest } from "../support/test.ts";

pureTest("a duration is one or more numbers with their units", () => {
  const cases: [string, number][] = [
    ["250ms", 250],
    ["1s", 1000],
    ["1.5s", 1500],
    ["10m", 600_000],
    ["1h30m", 5_400_000],
    ["2d", 172_800_000],
    ["1w", 604_800_000],
    ["0", 0],
  ];
  for (const [text, ms] of cases) assertEquals(parseDuration(text), ms, text);
});

pureTest(
  "what is no duration is refused: no unit, no number, something left over, longer than a life",
  () => {
    for (
      const text of [
        "",
        "10",
        "s",
        "-1s",
        "1s ",
        " 1s",
        "1 s",
        "1sec",
        "1h30",
        "1x",
        "101w5000d99999d",
        "1e3s",
        "always",
      ]
    ) {
      assertEquals(parseDuration(text), undefined, text);
    }
  },
);

pureTest("a duration is shown in its two largest units", () => {
  const cases: [number, string][] = [
    [0, "0s"],
    [999, "0s"],
    [45_000, "45s"],
    [200_000, "3m 20s"],
    [7_500_000, "2h 5m"],
    [3_600_000, "1h"],
    [349_200_000, "4d 1h"],
    [-5, "0s"],
  ];
  for (const [ms, text] of cases) assertEquals(formatDuration(ms), text);
});

pureTest("formatExactDuration: a duration below a minute keeps its fraction", () => {
  assertEquals([250, 1000, 1500, 10_000, 90_000].map(formatExactDuration), [
    "250ms",
    "1s",
    "1.5s",
    "10s",
    "1m 30s",
  ]);
});

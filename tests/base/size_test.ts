import { assertEquals } from "@std/assert";
import { formatSize, parseSize } from "../../lib/base/values/size.ts";
import { pureTest } from "../support/test.ts";

pureTest("a size is a number and a unit; KiB counts 1024, kB 1000", () => {
  const cases: [string, number][] = [
    ["65536", 65536],
    ["512KiB", 524_288],
    ["1MiB", 1_048_576],
    ["1mib", 1_048_576],
    ["1.5 MiB", 1_572_864],
    ["64M", 67_108_864],
    ["2kB", 2000],
    ["1GiB", 1_073_741_824],
    ["97b", 97],
  ];
  for (const [text, bytes] of cases) assertEquals(parseSize(text), bytes, text);
});

pureTest("what is no size is refused: no number, unknown unit, a part of a byte", () => {
  for (
    const text of ["", "MiB", "1TiB", "-1", "1..5MiB", "0.3", "1 MiB x", "1MiBs", "99999999999999999999"]
  ) {
    assertEquals(parseSize(text), undefined, text);
  }
});

pureTest("a size is shown in the largest unit that it reaches", () => {
  assertEquals([97, 1024, 1536, 1_048_576, 1_073_741_824].map(formatSize), [
    "97 B",
    "1 KiB",
    "1.5 KiB",
    "1 MiB",
    "1 GiB",
  ]);
});

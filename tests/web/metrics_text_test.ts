import { assertEquals, assertThrows } from "@std/assert";
import { counter, formatMetrics, gauge, histogram, labelled } from "../../lib/web/metrics_text.ts";
import { pureTest } from "../support/test.ts";
import { parsePrometheus } from "./prometheus_text.ts";

pureTest("metrics are written as Prometheus reads them", () => {
  const text = formatMetrics([
    counter("a_total", "Of all.", 3),
    gauge("b", "Now.", 0.5),
    labelled("gauge", "c", "By name.", "name", [['a"b\\c\nd', 1], ["", 2]]),
    histogram("d_seconds", "Time.", { bounds: [0.5, 1], counts: [2, 0, 1], sum: 4.25 }),
  ]);
  assertEquals(
    text,
    [
      "# HELP a_total Of all.",
      "# TYPE a_total counter",
      "a_total 3",
      "# HELP b Now.",
      "# TYPE b gauge",
      "b 0.5",
      "# HELP c By name.",
      "# TYPE c gauge",
      'c{name="a\\"b\\\\c\\nd"} 1',
      'c{name=""} 2',
      "# HELP d_seconds Time.",
      "# TYPE d_seconds histogram",
      'd_seconds_bucket{le="0.5"} 2',
      'd_seconds_bucket{le="1"} 2',
      'd_seconds_bucket{le="+Inf"} 3',
      "d_seconds_sum 4.25",
      "d_seconds_count 3",
      "",
    ].join("\n"),
  );
  assertEquals([...parsePrometheus(text).keys()], ["a_total", "b", "c", "d_seconds"]);
});

pureTest("the reader of the tests takes nothing that is malformed", () => {
  const head = "# HELP a x\n# TYPE a gauge\n";
  for (
    const text of [
      `${head}a 1`,
      "a 1\n",
      `${head}a 1\na 1\n`,
      `${head}a 1\n${head}a 2\n`,
      `${head}b 1\n`,
      `${head}a{x=1} 1\n`,
      `${head}a{x="1",x="2"} 1\n`,
      `${head}a one\n`,
      "# HELP a x\na 1\n",
      "# HELP a x\n# TYPE a counter\na 1\n",
      '# HELP a x\n# TYPE a histogram\na_bucket{le="1"} 1\na_sum 1\na_count 1\n',
      '# HELP a x\n# TYPE a histogram\na_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\na_sum 1\na_count 1\n',
    ]
  ) {
    assertThrows(() => parsePrometheus(text), Error, "", text);
  }
});

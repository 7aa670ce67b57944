/** docs/ops/: the dashboard, the alert rules and the page speak of the metrics that there are. */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { codeWords, firstCells, read, ROOT } from "../docs/pages.ts";
import { outputOf } from "../support/guard.ts";
import { needs } from "../tools.ts";
import { knownMetrics } from "./known_metrics.ts";

const KNOWN = await knownMetrics();

/** Names of metrics in an expression of PromQL. */
function metricsIn(expression: string): string[] {
  const names = expression.replace(/"[^"]*"/g, "").match(/\b(?:chatterbox|process)_[a-z0-9_]+/g) ?? [];
  return names.map((name) => KNOWN.has(name) ? name : name.replace(/_(?:bucket|sum|count)$/, ""));
}

function unknownIn(expressions: readonly string[]): string[] {
  return expressions.flatMap(metricsIn).filter((name) => !KNOWN.has(name));
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string }[];
}

Deno.test("the dashboard shows metrics that exist, each panel in a place of its own", () => {
  const { panels } = JSON.parse(read("docs/ops/dashboard.json")) as { panels: Panel[] };
  const expressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  assertEquals(unknownIn(expressions), []);
  assertEquals(new Set(panels.map(({ id }) => id)).size, panels.length);
  for (const { type, title, targets = [] } of panels) {
    assert((targets.length > 0) === (type !== "row"), `${title} shows something`);
  }
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, at) => `${x + at % w},${y + Math.floor(at / w)}`)
  );
  assertEquals(new Set(cells).size, cells.length);
  const shown = new Set(expressions.flatMap(metricsIn));
  assertEquals([...KNOWN.keys()].filter((name) => !shown.has(name)), ["chatterbox_build_info"]); // it is in the variables
});

Deno.test("the alert rules look at metrics that exist", () => {
  const rules = Array.from(
    read("docs/ops/alerts.yml").matchAll(/^ +expr: (.+)$/gm),
    ([, expression = ""]) => expression,
  );
  assert(rules.length > 10, "the rules are found");
  const ofClusters = firstCells(read("docs/ops/README.md"), "in a cluster").flatMap(codeWords);
  assertEquals(unknownIn(rules).filter((name) => !ofClusters.includes(name)), []);
  for (const rule of rules) assert(/\bup\b|_/.test(rule) && metricsIn(`${rule} process_x`).length > 0, rule);
});

Deno.test("the page lists the metrics that there are, and no others", () => {
  const listed = firstCells(read("docs/ops/README.md"), "metric").flatMap(codeWords);
  assertEquals(listed, [...KNOWN.keys()]);
});

Deno.test({
  name: "promtool takes the alert rules and the configuration, and the rules do what they say",
  ...needs("promtool"),
  async fn() {
    for (
      const args of [
        ["check", "rules", "docs/ops/alerts.yml"],
        ["check", "config", "docs/ops/prometheus.yml"],
        ["test", "rules", "tests/ops/alerts.test.yml"],
      ]
    ) {
      const child = new Deno.Command("promtool", { args, cwd: ROOT, stdout: "piped", stderr: "piped" })
        .spawn();
      const { code, out, err } = await outputOf(`promtool ${args.join(" ")}`, child);
      assertEquals(code, 0, out + err);
    }
  },
});

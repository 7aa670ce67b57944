/**
 * Reads the text format of Prometheus strictly: what its parser would take with a doubt is an error here
 * (https://prometheus.io/docs/instrumenting/exposition_formats/).
 */
import { assert } from "../../lib/base/assert.ts";

export interface ParsedMetric {
  readonly help: string;
  readonly type: string;
  /** By name with suffix and labels, as written. */
  readonly samples: ReadonlyMap<string, number>;
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"';
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)\\})? (-?[0-9][0-9.e+-]*|\\+Inf|NaN)$`);

/** @throws with the line that is wrong */
export function parsePrometheus(text: string): Map<string, ParsedMetric> {
  assert(text.endsWith("\n"), "the text ends with a line end");
  const metrics = new Map<string, ParsedMetric & { samples: Map<string, number> }>();
  let current: (ParsedMetric & { samples: Map<string, number> }) | undefined;
  let name = "";
  const lines = text.slice(0, -1).split("\n");
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    const [, helped, help] = /^# HELP (\S+) (.+)$/.exec(line) ?? [];
    if (helped !== undefined) {
      const [, typed, type] = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(lines[++at] ?? "") ?? [];
      assert(typed === helped && new RegExp(`^${NAME}$`).test(helped), `no TYPE behind: ${line}`);
      assert(!metrics.has(helped), `twice: ${line}`);
      name = helped;
      metrics.set(name, current = { help: help!, type: type!, samples: new Map() });
      continue;
    }
    const [, sample, labels = "", value] = SAMPLE.exec(line) ?? [];
    assert(sample !== undefined && current !== undefined, `malformed: ${line}`);
    const isOwn = current.type === "histogram"
      ? new RegExp(`^${name}_(?:bucket|sum|count)$`).test(sample)
      : sample === name;
    assert(isOwn, `a sample of another metric: ${line}`);
    const labelNames = Array.from(labels.matchAll(/(?:^|,)([a-z_]+)="/g), ([, label]) => label);
    assert(new Set(labelNames).size === labelNames.length, `a label is there twice: ${line}`);
    const key = labels === "" ? sample : `${sample}{${labels}}`;
    assert(!current.samples.has(key), `twice: ${line}`);
    current.samples.set(key, value === "+Inf" ? Infinity : Number(value));
  }
  for (const [metric, { type, samples }] of metrics) checkMetric(metric, type, samples);
  return metrics;
}

function checkMetric(name: string, type: string, samples: ReadonlyMap<string, number>): void {
  if (type === "counter") {
    assert(name.endsWith("_total"), `${name} is a counter: its name ends with _total`);
    for (const [sample, value] of samples) assert(value >= 0, `${sample} is ${value}`);
  }
  if (type !== "histogram") return;
  const buckets = Array.from(samples).filter(([sample]) => sample.startsWith(`${name}_bucket{`));
  let [bound, count] = [-Infinity, 0];
  for (const [sample, value] of buckets) {
    const le = /le="([^"]+)"/.exec(sample)?.[1];
    const next = le === "+Inf" ? Infinity : Number(le);
    assert(next > bound && value >= count, `${sample} is below the one before it`);
    [bound, count] = [next, value];
  }
  assert(bound === Infinity && samples.get(`${name}_count`) === count, `${name} has all its buckets`);
  assert(samples.has(`${name}_sum`), `${name} has a sum`);
}

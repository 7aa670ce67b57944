/**
 * Metrics in the text format of Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/). By hand: the
 * server has the values already, and a client library would keep each a second time.
 */

export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Values in buckets: `counts` has one more than `bounds`, for what is larger. */
export interface HistogramValue {
  readonly bounds: readonly number[];
  readonly counts: ArrayLike<number>;
  readonly sum: number;
}

/** `help` is one line. */
export type Metric =
  | {
    readonly name: string;
    readonly help: string;
    readonly type: "counter" | "gauge";
    readonly samples: readonly Sample[];
  }
  | {
    readonly name: string;
    readonly help: string;
    readonly type: "histogram";
    readonly histogram: HistogramValue;
  };

/** A metric that only grows, and starts at 0 with the server. Its name ends with `_total`. */
export function counter(name: string, help: string, value: number): Metric {
  return { name, help, type: "counter", samples: [{ value }] };
}

export function gauge(name: string, help: string, value: number): Metric {
  return { name, help, type: "gauge", samples: [{ value }] };
}

/** A metric with a sample for each value of one label. */
export function labelled(
  type: "counter" | "gauge",
  name: string,
  help: string,
  label: string,
  values: Iterable<readonly [string, number]>,
): Metric {
  return {
    name,
    help,
    type,
    samples: Array.from(values, ([text, value]) => ({ labels: { [label]: text }, value })),
  };
}

export function histogram(name: string, help: string, value: HistogramValue): Metric {
  return { name, help, type: "histogram", histogram: value };
}

export function formatMetrics(metrics: readonly Metric[]): string {
  return metrics.map(formatMetric).join("");
}

function formatMetric(metric: Metric): string {
  const { name, help, type } = metric;
  const lines = [`# HELP ${name} ${help.replaceAll("\\", "\\\\")}`, `# TYPE ${name} ${type}`];
  if (metric.type !== "histogram") {
    for (const { labels = {}, value } of metric.samples) lines.push(formatSample(name, labels, value));
  } else {
    const { bounds, counts, sum } = metric.histogram;
    let count = 0;
    for (let bucket = 0; bucket <= bounds.length; bucket++) {
      count += counts[bucket] ?? 0;
      lines.push(formatSample(`${name}_bucket`, { le: String(bounds[bucket] ?? "+Inf") }, count));
    }
    lines.push(formatSample(`${name}_sum`, {}, sum), formatSample(`${name}_count`, {}, count));
  }
  return `${lines.join("\n")}\n`;
}

function formatSample(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${formatValue(value)}`;
}

function escapeLabel(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function formatValue(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
}

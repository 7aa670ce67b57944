/** The chart of `bench ipc` in the terminal: one bar for each way. */
import { formatSize } from "../../lib/base/values/size.ts";
import type { SizeFigures, WayFigures } from "../../lib/bench/ipc/ipc_run.ts";
import { formatFigure } from "./figure_text.ts";

/** A bar that is longer by so many columns is ten times as much. */
const DECADE_COLUMNS = 10;
/** The same in every run, so that runs can be compared. */
const RATE_SCALE: Scale = { low: 1e3, high: 1e8 }, LATENCY_SCALE_US: Scale = { low: 1, high: 1e5 };
/** A chat message has about this size; the nearest one that was measured is shown. */
const CHAT_BYTES = 256;

/** Throughput and latency of records of one size. */
export function formatIpcChart(figures: readonly WayFigures[]): string {
  const shown = figures.flatMap(({ way, sizes }) => {
    const nearest = nearestSize(sizes);
    return nearest === undefined ? [] : [{ name: way.name, figures: nearest }];
  });
  const size = shown[0]?.figures.sizeBytes;
  if (size === undefined) return "";
  const rates = shown.map(({ name, figures }) => ({ name, value: figures.recordsPerS }));
  const medians = shown.map(({ name, figures }) => ({ name, value: (figures.latency.p50Ms ?? NaN) * 1000 }));
  const of = `of ${formatSize(size)}`;
  return bars(`Records ${of} a second`, RATE_SCALE, rates) + "\n" +
    bars(`Median latency ${of} in microseconds`, LATENCY_SCALE_US, medians);
}

function nearestSize(sizes: readonly SizeFigures[]): SizeFigures | undefined {
  const distance = ({ sizeBytes }: SizeFigures) => Math.abs(Math.log(sizeBytes / CHAT_BYTES));
  return sizes.toSorted((a, b) => distance(a) - distance(b))[0];
}

interface Scale {
  readonly low: number;
  readonly high: number;
}

/** A value outside of the scale has the longest bar, or a bar of one column. */
function bars(
  title: string,
  { low, high }: Scale,
  rows: readonly { readonly name: string; readonly value: number }[],
): string {
  const width = Math.max(...rows.map(({ name }) => name.length));
  const lines = rows.map(({ name, value }) => {
    const length = Math.round(Math.log10(value / low) * DECADE_COLUMNS);
    const columns = Math.max(1, Math.min(length, Math.log10(high / low) * DECADE_COLUMNS));
    const bar = value > 0 ? "#".repeat(columns) : "";
    return `${name.padEnd(width)}  ${bar} ${formatFigure(value)}\n`;
  });
  return `${title} (logarithmic, from ${formatScale(low)} to ${formatScale(high)})\n${lines.join("")}`;
}

/** A power of ten. */
function formatScale(value: number): string {
  return formatFigure(value).replace(/\.0+(?=\D|$)/, "");
}

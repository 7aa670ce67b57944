/** The chart of `bench ipc` in the terminal: one bar for each way. */
import { formatSize } from "../../lib/base/values/size.ts";
import type { SizeFigures, WayFigures } from "../../lib/bench/ipc/ipc_run.ts";
import { formatFigure } from "./figure_text.ts";

const BAR_COLUMNS = 50;
/** A chat message has about this size; the nearest one that was measured is shown. */
const CHAT_BYTES = 256;

/** Throughput and latency of records of one size. The scales are logarithmic: a bar twice as long is far more than twice. */
export function formatIpcChart(figures: readonly WayFigures[]): string {
  const shown = figures.flatMap(({ way, sizes }) => {
    const nearest = nearestSize(sizes);
    return nearest === undefined ? [] : [{ name: way.name, figures: nearest }];
  });
  const size = shown[0]?.figures.sizeBytes;
  if (size === undefined) return "";
  const rates = shown.map(({ name, figures }) => ({ name, value: figures.recordsPerS }));
  const medians = shown.map(({ name, figures }) => ({ name, value: (figures.latency.p50Ms ?? NaN) * 1000 }));
  const of = `of ${formatSize(size)} (logarithmic)`;
  return bars(`Records ${of} a second`, rates) + "\n" +
    bars(`Latency of a record ${of}, median, microseconds`, medians);
}

function nearestSize(sizes: readonly SizeFigures[]): SizeFigures | undefined {
  const distance = ({ sizeBytes }: SizeFigures) => Math.abs(Math.log(sizeBytes / CHAT_BYTES));
  return sizes.toSorted((a, b) => distance(a) - distance(b))[0];
}

function bars(title: string, rows: readonly { readonly name: string; readonly value: number }[]): string {
  const values = rows.map(({ value }) => value).filter((value) => value > 0);
  const low = Math.log10(Math.min(...values)) - 0.3;
  const range = Math.log10(Math.max(...values)) - low;
  const width = Math.max(...rows.map(({ name }) => name.length));
  const lines = rows.map(({ name, value }) => {
    const length = value > 0 ? Math.round((Math.log10(value) - low) / range * BAR_COLUMNS) : 0;
    return `${name.padEnd(width)}  ${"#".repeat(length)} ${formatFigure(value)}\n`;
  });
  return `${title}\n${lines.join("")}`;
}

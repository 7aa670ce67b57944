/** The figures of `bench ipc` as tables and as JSON. */
import { formatSize } from "../../lib/base/values/size.ts";
import type { KillOutcome, SizeFigures, WayFigures } from "../../lib/bench/ipc/ipc_run.ts";
import { rounded } from "../../lib/bench/rounding.ts";
import { formatTable } from "../../lib/cli/table.ts";
import type { TableCell } from "../../lib/cli/table.ts";
import { formatFigure } from "./figure_text.ts";

const US_PER_MS = 1000;

/** Two tables: figures for each size; scope, memory and what a kill does, for each way. */
export async function formatIpcTables(
  figures: readonly WayFigures[],
  paintHeading: (text: string) => string,
): Promise<string> {
  const sizes = figures.flatMap(({ way, sizes }) => sizes.map((each) => sizeCells(way.name, each)));
  const heading = ["WAY", "SIZE", "RECORDS/S", "BYTES/S", "P50", "P99", "MAX", "CPU"];
  const ways = figures.map(wayCells);
  const kills = ["WAY", "SCOPE", "MEMORY", "WRITER KILLED: SEEN", "READER KILLED: SEEN"];
  return await formatTable(heading, sizes, paintHeading) +
    "Latency (P50, P99, MAX) and CPU of a record are in microseconds.\n\n" +
    await formatTable(kills, ways, paintHeading);
}

function sizeCells(name: string, figures: SizeFigures): TableCell[] {
  const { sizeBytes, recordsPerS, bytesPerS, latency, cpuUsPerRecord } = figures;
  const { p50Ms, p99Ms, maxMs } = latency;
  const times = [p50Ms, p99Ms, maxMs].map((ms) => formatFigure((ms ?? NaN) * US_PER_MS));
  return [
    name,
    formatSize(sizeBytes),
    formatFigure(recordsPerS),
    formatFigure(bytesPerS),
    ...times,
    formatFigure(cpuUsPerRecord),
  ].map((text) => ({ text }));
}

function wayCells({ way, rssBytes, kills }: WayFigures): TableCell[] {
  const seen = (killed: KillOutcome["killed"]) => {
    const outcome = kills.find((each) => each.killed === killed);
    return outcome === undefined ? "-" : formatKill(outcome);
  };
  return [way.name, way.scope, formatSize(rssBytes).replace(/\.\d/, ""), seen("writer"), seen("reader")]
    .map((text) => ({ text }));
}

function formatKill({ saw, afterMs, watchedMs, damaged }: KillOutcome): string {
  const what = saw === undefined
    ? `nothing in ${watchedMs / 1000} s`
    : `${saw}, ${formatFigure(afterMs!)} ms`;
  return damaged === 0 ? what : `${what}, ${damaged} damaged`;
}

/** One way as an object for JSON; times in milliseconds unless the name says otherwise. */
export function toIpcJson({ way, sizes, rssBytes, kills }: WayFigures): Record<string, unknown> {
  return {
    way: way.name,
    about: way.about,
    scope: way.scope,
    rssBytes,
    sizes: sizes.map(({ sizeBytes, records, recordsPerS, bytesPerS, latency, cpuUsPerRecord, faults }) => ({
      sizeBytes,
      records,
      recordsPerS: rounded(recordsPerS),
      bytesPerS: rounded(bytesPerS),
      latencySamples: latency.samples,
      p50Us: microseconds(latency.p50Ms),
      p99Us: microseconds(latency.p99Ms),
      maxUs: microseconds(latency.maxMs),
      cpuUsPerRecord: rounded(cpuUsPerRecord),
      ...faults,
    })),
    kills: kills.map(({ saw, afterMs, ...others }) => ({
      ...others,
      saw: saw ?? null,
      afterMs: afterMs === undefined ? null : rounded(afterMs),
    })),
  };
}

function microseconds(ms: number | undefined): number | null {
  return ms === undefined ? null : rounded(ms * US_PER_MS);
}

/** What was wrong with the records, in words; "" if nothing was. */
export function formatFaults(figures: readonly WayFigures[]): string {
  return figures.flatMap(({ way, sizes }) =>
    sizes.flatMap(({ sizeBytes, faults }) =>
      Object.entries(faults).filter(([, count]) => count > 0).map(([fault, count]) =>
        `${way.name} ${formatSize(sizeBytes)}: ${count} ${fault}`
      )
    )
  ).join("; ");
}

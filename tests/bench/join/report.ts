/** Samples of clients to a table of figures, and how ours stands to each other one. */
import { rounded } from "../../../lib/bench/rounding.ts";
import { formatTable } from "../../../lib/cli/table.ts";
import { median, short } from "../compare/report.ts";
import type { Samples } from "./measures.ts";

export interface Figure {
  readonly title: string;
  readonly field: string;
  readonly samples: keyof Samples;
  readonly of: (samples: readonly number[]) => number | undefined;
}

/** Less is better in all of them but the rate of the flood, which is the bench's own. */
const FIGURES: readonly Figure[] = [
  ...both("startup to the prompt", "startupMs"),
  { title: "  processor time of it, ms", field: "startupCpuMs", samples: "startupCpuMs", of: median },
  ...both("key echo, idle", "idleEchoMs"),
  { title: "  processor time of a key, µs", field: "keyCpuUs", samples: "keyCpuUs", of: median },
  { title: "bytes written for a key", field: "keyBytes", samples: "keyBytes", of: median },
  ...both("key echo in a flood", "floodEchoMs"),
  { title: "lines/s of the flood", field: "floodPerSecond", samples: "floodPerSecond", of: median },
  { title: "behind after the flood, ms", field: "behindMs", samples: "behindMs", of: median },
  { title: "processor time of a line, µs", field: "lineCpuUs", samples: "lineCpuUs", of: median },
  { title: "bytes written for a line", field: "lineBytes", samples: "lineBytes", of: median },
  { title: "memory after the lines, RSS MiB", field: "rssMiB", samples: "rssMiB", of: median },
  { title: "memory after the lines, PSS MiB", field: "pssMiB", samples: "pssMiB", of: median },
];

function both(title: string, samples: keyof Samples): Figure[] {
  return [
    { title: `${title}, median ms`, field: `${samples}Median`, samples, of: median },
    { title: `${title}, p95 ms`, field: `${samples}P95`, samples, of: percentile95 },
  ];
}

function percentile95(samples: readonly number[]): number | undefined {
  return samples.toSorted((a, b) => a - b)[Math.ceil(samples.length * 0.95) - 1];
}

/** Client → its samples. The first one is ours. */
export type Measured = ReadonlyMap<string, Samples>;

/** Client → field → figure, for other programs; a figure that could not be measured is missing. */
export function figuresOf(measured: Measured): Record<string, Record<string, number>> {
  return Object.fromEntries(
    [...measured].map(([name, samples]) => [
      name,
      Object.fromEntries(FIGURES.flatMap((figure) => {
        const value = figure.of(samples[figure.samples]);
        return value === undefined ? [] : [[figure.field, rounded(value)]];
      })),
    ]),
  );
}

export async function report(measured: Measured): Promise<string> {
  const [own = "", ...others] = measured.keys();
  const heading = ["", own, ...others, ...others.map((name) => `${own} / ${name}`)];
  const rows = FIGURES.map((figure) => {
    const values = [...measured.values()].map((samples) => figure.of(samples[figure.samples]));
    const [ours, ...theirs] = values;
    const cells = [...values.map(show), ...theirs.map((value) => ratio(ours, value))];
    return [figure.title, ...cells].map((text) => ({ text }));
  });
  return await formatTable(heading, rows, (text) => text);
}

function show(value: number | undefined): string {
  return value === undefined ? "-" : short(value);
}

function ratio(own: number | undefined, other: number | undefined): string {
  return own === undefined || other === undefined || other === 0 ? "-" : (own / other).toFixed(2);
}

/** Runs to a table: medians, one column for each server, and how ours stands to the others. */
import { formatTable } from "../../../lib/cli/table.ts";
import { RELAY_SERVER } from "./servers.ts";
import type { Outcome } from "./run.ts";
import type { Figure, Trial } from "./trials.ts";

export interface Run {
  readonly test: string;
  readonly server: string;
  readonly outcome: Outcome;
}

/** Above this share of its core the generator, not the server, sets the figure. */
const GENERATOR_LIMIT = 0.9;

export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length === 0) return undefined;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The first of `servers` is ours; others of its name, with other flags, are no peers and have a ratio of their own. */
export async function report(
  trials: readonly Trial[],
  servers: readonly string[],
  runs: readonly Run[],
): Promise<string> {
  const variants = servers.filter((server) => isVariant(server, servers[0]!));
  const toVariants = variants.map((server) => `to ${server.slice(servers[0]!.length + 1)}`);
  const heading = ["test", "figure", ...servers, "to best peer", "to relay", ...toVariants];
  const rows = trials.flatMap((trial) => trial.figures.map((figure) => row(trial, figure, servers, runs)));
  const table = await formatTable(
    heading,
    rows.map((cells) => cells.map((text) => ({ text }))),
    (text) => text,
  );
  return table +
    "Ratios: above 1 we are better, whatever the figure. ~: the load generator was the limit. -: the server has it not.\n";
}

/** What one server did in one test. */
interface Cell {
  readonly text: string;
  /** Median; undefined: no good run. */
  readonly value: number | undefined;
  readonly limited: boolean;
}

function row(trial: Trial, figure: Figure, servers: readonly string[], runs: readonly Run[]): string[] {
  const cells = servers.map((server) =>
    cellOf(figure, runs.filter((run) => run.test === trial.name && run.server === server))
  );
  const [own, ...others] = cells;
  const peers = others.filter((_, index) => isPeer(servers[index + 1]!, servers[0]!));
  const variants = cells.filter((_, index) => isVariant(servers[index]!, servers[0]!));
  const relay = cells[servers.indexOf(RELAY_SERVER.name)];
  const ratios = [best(figure, peers), relay, ...variants].map((other) => ratio(figure, own!, other));
  return [trial.name, figure.title, ...cells.map(({ text }) => text), ...ratios];
}

function isPeer(server: string, own: string): boolean {
  return server !== RELAY_SERVER.name && !server.startsWith(own);
}

/** Ours with other flags. */
function isVariant(server: string, own: string): boolean {
  return server.startsWith(`${own} `);
}

function cellOf({ field }: Figure, runs: readonly Run[]): Cell {
  const all = runs.map(({ outcome }) => outcome);
  const good = all.filter((outcome) =>
    outcome.kind === "figures" && outcome.faults.length === 0
  ) as (Outcome & { kind: "figures" })[];
  const medianOf = (name: string) =>
    median(good.map(({ figures }) => fieldOf(figures, name)).filter((value) => value !== undefined));
  const value = medianOf(field);
  if (value === undefined) {
    const unsupported = all.every((outcome) =>
      outcome.kind === "unsupported" || good.includes(outcome as typeof good[0])
    );
    return { text: unsupported ? "-" : "failed", value, limited: false };
  }
  const limited = (medianOf("generatorLoad") ?? 0) > GENERATOR_LIMIT;
  return { text: mark(limited) + short(value), value, limited };
}

function best({ better }: Figure, cells: readonly Cell[]): Cell | undefined {
  const known = cells.filter(({ value }) => value !== undefined);
  return known.toSorted((a, b) => better === "more" ? b.value! - a.value! : a.value! - b.value!)[0];
}

function ratio({ better }: Figure, own: Cell, other: Cell | undefined): string {
  if (own.value === undefined || other?.value === undefined) return "-";
  const times = better === "more" ? own.value / other.value : other.value / own.value;
  return mark(own.limited || other.limited) + times.toFixed(2);
}

function mark(limited: boolean): string {
  return limited ? "~" : "";
}

/** `a.b` is field `b` of the object `a`. */
function fieldOf(figures: Readonly<Record<string, unknown>>, field: string): number | undefined {
  let value: unknown = figures;
  for (const key of field.split(".")) value = (value as Record<string, unknown> | undefined)?.[key];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

export function short(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString("en");
  return String(Number(value.toPrecision(3)));
}

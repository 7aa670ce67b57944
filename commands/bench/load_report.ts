/** What `bench load` prints at its end, and its exit code. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { Latency } from "../../lib/bench/load/figures.ts";
import { LATE_MS, type LoadFigures } from "../../lib/bench/load/load_run.ts";
import type { Io } from "../../lib/cli/command.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { EXIT } from "../../lib/cli/exit_codes.ts";
import { formatJsonLine } from "../../lib/cli/json_line.ts";
import { loadPalette, reportFailure, wantsColor } from "../../lib/cli/standard_streams.ts";
import { formatTable } from "../../lib/cli/table.ts";
import type { TableCell } from "../../lib/cli/table.ts";
import { formatFigure } from "./figure_text.ts";

/** Share of one core above which the generator, not the server, sets the figures. */
const GENERATOR_LIMIT = 0.9;

/** The table, or the figures as JSON. A closed connection weighs more than the losses that follow from it. */
export async function reportLoad(
  figures: LoadFigures,
  server: string,
  json: boolean,
  io: Io,
): Promise<ExitCode> {
  if (json) io.stdout.write(formatJsonLine(toLoadJson(figures, server)));
  else {
    const palette = await loadPalette(wantsColor(io.stdout, io.env, false));
    io.stdout.write(await formatLoadTable(figures, palette.dim));
  }
  const { dropped, connections } = figures;
  if (dropped.length > 0) {
    const text = `${server} closed ${dropped.length} of ${connections} connections; the first: ${dropped[0]}`;
    return reportFailure(io, EXIT.tryAgain, text);
  }
  const faults = formatFaults(figures);
  return faults === "" ? EXIT.ok : reportFailure(io, EXIT.notDelivered, `${server}: ${faults}`);
}

function toLoadJson(figures: LoadFigures, server: string): Record<string, unknown> {
  const { rooms, direct, history, dropped, ...others } = figures;
  return {
    server,
    ...others,
    rooms: rooms ?? null,
    direct: direct ?? null,
    history: history ?? null,
    dropped: dropped.length,
    firstDropped: dropped[0] === undefined ? null : toPrintable(dropped[0]),
  };
}

async function formatLoadTable(
  { rooms, direct, history, connections, generatorLoad, tookS }: LoadFigures,
  paintHeading: (text: string) => string,
): Promise<string> {
  const rows: TableCell[][] = [];
  if (rooms !== undefined) {
    const wrong = rooms.extra + rooms.outOfOrder + rooms.malformed;
    rows.push(cells("deliveries in rooms", rooms.deliveriesPerS, rooms, rooms.lost, wrong));
  }
  if (direct !== undefined) {
    rows.push(
      cells("direct messages, there and back", direct.roundTripsPerS, direct, direct.lost, direct.wrong),
    );
  }
  if (history !== undefined) {
    rows.push(cells("pages of history", history.requestsPerS, history, history.lost, 0));
  }
  const table = rows.length === 0
    ? ""
    : await formatTable(["LOAD", "A SECOND", "P50", "P99", "MAX", "LOST", "WRONG"], rows, paintHeading) +
      "Latency (P50, P99, MAX) is in milliseconds.\n" +
      `Messages that came again up to ${LATE_MS / 1000} s after the end were looked for.\n`;
  const generator = `${Math.round(generatorLoad * 100)} % of a core`;
  const limit = generatorLoad > GENERATOR_LIMIT ? ": it, not the server, was the limit" : "";
  const late = rooms?.lateMs === undefined
    ? ""
    : `It was late by at most ${formatFigure(rooms.lateMs)} ms.\n`;
  return `${table}${connections} connections, ${tookS} s. The generator used ${generator}${limit}.\n${late}`;
}

function cells(
  what: string,
  perS: number,
  { p50Ms, p99Ms, maxMs }: Latency,
  lost: number,
  wrong: number,
): TableCell[] {
  const figures = [perS, p50Ms, p99Ms, maxMs].map((value) => formatFigure(value ?? NaN));
  return [what, ...figures, String(lost), String(wrong)].map((text) => ({ text }));
}

/** What was wrong with the messages, in words; "" if nothing was. */
function formatFaults({ rooms, direct, history }: LoadFigures): string {
  const counts: (readonly [number | undefined, string])[] = [
    [rooms?.lost, "deliveries lost"],
    [rooms?.extra, "deliveries too many"],
    [rooms?.outOfOrder, "messages out of order"],
    [rooms?.twice, "messages repeated"],
    [rooms?.malformed, "messages changed"],
    [direct?.lost, "direct messages lost"],
    [direct?.wrong, "direct messages wrong"],
    [history?.lost, "requests for history without a response, or with an empty one"],
  ];
  return counts.filter(([count = 0]) => count > 0).map(([count, what]) => `${count} ${what}`).join(", ");
}

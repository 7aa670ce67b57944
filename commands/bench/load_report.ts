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
import { formatFigure, formatMs } from "./figure_text.ts";

/** A run that took longer than asked for by more is the server's: it had not delivered all. */
const OVERTIME_S = 1;
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
    const palette = loadPalette(wantsColor(io.stdout, io.env, false));
    io.stdout.write(await formatLoadTable(figures, palette.dim));
  }
  const { dropped, connections } = figures;
  if (dropped.length > 0) {
    const text = `${server} closed ${dropped.length} of ${connections} connections; the first: ${dropped[0]}`;
    return reportFailure(io, EXIT.tryAgain, text);
  }
  const faults = formatFaults(figures);
  if (faults !== "") return reportFailure(io, EXIT.notDelivered, `${server}: ${faults}`);
  if (figures.answers) return EXIT.ok;
  const missing = countLost(figures);
  return reportFailure(
    io,
    EXIT.tryAgain,
    `${server} stopped answering; ${missing} deliveries had not come by then`,
  );
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
  figures: LoadFigures,
  paintHeading: (text: string) => string,
): Promise<string> {
  const { rooms, direct, history, connections, generatorLoad, secs, tookS, answers } = figures;
  const lostOf = ({ lost }: { readonly lost: number }) => answers ? String(lost) : "-";
  const rows: TableCell[][] = [];
  if (rooms !== undefined) {
    const wrong = rooms.extra + rooms.outOfOrder + rooms.malformed;
    rows.push(cells("deliveries in rooms", rooms.deliveriesPerS, rooms, lostOf(rooms), wrong));
  }
  if (direct !== undefined) {
    rows.push(
      cells("direct messages, there and back", direct.roundTripsPerS, direct, lostOf(direct), direct.wrong),
    );
  }
  if (history !== undefined) {
    rows.push(cells("pages of history", history.requestsPerS, history, lostOf(history), 0));
  }
  const table = rows.length === 0
    ? ""
    : await formatTable(["LOAD", "A SECOND", "P50", "P99", "MAX", "LOST", "WRONG"], rows, paintHeading) +
      `Messages that came again up to ${LATE_MS / 1000} s after the end were looked for.\n`;
  const isLate = tookS - secs >= OVERTIME_S && countLost(figures) === 0 && figures.dropped.length === 0;
  const overtime = isLate ? `The server needed ${formatFigure(tookS)} s for ${secs} s of load.\n` : "";
  const generator = `${Math.round(generatorLoad * 100)} % of a core`;
  const limit = generatorLoad > GENERATOR_LIMIT ? ": it, not the server, was the limit" : "";
  const late = rooms?.lateMs === undefined ? "" : `It was late by at most ${formatMs(rooms.lateMs)}.\n`;
  return `${table}${overtime}${connections} connections, ${tookS} s. The generator used ${generator}${limit}.\n${late}`;
}

function cells(
  what: string,
  perS: number,
  { p50Ms, p99Ms, maxMs }: Latency,
  lost: string,
  wrong: number,
): TableCell[] {
  const latency = [p50Ms, p99Ms, maxMs].map(formatMs);
  return [what, formatFigure(perS), ...latency, lost, String(wrong)].map((text) => ({ text }));
}

function countLost({ rooms, direct, history }: LoadFigures): number {
  return [rooms, direct, history].reduce((sum, part) => sum + (part?.lost ?? 0), 0);
}

/** What was wrong with the messages, in words; "" if nothing was. A server that does not answer has lost none. */
function formatFaults({ rooms, direct, history, answers }: LoadFigures): string {
  const lost = (part: { readonly lost: number } | undefined) => answers ? part?.lost : undefined;
  const counts: (readonly [number | undefined, string])[] = [
    [lost(rooms), "deliveries lost"],
    [rooms?.extra, "deliveries too many"],
    [rooms?.outOfOrder, "messages out of order"],
    [rooms?.twice, "messages repeated"],
    [rooms?.malformed, "messages changed"],
    [lost(direct), "direct messages lost"],
    [direct?.wrong, "direct messages wrong"],
    [lost(history), "requests for history without a response, or with an empty one"],
  ];
  return counts.filter(([count = 0]) => count > 0).map(([count, what]) => `${count} ${what}`).join(", ");
}

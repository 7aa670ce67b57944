/** What `bench ipc` prints at its end, and its exit code. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { WayFigures } from "../../lib/bench/ipc/ipc_run.ts";
import type { Io } from "../../lib/cli/command.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { EXIT } from "../../lib/cli/exit_codes.ts";
import { formatJsonLine } from "../../lib/cli/json_line.ts";
import { loadPalette, reportFailure, wantsColor } from "../../lib/cli/standard_streams.ts";
import { formatIpcChart } from "./ipc_chart.ts";
import { formatIpcSvg } from "./ipc_svg.ts";
import { describeWriteFault } from "./output_file.ts";
import { formatFaults, formatIpcTables, toIpcJson } from "./ipc_tables.ts";

export async function reportIpc(
  figures: readonly WayFigures[],
  { json, svg }: { readonly json: boolean; readonly svg?: string | undefined },
  io: Io,
): Promise<ExitCode> {
  if (json) { for (const each of figures) io.stdout.write(formatJsonLine(toIpcJson(each))); }
  else {
    const palette = loadPalette(wantsColor(io.stdout, io.env, false));
    io.stdout.write(`${await formatIpcTables(figures, palette.dim)}\n${formatIpcChart(figures)}`);
  }
  if (svg !== undefined) {
    try {
      await Deno.writeTextFile(svg, formatIpcSvg(figures));
    } catch (error) {
      return reportFailure(io, EXIT.ioError, toPrintable(describeWriteFault(svg, error)));
    }
  }
  const faults = formatFaults(figures);
  return faults === "" ? EXIT.ok : reportFailure(io, EXIT.notDelivered, `bench ipc: ${faults}`);
}

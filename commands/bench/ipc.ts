/** `chatterbox bench ipc`: ways to pass records between processes and threads, measured beside each other. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import { formatSize, parseSize } from "../../lib/base/values/size.ts";
import { IPC_RECORD_MAX_BYTES, IPC_RECORD_MIN_BYTES } from "../../lib/bench/ipc/ipc_record.ts";
import { runIpc } from "../../lib/bench/ipc/ipc_run.ts";
import type { WayFigures } from "../../lib/bench/ipc/ipc_run.ts";
import { findWayFault, IPC_WAYS } from "../../lib/bench/ipc/ways.ts";
import type { IpcWay } from "../../lib/bench/ipc/ways.ts";
import type { Command } from "../../lib/cli/command.ts";
import { EXIT, exitCodeForSignal } from "../../lib/cli/exit_codes.ts";
import { defineCommand, UsageError } from "../../lib/cli/flags/command_definition.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import { reportIpc } from "./ipc_report.ts";
import { describeError } from "./figure_text.ts";
import { ProgressLine } from "../support/progress_line.ts";
import { ownCommand } from "../support/own_command.ts";
import { findWriteFault } from "./output_file.ts";

const DEFAULT_SIZES = "16,256,4KiB,64KiB";
const MAX_SECONDS = 3600;

export const command: Command = defineCommand({
  name: "bench ipc",
  summary: "Pass records between two processes in several ways, and compare the ways.",
  synopsis: "[FLAGS]",
  permissions: ["read", "write", "net", "ffi", "run"],
  examples: [
    ["chatterbox bench ipc", "all ways, four sizes, about two minutes"],
    ["chatterbox bench ipc --only unix,ring --sizes 256", "two ways, one size"],
    ["chatterbox bench ipc --json --svg ipc.svg", "for programs, and a chart of throughput"],
  ],
  flags: {
    only: { type: "string", value: "WAYS", help: "these ways only, with commas between (default: all)" },
    sizes: {
      type: "string",
      value: "SIZES",
      default: DEFAULT_SIZES,
      help: `bytes of a record, with commas between: ${IPC_RECORD_MIN_BYTES} to ${
        formatSize(IPC_RECORD_MAX_BYTES)
      }`,
    },
    seconds: {
      type: "integer",
      value: "S",
      default: "1",
      min: 1,
      max: MAX_SECONDS,
      help: "how long each size is sent as fast as possible, and again one by one",
    },
    count: { type: "integer", value: "N", min: 1, help: "end each of the two after N records" },
    "no-kill": { type: "boolean", help: "do not try what happens when one side is killed" },
    json: { type: "boolean", help: "print one JSON object per line, one for each way" },
    svg: {
      type: "string",
      value: "FILE",
      help: "also write throughput by size of the records to FILE, as a line chart (SVG)",
    },
  },
  sections: [["Ways", IPC_WAYS.map(({ name, about }) => [name, about])]],
  notes: [
    "Each way has a writer and a reader of its own. Every record carries a number, its time and a checksum of all its " +
    "bytes; the reader checks them. Throughput is measured as fast as the reader takes the records, latency with one " +
    "record a millisecond, so that the reader waits for each. CPU is that of both sides. Then, in runs of their own, " +
    "the writer and the reader are killed (SIGKILL; a thread is terminated) while records of 256 bytes are on their " +
    "way, and the other side is watched for a second. All of it takes about two minutes: 11 s for each way with four " +
    "sizes, 3 s with --no-kill and one size.",
    "A batch is 64 records or 64 KiB. Memory is what both processes have in use, the runtime included.",
  ],
  exitCodes: [
    ["0", "every record arrived whole, once and in order"],
    ["64", "wrong usage"],
    ["72", "a record was lost, damaged, repeated or out of order"],
    ["74", "FILE of --svg cannot be written, or a process cannot be started"],
    ["130, 143", "interrupted"],
  ],
}, async (flags, words, io) => {
  if (words.length > 0) throw new UsageError(`unexpected argument ${toPrintable(words[0]!)}`);
  const wanted = flags.only === undefined ? IPC_WAYS : parseWays(flags.only);
  const sizesBytes = parseSizes(flags.sizes);
  const ways = wanted.filter((way) => findWayFault(way) === undefined);
  for (const way of wanted) {
    if (!ways.includes(way)) io.stderr.write(`chatterbox: ${way.name} is left out: ${findWayFault(way)}\n`);
  }
  if (flags.svg !== undefined) {
    const fault = findWriteFault(flags.svg); // before a run of minutes
    if (fault !== undefined) return reportFailure(io, EXIT.ioError, toPrintable(fault));
  }
  const progress = new ProgressLine(io.stderr);
  let figures: WayFigures[];
  try {
    figures = await runIpc({
      ways,
      sizesBytes,
      stepMs: flags.seconds * 1000,
      count: flags.count,
      kills: !flags["no-kill"],
      command: [...ownCommand("client"), "bench", "ipc-peer"], // a client has no right to start processes
      signal: io.signal,
      onProgress: ({ way, part, done, total }) => {
        const doing = typeof part === "number" ? formatSize(part) : `kill the ${part}`;
        progress.show(`${done + 1}/${total} ${way}: ${doing}`);
      },
    });
  } catch (error) {
    await progress.clear();
    if (io.signal.aborted) return exitCodeForSignal(io.signal);
    return reportFailure(io, EXIT.ioError, `bench ipc: ${describeError(error)}`);
  }
  await progress.clear();
  return await reportIpc(figures, flags, io);
});

function parseWays(text: string): IpcWay[] {
  return text.split(",").map((name) => {
    const way = IPC_WAYS.find((each) => each.name === name);
    if (way === undefined) {
      const names = IPC_WAYS.map((each) => each.name).join(", ");
      throw new UsageError(`--only: no way called ${JSON.stringify(name)}; there are ${names}`);
    }
    return way;
  });
}

function parseSizes(text: string): number[] {
  return text.split(",").map((part) => {
    const bytes = parseSize(part);
    if (bytes === undefined || bytes < IPC_RECORD_MIN_BYTES || bytes > IPC_RECORD_MAX_BYTES) {
      const bounds = `${IPC_RECORD_MIN_BYTES} to ${formatSize(IPC_RECORD_MAX_BYTES)}`;
      throw new UsageError(`--sizes: ${JSON.stringify(part)} is not a size of ${bounds}`);
    }
    return bytes;
  });
}

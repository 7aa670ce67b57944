/**
 * `deno task bench:page`: how fast the page is in a real Chromium, on a server of its own. tests/bench/README.md says how
 * to read it.
 */
import { type FlagTable, type FlagValues, parseFlags } from "../../lib/cli/flags/flags.ts";
import { formatTable } from "../../lib/cli/table.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { short } from "./compare/report.ts";
import { formatFlagHelp } from "./flag_help.ts";
import { BenchServer } from "./page/bench_server.ts";
import {
  measureFirstPaints,
  measureInteractions,
  measureMainThread,
  measureSwitch,
  scrollToBeginning,
} from "./page/measures.ts";

const FLAGS = {
  messages: { type: "integer", value: "N", default: "100000", min: 1000, help: "messages of the long room" },
  trials: {
    type: "integer",
    value: "N",
    default: "30",
    min: 1,
    help: "first paints, and switches, of each kind",
  },
  rate: { type: "integer", value: "N", default: "50", min: 1, help: "messages a second in the busy room" },
  rounds: {
    type: "integer",
    value: "N",
    default: "10",
    min: 1,
    help: "rounds of typing, scrolling and clicks",
  },
} as const satisfies FlagTable;

const HELP = [
  "Measures the page in Chromium: first paint, switch of rooms, interactions, a long room.\n",
  "Usage:\n  deno task bench:page [FLAGS]\n",
  formatFlagHelp(FLAGS),
].join("\n");

/** Messages of a room that is full. */
const FULL_ROOM_MESSAGES = 2000;
/** Rooms between which the page switches, next to each other in the list. */
const ROOMS = ["#alpha", "#beta"] as const;

/** For which a page only shows what comes. */
const LISTEN_MS = 5000;

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function tell(line: string): void {
  console.error(`# ${line}`);
}

async function measure(
  server: BenchServer,
  { messages, trials, rate, rounds }: FlagValues<typeof FLAGS>,
): Promise<string[][]> {
  tell("first paints");
  const { least, cold, warm } = await measureFirstPaints(server, trials);
  const rows = [
    row("first paint of one word without files", "", least),
    row("first paint, nothing cached", "< 200", cold),
    row("first paint, script cached", "< 200", warm),
  ];
  tell("switches");
  for (const room of ROOMS) await server.fill(room, FULL_ROOM_MESSAGES);
  const alice = await server.enter("alice", ROOMS);
  for (const how of ["click", "key"] as const) {
    const switches: number[] = [];
    const processorMs = await measureMainThread(alice, async () => {
      for (let trial = 0; trial < trials; trial++) {
        const to = trial % 2 as 0 | 1;
        switches.push(
          await measureSwitch(alice, ROOMS[to], how === "click" ? how : to === 0 ? "up" : "down"),
        );
      }
    });
    rows.push(row(`switch of rooms by ${how}`, "< 50", switches));
    rows.push(single("  of it processor time of the main thread", "", `${short(processorMs / trials)} ms`));
  }
  tell(`interactions while ${rate} messages a second come`);
  const idleMs = await server.whileTalking(
    ROOMS[1],
    rate,
    () => measureMainThread(alice, () => delay(LISTEN_MS)),
  );
  rows.push(
    single("processor time for one message that comes", "", `${short(idleMs / rate / LISTEN_MS * 1000)} ms`),
  );
  const { ms, frames } = await server.whileTalking(
    ROOMS[1],
    rate,
    () => measureInteractions(alice, rounds),
  );
  rows.push(row("interaction in a full room", "< 100", ms), row("frames while scrolling", "", frames));
  await alice.context().close();
  tell(`${messages.toLocaleString("en")} messages of one room`);
  await server.fill("#long", messages);
  const reader = await server.enter("frank", ["#long"]);
  const { seconds, mostRows, jumpPx, layoutShift, heapMiB } = await scrollToBeginning(reader);
  return [
    ...rows,
    single(`scrolled through in`, "", `${short(seconds)} s`),
    single("  rows in the document, at most", "≤ 300", String(mostRows - 2)),
    single("  jump of a row, at most", "0", `${short(jumpPx)} px`),
    single("  layout shift", "0", layoutShift.toFixed(4)),
    single("  heap afterwards", "", `${short(heapMiB)} MiB`),
  ];
}

function single(what: string, target: string, value: string): string[] {
  return [what, target, "", "", "", value];
}

function row(what: string, target: string, ms: readonly number[]): string[] {
  const sorted = ms.toSorted((a, b) => a - b);
  const at = (share: number) => short(sorted[Math.ceil(sorted.length * share) - 1] ?? NaN);
  return [what, target, String(sorted.length), at(0.5), at(0.95), at(1)];
}

async function main(args: readonly string[]): Promise<number> {
  const parsed = parseFlags(FLAGS, args);
  if (parsed.kind === "help") {
    console.log(HELP);
    return 0;
  }
  if (parsed.kind === "usage" || parsed.args.length > 0) {
    console.error(`bench:page: ${parsed.kind === "usage" ? parsed.text : `unexpected ${parsed.args[0]}`}`);
    return 64;
  }
  const rows = await withTempDir(async (home) => {
    await using server = await BenchServer.open(home);
    return await measure(server, parsed.flags);
  });
  const heading = ["", "target", "times", "median ms", "p95 ms", "max"];
  console.log(await formatTable(heading, rows.map((row) => row.map((text) => ({ text }))), (text) => text));
  return 0;
}

Deno.exitCode = await main(Deno.args);

/** `deno task compare`: ChatterBox beside other servers on this machine. tests/bench/README.md says how to read it. */
import { type FlagTable, parseFlags } from "../../lib/cli/flags/flags.ts";
import { formatTable } from "../../lib/cli/table.ts";
import { formatHelpSection } from "../../lib/cli/flags/help_layout.ts";
import { timeCommands, type Timing } from "./compare/commands.ts";
import { median, report, type Run, short } from "./compare/report.ts";
import { type Outcome, PINNED, runTrial } from "./compare/run.ts";
import { ours, peers, RELAY_SERVER, type ServerKind } from "./compare/servers.ts";
import { type Trial, TRIALS } from "./compare/trials.ts";
import { formatFlagHelp } from "./flag_help.ts";

/** This one has no peers. */
const COMMANDS = "commands";
const ALL = [...TRIALS.map(({ name }) => name), COMMANDS];
/** What runs unless told otherwise. */
const USUAL = [...TRIALS.filter(({ onRequest }) => !onRequest).map(({ name }) => name), COMMANDS];

const FLAGS = {
  tests: { type: "string", value: "A,B,…", help: "which tests (default: those marked +)" },
  reps: { type: "integer", value: "N", default: "3", min: 1, help: "runs of each test with each server" },
  secs: { type: "integer", value: "S", default: "5", min: 1, help: "how long a run lasts" },
  chatterbox: { type: "string", value: "PATH", help: "a compiled binary, instead of the source" },
  alone: { type: "boolean", help: "ChatterBox only, without other servers" },
  "archive-off": { type: "boolean", help: "beside it ChatterBox with --archive off" },
  "sync-always": { type: "boolean", help: "beside it ChatterBox with --sync always" },
  json: { type: "string", value: "FILE", help: "all figures of all runs, for other programs" },
} as const satisfies FlagTable;

const HELP = [
  "Compares ChatterBox with other IRC servers, run in turns on this machine; prints medians and ratios.\n",
  "Usage:\n  deno task compare [FLAGS]\n",
  formatFlagHelp(FLAGS),
  formatHelpSection("Tests", [
    ...TRIALS.map(({ name, about, onRequest }) => [onRequest ? name : `${name} +`, about] as const),
    [`${COMMANDS} +`, "time of whole commands, and until serve listens"],
  ]),
].join("\n");

/** Progress and remarks; the tables alone go to standard output. */
function tell(line: string): void {
  console.error(`# ${line}`);
}

/** Calls `stop` when the user has had enough; a second time ends the process at once. Returns what undoes that. */
function onInterruption(stop: () => void): () => void {
  if (Deno.build.os === "windows") return () => {};
  const signals = ["SIGINT", "SIGTERM"] as const;
  const undo = () => signals.forEach((name) => Deno.removeSignalListener(name, hear));
  const hear = () => {
    undo();
    stop();
  };
  for (const name of signals) Deno.addSignalListener(name, hear);
  return undo;
}

/** All runs; when `signal` is aborted, those that were whole. */
async function runAll(
  trials: readonly Trial[],
  servers: readonly ServerKind[],
  reps: number,
  secs: number,
  signal: AbortSignal,
): Promise<Run[]> {
  if (!PINNED) tell("no taskset, or one core only: server and load generator share what there is");
  const runs: Run[] = [];
  for (const trial of trials) {
    for (let rep = 1; rep <= reps; rep++) {
      for (const server of servers) {
        const outcome = await runTrial(trial, server, secs, signal);
        if (signal.aborted) return runs;
        runs.push({ test: trial.name, server: server.name, outcome });
        tell(`${trial.name} ${server.name} ${rep}/${reps}: ${verdict(outcome)}`);
      }
    }
  }
  return runs;
}

function verdict(outcome: Outcome): string {
  if (outcome.kind !== "figures") return `${outcome.kind}: ${outcome.why}`;
  return outcome.faults.join(", ") || "ok";
}

async function timingTable(timings: readonly Timing[]): Promise<string> {
  const rows = timings.map(({ what, ms }) => [
    { text: what },
    ...[median(ms)!, Math.min(...ms), Math.max(...ms), ms.length].map((value) => ({ text: short(value) })),
  ]);
  return await formatTable(["command", "median ms", "least", "most", "runs"], rows, (text) => text);
}

async function main(args: readonly string[]): Promise<number> {
  const parsed = parseFlags(FLAGS, args);
  if (parsed.kind === "help") {
    console.log(HELP);
    return 0;
  }
  if (parsed.kind === "usage") {
    console.error(`compare: ${parsed.text}`);
    return 64;
  }
  const { tests, reps, secs, chatterbox, alone, "sync-always": always, "archive-off": off, json } =
    parsed.flags;
  const names = tests?.split(",") ?? USUAL;
  const unknown = [...names.filter((name) => !ALL.includes(name)), ...parsed.args];
  if (unknown.length > 0) {
    console.error(`compare: no test called ${unknown.join(", ")}; there are ${ALL.join(", ")}`);
    return 64;
  }
  const binary = chatterbox === undefined ? undefined : await Deno.realPath(chatterbox);
  const trials = names.flatMap((wanted) => TRIALS.filter(({ name }) => name === wanted));
  const runs: Run[] = [];
  if (trials.length > 0) {
    const interruption = new AbortController();
    const undo = onInterruption(() => interruption.abort());
    const servers = [
      ours(binary),
      ...(off ? [ours(binary, "--archive=off")] : []),
      ...(always ? [ours(binary, "--sync=always")] : []),
      ...(alone ? [] : [RELAY_SERVER, ...peers(tell)]),
    ];
    runs.push(...await runAll(trials, servers, reps, secs, interruption.signal));
    console.log(await report(trials, servers.map(({ name }) => name), runs));
    undo();
    if (interruption.signal.aborted) return 130;
  }
  const timings = names.includes(COMMANDS) ? await timeCommands(binary, tell) : [];
  if (timings.length > 0) console.log(await timingTable(timings));
  if (json !== undefined) await Deno.writeTextFile(json, JSON.stringify({ runs, timings }) + "\n");
  return runs.some(({ outcome }) => outcome.kind === "failed") ? 1 : 0;
}

Deno.exitCode = await main(Deno.args);

/**
 * Servers are killed while people talk, and what is left is held against what they were promised: `deno task torture`. A
 * round is one server's life on a data folder that goes on under the next one; plan.ts draws what happens in it, ledger.ts
 * judges. Exit code 1 where a promise was broken: the folder is kept then, and what to type to try it again is said.
 */
import type { FlagTable } from "../../lib/cli/flags/flags.ts";
import { Random } from "../irc/property.ts";
import { readToolFlags } from "../support/tool_flags.ts";
import { tortureFronts } from "./fronts.ts";
import { History } from "./history.ts";
import { describePlan, planRound } from "./plan.ts";
import type { RoundPlan } from "./plan.ts";
import { Tally } from "./tally.ts";

const FLAGS = {
  rounds: { type: "integer", value: "N", default: "200", min: 1, help: "servers to start and end" },
  seed: { type: "integer", value: "N", min: 0, help: "repeats the plan of a run (default: by chance)" },
  seconds: { type: "integer", value: "S", min: 1, help: "begin no more rounds after this long" },
  slack: {
    type: "duration",
    value: "DURATION",
    default: "2s",
    help: "what a message may take to get to disk, beyond --sync",
  },
  fronts: {
    type: "integer",
    value: "N",
    min: 1,
    help: "servers with so many fronts, of which hubs are replaced",
  },
  verbose: { type: "boolean", short: "v", help: "say what each round is" },
} as const satisfies FlagTable;

export interface TortureOptions {
  readonly rounds: number;
  readonly seed: number;
  readonly slackMs: number;
  /** Begin no more rounds after that many ms; undefined: all of them. */
  readonly maxMs?: number | undefined;
  readonly say?: (text: string) => void;
  /** Instead of chance, the plans of the first rounds. */
  readonly plans?: readonly RoundPlan[];
}

/** Runs the rounds, up to the first history with a fault in it. Its folder is kept; `folder` says where. */
export async function torture(
  options: TortureOptions,
): Promise<{ tally: Tally; folder: string | undefined }> {
  const { rounds, seed, slackMs, maxMs = Infinity, say = () => {}, plans = [] } = options;
  const tally = new Tally();
  const random = new Random(seed);
  const began = performance.now();
  let plan: RoundPlan | undefined;
  let history: History | undefined;
  for (let round = 0; round < rounds && performance.now() - began < maxMs; round++) {
    const last: RoundPlan | undefined = plan;
    plan = plans[round] ?? planRound(random, last);
    say(`${round + 1}: ${describePlan(plan)}`);
    if (plan.fresh && history !== undefined) {
      if (!await bury(history, last!, tally)) return { tally, folder: history.home };
      history = undefined;
    }
    history ??= new History(await Deno.makeTempDir({ prefix: "torture-" }), seed + round, slackMs, tally);
    await history.round(plan);
    tally.rounds++;
    tally.ends.set(plan.end.kind, (tally.ends.get(plan.end.kind) ?? 0) + 1);
    if (tally.faults.length > 0) break;
  }
  const sound = history === undefined || await bury(history, plan!, tally);
  return { tally, folder: sound ? undefined : history?.home };
}

/** The end of a history; `false`: something is wrong with it, and its folder stays. */
async function bury(history: History, plan: RoundPlan, tally: Tally): Promise<boolean> {
  await history.close(plan);
  if (tally.faults.length > 0) return false;
  await Deno.remove(history.home, { recursive: true });
  return true;
}

async function main(args: string[]): Promise<number> {
  const parsed = readToolFlags(FLAGS, args);
  if ("code" in parsed) return parsed.code;
  const { rounds, seconds, slack, verbose, fronts } = parsed.flags;
  const seed = parsed.flags.seed ?? Math.floor(Math.random() * 1_000_000);
  console.log(`seed ${seed}`);
  const options = {
    rounds,
    seed,
    slackMs: slack,
    maxMs: seconds === undefined ? undefined : seconds * 1000,
    ...(verbose ? { say: (text: string) => console.log(text) } : {}),
  };
  const { tally, folder } =
    await (fronts === undefined ? torture(options) : tortureFronts({ ...options, fronts }));
  console.log(tally.table().trimEnd());
  if (tally.faults.length === 0) return 0;
  for (const fault of tally.faults) console.error(`fault: ${fault}`);
  console.error(`in round ${tally.rounds}; the folder is kept: ${folder}`);
  const kind = fronts === undefined ? "" : ` --fronts ${fronts}`;
  console.error(`again: deno task torture${kind} --seed ${seed} --rounds ${tally.rounds} --verbose`);
  return 1;
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);

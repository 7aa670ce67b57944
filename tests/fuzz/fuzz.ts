/**
 * What comes from a network or a disk, made by chance: `deno task fuzz --seconds N --seed N`. Exit code 1 where something was
 * wrong: the target, the input, and the command that tries it again.
 */
import type { FlagTable } from "../../lib/cli/flags/flags.ts";
import { readToolFlags } from "../support/tool_flags.ts";
import { CALENDARS } from "./calendars.ts";
import { CLUSTER_VALUES } from "./cluster.ts";
import { DATABASES } from "./databases.ts";
import { FRAMES, HEADS } from "./frames.ts";
import { LINES } from "./lines.ts";
import { FORWARDED, PROXY_HEADERS } from "./proxies.ts";
import { RELAY_FRAMES } from "./relay.ts";
import { RING_FILES } from "./ring_files.ts";
import type { Fault, Target } from "./target.ts";
import { tried } from "./target.ts";

export const TARGETS: readonly Target[] = [
  LINES,
  FRAMES,
  HEADS,
  PROXY_HEADERS,
  FORWARDED,
  RELAY_FRAMES,
  RING_FILES,
  DATABASES,
  CLUSTER_VALUES,
  CALENDARS,
];

const FLAGS = {
  seconds: { type: "integer", value: "N", default: "60", min: 1, help: "how long" },
  seed: {
    type: "integer",
    value: "N",
    min: 0,
    help: "of the first case; the next has one more (default: by chance)",
  },
  target: { type: "string", value: "NAME", choices: TARGETS.map(({ name }) => name), help: "this one alone" },
  cases: { type: "integer", value: "N", min: 1, help: "so many of each target at most" },
} as const satisfies FlagTable;

const MAX_FAULTS = 5;
/** Seeds that are drawn when none is given. */
const SEEDS = 1_000_000_000;

/** Cases of all `targets` in turn, each target as long as the others; how many of each, and what was wrong. */
export async function fuzz(
  targets: readonly Target[],
  seed: number,
  isOver: (cases: number) => boolean,
): Promise<{ cases: Map<string, number>; faults: Fault[] }> {
  const spent = new Map(targets.map((target) => [target, { ms: 0, cases: 0 }]));
  const faults: Fault[] = [];
  for (;;) {
    const open = targets.filter((target) => !isOver(spent.get(target)!.cases));
    if (open.length === 0 || faults.length >= MAX_FAULTS) break;
    const target = open.reduce((least, each) => spent.get(each)!.ms < spent.get(least)!.ms ? each : least);
    const used = spent.get(target)!;
    const begun = performance.now();
    const fault = await tried(target, seed + used.cases);
    if (fault !== undefined) faults.push(fault);
    used.ms += performance.now() - begun;
    used.cases++;
  }
  return { cases: new Map([...spent].map(([{ name }, { cases }]) => [name, cases])), faults };
}

async function main(args: string[]): Promise<number> {
  const parsed = readToolFlags(FLAGS, args);
  if ("code" in parsed) return parsed.code;
  const { seconds, target, cases: most = Infinity, seed = Math.floor(Math.random() * SEEDS) } = parsed.flags;
  console.log(`seed ${seed}`);
  const ends = performance.now() + seconds * 1000;
  const targets = TARGETS.filter(({ name }) => target === undefined || name === target);
  const { cases, faults } = await fuzz(targets, seed, (count) => count >= most || performance.now() > ends);
  for (const [name, count] of cases) console.log(`  ${name}: ${count} cases`);
  for (const fault of faults) {
    console.error(`fault in ${fault.target}: ${fault.why}\n  input: ${fault.input}`);
    console.error(`again: deno task fuzz --target '${fault.target}' --seed ${fault.seed} --cases 1`);
  }
  return faults.length > 0 ? 1 : 0;
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);

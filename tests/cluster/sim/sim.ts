/**
 * `deno task sim --seeds N --from S`: runs of a whole cluster in virtual time. Prints what happened in all, and of each seed
 * that fails the end of its trace. Exit code 1 where one did.
 */
import type { FlagTable } from "../../../lib/cli/flags/flags.ts";
import { readToolFlags } from "../../support/tool_flags.ts";
import { runSeed } from "./cluster_sim.ts";

const FLAGS = {
  seeds: { type: "integer", value: "N", default: "200", min: 1, help: "how many" },
  from: { type: "integer", value: "N", default: "1", min: 0, help: "the first one" },
  faults: { type: "integer", value: "N", default: "3", min: 1, help: "end after so many seeds that fail" },
} as const satisfies FlagTable;

async function main(args: string[]): Promise<number> {
  const parsed = readToolFlags(FLAGS, args);
  if ("code" in parsed) return parsed.code;
  const { seeds, from, faults: most } = parsed.flags;
  const begunAt = performance.now();
  const sums = { records: 0, commits: 0, epochs: 0, faults: 0, persons: 0 };
  const ended = new Map<string, number>();
  let failed = 0;
  let seed = from;
  for (; seed < from + seeds && failed < most; seed++) {
    try {
      const figures = await runSeed(seed);
      for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += figures[name];
      for (const [why, count] of figures.ended) ended.set(why, (ended.get(why) ?? 0) + count);
    } catch (error) {
      failed++;
      console.error(error instanceof Error ? error.stack ?? error.message : String(error));
    }
  }
  const seconds = ((performance.now() - begunAt) / 1000).toFixed(1);
  console.log(`${seed - from} seeds from ${from} in ${seconds} s: ${failed} failed`);
  console.log(Object.entries(sums).map(([name, sum]) => `${sum} ${name}`).join(", "));
  for (const [why, count] of ended) console.log(`  ${count} clients: ${why}`);
  return failed > 0 ? 1 : 0;
}

Deno.exitCode = await main(Deno.args);

/**
 * What the worst line of each verb costs the hub (`worst_lines.ts`). Where the work on a line is cut into pieces, the longest
 * piece is what others wait for; the table tells both. Aim: no piece above 2 ms.
 */
import { ROWS, World } from "./worst_lines.ts";

/** Given verbs, `deno run … worst_line_bench.ts NICK QUIT` measures only these. */
const rows = ROWS.filter(({ verb }) => Deno.args.length === 0 || Deno.args.includes(verb));

/** So many lines of each are said for the table, which has the least of their figures. */
const LINES = 15;

const world = new World();
const spansOf = new Map<string, () => number[]>();

console.log("| verb | line | longest piece, ms | pieces | all, ms |\n| --- | --- | --- | --- | --- |");
for (const { verb, what, prepare } of rows) {
  const next = prepare(world);
  let nth = 0;
  const say = () => {
    const { session, line } = next(nth++);
    return world.say(session, line);
  };
  say();
  const runs = Array.from({ length: LINES }, say);
  const pieces = least(runs.map((spans) => spans.length));
  const longest = Math.max(
    ...Array.from({ length: pieces }, (_, piece) => least(runs.map((spans) => spans[piece]!))),
  );
  const all = least(runs.map((spans) => spans.reduce((sum, span) => sum + span, 0)));
  console.log(`| ${verb} | ${what} | ${longest.toFixed(2)} | ${pieces} | ${all.toFixed(2)} |`);
  spansOf.set(`${verb} ${what}`, say);
}

for (const [name, say] of spansOf) {
  Deno.bench({ name, n: LINES, warmup: 0, fn: () => void say() });
}

/** Other work on the machine makes a figure larger, never smaller. */
function least(values: number[]): number {
  return Math.min(...values);
}

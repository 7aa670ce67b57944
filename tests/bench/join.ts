/** `deno task bench:join`: `join` at a terminal beside other clients. tests/bench/README.md says how to read it. */
import { type FlagTable, parseFlags } from "../../lib/cli/flags/flags.ts";
import { rounded } from "../../lib/bench/rounding.ts";
import { formatFlagHelp } from "./flag_help.ts";
import { type ClientKind, join, PEERS, peers } from "./join/clients.ts";
import { type Amounts, measure, noSamples } from "./join/measures.ts";
import { figuresOf, type Measured, report } from "./join/report.ts";

const ROOT = new URL("../../", import.meta.url).pathname.replace(/\/$/, "");

const FLAGS = {
  other: { type: "string", value: "DIR", help: "beside it the join of another checkout" },
  peers: {
    type: "string",
    value: "A,B,…",
    default: Object.keys(PEERS).join(","),
    help: "other clients, if they are installed; none",
  },
  rounds: { type: "integer", value: "N", default: "3", min: 1, help: "times that the clients take turns" },
  startups: { type: "integer", value: "N", default: "5", min: 1, help: "starts of a client in a round" },
  keys: {
    type: "integer",
    value: "N",
    default: "100",
    min: 1,
    help: "keys in a round, idle and again in a flood",
  },
  lines: { type: "integer", value: "N", default: "10000", min: 1, help: "lines before memory is read" },
  rate: { type: "integer", value: "N", default: "5000", min: 1, help: "lines a second of a flood" },
  json: { type: "boolean", help: "the figures as one object, for other programs" },
} as const satisfies FlagTable;

const HELP = [
  "Measures join at a terminal, beside other clients: startup, echo of keys, memory, processor time.\n",
  "Usage:\n  deno task bench:join [FLAGS]\n",
  formatFlagHelp(FLAGS),
].join("\n");

/** Progress and remarks; figures alone go to standard output. */
function tell(line: string): void {
  console.error(`# ${line}`);
}

/** Of one minute. The system rounds it. */
function loadAverage(): number {
  return rounded(Deno.loadavg()[0]!);
}

/** A client that fails in a round keeps what was measured until then. */
async function measureAll(
  clients: readonly ClientKind[],
  rounds: number,
  amounts: Amounts,
): Promise<{ measured: Measured; failures: number }> {
  const measured = new Map(clients.map(({ name }) => [name, noSamples()]));
  let failures = 0;
  for (let round = 1; round <= rounds; round++) {
    for (const client of clients) {
      let outcome = "ok";
      try {
        await measure(client, amounts, measured.get(client.name)!);
      } catch (error) {
        failures++;
        outcome = `failed: ${error instanceof Error ? error.message : error}`;
      }
      tell(`${round}/${rounds} ${client.name}: ${outcome}; load average ${loadAverage()}`);
    }
  }
  return { measured, failures };
}

async function main(args: readonly string[]): Promise<number> {
  const parsed = parseFlags(FLAGS, args);
  if (parsed.kind === "help") {
    console.log(HELP);
    return 0;
  }
  if (parsed.kind === "usage" || parsed.args.length > 0) {
    console.error(`bench:join: ${parsed.kind === "usage" ? parsed.text : `unexpected ${parsed.args[0]}`}`);
    return 64;
  }
  const { other, peers: peerList, rounds, json, ...amounts } = parsed.flags;
  const names = peerList === "none" ? [] : peerList.split(",");
  const unknown = names.filter((name) => PEERS[name] === undefined);
  if (unknown.length > 0) {
    console.error(
      `bench:join: no client called ${unknown.join(", ")}; there are ${Object.keys(PEERS).join(", ")}`,
    );
    return 64;
  }
  const clients = [
    join("join", ROOT),
    ...(other === undefined ? [] : [join("other", await Deno.realPath(other))]),
    ...peers(names, tell),
  ];
  const before = loadAverage();
  const { measured, failures } = await measureAll(clients, rounds, amounts);
  const loads = { before, after: loadAverage() };
  if (json) console.log(JSON.stringify({ loadAverage: loads, figures: figuresOf(measured) }));
  else {
    console.log(await report(measured));
    console.log(`load average: ${loads.before} before, ${loads.after} after`);
  }
  return failures === 0 ? 0 : 1;
}

Deno.exitCode = await main(Deno.args);

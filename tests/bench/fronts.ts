/**
 * `deno task bench:fronts`: one server alone, with one front and with two, one after the other and again: processor time of
 * the hub for a message, and of all processes for a delivery. A line of JSON for each run. What connecting costs is measured
 * before, and subtracted.
 */
import { parseFlags } from "../../lib/cli/flags/flags.ts";
import type { FlagTable, FlagValues } from "../../lib/cli/flags/flags.ts";
import { linesOf } from "../commands/program.ts";

const FLAGS = {
  members: { type: "integer", value: "N", default: "200", min: 1, help: "receivers in the room" },
  rate: { type: "integer", value: "N", default: "100", min: 1, help: "messages a second" },
  seconds: { type: "integer", value: "S", default: "5", min: 1, help: "how long each run lasts" },
  rounds: { type: "integer", value: "N", default: "2", min: 1, help: "runs of each kind" },
} as const satisfies FlagTable;

const ROOT = `${import.meta.dirname}/../../`;
const PROGRAM = ["run", "-q", "-P", `--config=${ROOT}deno.json`, `${ROOT}main.ts`];
/** Clock ticks of /proc in a second (sysconf(_SC_CLK_TCK) on Linux). */
const TICKS_PER_SECOND = 100;
const KINDS = [0, 1, 2];

/** Processor time of a process so far, in milliseconds. */
function cpuMsOf(pid: number): number {
  const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).replace(/^.*\) /, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 1000 / TICKS_PER_SECOND; // utime, stime: proc(5)
}

/** A server with so many fronts; `pids`: its processes, the hub first. */
async function startServer(fronts: number, dataDir: string) {
  const flags = ["--listen", "127.0.0.1:0", "--no-web", "--log-format", "json", "--archive", "off"];
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...PROGRAM,
      "serve",
      ...flags,
      "--data-dir",
      dataDir,
      ...fronts === 0 ? [] : ["--fronts", `${fronts}`],
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = linesOf(child.stdout, "unguarded");
  let address = "";
  const pids = [child.pid];
  for (let line = await lines.next(); !line.done; line = await lines.next()) {
    const said = JSON.parse(line.value);
    if (said.event === "listening") address = said.address;
    if (said.event === "fronts") pids.push(...said.processes.split(", ").map(Number));
    if (address !== "" && pids.length === 1 + fronts) break;
  }
  const rest = (async () => {
    for await (const _ of lines);
  })();
  return {
    address,
    pids,
    async stop() {
      child.kill("SIGTERM");
      await rest;
      await child.status;
    },
  };
}

/** Puts a load on the server; the processor time of each process, and the figures of the load. */
async function putLoad(
  { address, pids }: { address: string; pids: readonly number[] },
  flags: readonly string[],
) {
  const before = pids.map(cpuMsOf);
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [...PROGRAM, "bench", "load", "--server", `irc://${address}`, "--json", ...flags],
    stderr: "null",
  }).output();
  const cpuMs = pids.map((pid, at) => cpuMsOf(pid) - before[at]!);
  return { cpuMs, figures: JSON.parse(new TextDecoder().decode(stdout)) };
}

async function measure(fronts: number, { members, rate, seconds }: FlagValues<typeof FLAGS>): Promise<void> {
  const dataDir = await Deno.makeTempDir();
  const server = await startServer(fronts, dataDir);
  const room = ["--members", `${members}`];
  const idle = await putLoad(server, [...room, "--rate", "1", "--seconds", "1"]);
  const { cpuMs, figures } = await putLoad(server, [...room, "--rate", `${rate}`, "--seconds", `${seconds}`]);
  await server.stop();
  await Deno.remove(dataDir, { recursive: true });
  const messages = rate * seconds;
  const used = cpuMs.map((ms, at) => ms - idle.cpuMs[at]!);
  const all = used.reduce((sum, ms) => sum + ms, 0);
  const { p50Ms, p99Ms, deliveriesPerS, lost, twice, outOfOrder } = figures.rooms;
  console.log(JSON.stringify({
    fronts,
    members,
    hubCpuUsPerMessage: Math.round(used[0]! * 1000 / messages),
    allCpuUsPerDelivery: Math.round(all * 1e5 / (messages * members)) / 100,
    ...{ deliveriesPerS, p50Ms, p99Ms, lost, twice, outOfOrder },
  }));
}

const parsed = parseFlags(FLAGS, Deno.args, { now: Date.now });
if (parsed.kind !== "ok") {
  console.error(
    parsed.kind === "usage" ? parsed.text : "deno task bench:fronts [--members N] [--rate N] [--seconds S]",
  );
  Deno.exitCode = 64;
} else {
  for (let round = 0; round < parsed.flags.rounds; round++) {
    for (const fronts of KINDS) await measure(fronts, parsed.flags);
  }
}

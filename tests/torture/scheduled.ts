/**
 * Servers are killed while messages wait to be said, and are said: `deno task torture:scheduled`. In the end each message that
 * was scheduled is in the history once. Exit code 1 where one is missing or there twice; the folder is kept then.
 */
import type { FlagTable } from "../../lib/cli/flags/flags.ts";
import { Scheduling } from "../../lib/client/sending/scheduling.ts";
import type { ScheduleTime } from "../../lib/client/sending/scheduling.ts";
import { systemClock } from "../../lib/base/clock.ts";
import type { Address } from "../../lib/net/address.ts";
import { linesOf, start } from "../commands/program.ts";
import { Random } from "../irc/property.ts";
import { comesTrue, inTime } from "../support/guard.ts";
import { readToolFlags } from "../support/tool_flags.ts";

const FLAGS = {
  rounds: { type: "integer", value: "N", default: "200", min: 1, help: "servers to start and kill" },
  seed: { type: "integer", value: "N", min: 0, help: "repeats the plan of a run (default: by chance)" },
} as const satisfies FlagTable;

const KEY = "k".repeat(43);
const PER_ROUND = 3;
/** While so many wait for an answer, no others are scheduled: a server that is killed soon answers few. */
const MAX_OPEN = 10;
/** A message is due at most so long after it was scheduled: in this server's life or the next one's. */
const MAX_AHEAD_MS = 1500;
const MAX_LIFE_MS = 2000;
/** For what is due when the last server starts. */
const MAX_WAIT_MS = 20_000;

interface Server {
  readonly address: Address;
  readonly ended: Promise<unknown>;
  kill(): void;
}

export interface ScheduledTally {
  readonly scheduled: number;
  /** Messages that had to be scheduled again under their ids, because a server did not answer. */
  readonly again: number;
  readonly faults: readonly string[];
  readonly folder: string | undefined;
}

async function startServer(home: string): Promise<Server> {
  const flags = ["--listen", "127.0.0.1:0", "--data-dir", `${home}/data`];
  const child = start(["serve", ...flags], home);
  void child.stderr.cancel();
  const listening = (async () => {
    for await (const line of linesOf(child.stdout, "unguarded")) {
      const [, port] = /listening on 127\.0\.0\.1:(\d+)/.exec(line) ?? [];
      if (port !== undefined) return { kind: "tcp", host: "127.0.0.1", port: Number(port) } as const;
    }
    throw new Error("the server ended before it listened");
  })();
  const address = await inTime("a server that listens", listening);
  return { address, ended: child.status, kill: () => child.kill("SIGKILL") };
}

/** Whether the server is known to have it. */
async function schedule({ address }: Server, id: string, when: ScheduleTime): Promise<boolean> {
  const outcome = await new Scheduling({
    address,
    registration: {
      nick: "alice",
      claimKey: KEY,
      credentials: {
        account: "alice",
        kind: "key",
        secret: KEY,
        isRequired: false,
        isUnregistered: true,
        isRegisteredOnPurpose: false,
        register: "ours",
      },
    },
    target: "#lobby",
    text: id,
    replyTo: undefined,
    id,
    when,
    zone: "UTC",
    timeoutMs: 20_000,
    retryMs: 0,
    clock: systemClock,
    signal: new AbortController().signal,
    onRetry: () => {},
    onUnverifiedReply: () => {},
    onEntered: () => {},
  }).run();
  if (outcome.kind === "scheduled" || outcome.kind === "said") return true;
  if (outcome.kind === "trouble" || outcome.kind === "refused") return false;
  throw new Error(`${id}: ${JSON.stringify(outcome)}`);
}

/** The texts of #lobby, read from the files: no client wakes the server. */
async function readSaid(home: string): Promise<string[]> {
  const file = `${home}/data/log.ring`;
  const child = start(["logs", "--file", file, "--room", "#lobby", "--json", "-n", "100000"], home);
  void child.stderr.cancel();
  const rows = (await new Response(child.stdout).text()).trim().split("\n");
  await child.status;
  return rows.flatMap((row) => row === "" ? [] : String(JSON.parse(row).text ?? ""));
}

/** How often each message was said, once all were, or the time for that is over. */
async function countSaid(home: string, ids: readonly string[]): Promise<Map<string, number>> {
  for (const until = performance.now() + MAX_WAIT_MS;;) {
    const counts = new Map<string, number>();
    for (const text of await readSaid(home)) {
      const id = text.split(" ")[0]!;
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    if (ids.every((id) => counts.has(id)) || performance.now() > until) return counts;
  }
}

export async function tortureScheduled(
  { rounds, seed, say = () => {} }: { rounds: number; seed: number; say?: (text: string) => void },
): Promise<ScheduledTally> {
  const random = new Random(seed);
  const home = await Deno.makeTempDir({ prefix: "torture-scheduled-" });
  const open = new Map<string, ScheduleTime>();
  const ids: string[] = [];
  let again = 0;
  const scheduleAll = async (server: Server) => {
    for (const [id, when] of [...open]) {
      if (await schedule(server, id, when)) open.delete(id);
      else again++;
    }
  };
  for (let round = 0; round < rounds; round++) {
    const server = await startServer(home);
    for (let nth = 0; nth < PER_ROUND && open.size < MAX_OPEN; nth++) {
      const id = `r${round}m${nth}`;
      ids.push(id);
      open.set(id, { at: `${random.below(MAX_AHEAD_MS)}ms` });
    }
    const killed = delayThen(random.below(MAX_LIFE_MS), server.kill);
    await Promise.all([scheduleAll(server), killed, server.ended]);
    if (round % 20 === 19) say(`${round + 1} servers, ${open.size} without an answer`);
  }
  const last = await startServer(home);
  await comesTrue("an answer for each message", async () => {
    await scheduleAll(last);
    return open.size === 0;
  });
  last.kill();
  await last.ended;
  const alone = await startServer(home); // to which no client comes
  const counts = await countSaid(home, ids);
  alone.kill();
  await alone.ended;
  const faults = ids.filter((id) => counts.get(id) !== 1).map((id) =>
    `${id} is there ${counts.get(id) ?? 0} times`
  );
  if (faults.length === 0) await Deno.remove(home, { recursive: true });
  return { scheduled: ids.length, again, faults, folder: faults.length === 0 ? undefined : home };
}

function delayThen(ms: number, act: () => void): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(() => {
    act();
    resolve();
  }, ms);
  return promise;
}

async function main(args: string[]): Promise<number> {
  const parsed = readToolFlags(FLAGS, args);
  if ("code" in parsed) return parsed.code;
  const seed = parsed.flags.seed ?? Math.floor(Math.random() * 1_000_000);
  console.log(`seed ${seed}`);
  const tally = await tortureScheduled({ rounds: parsed.flags.rounds, seed, say: console.log });
  for (const fault of tally.faults) console.error(fault);
  if (tally.folder !== undefined) console.error(`the folder is ${tally.folder}`);
  console.log(
    `${tally.scheduled} messages, ${tally.again} of them scheduled again, ${tally.faults.length} faults`,
  );
  return tally.faults.length === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);

/**
 * Many people who say anything, valid or not, in any order, whole or broken: `deno task soak`. Meanwhile everybody is
 * answered, and what they see of each other fits; at the end, when all have gone, the server holds what it held before.
 * Exit code 1 where something was wrong: each fault is said, with the seed that makes the same people say the same again.
 */
import type { FlagTable } from "../../lib/cli/flags/flags.ts";
import { formatSize } from "../../lib/base/values/size.ts";
import { casefold } from "../../lib/irc/names/casemap.ts";
import { parseServerUrl } from "../../lib/net/address.ts";
import { Server } from "../commands/program.ts";
import { Random } from "../irc/property.ts";
import { readToolFlags } from "../support/tool_flags.ts";
import { Gauge } from "./gauge.ts";
import type { Holding } from "./gauge.ts";
import { Talker } from "./talker.ts";

const FLAGS = {
  seconds: { type: "integer", value: "N", default: "60", min: 1, help: "how long they talk" },
  seed: { type: "integer", value: "N", min: 0, help: "what they say (default: by chance)" },
  people: { type: "integer", value: "N", default: "24", min: 2, max: 500, help: "how many they are" },
} as const satisfies FlagTable;

/** Rounds between two looks at who is where. */
const ROUNDS_BETWEEN_LOOKS = 8;
/** What the server may take beyond what it took when everybody had been there for a while: a heap is never quite the same. */
const MAX_GROWTH_BYTES = 64 * 1024 * 1024;
/** Whoever breaks off and has a key to his name is held for back for 30 s; and the server looks every 5 s. */
const MAX_LEAVING_MS = 45_000;
/**
 * Files that are opened when they are first needed, and stay: three of the state database, and for each of the archive's
 * three workers three of the archive and seven of the system (queues, pipes).
 */
const MAX_FILES_OPENED_ONCE = 3 + 3 * (3 + 7);
const MAX_FAULTS = 20;
/** Accounts stay when all have gone: few are made, so that what else stays shows. Nothing else slows anybody down. */
const LIMITS = [
  ["--exempt", "none", "--max-per-address", "1000", "--registrations", "200/1h"],
  ["connect-rate", "flood-rate", "nick-changes", "login-failures"].flatMap((name) => [`--${name}`, "off"]),
].flat();

export interface SoakOptions {
  readonly ms: number;
  readonly seed: number;
  readonly people: number;
}

export interface SoakOutcome {
  readonly faults: string[];
  readonly lines: number;
  readonly connections: number;
  /** Before anybody came, in the midst of it, and after all had gone. */
  readonly holdings: readonly Holding[];
}

/** Runs a server of its own, and people on it. */
export async function soak({ ms, seed, people }: SoakOptions): Promise<SoakOutcome> {
  await using server = await Server.start(undefined, "--buffer", "256KiB", "--oper", "boss", ...LIMITS);
  const address = parseServerUrl(server.url);
  if (address.kind !== "tcp") throw new Error(server.url);
  const faults: string[] = [];
  const fault = (text: string) => void (faults.length < MAX_FAULTS && faults.push(text));
  const gauge = await Gauge.open(server.pid, address);
  const before = await gauge.read();
  const random = new Random(seed);
  const talkers = Array.from({ length: people }, (_, index) => {
    return new Talker(address, `t${index}`, new Random(random.below(2 ** 32)), fault);
  });
  const ends = performance.now() + ms;
  let middle: Holding | undefined;
  while (performance.now() < ends && faults.length === 0) {
    await Promise.all(talkers.map(async (talker) => {
      for (let round = 0; round < ROUNDS_BETWEEN_LOOKS && faults.length === 0; round++) await talker.round();
    }));
    await look(talkers, fault);
    if (performance.now() > ends - ms / 2) middle ??= await gauge.read();
  }
  await Promise.all(talkers.map((talker) => talker.quit()));
  const after = before && await afterwards(gauge, before);
  if (after === undefined) fault("the server is gone");
  else judge(before!, middle ?? before!, after, fault);
  gauge.client.close();
  const sum = (key: "lines" | "connections") => talkers.reduce((total, talker) => total + talker[key], 0);
  const holdings = [before, middle, after].filter((holding) => holding !== undefined);
  return { faults, lines: sum("lines"), connections: sum("connections"), holdings };
}

/** What each sees of the others, while nobody says anything. */
async function look(talkers: readonly Talker[], fault: (text: string) => void): Promise<void> {
  // All that was said has been worked on after the first, and has been heard by everybody after the second.
  for (const _ of [1, 2]) await Promise.all(talkers.map((talker) => talker.settle()));
  const here = talkers.filter(({ nick }) => nick !== undefined);
  checkNames(here, fault);
  const channels = new Set(here.flatMap((talker) => [...talker.channels]));
  for (const channel of channels) {
    const members = here.filter((talker) => talker.channels.has(channel));
    const wanted = new Set(members.map(({ nick }) => casefold(nick!)));
    for (const member of members) {
      const seen = await member.names(channel);
      if (member.nick === undefined) continue; // let go meanwhile: a ban, a timeout
      if (wanted.symmetricDifference(seen).size > 0) {
        fault(`${member.nick} sees in ${channel}: ${[...seen].sort()}; there are: ${[...wanted].sort()}`);
      }
    }
  }
}

/** A name is held by one user at most: who shares one has a key with another of them, a claim key or that of an account. */
function checkNames(here: readonly Talker[], fault: (text: string) => void): void {
  for (const [name, sharers] of Map.groupBy(here, ({ nick }) => casefold(nick!))) {
    const keys = new Set(sharers[0]!.keys);
    let others = sharers.slice(1);
    for (let count = Infinity; others.length < count;) {
      count = others.length;
      others = others.filter((other) => {
        if (other.keys.isDisjointFrom(keys)) return true;
        other.keys.forEach((key) => keys.add(key));
        return false;
      });
    }
    for (const other of others) fault(`two have the name ${name}: by ${[...keys]} and by ${[...other.keys]}`);
  }
}

/** What the server holds once it has noticed that everybody has gone. */
async function afterwards(gauge: Gauge, before: Holding): Promise<Holding | undefined> {
  const ends = performance.now() + MAX_LEAVING_MS;
  for (;;) {
    const now = await gauge.read();
    const isBack = now !== undefined && now.connections <= before.connections && now.users <= before.users &&
      now.channels <= before.channels && now.files <= before.files + MAX_FILES_OPENED_ONCE;
    if (now === undefined || isBack || performance.now() > ends) return now;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function judge(before: Holding, middle: Holding, after: Holding, fault: (text: string) => void): void {
  for (const key of ["connections", "users", "channels", "files"] as const) {
    const more = key === "files" ? MAX_FILES_OPENED_ONCE : 0;
    if (after[key] > before[key] + more) {
      fault(`${after[key]} ${key} are left; before there were ${before[key]}`);
    }
  }
  const growth = after.rss - middle.rss;
  if (growth > MAX_GROWTH_BYTES) fault(`the server has grown by ${formatSize(growth)} in the second half`);
}

async function main(args: string[]): Promise<number> {
  const parsed = readToolFlags(FLAGS, args);
  if ("code" in parsed) return parsed.code;
  const { seconds, people, seed = Math.floor(Math.random() * 1_000_000) } = parsed.flags;
  console.log(`seed ${seed}`);
  const { faults, lines, connections, holdings } = await soak({ ms: seconds * 1000, seed, people });
  console.log(`${lines} lines over ${connections} connections`);
  for (const { connections, users, channels, files, rss } of holdings) {
    console.log(
      `  ${connections} connections, ${users} users, ${channels} rooms, ${files} files, ${formatSize(rss)}`,
    );
  }
  for (const fault of faults) console.error(`fault: ${fault}`);
  if (faults.length > 0) {
    console.error(`again: deno task soak --seed ${seed} --seconds ${seconds} --people ${people}`);
  }
  return faults.length > 0 ? 1 : 0;
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);

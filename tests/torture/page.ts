/**
 * People are paged by `chatterbox page` while its process, the server and those who acknowledge are killed (`kill -9`): `deno
 * task torture:page`. A round is one page. The pager has to print the one acknowledgement that counts: none that was confirmed
 * may be missing, none may be there twice, none may be invented, and no page may be lost. Exit code 1 where one is.
 */
import type { FlagTable } from "../../lib/cli/flags/flags.ts";
import { program } from "../commands/program.ts";
import { Random } from "../irc/property.ts";
import { comesTrue, inTime } from "../support/guard.ts";
import { readToolFlags } from "../support/tool_flags.ts";
import { KillableRun, KillableServer, killAtRandom, restart, takeUp } from "./killable.ts";
import type { RunEnd } from "./killable.ts";
import { Acknowledger, OnCallPerson } from "./page_people.ts";

const FLAGS = {
  rounds: { type: "integer", value: "N", default: "200", min: 1, help: "pages to open" },
  seed: { type: "integer", value: "N", min: 0, help: "repeats the plan of a run (default: by chance)" },
  verbose: { type: "boolean", short: "v", help: "say what each round is" },
} as const satisfies FlagTable;

/** People at `join`. */
const NAMES = ["alice", "bob", "carol"];
/** Has no `join`, and acknowledges by `chatterbox ack`. */
const AWAY = "dave";
const LIST = "ops";

export interface PageTally {
  rounds: number;
  /** What was killed, and how often. */
  readonly kills: { pager: number; server: number; person: number; acknowledger: number };
  /** Pages of which a person was told that they are acknowledged, and by which person. */
  confirmed: number;
  /** Acknowledgements that pagers printed at their end. */
  printed: number;
  readonly faults: string[];
}

export interface PageTortureOptions {
  readonly rounds: number;
  readonly seed: number;
  readonly say?: (text: string) => void;
}

interface World {
  readonly home: string;
  readonly server: KillableServer;
  readonly people: readonly OnCallPerson[];
  readonly tally: PageTally;
  readonly random: Random;
  readonly say: (text: string) => void;
  /** By id, the person that the pager printed. */
  readonly printed: Map<string, string>;
}

/** Opens so many pages, up to the first that goes wrong. */
export async function torturePage({ rounds, seed, say = () => {} }: PageTortureOptions): Promise<PageTally> {
  const home = await Deno.makeTempDir({ prefix: "torture-page-" });
  const kills = { pager: 0, server: 0, person: 0, acknowledger: 0 };
  const tally: PageTally = { rounds: 0, kills, confirmed: 0, printed: 0, faults: [] };
  const server = new KillableServer(home);
  const people = NAMES.map((name) => new OnCallPerson(name, home));
  const world: World = { home, server, people, tally, random: new Random(seed), say, printed: new Map() };
  try {
    await server.start();
    for (const person of people) person.start(server.url);
    await inTime("everyone has an account", Promise.all(people.map(({ registered }) => registered)));
    await makeList(world);
    for (let round = 1; round <= rounds && tally.faults.length === 0; round++) await page(world, round);
    if (tally.faults.length === 0) tally.faults.push(...await compareList(world));
  } finally {
    for (const each of people) await each.kill();
    await server.kill();
    if (tally.faults.length === 0) await Deno.remove(home, { recursive: true });
  }
  return tally;
}

/** The list belongs to the person who made the room of its name. */
async function makeList({ home, server, people }: World): Promise<void> {
  const at = ["--server", server.url];
  await program(["register", AWAY, ...at], home);
  people[0]!.say(`/join #${LIST}`);
  const set = ["oncall", "set", LIST, [...NAMES, AWAY].join(), "24h", "--name", NAMES[0]!, ...at];
  let last = "";
  await comesTrue("the list is set", async () => {
    const { code, err } = await program(set, home);
    last = err;
    return code === 0;
  }, { heard: () => [last] });
}

/** One page, to its end. */
async function page(world: World, round: number): Promise<void> {
  const { home, server, people, tally, random } = world;
  const text = `P${round}!`;
  const acknowledging = people.filter(() => random.below(2) === 0);
  const hasAway = acknowledging.length === 0 || random.below(2) === 0;
  for (const person of people) person.expect(text, acknowledging.includes(person));
  const id = `p${round}`;
  const words = ["page", LIST, text, "--id", id, "--from", "ci", "--server", server.url, "--wait", "ack"];
  const again = () => new KillableRun([...words, "--timeout", "100s"], home);
  const partial: RunEnd[] = [];
  let pager = again();
  const away = new Acknowledger(["ack", "--name", AWAY, "--server", server.url], home);
  if (hasAway) away.start();
  const killed = await killAtRandom(random, {
    pager: async () => {
      partial.push(await pager.kill());
      pager = again();
    },
    server: () => restart(server, random),
    person: async () => {
      const person = random.pick(people);
      await person.kill();
      person.start(server.url);
    },
    acknowledger: () => away.kill(),
  }, tally.kills);
  const end = await inTime(`the end of page ${round}`, takeUp(pager, again));
  const awayConfirmed = await away.stop();
  const who = [...acknowledging.map(({ name }) => name), ...hasAway ? [AWAY] : []];
  world.say(`${round}: ${who.join()}, killed ${killed.join() || "nothing"}: ${end.code} ${end.lines}`);
  tally.rounds++;
  const told = people.flatMap(({ told }) => [...told]);
  if (awayConfirmed.some((line) => line.includes(text))) told.push(AWAY);
  if (told.length > 0) tally.confirmed++;
  tally.printed += end.lines.length;
  const printed = end.lines.map(readName);
  if (printed[0] !== undefined) world.printed.set(id, printed[0]);
  for (const fault of judge(who, new Set(told), printed, end, partial)) {
    tally.faults.push(`round ${round}: ${fault}`);
  }
}

/** `page 12 acknowledged by bob at …` */
function readName(line: string): string {
  return / acknowledged by (\S+)/.exec(line)?.[1] ?? line;
}

/** What is wrong with what was printed in the end. */
function judge(
  who: readonly string[],
  told: ReadonlySet<string>,
  printed: readonly string[],
  end: RunEnd,
  partial: readonly RunEnd[],
): string[] {
  const faults: string[] = [];
  if (end.code !== 0) faults.push(`exit code ${end.code}: ${end.err}`);
  if (printed.length !== 1) faults.push(`${printed.length} acknowledgements are printed: ${printed}`);
  for (const name of printed) if (!who.includes(name)) faults.push(`${name} has not acknowledged`);
  for (const name of told) {
    if (!printed.includes(name)) faults.push(`people were told of ${name}, and ${printed} is printed`);
  }
  for (const { lines } of partial) {
    for (const name of lines.map(readName)) {
      if (!printed.includes(name)) faults.push(`${name} was printed, and is gone`);
    }
  }
  return faults;
}

/** What is wrong with the server's list of all pages: each is there once, with the person that was printed. */
async function compareList({ home, server, printed, tally }: World): Promise<string[]> {
  const args = ["page", "--list", "--all", "--json", "--from", "ci", "--server", server.url];
  const { code, out, err } = await program(args, home);
  if (code !== 0) return [`page --list: ${code} ${err}`];
  const pages = out.trimEnd().split("\n").map((line) => JSON.parse(line));
  const newest = [...printed].slice(-pages.length);
  const faults = newest.flatMap(([id, who]) => {
    const found = pages.filter(({ text }) => text === `P${id.slice(1)}!`);
    if (found.length !== 1) return [`page ${id} is ${found.length} times in the list`];
    const [{ state, who: listed }] = found;
    return state === "acknowledged" && listed === who
      ? []
      : [`page ${id}: ${state} by ${listed}, printed ${who}`];
  });
  const isComplete = pages.length === Math.min(tally.rounds, 100);
  return isComplete ? faults : [...faults, `${pages.length} pages are listed`];
}

async function main(args: string[]): Promise<number> {
  const parsed = readToolFlags(FLAGS, args);
  if ("code" in parsed) return parsed.code;
  const { rounds, verbose } = parsed.flags;
  const seed = parsed.flags.seed ?? Math.floor(Math.random() * 1_000_000);
  console.log(`seed ${seed}`);
  const tally = await torturePage({
    rounds,
    seed,
    ...verbose && { say: (text: string) => console.log(text) },
  });
  const { kills: { pager, server, person, acknowledger }, confirmed, printed, faults } = tally;
  console.log(`pages      ${tally.rounds}`);
  console.log(
    `killed     ${pager} pagers, ${server} servers, ${person} people, ${acknowledger} acknowledgers`,
  );
  console.log(`acks       ${confirmed} confirmed, ${printed} printed`);
  for (const fault of faults) console.error(`fault: ${fault}`);
  return faults.length === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);

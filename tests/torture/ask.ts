/**
 * People are asked by `chatterbox ask` while its process, the server and theirs are killed (`kill -9`): `deno task
 * torture:ask`. A round is one question. No answer that was confirmed may be missing in what the asker prints, none may be
 * there twice, and none that was not given. Exit code 1 where one is.
 */
import type { FlagTable } from "../../lib/cli/flags/flags.ts";
import { Random } from "../irc/property.ts";
import { inTime } from "../support/guard.ts";
import { readToolFlags } from "../support/tool_flags.ts";
import { Person } from "./ask_people.ts";
import { KillableRun, KillableServer, killAtRandom, restart, takeUp } from "./killable.ts";
import type { RunEnd } from "./killable.ts";

const FLAGS = {
  rounds: { type: "integer", value: "N", default: "200", min: 1, help: "questions to ask" },
  seed: { type: "integer", value: "N", min: 0, help: "repeats the plan of a run (default: by chance)" },
  verbose: { type: "boolean", short: "v", help: "say what each round is" },
} as const satisfies FlagTable;

const OPTIONS = ["yes", "no", "later"];
const NAMES = ["bob", "carol", "dave"];
/** Exit code of a question without an outcome. */
const NO_OUTCOME = 75;

const RULES = { first: [], two: ["--quorum", "2"], all: ["--all"] } as const;

type Rule = keyof typeof RULES;

export interface AskTally {
  rounds: number;
  /** What was killed, and how often. */
  readonly kills: { asker: number; server: number; person: number };
  /** Answers that were confirmed to those who gave them. */
  confirmed: number;
  /** Answers that askers printed at their end. */
  printed: number;
  readonly faults: string[];
}

export interface AskTortureOptions {
  readonly rounds: number;
  readonly seed: number;
  readonly say?: (text: string) => void;
}

/** Asks so many questions, up to the first that goes wrong. */
export async function tortureAsk({ rounds, seed, say = () => {} }: AskTortureOptions): Promise<AskTally> {
  const home = await Deno.makeTempDir({ prefix: "torture-ask-" });
  const tally: AskTally = {
    rounds: 0,
    kills: { asker: 0, server: 0, person: 0 },
    confirmed: 0,
    printed: 0,
    faults: [],
  };
  const server = new KillableServer(home);
  const people = NAMES.map((name) => new Person(name, home));
  try {
    await server.start();
    for (const person of people) person.start(server.url);
    await inTime("everyone has an account", Promise.all(people.map(({ registered }) => registered)));
    const world = { home, server, people, tally, random: new Random(seed), say };
    for (let round = 1; round <= rounds && tally.faults.length === 0; round++) await ask(world, round);
  } finally {
    for (const each of people) await each.kill();
    await server.kill();
    if (tally.faults.length === 0) await Deno.remove(home, { recursive: true });
  }
  return tally;
}

interface World {
  readonly home: string;
  readonly server: KillableServer;
  readonly people: readonly Person[];
  readonly tally: AskTally;
  readonly random: Random;
  readonly say: (text: string) => void;
}

/** One question, to its end. */
async function ask(world: World, round: number): Promise<void> {
  const { home, server, people, tally, random } = world;
  const rule = random.pick(Object.keys(RULES) as Rule[]);
  const asked = rule === "first" ? people.slice(0, 1 + random.below(3)) : people;
  const text = `Q${round}?`;
  for (const person of people) {
    person.choice = random.pick(OPTIONS);
    person.confirmed = undefined;
    person.text = asked.includes(person) ? text : "";
  }
  const names = asked.map(({ name }) => name);
  const args = [...names, text, "--options", OPTIONS.join(), "--from", "asker", "--server", server.url];
  const words = ["ask", ...args, "--id", `q${round}`, "--timeout", "60s", ...RULES[rule]];
  const again = () => new KillableRun(words, home);
  const partial: RunEnd[] = [];
  let asker = again();
  const killed = await killAtRandom(random, {
    asker: async () => {
      partial.push(await asker.kill());
      asker = again();
    },
    server: () => restart(server, random),
    person: async () => {
      const person = random.pick(people);
      await person.kill();
      person.start(server.url);
    },
  }, tally.kills);
  const end = await inTime(`the end of question ${round}`, takeUp(asker, again));
  world.say(
    `${round}: ${rule} of ${names.join()}, killed ${killed.join() || "nothing"}: ${end.code} ${end.lines}`,
  );
  tally.rounds++;
  tally.printed += end.lines.length;
  tally.confirmed += asked.filter(({ confirmed }) => confirmed !== undefined).length;
  for (const fault of judge(rule, asked, end, partial)) {
    tally.faults.push(`round ${round} (${rule}): ${fault}`);
  }
}

/** What is wrong with the answers that were printed in the end. */
function judge(rule: Rule, asked: readonly Person[], end: RunEnd, partial: readonly RunEnd[]): string[] {
  const faults: string[] = [];
  // The first answer stands alone: it is that of one of those who were asked.
  const given = asked.map(({ name, choice }) => rule === "first" ? choice : `${name} ${choice}`);
  for (const line of end.lines) if (!given.includes(line)) faults.push(`${line} was not given`);
  const isTwice = rule === "first" ? end.lines.length > 1 : new Set(end.lines).size < end.lines.length;
  if (isTwice) faults.push(`an answer is there twice: ${end.lines}`);
  for (const { lines } of partial) {
    for (const line of lines) {
      if (!end.lines.includes(line)) faults.push(`${line} was printed, and is gone`);
    }
  }
  for (const { name, choice, confirmed } of asked) {
    if (confirmed === undefined) continue;
    if (confirmed !== choice) faults.push(`${confirmed} of ${name} was confirmed, and not given`);
    const line = rule === "first" ? confirmed : `${name} ${confirmed}`;
    if (!end.lines.includes(line)) faults.push(`${line} was confirmed, and is missing`);
  }
  const isOpen = end.code === NO_OUTCOME && end.lines.length < (rule === "first" ? 1 : asked.length);
  for (const { name, heard, confirmed } of isOpen ? asked : []) {
    if (confirmed === undefined) faults.push(`${name} has not answered, and heard: ${heard.join(" | ")}`);
  }
  const code = expectedCode(rule, end.lines);
  if (end.code !== code) faults.push(`exit code ${end.code} instead of ${code}: ${end.lines}; ${end.err}`);
  return faults;
}

function expectedCode(rule: Rule, answers: readonly string[]): number {
  const codes = answers.map((line) => OPTIONS.indexOf(line.split(" ").at(-1)!));
  if (rule === "first") return codes.length === 1 ? codes[0]! : NO_OUTCOME;
  if (rule === "all") return codes.length === NAMES.length ? Math.max(...codes) : NO_OUTCOME;
  return codes.find((code, at) => codes.indexOf(code) < at) ?? NO_OUTCOME;
}

async function main(args: string[]): Promise<number> {
  const parsed = readToolFlags(FLAGS, args);
  if ("code" in parsed) return parsed.code;
  const { rounds, verbose } = parsed.flags;
  const seed = parsed.flags.seed ?? Math.floor(Math.random() * 1_000_000);
  console.log(`seed ${seed}`);
  const tally = await tortureAsk({
    rounds,
    seed,
    ...verbose && { say: (text: string) => console.log(text) },
  });
  const { kills: { asker, server, person }, confirmed, printed, faults } = tally;
  console.log(`questions  ${tally.rounds}`);
  console.log(`killed     ${asker} askers, ${server} servers, ${person} people`);
  console.log(`answers    ${confirmed} confirmed, ${printed} printed`);
  for (const fault of faults) console.error(`fault: ${fault}`);
  return faults.length === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);

/**
 * `deno task torture --fronts N`: hubs and fronts are killed, and hubs hand over, while people talk and listen over
 * connections that stay. A round is one such blow; all of a server is killed now and then, and what is left is held against
 * what was promised.
 */
import { Random } from "../irc/property.ts";
import { FaultProxy } from "../support/fault_proxy.ts";
import type { Fault } from "../support/fault_proxy.ts";
import { Ear } from "./ear.ts";
import { FrontsLife, pause } from "./fronts_life.ts";
import { planLife } from "./fronts_plan.ts";
import type { Blow, LifePlan } from "./fronts_plan.ts";
import { Ledger } from "./ledger.ts";
import type { TcpAddress } from "./life.ts";
import { MAX_SENDERS } from "./plan.ts";
import { Sender } from "./sender.ts";
import { NOTHING_STORED, readStored } from "./stored.ts";
import { Tally } from "./tally.ts";

/** Between attempts of a listener to come back. */
const AGAIN_MS = 20;
/** A cut connection has passed no more bytes than this. */
const MAX_PASSED_BYTES = 12_000;

export interface FrontsTortureOptions {
  readonly fronts: number;
  readonly rounds: number;
  readonly seed: number;
  readonly slackMs: number;
  readonly maxMs?: number | undefined;
  readonly say?: (text: string) => void;
  /** Instead of chance, the plans of the first lives. */
  readonly plans?: readonly LifePlan[];
}

/** Runs the rounds, up to the first life with a fault in it. Its folder is kept; `folder` says where. */
export async function tortureFronts(
  options: FrontsTortureOptions,
): Promise<{ tally: Tally; folder: string | undefined }> {
  const { fronts, rounds, seed, slackMs, maxMs = Infinity, say = () => {}, plans = [] } = options;
  const tally = new Tally();
  const random = new Random(seed);
  const began = performance.now();
  let plan: LifePlan | undefined;
  let history: FrontsHistory | undefined;
  for (let life = 0; tally.rounds < rounds && performance.now() - began < maxMs; life++) {
    plan = plans[life] ?? planLife(random, fronts, plan);
    say(`${life + 1}: ${JSON.stringify(plan)}`);
    if (plan.fresh && history !== undefined) await history.remove();
    if (plan.fresh) history = undefined;
    history ??= new FrontsHistory(
      await Deno.makeTempDir({ prefix: "torture-" }),
      seed + life,
      slackMs,
      tally,
    );
    await history.live(plan);
    tally.rounds += plan.rounds.length;
    if (tally.faults.length > 0) {
      history.close();
      return { tally, folder: history.home };
    }
  }
  await history?.remove();
  return { tally, folder: undefined };
}

/** One data folder, under one server after the other. */
class FrontsHistory {
  readonly #ledger: Ledger;
  readonly #tally: Tally;
  readonly #random: Random;
  readonly #proxy = new FaultProxy();
  readonly #senders: Sender[];
  readonly #slackMs: number;

  constructor(readonly home: string, seed: number, slackMs: number, tally: Tally) {
    this.#tally = tally;
    this.#ledger = new Ledger(tally);
    this.#ledger.isRelayed = true;
    this.#random = new Random(seed);
    this.#slackMs = slackMs;
    this.#senders = Array.from(
      { length: MAX_SENDERS },
      (_, index) => new Sender(index, this.#ledger, new Random(seed + 1 + index)),
    );
  }

  /** One server's life, and the judgement of it. */
  async live(plan: LifePlan): Promise<void> {
    // What was acknowledged and is lost with a hub cannot be waited for, either.
    this.#ledger.isSmall = plan.sync !== "always" || plan.bufferBytes <= 64 * 1024;
    this.#ledger.areNamesKept = plan.rounds.some(({ blow }) => blow.kind.startsWith("front"));
    const life = new FrontsLife(this.home, plan);
    const address = await life.listening;
    if (address === undefined) return this.#tally.fault(`a server did not start: ${life.words}`);
    const ears = new Ears(this.#ledger, address, plan);
    await ears.enter();
    const before = new Map(this.#senders.map((sender) => [sender.nick, sender.connections]));
    const work = this.#talk(address, plan);
    for (const round of plan.rounds) {
      await pause(round.afterMs);
      const expected = await this.#strike(life, round.blow);
      if (!round.waits) continue;
      await life.hasStarted(expected);
      await ears.catchUp();
    }
    const killedAt = await this.#end(life, plan, ears);
    for (const sender of this.#senders) sender.stop();
    this.#proxy.upstream = undefined;
    this.#proxy.cut();
    await work;
    await ears.ended();
    const connections = new Map(
      this.#senders.map(({ nick, connections }) => [nick, connections - before.get(nick)!]),
    );
    ears.judgePresence(connections);
    this.#judge(life, plan, ears, killedAt);
  }

  async #talk(address: TcpAddress, { talk }: LifePlan): Promise<void> {
    this.#proxy.upstream = address;
    this.#proxy.planner = () => {
      if (talk.cutOneIn === 0 || !this.#random.chance(talk.cutOneIn)) return undefined;
      this.#tally.cuts++;
      const direction = this.#random.chance(2) ? "up" : "down";
      return { kind: "cut", direction, at: { afterBytes: this.#random.below(MAX_PASSED_BYTES) } } as Fault;
    };
    await Promise.all(this.#senders.slice(0, talk.senders).map((sender) => sender.work(this.#proxy, talk)));
  }

  /** Returns how many hubs have started when this one has been replaced, if it is. */
  async #strike(life: FrontsLife, blow: Blow): Promise<number> {
    const { ends } = this.#tally;
    ends.set(blow.kind, (ends.get(blow.kind) ?? 0) + 1);
    const { started } = life;
    switch (blow.kind) {
      case "hub":
        return started + Number(await life.killHub());
      case "hubs": {
        const isKilled = await life.killHub();
        await pause(blow.ms);
        await life.killHub();
        return started + Number(isKilled);
      }
      case "handover":
        life.signal("SIGUSR2");
        return started; // nothing is handed over while a hub starts
      case "front":
        await life.killFront();
        return started;
      case "front and hub":
        await life.killFront();
        await pause(blow.ms);
        return started + Number(await life.killHub());
    }
  }

  /** Ends the server; returns when it was killed, undefined: in order. */
  async #end(life: FrontsLife, { end }: LifePlan, ears: Ears): Promise<number | undefined> {
    // A hub that is killed and has no follower when the server is told to end has not saved everything.
    if (end === "stopped") await ears.catchUp();
    ears.mayEnd();
    const { ends } = this.#tally;
    ends.set(end, (ends.get(end) ?? 0) + 1);
    if (end === "all") {
      await life.killAll();
      return life.kills.at(-1);
    }
    life.signal(end === "keeper" ? "SIGKILL" : "SIGTERM");
    const { code } = await life.whenEnded();
    if (end === "stopped" && code !== 0) this.#tally.fault(`the server ended with ${code}: ${life.words}`);
    return undefined;
  }

  #judge(life: FrontsLife, { sync }: LifePlan, ears: Ears, killedAt: number | undefined): void {
    const stored = readStored(life.logFile);
    if (stored.kind === "bad") return this.#tally.fault(`the file can't be read: ${stored.why}`);
    const after = stored.kind === "missing" ? NOTHING_STORED : stored;
    ears.judge(after);
    const earlierKills = killedAt === undefined ? life.kills : life.kills.slice(0, -1);
    this.#ledger.judge(after, { killedAt, earlierKills, sync, slackMs: this.#slackMs });
    if (this.#tally.faults.length > 0) this.#tally.fault(`it said: ${life.words}`);
  }

  close(): void {
    this.#proxy.close();
  }

  async remove(): Promise<void> {
    this.close();
    await Deno.remove(this.home, { recursive: true });
  }
}

/** Those who only listen. Their connections stay, unless a front is killed; then they come back. */
class Ears {
  readonly #ledger: Ledger;
  readonly #address: TcpAddress;
  readonly #plan: LifePlan;
  /** All connections of each. */
  readonly #ears: [Ear[], Ear[]] = [[], []];
  #mayEnd: boolean;
  #names = 0;

  constructor(ledger: Ledger, address: TcpAddress, plan: LifePlan) {
    this.#ledger = ledger;
    this.#address = address;
    this.#plan = plan;
    this.#mayEnd = plan.rounds.some(({ blow }) => blow.kind.startsWith("front"));
  }

  async enter(): Promise<void> {
    for (const each of this.#ears) await this.#enter(each);
  }

  async #enter(ears: Ear[]): Promise<void> {
    // Each time by another name: a front that was killed together with a hub leaves the old one in use.
    const ear = new Ear(`ear${this.#ears.indexOf(ears as never)}x${this.#names++}`, this.#ledger);
    await ear.enter(this.#address);
    ears.push(ear);
  }

  /** All connections are there, or come back, and are told what was said. */
  async catchUp(): Promise<void> {
    for (const ears of this.#ears) {
      while (!await ears.at(-1)!.catchesUp()) {
        if (!this.#mayEnd) return this.#ledger.tally.fault("a listener has lost its connection");
        await this.#enter(ears).catch(() => pause(AGAIN_MS));
      }
    }
  }

  /** From now on connections may end. */
  mayEnd(): void {
    this.#mayEnd = true;
  }

  async ended(): Promise<void> {
    for (const ear of this.#ears.flat()) await ear.ended();
  }

  judge(after: typeof NOTHING_STORED): void {
    for (const ear of this.#ears.flat()) {
      const before = after.messages.filter(({ seq }) => seq < ear.first);
      ear.judge({ ...after, messages: before }, after, this.#plan.sync === "always");
    }
  }

  /** A takeover is told to no client. `connections`: of each sender. */
  judgePresence(connections: ReadonlyMap<string, number>): void {
    for (const ear of this.#ears.flat()) {
      const told = Map.groupBy(ear.presence, (text) => text);
      for (const [text, times] of told) {
        const [command, nick] = text.split(" ");
        if (nick!.startsWith("ear") || command === "MODE") continue;
        const most = connections.get(nick!) ?? 0;
        const allowed = command === "JOIN" ? most : command === "QUIT" ? Math.max(most - 1, 0) : 0;
        if (times.length <= allowed) continue;
        this.#ledger.tally.fault(
          `${ear.nick} was told ${text} ${times.length} times, with ${most} connections`,
        );
      }
    }
  }
}

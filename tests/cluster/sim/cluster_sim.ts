/**
 * A whole cluster in virtual time: etcd, machines with hub and front processes, clients. Everything that happens follows
 * from the seed.
 */
import { assert } from "../../../lib/base/assert.ts";
import { UNLIMITED_RATE } from "../../../lib/base/token_bucket.ts";
import { ClusterKeys } from "../../../lib/cluster/cluster_keys.ts";
import type { ClusterMeta } from "../../../lib/cluster/cluster_values.ts";
import type { HubConfig } from "../../../lib/hub/model/config.ts";
import type { Random } from "../../irc/property.ts";
import { checkClients, lastNickOf, oracleOf } from "./sim_client_checks.ts";
import { RunningChecks } from "./sim_checks.ts";
import { SimEtcd } from "./sim_etcd.ts";
import { FaultPlan } from "./sim_fault_plan.ts";
import { HOLD_MS } from "./sim_front.ts";
import type { SimFront } from "./sim_front.ts";
import type { SimPerson } from "./sim_person.ts";
import type { SimServer } from "./sim_server.ts";
import { SimLink } from "./sim_link.ts";
import { SimMachine } from "./sim_machine.ts";
import type { DownMessage, SimRelay, UpMessage } from "./sim_relay.ts";
import { SimScheduler } from "./sim_scheduler.ts";
import { SimTraffic } from "./sim_traffic.ts";

const MACHINES = ["a", "b", "c"];
/** Time of a run in which faults happen. */
const RUN_MS = [15_000, 60_000] as const;
/** After the last fault all is well again within this time. */
const HEAL_MS = 120_000;
/** Looks, ten a second, that find nothing to wait for: relays that are over at one end are found meanwhile. */
const QUIET_LOOKS = 60;
/** Users stay so long after they have lost their connection, less what clocks differ. */
const GRACE_MS = 27_000;
/** Pause between two lines. */
const LINE_MS = [20, 800] as const;

export interface SimFigures {
  readonly records: number;
  readonly commits: number;
  readonly epochs: number;
  readonly faults: number;
  readonly persons: number;
  /** Clients that have lost the connection, by the reason. */
  readonly ended: ReadonlyMap<string, number>;
}

export class ClusterSim {
  readonly scheduler: SimScheduler;
  readonly random: Random;
  readonly etcd: SimEtcd;
  readonly keys = new ClusterKeys("team");
  readonly meta: ClusterMeta;
  readonly checks: RunningChecks;
  readonly machines: SimMachine[];
  readonly traffic: SimTraffic;
  readonly commitBytes: number;
  readonly ringBytes: number;
  /** A hub process ends the lease of the one before it. */
  readonly hasInstances: boolean;
  /** A hub takes a front again that has lost its relay to it. */
  readonly takesAgain: boolean;
  /** Pairs of machines between which nothing gets through. */
  readonly cuts = new Set<string>();
  /** Fronts that a hub has lost while it ran: it closes their sessions. */
  readonly lostFronts = new Set<string>();
  /** Fronts that a hub has not waited for. */
  readonly lateFronts = new Set<string>();
  #failure: unknown;
  #random = 0;

  constructor(readonly seed: number) {
    const scheduler = this.scheduler = new SimScheduler(seed);
    const random = this.random = scheduler.random;
    const isLarge = random.chance(3);
    this.ringBytes = (isLarge ? 64 : 512) * 1024;
    this.commitBytes = random.pick([200, 1000, 1024 * 1024]);
    this.takesAgain = random.chance(2);
    this.hasInstances = random.chance(2);
    this.meta = { logId: "simlog", createdAt: 1, cloakKey: "", secret: "", ringBytes: this.ringBytes };
    this.etcd = new SimEtcd(scheduler);
    this.checks = new RunningChecks(this.etcd, this.keys);
    this.etcd.onChange = (change) => this.checks.checkChange(change);
    this.traffic = new SimTraffic(random, isLarge ? 450 : 0);
    this.traffic.onLeave = (person) => this.end(person, "left");
    const isSkewed = random.chance(2);
    const names = MACHINES.slice(0, 1 + random.below(MACHINES.length));
    this.machines = names.map((name) => {
      const rate = isSkewed ? 0.95 + random.below(100) / 1000 : 1;
      return new SimMachine(this, name, rate, isSkewed ? scheduler.between(-600_000, 600_000) : 0);
    });
  }

  /** The hub's configuration. */
  config(): Partial<HubConfig> {
    return {
      replay: 0,
      limits: { nickChanges: UNLIMITED_RATE },
      random: (bytes) => new Uint8Array(bytes).fill(++this.#random),
    };
  }

  /** Something has gone wrong that nothing else tells. */
  fail(error: unknown): void {
    this.#failure ??= error;
  }

  /** No session is lost without a cause. */
  checkEnd(person: SimPerson, why: string, heldMs: number): void {
    const { nick, front } = person;
    this.end(person, why);
    const isAllowed = why === "not registered" || why === "the relay was lost" ||
      why === "held too long" && heldMs >= HOLD_MS ||
      // The hub does not know names of users in no room that no front has presented.
      why === "The name is in use by another user" && this.lateFronts.has(front) ||
      // Some hub has told that the user has quit.
      why === "Connection lost" && (this.lostFronts.has(front) || heldMs >= GRACE_MS);
    if (!isAllowed) this.fail(new Error(`${nick} loses its connection: ${why}`));
  }

  /** A hub starts with the sessions of these fronts. */
  noteStart(fronts: readonly string[]): void {
    for (const { front } of this.machines) {
      if (front !== undefined && !fronts.includes(front.name)) this.lateFronts.add(front.name);
    }
  }

  /** The connection of a client has ended. */
  end(person: SimPerson, why: string): void {
    person.ended = why;
    person.endedSeq = this.checks.log.nextSeq;
  }

  isCut(a: string, b: string): boolean {
    return this.cuts.has(pairOf(a, b));
  }

  setCut(a: string, b: string, isCut: boolean): void {
    if (isCut) this.cuts.add(pairOf(a, b));
    else this.cuts.delete(pairOf(a, b));
  }

  /** A relay from a front to the hub of `node`; undefined: it cannot be reached, or does not lead. */
  connect(
    machine: SimMachine,
    node: string,
    front: SimFront,
  ): { relay: SimRelay; epoch: number } | undefined {
    const target = this.machines.find(({ name }) => name === node);
    const hub = target?.hub;
    if (hub?.server === undefined || this.isCut(machine.name, node)) return undefined;
    const end = hub.server.attach();
    let isCurrent = true;
    const relay: SimRelay = new SimLink<UpMessage, DownMessage>(
      this.scheduler,
      {
        process: front.process,
        receive: (message) => front.receive(message),
        lose: () => {
          if (isCurrent) front.lose();
          isCurrent = false;
        },
      },
      { process: hub.process, receive: end.receive, lose: end.lose },
      machine.name === node ? [0, 1] : [0, 20],
      () => this.isCut(machine.name, node),
    );
    end.setRelay(relay);
    return { relay, epoch: hub.term!.epoch };
  }

  async run(): Promise<SimFigures> {
    const { scheduler, random, traffic } = this;
    await this.#advance(5000);
    for (const { front } of this.machines) {
      for (let count = 1 + random.below(3); count > 0; count--) if (front !== undefined) traffic.enter(front);
    }
    const plan = new FaultPlan(this);
    const end = scheduler.now + scheduler.between(...RUN_MS);
    void this.#talk(end);
    void plan.run(end);
    await this.#advance(end - scheduler.now);
    plan.heal();
    await this.#heal();
    this.#checkNodes();
    this.#checkTrim();
    this.#checkSessions();
    checkClients({
      persons: traffic.persons,
      log: this.checks.log,
      isComplete: this.ringBytes > 64 * 1024,
    });
    const ended = new Map<string, number>();
    for (const { ended: why } of traffic.persons) {
      if (why !== undefined) ended.set(why, (ended.get(why) ?? 0) + 1);
    }
    return {
      records: this.checks.log.nextSeq - 1,
      commits: this.checks.commits,
      epochs: this.checks.epochs,
      faults: plan.faults,
      persons: traffic.persons.length,
      ended,
    };
  }

  async #advance(ms: number): Promise<void> {
    const end = this.scheduler.now + ms;
    while (this.scheduler.now < end) {
      await this.scheduler.runFor(Math.min(100, end - this.scheduler.now));
      this.#checkLeases();
      if (this.#failure !== undefined) throw this.#failure;
    }
  }

  #checkLeases(): void {
    for (const { hub } of this.machines) {
      if (hub?.term === undefined || hub.process.isPaused || hub.term.isSteppingDown) continue;
      if (hub.node!.isLeaseAlive) this.checks.checkLease(hub.term.epoch);
    }
  }

  /** Clients send lines, and new ones come. */
  async #talk(end: number): Promise<void> {
    const { scheduler, random, traffic } = this;
    while (scheduler.now < end) {
      await scheduler.timers.sleep(scheduler.between(...LINE_MS));
      const { front } = random.pick(this.machines);
      if (front === undefined || front.process.isPaused) continue;
      if (front.persons.size < 2 && random.chance(4)) traffic.enter(front);
      for (let lines = random.below(4); lines >= 0; lines--) traffic.act(front);
    }
  }

  /** Waits until all lines are answered, and all nodes have all records. */
  async #heal(): Promise<void> {
    const end = this.scheduler.now + HEAL_MS;
    let quiet = 0;
    while (quiet < QUIET_LOOKS) {
      assert(this.scheduler.now < end, `after ${HEAL_MS} ms: ${this.#describeUnrest() ?? "no rest"}`);
      await this.#advance(100);
      quiet = this.#describeUnrest() === undefined ? quiet + 1 : 0;
    }
  }

  #describeUnrest(): string | undefined {
    const { nextSeq } = this.checks.log;
    if (!this.machines.some(({ hub }) => hub?.node?.role === "leader")) return "there is no leader";
    for (const { name, hub, front, local } of this.machines) {
      if (local.ring.nextSeq !== nextSeq) {
        return `${name} has ${local.ring.nextSeq} in its ring, not ${nextSeq}`;
      }
      if (hub?.node?.nextSeq !== nextSeq) return `${name} has ${hub?.node?.nextSeq} of ${nextSeq}`;
      if (front?.phase !== "relayed") return `the front of ${name} is ${front?.phase}`;
      for (const { nick, pending } of front.persons.values()) {
        if (pending.length > 0) return `${nick} waits for ${JSON.stringify(pending[0])}`;
      }
      for (const { nick } of front.left.values()) return `the hub has not ended ${nick}, who has left`;
    }
    return undefined;
  }

  /** All nodes have the records that etcd has, and its facts. */
  #checkNodes(): void {
    const { log } = this.checks;
    const facts = this.etcd.data.range(this.keys.facts).entries.map(({ key, value }) => {
      const read = this.keys.read(key);
      assert(read?.kind === "fact", key);
      return `${read.factKind}\0${read.factKey} ${new TextDecoder().decode(value)}`;
    }).sort();
    for (const { name, local } of this.machines) {
      const { ring } = local;
      assert(ring.nextSeq === log.nextSeq, `${name} has ${ring.nextSeq}, not ${log.nextSeq}`);
      for (let seq = ring.oldestSeq; seq < ring.nextSeq; seq++) {
        const [own, wanted] = [ring.read(seq), log.read(seq)];
        assert(own.kind === "ok" && wanted.kind === "ok", `${name} has record ${seq}`);
        assert(
          own.time === wanted.time && own.payload.toHex() === wanted.payload.toHex(),
          `${name} has another record ${seq}`,
        );
      }
      const own = Array.from(
        local.facts.values(),
        ({ kind, key, seq, value }) => `${kind}\0${key} ${seq}\n${value}`,
      );
      assert(own.sort().join("\n") === facts.join("\n"), `${name} has the facts that etcd has`);
    }
  }

  /** Whatever the leader's ring holds can be had from etcd. */
  #checkTrim(): void {
    const leader = this.machines.find(({ hub }) => hub?.node?.role === "leader");
    const [oldest] = this.etcd.data.range(this.keys.logRange(), { limit: 1 }).entries;
    const read = oldest && this.keys.read(oldest.key);
    const { oldestSeq } = leader!.local.ring;
    const first = read?.kind === "log" ? read.firstSeq : Infinity;
    assert(
      first <= oldestSeq,
      `etcd has the records from ${first} on, the ring of the leader from ${oldestSeq} on`,
    );
  }

  /** The leader's hub has each client's session, as the client has left it. */
  #checkSessions(): void {
    const server = this.machines.find(({ hub }) => hub?.node?.role === "leader")?.hub?.server;
    assert(server !== undefined, "there is a leader");
    const { services: { monitors } } = server.hub;
    const owners = new Set<string>();
    const oracle = oracleOf(this.traffic.persons, this.checks.log);
    for (const person of this.traffic.persons) {
      if (person.endReason !== undefined) this.#checkLeft(server, person);
      if (person.ended !== undefined || !person.isRegistered) continue;
      const session = server.sessionOf(person.front, person.nth);
      assert(
        session?.user?.nick === lastNickOf(person, oracle),
        `${person.nick} has its session and its name`,
      );
      assert(session.user.sessions.length === 1, `${person.nick} is one client's name`);
      const { owner } = session.user;
      assert(!owners.has(owner), `${person.nick} has an id of its own: ${owner}`);
      owners.add(owner);
      assert(session.user.away === person.away, `${person.nick} is away as it said`);
      const monitored = new Set(monitors.watched(session));
      assert(
        monitored.symmetricDifference(person.monitored).size === 0,
        `${person.nick} monitors what it said`,
      );
    }
  }

  /** A client that has left has no session, and its user is gone unless it may come back. */
  #checkLeft({ hub }: SimServer, person: SimPerson): void {
    const { state } = hub.context;
    const user = [...state.users.values()].find(({ username }) => username === `~${person.nick}`);
    assert((user?.sessions ?? []).length === 0, `${person.nick} has left, and has no session`);
    const isAlive = this.machines.some(({ front }) => front?.name === person.front);
    const wasLost = !isAlive || this.lostFronts.has(person.front) || this.lateFronts.has(person.front);
    assert(user === undefined || person.hasKey || wasLost, `${person.nick} has left, and its name is free`);
  }
}

function pairOf(a: string, b: string): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}

/** Runs the seed; throws with the end of the trace if something is wrong. */
export async function runSeed(seed: number): Promise<SimFigures> {
  const sim = new ClusterSim(seed);
  try {
    return await sim.run();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`seed ${seed}: ${why}\n${sim.scheduler.lastTrace()}`, { cause });
  }
}

/** What goes wrong in a run, by chance, and for how long. */
import type { ClusterSim } from "./cluster_sim.ts";
import { NO_FAULTS } from "./sim_etcd.ts";
import type { SimMachine } from "./sim_machine.ts";
import type { SimProcess } from "./sim_process.ts";

type Fault = (plan: FaultPlan) => void;

/** By name, for the trace. Those that are there twice are twice as likely. */
const FAULTS: readonly (readonly [string, Fault])[] = [
  ["kill leader", (plan) => plan.leader?.killHub()],
  ["kill leader", (plan) => plan.leader?.killHub()],
  ["kill hub", (plan) => plan.machine.killHub()],
  ["kill front", (plan) => plan.machine.killFront()],
  ["kill machine", (plan) => plan.killMachine(plan.machine)],
  ["kill all hubs", (plan) => plan.sim.machines.forEach((machine) => machine.killHub())],
  ["pause leader", (plan) => plan.pause(plan.leader?.hub?.process)],
  ["pause leader", (plan) => plan.pause(plan.leader?.hub?.process)],
  ["pause hub", (plan) => plan.pause(plan.machine.hub?.process)],
  ["pause front", (plan) => plan.pause(plan.machine.front?.process)],
  ["cut leader from etcd", (plan) => plan.leader && plan.cutFromEtcd(plan.leader)],
  ["cut machine from etcd", (plan) => plan.cutFromEtcd(plan.machine)],
  ["cut two machines", (plan) => plan.cutMachines()],
  ["etcd loses its majority", (plan) => plan.loseMajority()],
  ["etcd elects", (plan) => plan.sim.etcd.hasMajority && plan.sim.etcd.electLeader()],
  ["etcd is full", (plan) => plan.fillEtcd()],
  ["etcd forgets", (plan) => plan.sim.etcd.data.compact(plan.sim.etcd.data.revision)],
  ["requests are lost", (plan) => plan.disturb(plan.machine, { loseRequest: 0.2, loseAnswer: 0.2 })],
  ["answers are lost", (plan) => plan.leader && plan.disturb(plan.leader, { loseAnswer: 0.5 })],
  ["etcd is slow", (plan) => plan.sim.machines.forEach((each) => plan.disturb(each, { slow: 0.5 }))],
  [
    "requests are late",
    (plan) => plan.leader && plan.disturb(plan.leader, { slow: 0.3, slowMs: [1500, 6000] }),
  ],
  ["answers are late, then none come", (plan) => plan.leader && plan.delayThenCut(plan.leader)],
  ["watch lags", (plan) => plan.disturb(plan.machine, { watchLagMs: [100, 5000], cutWatch: 0.1 })],
  ["step down", (plan) => void plan.leader?.hub?.stepDown()],
  ["step down", (plan) => void plan.leader?.hub?.stepDown()],
];
/** Pause between two faults. */
const PAUSE_MS = [200, 8000] as const;
/** How long a fault lasts. */
const LASTS_MS = [50, 9000] as const;

export class FaultPlan {
  faults = 0;
  #isOver = false;
  /** What ends each fault that lasts. */
  readonly #ends = new Set<() => void>();
  readonly #kinds: typeof FAULTS;

  constructor(readonly sim: ClusterSim) {
    const { random } = sim;
    // A run with few kinds tries these more thoroughly.
    this.#kinds = random.chance(2) ? FAULTS : Array.from({ length: 3 }, () => random.pick(FAULTS));
  }

  async run(end: number): Promise<void> {
    const { scheduler, random } = this.sim;
    for (;;) {
      await scheduler.timers.sleep(scheduler.between(...PAUSE_MS));
      if (scheduler.now >= end) return;
      const [name, fault] = random.pick(this.#kinds);
      scheduler.note(`--- ${name}`);
      this.faults++;
      fault(this);
    }
  }

  /** Ends all that lasts. */
  heal(): void {
    this.#isOver = true;
    this.sim.scheduler.note("--- all is well");
    for (const end of [...this.#ends]) end();
  }

  get machine(): SimMachine {
    return this.sim.random.pick(this.sim.machines);
  }

  /** A machine with the hub that leads, or believes so. */
  get leader(): SimMachine | undefined {
    return this.sim.machines.find(({ hub }) => hub?.node?.role === "leader");
  }

  killMachine(machine: SimMachine): void {
    machine.killHub();
    machine.killFront();
  }

  pause(process: SimProcess | undefined): void {
    if (process === undefined || process.isDead || process.isPaused) return;
    process.pause();
    this.#last(() => process.isPaused && process.resume());
  }

  cutFromEtcd(machine: SimMachine): void {
    const set = (isCut: boolean) => {
      machine.isCutFromEtcd = isCut;
      if (machine.hub !== undefined) machine.hub.client.isCut = isCut;
    };
    set(true);
    this.#last(() => set(false));
  }

  /** What a lease is worth is not known from when the answer came. */
  delayThenCut(machine: SimMachine): void {
    const { scheduler } = this.sim;
    this.disturb(machine, { slow: 0.6, slowMs: [500, 1900] });
    scheduler.after(scheduler.between(1000, 4000), () => this.cutFromEtcd(machine));
  }

  cutMachines(): void {
    const [a, b] = [this.machine, this.machine];
    if (a === b) return;
    this.sim.setCut(a.name, b.name, true);
    this.#last(() => this.sim.setCut(a.name, b.name, false));
  }

  loseMajority(): void {
    const { etcd } = this.sim;
    if (!etcd.hasMajority) return;
    etcd.loseMajority();
    this.#last(() => etcd.regainMajority());
  }

  fillEtcd(): void {
    const { etcd } = this.sim;
    if (etcd.data.hasNoSpace) return;
    etcd.setNoSpace(true);
    this.#last(() => etcd.setNoSpace(false));
  }

  /** Changes what happens to the requests of a machine's hub processes. */
  disturb(machine: SimMachine, faults: SimMachine["faults"]): void {
    const set = (change: SimMachine["faults"]) => {
      Object.assign(machine.faults, change);
      if (machine.hub !== undefined) Object.assign(machine.hub.client.faults, change);
    };
    set(faults);
    this.#last(() => set(NO_FAULTS));
  }

  #last(end: () => void): void {
    const { scheduler } = this.sim;
    if (this.#isOver) return end();
    const once = () => {
      if (this.#ends.delete(once)) end();
    };
    this.#ends.add(once);
    scheduler.after(scheduler.between(...LASTS_MS), once);
  }
}

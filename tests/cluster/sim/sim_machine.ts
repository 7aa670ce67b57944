/** A machine of a simulated cluster: its copy of the log, a hub process and a front process, each started again when it has ended. */
import { ClusterNode } from "../../../lib/cluster/cluster_node.ts";
import type { NodeEnd } from "../../../lib/cluster/cluster_node.ts";
import type { Term } from "../../../lib/cluster/term.ts";
import { openMeta } from "../../../lib/cluster/meta.ts";
import { START, TEST_CONFIG } from "../../support/hub.ts";
import { SimLocalCopy } from "../sim_local_copy.ts";
import type { ClusterSim } from "./cluster_sim.ts";
import type { SimEtcdClient, SimFaults } from "./sim_etcd.ts";
import { SimFront } from "./sim_front.ts";
import { SimProcess } from "./sim_process.ts";
import { SimServer } from "./sim_server.ts";

/** Pause of the keeper before it starts a process again. */
const RESTART_MS = [100, 500] as const;

export class SimMachine {
  local: SimLocalCopy;
  hub: SimHub | undefined;
  front: SimFront | undefined;
  /** The network between this machine's hub process and etcd is cut. */
  isCutFromEtcd = false;
  readonly faults: Partial<SimFaults> = {};
  readonly #skewMs: number;
  #starts = 0;

  constructor(readonly sim: ClusterSim, readonly name: string, readonly clockRate: number, skewMs: number) {
    this.#skewMs = skewMs;
    this.local = new SimLocalCopy(sim.ringBytes);
    this.startHub();
    this.startFront();
  }

  /** Wall clock. */
  readonly wallNow = (): number => START + this.#skewMs + Math.floor(this.sim.scheduler.now * this.clockRate);

  startHub(): void {
    const { scheduler } = this.sim;
    this.hub = new SimHub(
      this,
      new SimProcess(scheduler, `hub-${this.name}${++this.#starts}`, this.clockRate),
    );
  }

  startFront(): void {
    const { scheduler } = this.sim;
    const name = `f${this.name}${++this.#starts}`;
    const process = new SimProcess(scheduler, name, this.clockRate);
    this.front = new SimFront({
      process,
      name,
      findLeader: () => this.hub?.leader,
      connect: (node, front) => this.sim.connect(this, node, front),
      onEnd: (person, why, heldMs) => this.sim.checkEnd(person, why, heldMs),
    });
  }

  killHub(): void {
    const { hub } = this;
    if (hub === undefined) return;
    hub.process.kill();
    hub.ended();
  }

  /** Its clients are gone with it. */
  killFront(): void {
    const { front } = this;
    if (front === undefined) return;
    front.process.kill();
    front.endRelay();
    for (const person of front.persons.values()) this.sim.end(person, "front killed");
    this.front = undefined;
    this.#later(() => this.startFront());
  }

  /** The keeper starts another hub process. */
  restartHub(hub: SimHub): void {
    if (this.hub !== hub) return;
    this.hub = undefined;
    this.#later(() => this.startHub());
  }

  #later(run: () => void): void {
    this.sim.scheduler.after(this.sim.scheduler.between(...RESTART_MS), run);
  }
}

/** A hub process: a node of the cluster, with a server while it leads. */
export class SimHub {
  readonly client: SimEtcdClient;
  node: ClusterNode | undefined;
  server: SimServer | undefined;
  term: Term | undefined;
  #hasEnded = false;

  constructor(readonly machine: SimMachine, readonly process: SimProcess) {
    this.client = machine.sim.etcd.client(process, machine.faults);
    this.client.isCut = machine.isCutFromEtcd;
    void this.#run();
  }

  /** What it knows of the leader. */
  get leader(): { node: string; epoch: number } | undefined {
    const leader = this.node?.view.leader;
    if (this.#hasEnded || this.process.isPaused || leader?.info === undefined) return undefined;
    return { node: leader.info.node, epoch: leader.createRevision };
  }

  async #run(): Promise<void> {
    const { machine, process: { timers }, client: store } = this;
    const { sim, local } = machine;
    const { keys } = sim;
    const meta = await openMeta({ store, timers, keys, make: () => sim.meta });
    const node = this.node = new ClusterNode({
      store,
      timers,
      keys,
      meta: meta!,
      node: machine.name,
      relayVersion: 1,
      describe: () => ({
        relayAddress: machine.name,
        certificate: "",
        version: "1",
        startedAt: machine.wallNow(),
        instance: sim.hasInstances ? machine.name : "",
        fronts: 1,
        sessions: 0,
      }),
      local,
      log: () => local.ring,
      commitBytes: sim.commitBytes,
      onElected: (term) => {
        this.term = term;
        sim.scheduler.note(`${this.process.name} leads, epoch ${term.epoch}`);
        this.server = new SimServer({
          process: this.process,
          term,
          ring: local.ring,
          facts: [...local.facts.values()],
          config: { ...TEST_CONFIG, ...sim.config(), logId: meta!.logId },
          wallNow: machine.wallNow,
          expected: () => node.view.nodes.size,
          takesAgain: sim.takesAgain,
          onLost: (front) => sim.lostFronts.add(front),
          onStart: (fronts) => sim.noteStart(fronts),
          onFailure: (error) => sim.fail(error),
          onTell: (seq, askedAt) => sim.checks.checkTold(term.epoch, seq, this.worldTime(askedAt)),
        });
      },
    });
    let end: NodeEnd;
    try {
      end = await node.run();
    } catch (error) {
      return sim.fail(error);
    }
    sim.scheduler.note(`${this.process.name} ends: ${JSON.stringify(end)}`);
    if (end.kind === "fault") sim.fail(new Error(end.why));
    this.process.kill();
    this.ended();
  }

  /** The simulated world's time of a reading of the process's clock. */
  worldTime(reading: number): number {
    const { process: { timers, clockRate }, machine: { sim: { scheduler } } } = this;
    return scheduler.now - (timers.now() - reading) / clockRate;
  }

  /** Ends its term in order. */
  async stepDown(): Promise<void> {
    const { server, term } = this;
    if (server === undefined || term === undefined) return;
    await server.stop();
    await term.stepDown();
  }

  ended(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.server?.closeRelays();
    this.machine.restartHub(this);
  }
}

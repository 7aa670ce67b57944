/** Three hosts, each with a member of etcd and a node, between which the network can be cut. */
import { comesTrue } from "../../support/guard.ts";
import { Hosts, type NamedHost } from "../../support/hosts.ts";
import { EtcdRig } from "../etcd_rig.ts";
import type { EtcdMember } from "../etcd_rig.ts";
import { NodeProcess, readLobby, whenWhole } from "../node_process.ts";

const NAMES = ["a", "b", "c"];

/** `store`: of etcd, and of the nodes with it; `relay`: of the nodes with each other. */
export type Network = "store" | "relay";

export interface Machine {
  readonly host: NamedHost;
  readonly member: EtcdMember;
  readonly node: NodeProcess;
}

export class HostsRig implements AsyncDisposable {
  private constructor(
    readonly hosts: Hosts,
    readonly rig: EtcdRig,
    readonly machines: readonly Machine[],
    readonly networks: Readonly<Record<Network, string>>,
  ) {}

  /** Resolves when all nodes listen; clients reach each of them whatever is cut. */
  static async start(home: string, flags: string[] = []): Promise<HostsRig> {
    // Addresses for measurements between networks (RFC 2544): in use nowhere else.
    const [third = 0] = crypto.getRandomValues(new Uint8Array(1));
    const networks = { store: `198.18.${third}`, relay: `198.19.${third}` };
    const hosts = new Hosts(Object.values(networks));
    try {
      const all = [await hosts.add(), await hosts.add(), await hosts.add()];
      await hosts.join();
      const rig = await EtcdRig.start({ hosts: all, diskSize: "1g", args: ["--pre-vote"] });
      const start = (host: NamedHost, n: number) =>
        NodeProcess.start(home, rig, NAMES[n]!, ["--cluster-insecure", ...flags], {
          relay: `${host.addresses[1]}:6690`,
          within: host.within,
          isUnix: true,
        });
      const nodes = [await start(all[0]!, 0), ...await Promise.all([start(all[1]!, 1), start(all[2]!, 2)])];
      const machines = all.map((host, n) => ({ host, member: rig.members[n]!, node: nodes[n]! }));
      return new HostsRig(hosts, rig, machines, networks);
    } catch (error) {
      await hosts[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The machine of the node that leads, as `seenBy` says. */
  async leader(seenBy: readonly Machine[] = this.machines): Promise<Machine> {
    return await comesTrue("a leader", async () => {
      const names = await Promise.all(
        seenBy.map(async ({ node }) => (await node.status().catch(() => undefined))?.leader),
      );
      const [name] = names;
      if (names.some((each) => each !== name)) return false;
      const leader = this.machines.find(({ node }) => node.name === name);
      return leader !== undefined && (!seenBy.includes(leader) || await leader.node.leads().catch(() =>
        false
      )) && leader;
    });
  }

  others(...of: readonly Machine[]): Machine[] {
    return this.machines.filter((machine) => !of.includes(machine));
  }

  /** From now on nothing of `from` reaches `to`; the other way is open. */
  async cutOneWay(from: Machine, to: Machine, network?: Network): Promise<void> {
    const addresses = to.host.addresses.filter((each) =>
      network === undefined || each.startsWith(`${this.networks[network]}.`)
    );
    await this.hosts.cut(from.host, to.host, addresses);
  }

  /** Cuts `one` off from each of `others`, both ways. */
  async cut(one: Machine, others: readonly Machine[], network?: Network): Promise<void> {
    for (const other of others) {
      await this.cutOneWay(one, other, network);
      await this.cutOneWay(other, one, network);
    }
  }

  heal(): Promise<void> {
    return this.hosts.heal();
  }

  whenWhole(): Promise<void> {
    return whenWhole(this.machines.map(({ node }) => node));
  }

  /** Has the member of a machine lead etcd. */
  async moveEtcdLeader(to: Machine): Promise<void> {
    const { rig } = this;
    await comesTrue("another leader of etcd", async () => {
      const leader = await rig.leader();
      if (leader === to.member) return true;
      const id = await rig.idOf(to.member);
      await rig.control("move-leader", id);
      return false;
    });
  }

  /** The last 50 messages of the lobby, as each node's newcomer sees them. */
  async histories(): Promise<string[][]> {
    const all = [];
    for (const { node } of this.machines) {
      const client = await node.enter(`${node.name}reader`);
      all.push(await readLobby(client));
      client.close();
    }
    return all;
  }

  /** Connections of relays that are open at each machine. */
  async relays(): Promise<number[]> {
    const words = ["ss", "-Htn", "state", "connected", "( sport = :6690 or dport = :6690 )"];
    return await Promise.all(this.machines.map(async ({ host }) => {
      const [command, ...args] = [...host.within, ...words];
      const { stdout } = await new Deno.Command(command!, { args }).output();
      return new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "").length;
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { node } of this.machines) await node.killAll().catch(() => {});
    await this.rig[Symbol.asyncDispose]();
    await this.hosts[Symbol.asyncDispose]();
  }
}

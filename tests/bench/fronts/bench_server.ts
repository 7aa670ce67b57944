/** The servers that `deno task bench:fronts` compares: alone, with fronts, or the nodes of a cluster with a real etcd. */
import { assert } from "../../../lib/base/assert.ts";
import type { Address } from "../../../lib/net/address.ts";
import { parseAddress } from "../../../lib/net/address.ts";
import { EtcdRig } from "../../cluster/etcd_rig.ts";
import { flagsOf } from "../../cluster/node_process.ts";
import { linesOf } from "../../commands/program.ts";

const ROOT = `${import.meta.dirname}/../../../`;
const PROGRAM = ["run", "-q", "-P", `--config=${ROOT}deno.json`, `${ROOT}main.ts`];
const SERVE = ["serve", "--listen", "127.0.0.1:0", "--no-web", "--log-format", "json", "--archive", "off"];

interface Kind {
  readonly fronts: number;
  /** Of a cluster, and members of its etcd. */
  readonly nodes?: number;
}

export const KINDS: Readonly<Record<string, Kind>> = {
  alone: { fronts: 0 },
  fronts1: { fronts: 1 },
  fronts2: { fronts: 2 },
  cluster1: { fronts: 1, nodes: 1 },
  cluster3: { fronts: 1, nodes: 3 },
};

/** Process ids by what the processes do. */
export interface ServerProcesses {
  /** The one that decides. */
  readonly hub: number[];
  readonly standbys: number[];
  readonly fronts: number[];
  readonly keepers: number[];
  readonly etcd: number[];
}

/** A `serve` process and those it has started. */
interface Serve {
  readonly address: Address;
  readonly hub: number;
  readonly keeper: number | undefined;
  readonly fronts: readonly number[];
  stop(): Promise<void>;
}

async function startServe(flags: readonly string[], hasFronts: boolean): Promise<Serve> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...PROGRAM, ...SERVE, ...flags],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = linesOf(child.stdout, "unguarded");
  let address = "";
  let processes: { hub: number; processes: string } | undefined;
  while (address === "" || (hasFronts && processes === undefined)) {
    const line = await lines.next();
    assert(!line.done, "the server starts");
    const said = JSON.parse(line.value);
    if (said.event === "listening") address = said.address;
    if (said.event === "fronts") processes = said;
  }
  const parsed = parseAddress(address);
  assert(parsed.kind !== "bad", address);
  const rest = (async () => {
    for await (const _ of lines);
  })();
  return {
    address: parsed,
    hub: processes?.hub ?? child.pid,
    keeper: processes && child.pid,
    fronts: processes?.processes.split(", ").map(Number) ?? [],
    async stop() {
      child.kill("SIGTERM");
      await rest;
      await child.status;
    },
  };
}

export class BenchServer implements AsyncDisposable {
  private constructor(
    readonly dir: string,
    readonly nodes: readonly Serve[],
    readonly rig: EtcdRig | undefined,
  ) {}

  static async start({ fronts, nodes = 0 }: Kind): Promise<BenchServer> {
    const dir = await Deno.makeTempDir({ prefix: "chatterbox-bench-" });
    const flags = fronts === 0 ? [] : ["--fronts", `${fronts}`];
    if (nodes === 0) {
      return new BenchServer(dir, [await startServe([...flags, "--data-dir", dir], fronts > 0)], undefined);
    }
    const rig = await EtcdRig.start({ members: nodes });
    const all: Serve[] = [];
    for (let n = 0; n < nodes; n++) {
      const name = `n${n}`;
      all.push(await startServe([...flags, "--data-dir", `${dir}/${name}`, ...flagsOf(rig, name)], true));
    }
    return new BenchServer(dir, all, rig);
  }

  /** Of all nodes, that of the leader last: the first node that starts leads. */
  get addresses(): Address[] {
    return this.nodes.map(({ address }) => address).reverse();
  }

  get processes(): ServerProcesses {
    return {
      hub: [this.nodes[0]!.hub],
      standbys: this.nodes.slice(1).map(({ hub }) => hub),
      fronts: this.nodes.flatMap(({ fronts }) => fronts),
      keepers: this.nodes.flatMap(({ keeper }) => keeper ?? []),
      etcd: this.rig?.members.flatMap(({ pid }) => pid ?? []) ?? [],
    };
  }

  /** Transactions of etcd so far: batches of the log, and little else. */
  async transactions(): Promise<number> {
    let sum = 0;
    for (const url of this.rig?.endpoints.urls ?? []) {
      const text = await (await fetch(`${url}/metrics`)).text();
      const line = /^grpc_server_handled_total\{grpc_code="OK",grpc_method="Txn",.*\} (\d+)$/m.exec(text);
      sum += Number(line?.[1] ?? 0);
    }
    return sum;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const node of this.nodes.toReversed()) await node.stop();
    await this.rig?.[Symbol.asyncDispose]();
    await Deno.remove(this.dir, { recursive: true });
  }
}

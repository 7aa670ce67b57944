/** Nodes of a cluster as processes, beside a real etcd. */
import { command as list } from "../../commands/list.ts";
import { assert } from "../../lib/base/assert.ts";
import type { Address } from "../../lib/net/address.ts";
import type { ClusterStatus } from "../../lib/server/cluster/cluster_status.ts";
import { adminSocketPath, LineCutter, parseAnswerLine } from "../../lib/server/console/admin_protocol.ts";
import { run } from "../commands/run_command.ts";
import { kill, type Processes, processesIn, processesOf, runningOf } from "../front/fronts_process.ts";
import { Serve } from "../server/serve_process.ts";
import { comesTrue } from "../support/guard.ts";
import { SocketClient } from "../support/socket_client.ts";

/** Where etcd is, as the nodes are told. */
export interface EtcdPlaces {
  readonly members: readonly { readonly host: string }[];
}

export interface NodeOptions {
  /** Another one than main.ts. */
  readonly program?: string;
  /** Address of its relay. */
  readonly relay?: string;
  /** Words for the shell that starts it. */
  readonly before?: string;
  /** What runs it elsewhere, as words in front. */
  readonly within?: readonly string[];
  /** Its clients connect to a Unix socket, so from everywhere. */
  readonly isUnix?: boolean;
}

export class NodeProcess {
  private constructor(
    readonly name: string,
    readonly home: string,
    readonly serve: Serve,
    public hub: number,
    /** Undefined: its port. */
    readonly address?: Address,
  ) {}

  /** Resolves when it listens. `flags`: beside those of the cluster. */
  static async start(
    home: string,
    rig: EtcdPlaces,
    name: string,
    flags: string[] = [],
    { program, relay, before = "", within, isUnix = false }: NodeOptions = {},
  ): Promise<NodeProcess> {
    const own = `${home}/${name}`;
    await Deno.mkdir(own, { recursive: true });
    const all = [...flagsOf(rig, name, relay), ...isUnix ? ["--unix", `${own}/irc`] : [], ...flags];
    const serve = await Serve.start(own, all, before, program, within);
    const { hub } = await processesOf(serve);
    return new NodeProcess(name, own, serve, hub, isUnix ? { kind: "unix", path: `${own}/irc` } : undefined);
  }

  /** Exit code and standard error of one that does not start. */
  static refused(home: string, rig: EtcdPlaces, name: string): Promise<{ code: number; words: string }> {
    return Serve.refused(`${home}/${name}`, flagsOf(rig, name));
  }

  /** The hub that follows the last one. */
  async nextHub(): Promise<void> {
    this.hub = (await processesOf(this.serve)).hub;
  }

  async signalHub(signal: string): Promise<void> {
    await kill(this.hub, signal);
  }

  /** What `cluster status` says here. */
  async status(): Promise<ClusterStatus> {
    return JSON.parse(await this.#command("cluster status json")) as ClusterStatus;
  }

  /** Has the hub that runs now hand over: to another node, if it leads. */
  async stepDown(): Promise<void> {
    await this.#command("cluster step-down");
  }

  /** The first line of the answer of the node's console, or what it says at its end. */
  async #command(command: string): Promise<string> {
    const place = adminSocketPath(`${this.home}/data`);
    assert("path" in place, "a short path");
    using conn = await Deno.connect({ transport: "unix", path: place.path });
    await conn.write(new TextEncoder().encode(`${command}\n`));
    const buffer = new Uint8Array(64 * 1024);
    const cutter = new LineCutter(buffer.length);
    for (;;) {
      const length = await conn.read(buffer);
      assert(length !== null, "an answer");
      for (const line of cutter.push(buffer.subarray(0, length)) ?? []) {
        const answer = parseAnswerLine(line);
        return answer.kind === "line" ? answer.text : answer.kind;
      }
    }
  }

  /** What `list --nodes` says to a client of this node. */
  async list(): Promise<Record<string, unknown>[]> {
    const args = ["--nodes", "--json", "--server", `irc://127.0.0.1:${this.serve.port}`];
    const { code, out, err } = await run(list, args);
    assert(code === 0, err);
    return out.trim().split("\n").map((line) => JSON.parse(line));
  }

  /** Whether this node leads. */
  async leads(): Promise<boolean> {
    return (await this.status()).leader === this.name;
  }

  /** Resolves when this node has said `text`. */
  async says(text: string): Promise<void> {
    await this.serve.until((said) => said.text.startsWith(text));
  }

  /** The processes of its last hub, and of its fronts. */
  get processes(): Processes {
    return processesIn(this.serve.said.findLast(({ event }) => event === "fronts")!);
  }

  /** Kills keeper, hub and fronts at once. */
  async killAll(): Promise<void> {
    const { pids: fronts, hub } = this.processes;
    const pids = [this.serve.child.pid, hub, ...fronts];
    await kill(pids);
    await this.serve.ended();
    await this.serve.stderr;
    await comesTrue("the end of all processes", async () => (await runningOf(pids)).length === 0);
  }

  /** A client in #lobby. */
  async enter(nick: string): Promise<SocketClient> {
    const client =
      await (this.address === undefined ? this.serve.connect() : SocketClient.connect(this.address));
    await client.send(
      `CAP REQ echo-message\r\nNICK ${nick}\r\nUSER ${nick} 0 * :${nick}\r\nCAP END\r\nJOIN #lobby`,
    );
    assert(await client.until((line) => line.includes(" 366 ")), `${nick} is in the room`);
    client.take();
    return client;
  }
}

/** Flags of a node. The last one is the address of its relay. */
export function flagsOf(rig: EtcdPlaces, name: string, relay = "127.0.0.1:0"): string[] {
  const members = rig.members.map(({ host }) => host).join(",");
  return ["--cluster", `etcd://${members}`, "--node", name, "--relay", relay];
}

/** Resolves when all of them run, know the same leader, and lack nothing that it had: then each can be stopped in order. */
export async function whenWhole(nodes: readonly NodeProcess[]): Promise<void> {
  await comesTrue("all nodes follow one leader", async () => {
    const all = await Promise.all(nodes.map((node) => node.status().catch(() => undefined)));
    const [one] = all;
    return one?.leader !== undefined &&
      all.every((each) =>
        each?.leader === one.leader && each?.nodes.length === nodes.length &&
        each?.nodes.every(({ role }) => role !== "starting")
      );
  });
}

/** Whether a node leads, which may be starting its hub. */
export function leads(node: NodeProcess): Promise<boolean> {
  return node.leads().catch(() => false);
}

/** Says `text` in #lobby; resolves with the milliseconds until each of the clients has it. */
export async function say(from: SocketClient, text: string, ...to: SocketClient[]): Promise<number> {
  const begun = performance.now();
  await from.send(`PRIVMSG #lobby :${text}`);
  for (const each of to) assert(await each.until((line) => line.endsWith(` PRIVMSG #lobby :${text}`)), text);
  return performance.now() - begun;
}

/** Lines that a client got since the last call, without those that each one gets by itself. */
export function heardAll(client: SocketClient): string[] {
  return client.take().filter((line) => !/^(:\S+ )?(PING|PONG)/.test(line)).map((line) =>
    line.replace(/^(@\S+ )?:([^!\s]+)\S*/, "$2")
  );
}

/** The same without what clients are told where a takeover takes longer, as it does on a machine with other work. */
export function heard(client: SocketClient): string[] {
  return heardAll(client).filter((line) =>
    !/ NOTICE \* :the cluster (cannot store|stores) messages/.test(line)
  );
}

/** Texts of the messages in the lobby's history. */
export async function readLobby(client: SocketClient): Promise<string[]> {
  await client.send("CAP REQ :draft/chathistory batch\r\nCHATHISTORY LATEST #lobby * 50");
  await client.barrier();
  return heard(client).flatMap((line) => / PRIVMSG #lobby :(.*)$/.exec(line)?.[1] ?? []);
}

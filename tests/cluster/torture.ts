/**
 * Nodes as processes and a real etcd, in which something fails again and again while clients chat, each with a message
 * that is not acknowledged at a time. Afterwards each client that stayed must have seen each acknowledged message once,
 * all in one order, and without a JOIN or QUIT. `deno task torture:cluster [ROUNDS] [NODES] [SEED] [FRONTS]`
 */
import { delay } from "../../lib/base/delay.ts";
import { kill } from "../front/fronts_process.ts";
import { Random } from "../irc/property.ts";
import type { SocketClient } from "../support/socket_client.ts";
import { EtcdRig } from "./etcd_rig.ts";
import { NodeProcess } from "./node_process.ts";

const [rounds = 20, nodeCount = 2, seed = Date.now() % 100_000, fronts = 1] = Deno.args.map(Number);

/** A client that says numbered texts, the next one after the echo of the last, and keeps what it sees. */
class Talker {
  readonly seen: string[] = [];
  acknowledged = 0;
  /** Messages that too many hubs were given in vain (docs/handover.md), and that were said again. */
  refused = 0;
  longestMs = 0;
  isStopping = false;
  readonly done: Promise<void>;

  constructor(readonly nick: string, readonly client: SocketClient) {
    this.done = this.#talk();
  }

  async #talk(): Promise<void> {
    while (!this.isStopping) {
      const text = `${this.nick} ${this.acknowledged + 1}`;
      const begun = performance.now();
      await this.client.send(`PRIVMSG #lobby :${text}`);
      const isAnswered = await this.client.until(
        (line) => line.endsWith(` PRIVMSG #lobby :${text}`) || isRefusal(line),
        `the answer to ${text}`,
      );
      const refusals = this.take();
      if (!isAnswered) throw new Error(`${this.nick} was disconnected: ${this.seen.slice(-5).join("\n")}`);
      this.refused += refusals;
      if (refusals === 0) this.acknowledged++;
      this.longestMs = Math.max(this.longestMs, performance.now() - begun);
      await delay(20);
    }
  }

  /** Keeps what came. Returns the number of refusals in it. */
  take(): number {
    let refusals = 0;
    for (const line of this.client.take()) {
      if (isRefusal(line)) refusals++;
      else if (!/^(:\S+ )?PING/.test(line)) this.seen.push(line);
    }
    return refusals;
  }

  get texts(): string[] {
    return this.seen.flatMap((line) => / PRIVMSG #lobby :(.*)$/.exec(line)?.[1] ?? []);
  }
}

function isRefusal(line: string): boolean {
  return line.includes(" FAIL PRIVMSG TEMPORARILY_UNAVAILABLE ");
}

/** Sends the hub of a node a signal. */
async function signal(node: NodeProcess, name: string): Promise<number> {
  const { stdout } = await new Deno.Command("ps", {
    args: ["--ppid", String(node.serve.child.pid), "-o", "pid=,args="],
  }).output();
  const line = new TextDecoder().decode(stdout).split("\n").find((each) => each.includes(" hub {"));
  if (line === undefined) return 0; // it is being started
  const pid = Number(line.trim().split(" ")[0]);
  await kill(pid, name).catch(() => {}); // it has just ended
  return pid;
}

async function failOnce(random: Random, nodes: NodeProcess[], rig: EtcdRig): Promise<string> {
  const leads = await Promise.all(nodes.map((node) => node.leads().catch(() => false)));
  const leader = nodes[leads.indexOf(true)];
  const standby = nodes.find((node) => node !== leader);
  if (leader === undefined) return "no leader yet";
  switch (random.below(6)) {
    case 0:
    case 1:
      await signal(leader, "KILL");
      return `kill -9 of the leader, ${leader.name}`;
    case 2:
      await signal(leader, "USR2");
      return `handover of ${leader.name}`;
    case 3: {
      const pid = await signal(leader, "STOP");
      await delay(random.pick([500, 2_500, 5_000]));
      if (pid !== 0) await kill(pid, "CONT").catch(() => {}); // its keeper has killed it
      return `SIGSTOP of the leader, ${leader.name}`;
    }
    case 4:
      if (standby === undefined) return "nothing";
      await signal(standby, "KILL");
      return `kill -9 of a standby, ${standby.name}`;
    default:
      rig.members[0]!.pause();
      await delay(random.pick([200, 1_500, 4_000]));
      rig.members[0]!.resume();
      return "etcd paused";
  }
}

function check(talkers: Talker[]): void {
  const [first, ...others] = talkers;
  const order = first!.texts;
  for (const { nick, acknowledged } of talkers) {
    const own = order.filter((text) => text.startsWith(`${nick} `));
    const expected = Array.from({ length: own.length }, (_, nth) => `${nick} ${nth + 1}`);
    if (own.join() !== expected.join()) throw new Error(`${nick}: ${own.slice(-10)}`);
    if (own.length < acknowledged) {
      throw new Error(`${nick}: ${acknowledged} acknowledged, ${own.length} seen`);
    }
  }
  for (const other of others) {
    const { texts } = other;
    const at = texts.findIndex((text, nth) => text !== order[order.length - texts.length + nth]);
    if (at >= 0) {
      throw new Error(`${other.nick} saw ${texts.slice(at, at + 3)}, not ${order.slice(at, at + 3)}`);
    }
  }
  for (const { nick, seen } of talkers) {
    const other = seen.filter((line) => !/ PRIVMSG #lobby :| NOTICE /.test(line));
    if (other.length > 0) throw new Error(`${nick} saw ${other.slice(0, 5).join("\n")}`);
  }
}

console.log(`seed ${seed}`);
const random = new Random(seed);
const home = await Deno.makeTempDir({ prefix: "chatterbox-torture-" });
const rig = await EtcdRig.start();
const nodes: NodeProcess[] = [];
for (let n = 0; n < nodeCount; n++) {
  const node = await NodeProcess.start(home, rig, `n${n}`, ["--fronts", String(fronts)]);
  nodes.push(node);
  node.serve.until(({ level, text }) => {
    if (level === "error") console.log(`  ${node.name}: ${text}`);
    return false;
  }).catch(() => {});
}
const clients: [string, SocketClient][] = [];
for (const node of nodes) {
  for (const each of ["x", "y"]) clients.push([node.name + each, await node.enter(node.name + each)]);
}
for (const [, client] of clients) {
  await client.barrier();
  client.take();
}
const talkers = clients.map(([nick, client]) => new Talker(nick, client));
const failed = Promise.all(talkers.map(({ done }) => done)).then(() => undefined);
for (let round = 0; round < rounds; round++) {
  const what = await Promise.race([failOnce(random, nodes, rig), failed]);
  if (what === undefined) break;
  await delay(random.below(2_000));
  const [pause, count] = [
    Math.max(...talkers.map((each) => each.longestMs)),
    talkers.reduce((sum, each) => sum + each.acknowledged, 0),
  ];
  for (const talker of talkers) talker.longestMs = 0;
  console.log(`${round + 1}: ${what}; ${count} messages, longest wait ${(pause / 1000).toFixed(1)} s`);
}
for (const talker of talkers) talker.isStopping = true;
await failed;
for (const { client } of talkers) await client.barrier();
for (const talker of talkers) talker.take();
check(talkers);
const [acknowledged, refused] = [
  talkers.reduce((sum, each) => sum + each.acknowledged, 0),
  talkers.reduce((sum, each) => sum + each.refused, 0),
];
console.log(`all as it should be: ${acknowledged} messages, ${refused} refused and said again`);
for (const node of nodes) await node.serve.end();
await rig[Symbol.asyncDispose]();
await Deno.remove(home, { recursive: true });

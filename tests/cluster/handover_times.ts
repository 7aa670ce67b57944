/**
 * How long clients wait when a leader hands over: from a line that is sent just after the signal until each client has
 * it. `deno run -A tests/cluster/handover_times.ts [ROUNDS] [NODES]`; with one node it hands over to its own next hub.
 */
import { comesTrue } from "../support/guard.ts";
import type { SocketClient } from "../support/socket_client.ts";
import { EtcdRig } from "./etcd_rig.ts";
import { heardAll, NodeProcess, say } from "./node_process.ts";

const [rounds = 10, count = 3] = Deno.args.map(Number);
const home = await Deno.makeTempDir({ prefix: "chatterbox-times-" });
await using rig = await EtcdRig.start();
const nodes = new Map<string, NodeProcess>();
const clients = new Map<string, SocketClient>();

let starts = 0;

/** Its client has a name of its own: that of a client that goes during a handover is reserved for a while. */
async function start(name: string): Promise<void> {
  nodes.set(name, await NodeProcess.start(home, rig, name));
  clients.set(name, await nodes.get(name)!.enter(`client${++starts}`));
}

for (let n = 0; n < count; n++) await start(`n${n}`);
const times: number[] = [];
for (let round = 0; round < rounds; round++) {
  let leader: NodeProcess | undefined;
  await comesTrue("a leader", async () => {
    for (const node of nodes.values()) if (await node.leads().catch(() => false)) leader = node;
    return leader !== undefined;
  });
  const { name } = leader!;
  const others = [...clients].filter(([each]) => each !== name).map(([, client]) => client);
  const [from = clients.get(name)!] = others;
  const receivers = others.length > 0 ? others : [from];
  for (const client of receivers) await client.barrier(), heardAll(client);
  if (count === 1) await leader!.signalHub("USR2");
  else leader!.serve.child.kill("SIGTERM");
  const ms = await say(from, `round ${round}`, ...receivers);
  const strange = receivers.flatMap(heardAll).filter((line) => !/PRIVMSG|QUIT|JOIN/.test(line));
  times.push(ms);
  console.log(`${round + 1}: ${name} hands over, ${Math.round(ms)} ms ${strange.join(" | ")}`);
  if (count === 1) await leader!.nextHub();
  else {
    clients.get(name)!.close();
    await leader!.serve.ended();
    await start(name);
  }
}
times.sort((a, b) => a - b);
console.log(`median ${Math.round(times[times.length >> 1]!)} ms, longest ${Math.round(times.at(-1)!)} ms`);
for (const client of clients.values()) client.close();
await Promise.all(Array.from(nodes.values(), (node) => node.serve.end()));

/** The network between the leader and another node is cut, without a word to either: what clients see. */
import { assertEquals } from "@std/assert";
import { frontsTest } from "../front/fronts_process.ts";
import { FaultProxy } from "../support/fault_proxy.ts";
import { comesTrue } from "../support/guard.ts";
import type { SocketClient } from "../support/socket_client.ts";
import { EtcdRig } from "./etcd_rig.ts";
import { heard, NodeProcess, say } from "./node_process.ts";

/** A port that is free now. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

frontsTest("a front that is cut off from the leader ends, and its names are free", async (home) => {
  await using rig = await EtcdRig.start();
  const port = freePort();
  using network = new FaultProxy({ kind: "tcp", host: "127.0.0.1", port });
  const advertised = ["--relay-advertise", `127.0.0.1:${network.address.port}`];
  const a = await NodeProcess.start(home, rig, "a", advertised, { relay: `127.0.0.1:${port}` });
  const b = await NodeProcess.start(home, rig, "b");
  assertEquals(await a.leads(), true);
  const [alice, bob] = [await a.enter("alice"), await b.enter("bob")];
  await say(bob, "before", alice, bob);
  for (const client of [alice, bob]) await client.barrier(), heard(client);

  // Nothing is said meanwhile that would have to wait for the front.
  network.halfOpen();
  network.upstream = undefined;
  await bob.ended();
  assertEquals(heard(bob), [
    "ERROR :Closing Link: this node cannot serve you at present; connect to another node",
    "(closed)",
  ]);
  await b.says("front 1 ended (exit code 74): 1 client has lost the connection");
  await alice.until((line) => line.includes(" QUIT "));
  const again = await a.enter("bob");
  await say(again, "from the other node", alice, again);
  assertEquals(heard(alice), [
    "bob QUIT :Connection reset",
    "bob JOIN #lobby",
    "bob PRIVMSG #lobby :from the other node",
  ]);

  network.upstream = { kind: "tcp", host: "127.0.0.1", port };
  let carol: SocketClient | undefined; // the front is being started again
  await comesTrue(
    "a front of b",
    async () => (carol = await b.enter("carol").catch(() => undefined)) !== undefined,
  );
  await say(carol!, "when it is healed", alice, carol!);
  assertEquals(await b.serve.end(), 0);
  assertEquals(await a.serve.end(), 0);
});

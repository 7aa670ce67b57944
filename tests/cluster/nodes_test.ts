/** Two nodes as processes, with a real etcd: what their clients see when one of them fails. */
import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { CLAIM_CAPABILITY } from "../../lib/irc/vendor_extensions.ts";
import { frontsTest, kill } from "../front/fronts_process.ts";
import { Serve } from "../server/serve_process.ts";
import type { SocketClient } from "../support/socket_client.ts";
import { EtcdRig } from "./etcd_rig.ts";
import { heard, heardAll, NodeProcess, readLobby, say } from "./node_process.ts";

frontsTest("two nodes are one server, through the failures of the one that leads", async (home) => {
  await using rig = await EtcdRig.start();
  const [a, b] = [await NodeProcess.start(home, rig, "a"), await NodeProcess.start(home, rig, "b")];
  const alice = await a.enter("alice");
  const [bob, carol] = [await b.enter("bob"), await b.enter("carol")];
  const everyone = [alice, bob, carol];
  await say(bob, "to the other node", ...everyone);
  await say(alice, "and back", ...everyone);
  for (const each of everyone) await each.barrier();
  everyone.forEach(heard);

  for (const node of [a, b]) {
    assertEquals((await node.list()).map(({ name, role, relay }) => [name, role, relay]), [
      ["a", "leader", null],
      ["b", "standby", null],
    ]);
  }

  // kill -9
  await a.signalHub("KILL");
  await say(bob, "to a leader that is dead", ...everyone);
  await say(alice, "from its own client", ...everyone);
  for (const client of everyone) {
    assertEquals(heard(client), [
      "bob PRIVMSG #lobby :to a leader that is dead",
      "alice PRIVMSG #lobby :from its own client",
    ]);
  }
  await a.nextHub();

  // The hub of a standby is not in the way of its clients.
  const standby = await a.leads() ? b : a;
  for (const signal of ["USR2", "KILL"]) {
    await standby.signalHub(signal);
    await standby.nextHub();
    await say(bob, `after ${signal}`, ...everyone);
    for (const client of everyone) assertEquals(heard(client), [`bob PRIVMSG #lobby :after ${signal}`]);
  }

  // Whichever leads now hangs for ever: its own clients go to the next leader, too.
  const [leader, other] = await a.leads() ? [a, b] : [b, a];
  await leader.signalHub("STOP");
  const [own, far] = leader === a ? [alice, bob] : [bob, alice];
  await own.send("PRIVMSG #lobby :to a leader that is stopped");
  await say(far, "to the next one", far);
  await own.until((line) => line.endsWith("stopped"));
  await own.until((line) => line.endsWith("to the next one"));
  for (const client of everyone) {
    await client.until((line) => line.endsWith("stopped"));
    await client.barrier();
  }
  const seen = everyone.map(heard);
  assertEquals(seen[0]!.length, 2);
  assertEquals(seen, [seen[0]!, seen[0]!, seen[0]!]);
  await leader.nextHub();
  assertEquals(
    leader.serve.said.filter(({ text }) => text.startsWith("the hub hangs: no sign of life")).length,
    1,
  );

  // A standby is stopped: its clients are told, the others are not disturbed.
  const [here, gone] = other === a ? [[alice], [bob, carol]] : [[bob, carol], [alice]];
  assertEquals(await other.leads(), true);
  await say(here[0]!, "before", ...everyone);
  everyone.forEach(heard);
  const ended = leader.serve.end(); // a standby
  for (const client of gone) await client.ended();
  assertEquals(await ended, 0);
  assertEquals(await leader.serve.stderr, "");
  assertMatch(
    leader.serve.said.findLast(({ event }) => event === "stopped")!.text,
    /^stopped: this node did not lead; it has the messages before record \d+$/,
  );
  await say(here[0]!, "after", ...here);
  for (const client of here) assertMatch(heard(client).at(-1)!, /^\w+ PRIVMSG #lobby :after$/);
  assertEquals(await other.serve.end(), 0);
  assertEquals(await other.serve.stderr, "");
  const last = other.serve.said.findLast(({ event }) => event === "stopped");
  assertEquals(last?.text, "stopped: the cluster has all messages");
});

frontsTest(
  "a leader that is stopped in order hands over, also to itself; and a node that comes empty",
  async (home) => {
    await using rig = await EtcdRig.start();
    const a = await NodeProcess.start(home, rig, "a");
    const alice = await a.enter("alice");
    await say(alice, "alone", alice);
    // The only node hands over to itself.
    await a.signalHub("USR2");
    await say(alice, "to the next hub", alice);
    await a.nextHub();
    await a.signalHub("KILL");
    await say(alice, "to the one after it", alice);
    await a.nextHub();
    assertEquals(heard(alice), [
      "alice PRIVMSG #lobby :alone",
      "alice PRIVMSG #lobby :to the next hub",
      "alice PRIVMSG #lobby :to the one after it",
    ]);

    const motd = `${home}/motd`;
    await Deno.writeTextFile(motd, "closed on Fridays\n");
    const b = await NodeProcess.start(home, rig, "b", ["--motd-file", motd]);
    await Deno.writeTextFile(motd, "open on Fridays\n");
    b.serve.child.kill("SIGHUP");
    await b.says("password and message of the day reloaded");
    const bob = await b.enter("bob");
    const cat = await enterWithKey(a);
    await bob.until((line) => line.startsWith(":cat!") && line.includes(" JOIN "));
    heard(bob);
    const ended = a.serve.end();
    await Promise.all([alice.ended(), cat.ended()]);
    assertEquals(alice.take().at(-2), "ERROR :Closing Link: this node has ended; connect to another node");
    // The next leader knows which users of the node that has ended may come back; others have left, with their names.
    await bob.until((line) => line.includes(" QUIT "));
    await enterWithKey(b);
    await b.enter("alice");
    await say(bob, "after it", bob);
    assertEquals(heard(bob), [
      "alice QUIT :Connection reset",
      "alice JOIN #lobby",
      "bob PRIVMSG #lobby :after it",
    ]);
    assertEquals(await ended, 0);
    await bob.send("MOTD");
    assert(await bob.until((line) => line.endsWith(" :- open on Fridays")), "the file as it was read last");
    const history = await readLobby(bob);
    assertEquals(history.slice(-4), ["alone", "to the next hub", "to the one after it", "after it"]);

    // The last node is started again: no user has stayed, and names are free.
    assertEquals(await b.serve.end(), 0);
    const next = await NodeProcess.start(home, rig, "b");
    await next.enter("bob");

    // All processes are killed: what was acknowledged is there.
    await next.killAll();
    const again = await NodeProcess.start(home, rig, "b");
    const carol = await again.enter("carol");
    assertEquals((await readLobby(carol)).slice(-4), history.slice(-4));
    assertEquals(await again.serve.end(), 0);
  },
);

/** cat, with a claim key, in #lobby. */
async function enterWithKey(node: NodeProcess): Promise<SocketClient> {
  const client = await node.serve.connect();
  const lines = [`CAP REQ ${CLAIM_CAPABILITY}`, `CLAIM ${"c".repeat(43)}`, "NICK cat", "USER cat 0 * :cat"];
  await client.send([...lines, "CAP END", "JOIN #lobby"].join("\r\n"));
  assert(await client.until((line) => line.includes(" 366 ")), "cat is in the room");
  return client;
}

frontsTest(
  "clients of a front that reports to the next leader too late notice nothing, and no user has left",
  async (home) => {
    await using rig = await EtcdRig.start();
    const [a, b] = [await NodeProcess.start(home, rig, "a"), await NodeProcess.start(home, rig, "b")];
    const [alice, bob] = [await a.enter("alice"), await a.enter("bob")];
    await say(bob, "before", alice, bob);
    for (const client of [alice, bob]) await client.barrier(), heard(client);
    const { pids: fronts } = a.processes;
    await kill(fronts, "STOP");
    await a.signalHub("KILL");

    // No front has presented a session when this client is let in.
    const carol = await b.serve.connect();
    await carol.send("NICK carol\r\nUSER carol 0 * :carol\r\nJOIN #lobby");
    await carol.until((line) => line.includes(" 366 "));
    const names = heard(carol).find((line) => line.includes(" 353 "))!.split(":").at(-1)!.split(" ");
    assertEquals(names.map((name) => name.replace("@", "")).toSorted(), ["alice", "bob", "carol"]);

    await kill(fronts, "CONT");
    await say(alice, "after", alice, bob, carol);
    for (const client of [alice, bob]) {
      assertEquals(heard(client), ["carol JOIN #lobby", "alice PRIVMSG #lobby :after"]);
    }
    assertEquals(heard(carol), ["alice PRIVMSG #lobby :after"]);
    await a.nextHub();
    assertEquals(await a.serve.end(), 0);
    assertEquals(await b.serve.end(), 0);
  },
);

frontsTest("without etcd nothing is acknowledged, people are told, and lines wait", async (home) => {
  await using rig = await EtcdRig.start();
  const a = await NodeProcess.start(home, rig, "a");
  const [alice, bob] = [await a.enter("alice"), await a.enter("bob")];
  await say(alice, "before", alice, bob);
  [alice, bob].forEach(heard);
  await rig.members[0]!.kill();
  await alice.send("PRIVMSG #lobby :while etcd is gone");
  for (const client of [alice, bob]) await client.until((line) => line.includes("cannot store messages"));
  for (const client of [alice, bob]) {
    assertEquals(heardAll(client), [
      "chatterbox.local NOTICE * :the cluster cannot store messages; yours are kept",
    ]);
  }
  const [status] = [await a.status()];
  assertEquals(status.etcd, undefined);
  assertMatch(status.trouble!, /^etcd has not answered/);
  rig.members[0]!.start();
  for (const client of [alice, bob]) await client.until((line) => line.endsWith("while etcd is gone"));
  for (const client of [alice, bob]) await client.until((line) => line.includes("stores messages again"));
  for (const client of [alice, bob]) {
    const lines = heard(client);
    assertEquals(lines.filter((line) => line.includes("PRIVMSG")), [
      "alice PRIVMSG #lobby :while etcd is gone",
    ]);
  }
  await say(bob, "after", alice, bob);
  assertEquals(await a.serve.end(), 0);
});

frontsTest("a server becomes a cluster, with its history and rooms, and one again", async (home) => {
  await using rig = await EtcdRig.start();
  await Deno.mkdir(`${home}/a`);
  const alone = await Serve.start(`${home}/a`);
  const alice = await alone.enter("alice");
  await alice.send("TOPIC #lobby :before the cluster");
  await say(alice, "said alone");
  await alice.barrier();
  assertEquals(await alone.end(), 0);
  const refused = await NodeProcess.refused(home, rig, "a");
  assertMatch(refused.words, /it is the log of another server/);
  assertEquals(refused.code, 74);
  await rig.clear(); // the node that was refused has made a cluster
  const a = await NodeProcess.start(home, rig, "a", ["--cluster-import"]);
  const b = await NodeProcess.start(home, rig, "b");
  const bob = await b.enter("bob");
  assertEquals((await readLobby(bob)).slice(-1), ["said alone"]);
  await bob.send("TOPIC #lobby");
  await bob.until((line) => line.endsWith(" :before the cluster"));
  await say(bob, "said in the cluster", bob);
  assertEquals(await b.serve.end(), 0);
  assertEquals(await a.serve.end(), 0);
  const again = await Serve.start(`${home}/a`);
  const carol = await again.enter("carol");
  assertEquals((await readLobby(carol)).slice(-2), ["said alone", "said in the cluster"]);
  assertEquals(await again.end(), 0);
});

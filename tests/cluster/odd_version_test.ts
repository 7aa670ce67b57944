/** Two nodes as processes, one of which gets another version of the relay: what clients see, and what is logged. */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { VERSION } from "../../lib/base/version.ts";
import { RELAY_VERSION } from "../../lib/relay/handshake.ts";
import { frontsTest, restarted } from "../front/fronts_process.ts";
import type { SocketClient } from "../support/socket_client.ts";
import { EtcdRig } from "./etcd_rig.ts";
import { heard, NodeProcess, say } from "./node_process.ts";
import { changeRelayVersion, changeVersion, copyProgram } from "./program_copy.ts";

const ODD = RELAY_VERSION + 1;
const ODD_PROGRAM = "9.9.9";
const ELSEWHERE = "this node has another version than the one that leads; connect to another node";

/** Resolves with the last line of a client when its connection ends. */
async function lastLine(client: SocketClient): Promise<string> {
  await client.ended();
  return client.take().findLast((line) => line.startsWith("ERROR ")) ?? "";
}

/** Resolves when the node has said `text`, or has said it before. */
async function hasSaid({ serve }: NodeProcess, text: string): Promise<void> {
  const is = (said: { readonly text: string }) => said.text.startsWith(text);
  if (!serve.said.some(is)) await serve.until(is);
}

/** What a newcomer gets as its last line. */
async function refusal(node: NodeProcess): Promise<string> {
  const client = await node.serve.connect();
  await client.send("NICK carol\r\nUSER carol 0 * :carol");
  return await lastLine(client);
}

frontsTest(
  "nodes of two versions of the relay: one has clients, and the other sends its own there",
  async (home) => {
    await using rig = await EtcdRig.start();
    const program = await copyProgram(`${home}/copy`);
    const a = await NodeProcess.start(home, rig, "a");
    const b = await NodeProcess.start(home, rig, "b", [], { program });
    const [alice, bob] = [await a.enter("alice"), await b.enter("bob")];
    await say(bob, "of one version", alice, bob);

    // The hub of the standby is upgraded. Its front is of the version before, and is started anew.
    await changeVersion(`${home}/copy`, ODD_PROGRAM);
    await changeRelayVersion(`${home}/copy`, ODD);
    await b.signalHub("USR2");
    assertEquals(
      await lastLine(bob),
      "ERROR :Closing Link: this node cannot serve you at present; connect to another node",
    );
    b.hub = (await restarted(b.serve)).hub;
    const sides = [`version ${RELAY_VERSION} of the relay`, `version ${ODD} of the relay`];
    const programs = [`(ChatterBox ${VERSION})`, `(ChatterBox ${ODD_PROGRAM})`];
    await hasSaid(b, `the front speaks ${sides[0]} ${programs[0]}, the hub ${sides[1]} ${programs[1]}`);
    await hasSaid(b, `clients of this node cannot take part: node a speaks ${sides[0]}, this node ${ODD}`);
    assertEquals(await refusal(b), `ERROR :Closing Link: ${ELSEWHERE}`);
    await hasSaid(a, `the front speaks ${sides[1]} ${programs[1]}, the hub ${sides[0]} ${programs[0]}`);
    assertEquals((await a.list()).map(({ name, role, version, lag }) => [name, role, version, lag]), [
      ["a", "leader", VERSION, 0],
      ["b", "standby", ODD_PROGRAM, 0],
    ]);
    heard(alice);
    await say(alice, "undisturbed", alice);
    assertEquals(heard(alice), ["alice PRIVMSG #lobby :undisturbed"]);

    // It takes over. The clients of the other node, of the version before, go to it.
    await a.signalHub("USR2");
    assertEquals(await lastLine(alice), `ERROR :Closing Link: ${ELSEWHERE}`);
    await hasSaid(b, "this node leads");
    const dave = await b.enter("dave");
    await dave.send("HISTORY #lobby 5");
    assert(await dave.until((line) => line.includes("undisturbed")), "what was said before");
    await a.nextHub();
    assertEquals(await refusal(a), `ERROR :Closing Link: ${ELSEWHERE}`);
    await say(dave, "at last", dave);
    assertEquals([await a.serve.end(), await b.serve.end()], [0, 0]);
    assertEquals(await a.serve.stderr, "");
  },
);

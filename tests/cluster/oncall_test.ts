/** Pages at a node without its etcd: nothing of them is told before it is stored. */
import { assertEquals, assertMatch } from "@std/assert";
import { frontsTest } from "../front/fronts_process.ts";
import { ask, enterAccount, hear } from "../server/oncall_client.ts";
import { EtcdRig } from "./etcd_rig.ts";
import { NodeProcess } from "./node_process.ts";

frontsTest("without etcd pages and acknowledgements wait, and are stored when it is back", async (home) => {
  await using rig = await EtcdRig.start();
  const node = await NodeProcess.start(home, rig, "a");
  const [ann, ben] = [
    await enterAccount(node.serve.port, "ann", true),
    await enterAccount(node.serve.port, "ben", true),
  ];
  await ask(ann, "JOIN #ops", / 366 /);
  await ask(ann, "ONCALL SET ops ann 30", / ONCALL SET /);
  await ask(ben, "PAGE OPEN p1 ops :before", / PAGE RUNG p1 /);
  await hear(ann, / PAGE RINGING 1 /);
  await rig.members[0]!.kill();
  await ben.send("PAGE OPEN p2 ops :while etcd is gone");
  await ann.send("PAGE ACK 1");
  for (const client of [ann, ben]) {
    await client.until((line) => line.includes("cannot store messages"));
    assertEquals(client.take().filter((line) => / PAGE /.test(line)), []);
  }
  rig.members[0]!.start();
  for (const what of ["RINGING 2", "PAGE ACK 1"]) await ann.until((line) => line.includes(what));
  await ben.until((line) => line.includes("END p1"));
  const lines = [...ann.take(), ...ben.take()];
  assertEquals(lines.filter((line) => line.includes("NOT_SAVED")), []);
  assertMatch(lines.join("\n"), / PAGE ACK 1 [^;]* is acknowledged by ann$/m);
  assertMatch(lines.join("\n"), / PAGE OPEN p2 2 ringing \*$/m);
  for (const client of [ann, ben]) client.close();
  assertEquals(await node.serve.end(), 0);
});

/** `chatterbox admin cluster snapshot FOLDER`, and servers and clusters that begin from what it writes. */
import { assertEquals, assertGreater, assertMatch } from "@std/assert";
import { command as admin } from "../../commands/admin.ts";
import { SEQ_JUMP } from "../../lib/log/seq_jump.ts";
import { NodeConsole, type NodeConsoleOptions } from "../../lib/server/cluster/node_console.ts";
import { run } from "../commands/run_command.ts";
import { frontsTest } from "../front/fronts_process.ts";
import { Serve } from "../server/serve_process.ts";
import { pureTest } from "../support/test.ts";
import type { SocketClient } from "../support/socket_client.ts";
import { EtcdRig } from "./etcd_rig.ts";
import { NodeProcess, readLobby, say } from "./node_process.ts";

frontsTest("a snapshot of a cluster is a data folder, of a server and of another cluster", async (home) => {
  await using rig = await EtcdRig.start();
  const [a, b] = [await NodeProcess.start(home, rig, "a"), await NodeProcess.start(home, rig, "b")];
  const [alice, bob] = [await a.enter("alice"), await b.enter("bob")];
  await alice.send("TOPIC #lobby :the topic");
  await say(alice, "in the snapshot", alice, bob);
  const folder = `${home}/snapshot`;
  const take = (where: string) => run(admin, ["--data-dir", `${b.home}/data`, "cluster", "snapshot", where]);
  const made = await take(folder);
  assertMatch(made.out, /has the cluster as it was at revision \d+ of etcd: records up to \d+, \d+ facts\n$/);
  assertEquals([made.code, made.err], [0, ""]);
  const jumps = await jumpsAt(alice, "after it");
  const again = await take(folder);
  assertMatch(again.err, /no snapshot was made: .* is there already; name a new folder/);
  assertEquals([again.code, (await take("snapshot")).code], [77, 64]);
  assertEquals((await Deno.stat(folder)).mode! & 0o777, 0o700);
  for await (const { name } of Deno.readDir(folder)) {
    assertEquals([name, (await Deno.stat(`${folder}/${name}`)).mode! & 0o777], [name, 0o600]);
  }
  const keys = [folder, `${a.home}/data`, `${b.home}/data`].map((dir) =>
    Deno.readTextFileSync(`${dir}/cloak.key`)
  );
  assertEquals(new Set(keys).size, 1, "cloaked addresses are the same everywhere");
  assertEquals(await b.serve.end(), 0);
  assertEquals(await a.serve.end(), 0);

  await copyFolder(folder, `${home}/alone/data`);
  const alone = await Serve.start(`${home}/alone`);
  const carol = await alone.enter("carol");
  assertEquals((await readLobby(carol)).slice(-1), ["in the snapshot"]);
  await carol.send("TOPIC #lobby");
  await carol.until((line) => line.endsWith(" :the topic"));
  assertGreater(await jumpsAt(carol, "alone"), jumps, "no number is given twice");
  assertEquals(await alone.end(), 0);

  await rig.clear();
  await copyFolder(folder, `${home}/c/data`);
  const c = await NodeProcess.start(home, rig, "c", ["--cluster-import"]);
  const dave = await c.enter("dave");
  assertEquals((await readLobby(dave)).slice(-1), ["in the snapshot"]);
  assertGreater(await jumpsAt(dave, "in the next cluster"), jumps);
  assertEquals(await c.serve.end(), 0);
});

pureTest("a snapshot is not written for operators on IRC", async () => {
  const folders: string[] = [];
  const options = {
    snapshot: (folder: string) => Promise.resolve({ lines: [String(folders.push(folder))] }),
  };
  const console = new NodeConsole(options as unknown as NodeConsoleOptions);
  const [local, operator] = [undefined, {} as never].map((user) => ({ audit: "", user, isExposed: false }));
  const line = "cluster snapshot /somewhere/else a/";
  assertEquals((await console.runCluster(line, operator!)).failure?.status, "refused");
  assertEquals(folders, []);
  await console.runCluster(line, local!);
  assertEquals(folders, ["/somewhere/else a"]);
});

/** Says `text`; resolves with how often the numbers of records have jumped until then. */
async function jumpsAt(client: SocketClient, text: string): Promise<number> {
  await client.send("CAP REQ :echo-message message-tags");
  await client.send(`PRIVMSG #lobby :${text}`);
  await client.until((line) => line.endsWith(` PRIVMSG #lobby :${text}`));
  const [, number] = /msgid=(\w+)-/.exec(client.take().find((line) => line.endsWith(`:${text}`))!)!;
  return Math.floor(parseInt(number!, 36) / SEQ_JUMP);
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true, mode: 0o700 });
  for await (const { name } of Deno.readDir(from)) await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
}

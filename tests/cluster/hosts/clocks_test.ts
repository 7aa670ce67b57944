/** Nodes with clocks that are wrong, or are set while they run (faketime(1)): only the times of messages tell. */
import { assert, assertEquals } from "@std/assert";
import { HOUR_MS } from "../../../lib/base/values/time_unit.ts";
import { frontsTest, LINUX_ONLY } from "../../front/fronts_process.ts";
import type { SocketClient } from "../../support/socket_client.ts";
import { comesTrue } from "../../support/guard.ts";
import { needs } from "../../tools.ts";
import { EtcdRig } from "../etcd_rig.ts";
import { leads, NodeProcess, whenWhole } from "../node_process.ts";
import { checkTalkers, goOn, startTalkers, Talker } from "../talkers.ts";

const TOOLS = needs("faketime");

/** A clock of processes, which is ahead by so many hours. */
class HostClock {
  private constructor(readonly path: string, readonly within: readonly string[]) {}

  static async at(path: string, hours: number): Promise<HostClock> {
    // The program knows where its library is.
    const args = ["-c", "faketime -m now sh -c 'echo $LD_PRELOAD'"];
    const { stdout } = await new Deno.Command("sh", { args }).output();
    const library = new TextDecoder().decode(stdout).trim();
    const clock = new HostClock(path, [
      "env",
      `LD_PRELOAD=${library}`,
      `FAKETIME_TIMESTAMP_FILE=${path}`,
      "FAKETIME_NO_CACHE=1",
      "FAKETIME_DONT_FAKE_MONOTONIC=1",
    ]);
    await clock.set(hours);
    return clock;
  }

  /** In one step: it is read at any time. */
  async set(hours: number): Promise<void> {
    await Deno.writeTextFile(`${this.path}.new`, `${hours < 0 ? "-" : "+"}${Math.abs(hours)}h\n`);
    await Deno.rename(`${this.path}.new`, this.path);
  }
}

frontsTest("clocks that are an hour wrong, and one that is set", async (home) => {
  await using rig = await EtcdRig.start();
  const clocks = [await HostClock.at(`${home}/clock_a`, 1), await HostClock.at(`${home}/clock_b`, -1)];
  const [ahead, behind] = clocks;
  const a = await NodeProcess.start(home, rig, "a", [], { within: ahead!.within });
  const b = await NodeProcess.start(home, rig, "b", [], { within: behind!.within });
  const talkers = await startTalkers([a, b]);
  await goOn(talkers);
  const hours = (ms: number) => Math.round((ms - Date.now()) / HOUR_MS);
  assertEquals(hours((await times(a)).at(-1)!), 1, "the leader's clock");

  // The clock of the leader and that of a standby are set: nothing else happens.
  for (const by of [3, -2, 1]) {
    await ahead!.set(by);
    await behind!.set(-by);
    await goOn(talkers);
  }
  const epochs = [a, b].flatMap(({ serve }) => serve.said).filter(({ text }) =>
    text.startsWith("this node leads")
  );
  assertEquals([epochs.length, await a.leads()], [1, true]);

  // The next leader's clock is behind, and so are the times of messages then; their order is that of the log.
  await a.stepDown();
  await comesTrue("b leads", () => leads(b));
  await goOn(talkers);
  await Talker.stop(talkers);
  checkTalkers(talkers, ["areader"]);
  const last = await times(b);
  assertEquals(hours(last.at(-1)!), -1);
  assertEquals(await times(a), last);
  await whenWhole([a, b]);
  assertEquals([await b.serve.end(), await a.serve.end()], [0, 0]);
}, { ignore: LINUX_ONLY.ignore || TOOLS.ignore });

/** Times of the last messages in the lobby, as a newcomer sees them. */
async function times(node: NodeProcess): Promise<number[]> {
  const client: SocketClient = await node.enter(`${node.name}reader`);
  await client.send("CAP REQ :draft/chathistory batch server-time\r\nCHATHISTORY LATEST #lobby * 50");
  assert(await client.until((line) => / BATCH -/.test(line)), "a page of history");
  const lines = client.take();
  client.close();
  return lines.flatMap((line) => {
    const [, time] = /^@(?:\S*;)?time=([^; ]+)\S* \S+ PRIVMSG #lobby :\w+ \d/.exec(line) ?? [];
    return time === undefined ? [] : Date.parse(time);
  });
}

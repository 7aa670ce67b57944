/** A leader without a certain lease asks the other nodes which of them leads. */
import { assertEquals } from "@std/assert";
import type { RelayPlace } from "../../lib/net/relay_dialer.ts";
import { type NodeAnswer, searchLeader } from "../../lib/server/cluster/leader_search.ts";
import { SILENCE_MS } from "../../lib/server/relay/front_setup.ts";
import { pureTest } from "../support/test.ts";
import { SimProcess } from "./sim/sim_process.ts";
import { SimScheduler } from "./sim/sim_scheduler.ts";

/** A search of 30 s among nodes that answer as `answers` says, second by second; the last one goes on. */
async function search(answers: Record<string, NodeAnswer[]>, isLeaseAlive = (_seconds: number) => false) {
  const scheduler = new SimScheduler(1);
  const asked = new Map<string, number>();
  const abort = new AbortController();
  let found: unknown = "none";
  void searchLeader({
    timers: new SimProcess(scheduler, "a", 1).timers,
    isLeaseAlive: () => isLeaseAlive(scheduler.now / 1000),
    others: () => new Map(Object.keys(answers).map((name): [string, RelayPlace] => [name, at(name)])),
    ask: (place) => {
      const name = place.kind === "unix" ? place.path : "";
      const nth = asked.get(name) ?? 0;
      asked.set(name, nth + 1);
      return Promise.resolve(answers[name]![nth] ?? answers[name]!.at(-1)!);
    },
    signal: abort.signal,
  }).then((result) => found = result);
  for (let s = 0; s < 30 && found === "none"; s++) await scheduler.runFor(1000);
  const seconds = scheduler.now / 1000;
  abort.abort();
  return { found, seconds, asked: asked.get("b") ?? 0 };
}

function at(path: string): RelayPlace {
  return { kind: "unix", path };
}

pureTest("search: the node that leads is found among others that do not answer", async () => {
  const { found } = await search({ b: ["silent"], c: ["silent", "standby", "leads"] });
  assertEquals(found, { kind: "found", node: "c" });
});

pureTest(
  "search: a leader is cut off when no other node has answered for long, without a pause",
  async () => {
    const silent = await search({ b: ["silent"], c: ["silent"] });
    assertEquals([silent.found, silent.seconds >= SILENCE_MS / 1000], [{ kind: "cut_off" }, true]);
    // etcd has no majority: the other nodes are there, and clients are best kept.
    assertEquals((await search({ b: ["silent"], c: ["standby"] })).found, "none");
    const half: NodeAnswer[] = [...Array<NodeAnswer>(9).fill("silent"), "standby"];
    assertEquals((await search({ b: [...half, ...half, ...half] })).found, "none");
    assertEquals((await search({})).found, "none", "a node without others");
  },
);

pureTest("search: while the lease is certain no node is asked, and silence does not count", async () => {
  assertEquals((await search({ b: ["leads"] }, () => true)).asked, 0);
  const { found } = await search({ b: ["silent"] }, (seconds) => Math.floor(seconds) % 8 === 0);
  assertEquals(found, "none");
});

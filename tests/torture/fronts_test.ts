import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { tortureFronts } from "./fronts.ts";
import type { LifePlan, Round } from "./fronts_plan.ts";

const TALK = { senders: 3, budget: 2000, window: 8, pauseMs: 2, cutOneIn: 0 };
const ROUNDS: readonly Round[] = [
  { afterMs: 200, blow: { kind: "hub" }, waits: true },
  { afterMs: 200, blow: { kind: "handover" }, waits: true },
  { afterMs: 100, blow: { kind: "hubs", ms: 100 }, waits: true },
];
const SERVER = { fresh: true, fronts: 2, bufferBytes: 1 << 20, talk: TALK } as const;

const PLANS: readonly LifePlan[] = [
  { ...SERVER, sync: "always", rounds: ROUNDS, end: "all" },
  {
    ...SERVER,
    fresh: false,
    sync: 20,
    rounds: [{ afterMs: 100, blow: { kind: "front and hub", ms: 0 }, waits: true }],
    end: "stopped",
  },
];

Deno.test({
  name: "fronts: hubs are killed and replaced while people talk: connections stay, and nothing is lost",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const rounds = PLANS.reduce((sum, plan) => sum + plan.rounds.length, 0);
    // How long a message takes to disk on a machine that does other things as well is not looked at.
    const { tally, folder } = await tortureFronts({
      fronts: 2,
      rounds,
      seed: 1,
      slackMs: Infinity,
      plans: PLANS,
    });
    assertEquals(tally.faults, [], `the folder is kept: ${folder}`);
    assert(tally.acknowledged > 50 && tally.durable > 20, tally.table());
  },
});

import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import type { RoundPlan } from "./plan.ts";
import { torture } from "./torture.ts";

const TALK = { senders: 3, budget: 150, window: 24, pauseMs: 0, cutOneIn: 3 };
const KIB = 1024;

const PLANS: readonly RoundPlan[] = [
  {
    fresh: true,
    bufferBytes: 64 * KIB,
    sync: 1000,
    talk: TALK,
    end: { kind: "durable", count: 120 },
  },
  {
    fresh: false,
    bufferBytes: 256 * KIB,
    sync: 20,
    talk: TALK,
    end: { kind: "starting", writes: 4, ms: 400 },
  },
  { fresh: false, bufferBytes: 256 * KIB, sync: "always", talk: TALK, end: { kind: "writing", count: 40 } },
  { fresh: false, bufferBytes: 256 * KIB, sync: 20, talk: TALK, end: { kind: "archiving", count: 12 } },
  {
    fresh: false,
    bufferBytes: 64 * KIB,
    sync: 20,
    talk: TALK,
    end: { kind: "stopping", ms: 300, killMs: 5 },
  },
];

Deno.test({
  name:
    "servers killed while people talk: what was durable is there once, in one order, and who follows comes back",
  ignore: Deno.build.os === "windows", // signals
  async fn() {
    // How long a message takes to disk on a machine that does other things as well is not looked at.
    const { tally, folder } = await torture({
      rounds: PLANS.length,
      seed: 1,
      slackMs: Infinity,
      plans: PLANS,
    });
    assertEquals(tally.faults, [], `the folder is kept: ${folder}`);
    assert(tally.acknowledged > 100 && tally.durable > 50, tally.table());
    assert(tally.archived > 100, tally.table());
    assert(tally.retried > 0 && tally.followed > 50, tally.table());
  },
});

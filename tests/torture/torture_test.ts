import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { pureTest } from "../support/test.ts";
import { judgeHistory } from "./ear.ts";
import { Ledger } from "./ledger.ts";
import type { RoundPlan } from "./plan.ts";
import { Tally } from "./tally.ts";
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

pureTest("what a server lacks of its file is found, but for one run behind what is archived", () => {
  const judge = (history: readonly number[], file: readonly number[], isFull: boolean) => {
    const ledger = new Ledger(new Tally());
    const messageOf = (seq: number) => ({ seq, target: "#tea", text: `t${seq}` });
    for (const seq of new Set([...history, ...file])) {
      const { target, text } = messageOf(seq);
      ledger.say({ by: "ann", target, text, number: seq, id: text, awaits: false, connection: 0 });
    }
    const messages = file.map((seq) => ({ ...messageOf(seq), msgid: `m${seq}`, from: "ann" }));
    judgeHistory(ledger, "#tea", history.map(messageOf), { messages, full: isFull }, false);
    return ledger.tally.faults.length === 0;
  };
  const file = [3, 4, 5, 6, 7, 8, 9];
  const cases: readonly [history: number[], isFull: boolean, isSound: boolean][] = [
    [[3, 4, 5, 6, 7, 8, 9], false, true],
    [[1, 2, 3, 4, 5, 6, 7, 8, 9], false, true], // the archive alone has the first ones
    [[4, 5, 6, 7, 8, 9], false, false],
    [[4, 5, 6, 7, 8, 9], true, true],
    [[1, 2, 3, 4, 8, 9], true, true],
    [[1, 2, 3, 4, 8, 9], false, false],
    [[3, 5, 8, 9], true, false], // two runs
    [[3, 4, 6, 5, 7, 8, 9], true, false],
    [[3, 4, 5, 5, 6, 7, 8, 9], true, false],
    [[3, 4, 5, 6, 7, 8], true, false], // the last one
    [[], true, false],
  ];
  for (const [history, isFull, isSound] of cases) {
    assertEquals(judge(history, file, isFull), isSound, `${history}, ${isFull ? "full" : "not full"}`);
  }
});

/** What waits for the disk: in turns of a bounded length, and, where the disk does not answer, pages not for ever. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Hub } from "../../lib/hub/hub.ts";
import { DurableWaits } from "../../lib/server/durable_waits.ts";
import type { DurableWaitsOptions } from "../../lib/server/durable_waits.ts";
import { comesTrue } from "../support/guard.ts";
import { TestHub } from "../support/hub.ts";
import { login } from "../support/hub_accounts.ts";
import { makeList, ONCALL_CAPS, said, told } from "../support/hub_oncall.ts";
import { pureTest } from "../support/test.ts";

const CAPS = { caps: [...ONCALL_CAPS, "chatterbox.chat/ask"] };

/** A hub over a disk that answers when the test says so, with a list ops of alice, who is there. */
async function prepare(options: Partial<DurableWaitsOptions> = {}) {
  const chat = new TestHub();
  const [alice, ci] = [login(chat, "alice", undefined, CAPS), login(chat, "ci", undefined, CAPS)];
  await makeList(chat, "ops", "alice 60");
  chat.heard(alice);
  chat.heard(ci);
  chat.holdsDurable = true;
  const disk = { turns: 0, answer: Promise.withResolvers<{ trouble: string | undefined }>() };
  const run = (task: (hub: Hub, now: number) => void) => {
    disk.turns++;
    task(chat.hub, chat.now);
    chat.deliver();
    return Promise.resolve();
  };
  const sync = () => disk.answer.promise;
  const waits = new DurableWaits({ hub: chat.hub, turnQueue: { run }, sync, ...options });
  return { chat, alice, ci, disk, waits };
}

function warnings(lines: readonly string[]): string[] {
  return lines.flatMap((line) => /irc\.test ((?:WARN|NOTE) PAGE \S+ \S+)/.exec(line)?.[1] ?? []);
}

pureTest(
  "disk that does not answer: pages ring and end unsaved, all else waits, and what is saved later is told",
  async () => {
    const { chat, alice, ci, disk, waits } = await prepare({ diskPatienceMs: 1 });
    const patient = await prepare();
    for (const each of [patient, { chat, ci, waits }]) {
      each.chat.say(each.ci, "PAGE OPEN p1 ops :db down", "ASK OPEN q1 alice 60 first yes,no :deploy?");
      void each.waits.serve();
    }
    const heard: string[] = [];
    const hears = (session: typeof ci, pattern: RegExp) =>
      comesTrue(String(pattern), () => {
        heard.push(...chat.heard(session));
        return heard.some((line) => pattern.test(line));
      });
    await hears(alice, / PAGE RINGING 1 ops ci 1 :db down/);
    await hears(ci, / PAGE RUNG p1 /);
    assertEquals(warnings(heard), ["WARN PAGE NOT_SAVED p1"]);
    assertEquals(told(heard, "", "ASK OPEN"), [], "the question waits");
    chat.say(alice, "PAGE ACK 1");
    await hears(alice, / PAGE ACK 1 .*; not saved yet: /);
    await hears(ci, / PAGE END p1 1 acknowledged alice .*; not saved yet: /);
    assertEquals(said(heard).filter((text) => !/not saved yet|answer: ack 1/.test(text)), []);
    assertEquals(patient.chat.heard(patient.ci), [], "without a bound of time it waits, as in a cluster");
    chat.advance(5000);
    heard.length = 0;
    disk.answer.resolve({ trouble: undefined });
    await hears(ci, / ASK OPEN q1 /);
    await hears(ci, / NOTE PAGE SAVED p1 /);
    assertEquals(warnings(heard), ["NOTE PAGE SAVED p1"], "once");
    patient.disk.answer.resolve({ trouble: "no space left on device" });
    await comesTrue("rung", () => told(patient.chat.heard(patient.alice), "RINGING").length > 0);
  },
);

pureTest("disk: what waited for it is done in turns of a bounded length", async () => {
  let ms = 0;
  const { chat, ci, disk, waits } = await prepare({ stopwatch: () => ms++ });
  const ids = Array.from({ length: 15 }, (_, nth) => `p${nth}`);
  chat.say(ci, ...ids.flatMap((id) => [`PAGE OPEN ${id} ops :x`, `PAGE WITHDRAW ${id}`]));
  chat.heard(ci);
  disk.answer.resolve({ trouble: undefined });
  await waits.serve();
  assert(disk.turns >= ids.length, `${disk.turns} turns`);
  const lines = chat.heard(ci);
  assertEquals(told(lines, "END").map((words) => words.split(" ")[1]), ids);
  assertMatch(lines.at(-1)!, / PAGE END p14 15 withdrawn /);
});

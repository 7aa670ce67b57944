import { assertEquals, assertMatch } from "@std/assert";
import type { ArchiveLoss } from "../../../lib/log/archive.ts";
import { LossReports } from "../../../lib/server/archive/loss_reports.ts";
import { ServerLog } from "../../../lib/server/server_log.ts";
import { START } from "../../support/hub.ts";
import { pureTest } from "../../support/test.ts";

class Reports {
  readonly told: string[] = [];
  /** What waits for its time, and that time. */
  timer: { act: () => void; ms: number } | undefined;
  readonly reports: LossReports;

  constructor(oldestAtStart = 1) {
    this.reports = new LossReports({
      oldestAtStart,
      log: new ServerLog("text", { now: () => START }, () => {}),
      tellOperators: (text) => this.told.push(text),
      schedule: (act, ms) => {
        this.timer = { act, ms };
        return () => this.timer = undefined;
      },
    });
  }

  lose(from: number, until: number, why: ArchiveLoss["why"] = "overwritten"): void {
    this.reports.note({ kind: "lost", loss: { from, until, why }, count: until - from });
  }

  /** Ends the pause; how long it was. */
  elapse(): number {
    const { act, ms } = this.timer!;
    this.timer = undefined;
    act();
    return ms;
  }

  get numbers(): (string | undefined)[] {
    return this.told.splice(0).map((text) => /[0-9]+( more)?/.exec(text)?.[0]);
  }
}

pureTest(
  "loss reports: the first at once, the sum after seconds, then one a minute while losses go on",
  () => {
    const one = new Reports();
    one.lose(1, 21);
    assertEquals(one.numbers, ["20"]);
    one.lose(21, 321);
    one.lose(400, 401);
    assertEquals([one.numbers, one.reports.count], [[], 321]);
    assertEquals([one.elapse(), one.numbers], [5000, ["301 more"]]);
    one.lose(500, 510);
    assertEquals([one.elapse(), one.numbers], [60_000, ["10 more"]]);
    assertEquals([one.elapse(), one.numbers, one.timer], [60_000, [], undefined]);
    one.lose(600, 602);
    assertEquals(one.numbers, ["2"], "a first one again");
    assertEquals([one.elapse(), one.numbers], [5000, []]);
    one.lose(602, 603);
    assertEquals(one.numbers, [], "not two lines in seconds, and a third one");
    one.reports.close();
    assertEquals([one.numbers, one.timer], [["1 more"], undefined]);
  },
);

pureTest("loss reports: what was overwritten before the start is no loss of this run, and says why", () => {
  const one = new Reports(473);
  one.lose(1, 473);
  const [text = ""] = one.told;
  assertMatch(text, /472 records from before this start .* archive was off/);
  assertEquals([/--buffer/.test(text), one.reports.count], [false, 0]);
  one.told.length = 0;
  one.elapse();
  one.lose(470, 483);
  one.lose(10, 12, "damaged");
  one.reports.close();
  assertEquals([one.numbers, one.reports.count], [["3 more", "10", "2"], 12]);
});

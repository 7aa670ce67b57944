import { assert, assertEquals } from "@std/assert";
import { fairLevel } from "../../lib/base/fair_share.ts";
import { forAll } from "../irc/property.ts";
import { pureTest } from "../support/test.ts";

pureTest(
  "fair share: all of the budget is used, no demand above the level gets less than another one, none below it loses",
  () => {
    assertEquals(fairLevel([], 10), Infinity);
    assertEquals(fairLevel([1, 2], 3), Infinity);
    assertEquals(fairLevel([100, 1, 100], 21), 10);
    assertEquals(fairLevel([5, 5], 0), 0);
    forAll(200, (random) => {
      const demands = Array.from({ length: 1 + random.below(20) }, () => random.below(1000));
      const budget = random.below(10_000);
      const level = fairLevel(demands, budget);
      const sum = demands.reduce((sum, demand) => sum + Math.min(demand, level), 0);
      const wanted = demands.reduce((sum, demand) => sum + demand, 0);
      assert(Math.abs(sum - Math.min(budget, wanted)) < 1e-6, `${demands} of ${budget}: ${level}`);
    });
  },
);

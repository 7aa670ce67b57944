import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { assertHeld } from "./databases.ts";
import { fuzz, TARGETS } from "./fuzz.ts";
import type { Target } from "./target.ts";

for (const target of TARGETS) {
  Deno.test(`fuzz: ${target.name}: the first cases of a seed hold`, async () => {
    const { cases, faults } = await fuzz([target], 1, (count) => count >= 25);
    assertEquals(faults, []);
    assertEquals(cases.get(target.name), 25);
  });
}

Deno.test("fuzz: a fault is told with its target, its seed and its input, and the same seed finds it again", async () => {
  const broken: Target = {
    name: "broken",
    run(random, note) {
      const number = random.below(100);
      note(`the number ${number}`);
      assert(number !== 42, "it is 42");
    },
  };
  const { faults: [fault, ...others] } = await fuzz([broken], 1, (count) => count >= 300);
  assert(fault !== undefined && others.length < 5, "found");
  assertEquals([fault.target, fault.input], ["broken", "the number 42"]);
  assertMatch(fault.why, /it is 42/);
  const again = await fuzz([broken], fault.seed, (count) => count >= 1);
  assertEquals(again.faults[0]?.input, fault.input);
});

Deno.test("fuzz: a database of which a name, the ban or the closed room is gone is a fault", () => {
  assertThrows(() => assertHeld([]), Error, "name0 is free");
});

import { assertEquals, assertThrows } from "@std/assert";
import { assert, AssertionFailure, unreachable } from "../../lib/base/assert.ts";
import { pureTest } from "../support/test.ts";

pureTest("assert throws what it was told when the condition does not hold", () => {
  assert(true, "never seen");
  assert("text", "never seen");
  for (const falsy of [false, 0, "", null, undefined, NaN]) {
    assertThrows(() => assert(falsy, "the ring is full"), AssertionFailure, "the ring is full");
  }
});

pureTest(
  "unreachable names the value that should not be",
  () => void assertThrows(() => unreachable({ kind: "new" } as never), AssertionFailure, '{"kind":"new"}'),
);

pureTest("AssertionFailure is told apart by its name", () => {
  const failure = new AssertionFailure("x");
  assertEquals([failure.name, failure.message, failure instanceof Error], ["AssertionFailure", "x", true]);
});

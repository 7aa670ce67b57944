import { assertEquals, assertThrows } from "@std/assert";
import { assert, AssertionFailure, unreachable } from "../../lib/base/assert.ts";

Deno.test({
  name: "assert throws what it was told when the condition does not hold",
  permissions: "none",
  fn() {
    assert(true, "never seen");
    assert("text", "never seen");
    for (const falsy of [false, 0, "", null, undefined, NaN]) {
      assertThrows(() => assert(falsy, "the ring is full"), AssertionFailure, "the ring is full");
    }
  },
});

Deno.test({
  name: "unreachable names the value that should not be",
  permissions: "none",
  fn: () =>
    void assertThrows(() => unreachable({ kind: "new" } as never), AssertionFailure, '{"kind":"new"}'),
});

Deno.test({
  name: "AssertionFailure is told apart by its name",
  permissions: "none",
  fn() {
    const failure = new AssertionFailure("x");
    assertEquals([failure.name, failure.message, failure instanceof Error], ["AssertionFailure", "x", true]);
  },
});

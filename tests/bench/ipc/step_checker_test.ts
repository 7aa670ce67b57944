/** What the reader of `bench ipc` finds wrong with records. */
import { assertEquals } from "@std/assert";
import { assert } from "../../../lib/base/assert.ts";
import { IpcRecordMaker } from "../../../lib/bench/ipc/ipc_record.ts";
import { StepChecker } from "../../../lib/bench/ipc/step_checker.ts";
import type { StepFigures } from "../../../lib/bench/ipc/step_checker.ts";

const SIZES = [16, 17, 256, 65536];

/** The figures of a step in which `numbers` arrive, of `sent` records, each changed by `damage`. */
function step(
  size: number,
  numbers: readonly number[],
  sent: number,
  damage: (bytes: Uint8Array, number: number) => Uint8Array = (bytes) => bytes,
): StepFigures {
  const [maker, checker] = [new IpcRecordMaker(size), new StepChecker()];
  for (const number of numbers) {
    assertEquals(checker.take(damage(maker.make(number, number).slice(), number), number + 0.5), undefined);
  }
  const figures = checker.take(maker.makeEnd(sent), 0);
  assert(figures !== undefined, "the end of the step");
  return figures;
}

function faultsOf({ received, lost, outOfOrder, twice, damaged }: StepFigures): number[] {
  return [received, lost, outOfOrder, twice, damaged];
}

Deno.test("step checker: records that all arrive, once and in order, have no fault and half a millisecond each", () => {
  for (const size of SIZES) {
    const figures = step(size, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 10);
    assertEquals(faultsOf(figures), [10, 0, 0, 0, 0]);
    assertEquals([figures.tookMs, figures.latency.maxMs], [9.5, 0.5]);
  }
});

Deno.test("step checker: lost in the middle and at the end, out of order, twice", () => {
  assertEquals(faultsOf(step(16, [0, 1, 3, 4], 6)), [4, 2, 0, 0, 0]);
  assertEquals(faultsOf(step(16, [0, 2, 1, 3], 4)), [4, 0, 1, 0, 0]);
  assertEquals(faultsOf(step(16, [0, 1, 1, 2], 3)), [4, 0, 0, 1, 0]);
});

Deno.test("step checker: a single changed byte, wherever it is, is damage", () => {
  for (const size of SIZES) {
    for (
      const at of [0, size >> 1, size - 17, size - 16, size - 9, size - 5, size - 1].filter((at) => at >= 0)
    ) {
      const figures = step(size, [0, 1, 2], 3, (bytes, number) => {
        if (number === 1) bytes[at]! ^= 0x10;
        return bytes;
      });
      assertEquals(faultsOf(figures), [2, 1, 0, 0, 1], `byte ${at} of ${size}`);
    }
  }
});

Deno.test("step checker: bytes of the record before, and a record that is cut off, are damage", () => {
  const maker = new IpcRecordMaker(64);
  const before = maker.make(0, 0).slice();
  const torn = step(64, [0, 1], 2, (bytes, number) => {
    if (number === 1) bytes.set(before.subarray(0, 16));
    return bytes;
  });
  assertEquals(torn.damaged, 1);
  assertEquals(step(64, [0, 1], 2, (bytes, number) => bytes.subarray(0, number === 1 ? 15 : 64)).damaged, 1);
});

Deno.test("step checker: the next step begins anew", () => {
  const [maker, checker] = [new IpcRecordMaker(32), new StepChecker()];
  checker.take(maker.make(5, 0), 1);
  const first = checker.take(maker.makeEnd(6), 0)!;
  assertEquals(faultsOf(first), [1, 5, 0, 0, 0]);
  checker.take(maker.make(0, 0), 1);
  assertEquals(faultsOf(checker.take(maker.makeEnd(1), 0)!), [1, 0, 0, 0, 0]);
});

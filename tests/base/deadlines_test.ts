import { assertEquals } from "@std/assert";
import { later } from "../../lib/base/deadlines.ts";

function test(name: string, fn: () => Promise<void>) {
  Deno.test({ name: `later: ${name}`, permissions: "none", fn });
}

test("in the order of their times, whatever the order of the calls", async () => {
  const run: string[] = [];
  const done = Promise.withResolvers<void>();
  later(30, () => {
    run.push("third");
    done.resolve();
  });
  later(10, () => run.push("first"));
  later(20, () => run.push("second"));
  await done.promise;
  assertEquals(run, ["first", "second", "third"]);
});

test("what is called off does not happen, what is asked for meanwhile does", async () => {
  const run: string[] = [];
  const done = Promise.withResolvers<void>();
  const callOff = later(5, () => run.push("never"));
  later(10, () => {
    run.push("one");
    callOffNext();
    later(0, () => {
      run.push("two");
      later(20, done.resolve);
    });
  });
  const callOffNext = later(15, () => run.push("nor this"));
  callOff();
  await done.promise;
  assertEquals(run, ["one", "two"]);
});

test("what is due in the same look is called off by what comes before it", async () => {
  const run: string[] = [];
  const done = Promise.withResolvers<void>();
  later(1, () => {
    run.push("one");
    callOff();
  });
  const callOff = later(1.5, () => run.push("never"));
  later(2, done.resolve);
  for (const start = performance.now(); performance.now() < start + 10;); // all of them are due by now
  await done.promise;
  assertEquals(run, ["one"]);
});

test("days are no overflow", async () => {
  const callOff = later(2 ** 31 - 1, () => {
    throw new Error("too early");
  });
  await new Promise<void>((resolve) => later(5, resolve));
  callOff();
});

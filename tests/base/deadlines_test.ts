import { assertEquals } from "@std/assert";
import { callAfter } from "../../lib/base/deadlines.ts";
import { pureTest } from "../support/test.ts";

pureTest("later: in the order of their times, whatever the order of the calls", async () => {
  const run: string[] = [];
  const done = Promise.withResolvers<void>();
  callAfter(30, () => {
    run.push("third");
    done.resolve();
  });
  callAfter(10, () => run.push("first"));
  callAfter(20, () => run.push("second"));
  await done.promise;
  assertEquals(run, ["first", "second", "third"]);
});

pureTest("later: what is called off does not happen, what is asked for meanwhile does", async () => {
  const run: string[] = [];
  const done = Promise.withResolvers<void>();
  const callOff = callAfter(5, () => run.push("never"));
  callAfter(10, () => {
    run.push("one");
    callOffNext();
    callAfter(0, () => {
      run.push("two");
      callAfter(20, done.resolve);
    });
  });
  const callOffNext = callAfter(15, () => run.push("nor this"));
  callOff();
  await done.promise;
  assertEquals(run, ["one", "two"]);
});

pureTest("later: what is due in the same look is called off by what comes before it", async () => {
  const run: string[] = [];
  const done = Promise.withResolvers<void>();
  callAfter(1, () => {
    run.push("one");
    callOff();
  });
  const callOff = callAfter(1.5, () => run.push("never"));
  callAfter(2, done.resolve);
  for (const start = performance.now(); performance.now() < start + 10;); // all of them are due by now
  await done.promise;
  assertEquals(run, ["one"]);
});

pureTest("later: days are no overflow", async () => {
  const callOff = callAfter(2 ** 31 - 1, () => {
    throw new Error("too early");
  });
  await new Promise<void>((resolve) => callAfter(5, resolve));
  callOff();
});

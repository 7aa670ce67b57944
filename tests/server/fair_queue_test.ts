import { assertEquals } from "@std/assert";
import { FairQueue } from "../../lib/server/fair_queue.ts";
import { pureTest } from "../support/test.ts";

function all(queue: FairQueue<string>): string {
  let jobs = "";
  for (let job = queue.shift(); job !== undefined; job = queue.shift()) jobs += job;
  return jobs;
}

pureTest("keys take turns, whichever has asked for more", () => {
  const queue = new FairQueue<string>(100, 1000);
  for (const job of ["a", "b", "c", "d"]) queue.push("192.0.2.1", job);
  for (const job of ["1", "2"]) queue.push("192.0.2.2", job);
  queue.push("192.0.2.3", "x");
  assertEquals([queue.shift(), queue.shift(), queue.size], ["a", "1", 5]);
  queue.push("192.0.2.4", "y");
  assertEquals(all(queue), "xb2ycd");
  assertEquals([queue.size, queue.shift()], [0, undefined]);
});

pureTest(
  "a key has a bounded number of jobs: what is beyond is dropped, and costs no other key anything",
  () => {
    const queue = new FairQueue<string>(2, 10);
    assertEquals(["a", "b", "c"].map((job) => queue.push("192.0.2.1", job)), [undefined, undefined, "c"]);
    assertEquals(queue.push("192.0.2.2", "1"), undefined);
    assertEquals(all(queue), "a1b");
  },
);

pureTest(
  "a full queue drops the newest job of the key that has most, so that another one always finds room",
  () => {
    const queue = new FairQueue<string>(5, 6);
    for (const job of ["a", "b", "c", "d"]) queue.push("192.0.2.1", job);
    for (const job of ["1", "2"]) queue.push("192.0.2.2", job);
    assertEquals(queue.push("192.0.2.3", "x"), "d");
    assertEquals(queue.push("192.0.2.2", "3"), "c");
    assertEquals(queue.push("192.0.2.2", "4"), "4", "this address has most itself");
    assertEquals(queue.push("192.0.2.3", "y"), "3");
    assertEquals(queue.size, 6);
    assertEquals(all(queue), "a1xb2y");
  },
);

pureTest("a key that is busy is passed over, and keeps its place", () => {
  const queue = new FairQueue<string>(2, 10);
  for (const [key, job] of [["a", "1"], ["b", "2"], ["a", "3"]] as const) queue.push(key, job);
  assertEquals(queue.shift(new Set(["a"])), "2");
  assertEquals(queue.shift(new Set(["a", "b"])), undefined);
  assertEquals([queue.size, queue.shift(), queue.shift()], [2, "1", "3"]);
});

import { assertEquals } from "@std/assert";
import { flushLast, QueuedOutput } from "../../lib/cli/standard_streams.ts";
import { pureTest } from "../support/test.ts";

pureTest("output: a terminal that takes nothing does not keep a program that a signal ends", async () => {
  const taken = Promise.withResolvers<void>();
  const written: string[] = [];
  const makeOutput = (isTerminal: boolean) => {
    const output = new QueuedOutput({
      write: async (bytes) => {
        await taken.promise;
        written.push(String(isTerminal));
        return bytes.length;
      },
    }, isTerminal);
    output.write("x");
    return output;
  };
  await flushLast(makeOutput(true), true);
  assertEquals(written, []);
  const ends = [flushLast(makeOutput(true), false), flushLast(makeOutput(false), true)];
  taken.resolve();
  await Promise.all(ends);
  assertEquals(
    written.toSorted(),
    ["false", "true", "true"],
    "without a signal, and to a pipe, all is written",
  );
});

/** Defines tests of a line of hubs. */
import { POSIX } from "../support/test.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { HubLine } from "./hub_line.ts";
import type { HubLineOptions } from "./hub_line.ts";

type DefineTest = (name: string, options: HubLineOptions, fn: (line: HubLine) => Promise<void>) => void;

/** What defines tests, each with a line of its own; their names begin with `subject`. */
export function hubLineTests(subject: string): DefineTest {
  return (name, options, fn) =>
    Deno.test({
      name: `${subject}: ${name}`,
      ...POSIX,
      fn: () =>
        withTempDir(async (dir) => {
          const line = new HubLine(dir, options);
          await line.start();
          try {
            await fn(line);
          } finally {
            await line.end();
          }
        }),
    });
}

/** Whatever happens in whatever order, there is one order, the log's, and everybody is told in it. See schedule.ts. */
import { RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { Random } from "../irc/property.ts";
import { pureTest } from "../support/test.ts";
import { Schedule } from "./schedule.ts";
import type { ScheduleOptions } from "./schedule.ts";

/** So many times as many of them: `CHATTERBOX_SCHEDULES=100 deno test -A tests/hub/linearizable_test.ts`. */
const TIMES = Number(Deno.env.get("CHATTERBOX_SCHEDULES") ?? 1);
/** To see a failure again, with `--filter` and the name of the test. */
const ONLY = Deno.env.get("CHATTERBOX_SEED");

interface Plan extends Omit<ScheduleOptions, "random"> {
  readonly schedules: number;
  /** Steps of each of them. */
  readonly steps: number;
}

function scheduleTest(name: string, { schedules, steps, ...options }: Plan): void {
  pureTest(`linearizable: ${name}`, async () => {
    for (let run = 0; run < (ONLY === undefined ? schedules * TIMES : 1); run++) {
      const seed = ONLY === undefined ? Math.floor(Math.random() * 0x1_0000_0000) : Number(ONLY);
      try {
        const schedule = new Schedule({ ...options, random: new Random(seed) });
        for (let step = 0; step < steps; step++) await schedule.step();
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`fails with CHATTERBOX_SEED=${seed}: ${why}`, { cause });
      }
    }
  });
}

scheduleTest("one order for all, each id once, history as it was heard", {
  capacity: 1 << 20,
  restarts: "never",
  schedules: 30,
  steps: 60,
});
scheduleTest("in a ring that is overwritten, and what is gone is counted", {
  capacity: RING_MIN_BYTES,
  restarts: "never",
  schedules: 12,
  steps: 250,
});
scheduleTest("over servers that are killed", {
  capacity: RING_MIN_BYTES,
  restarts: "kill",
  schedules: 12,
  steps: 250,
});
scheduleTest("over power cuts", {
  capacity: RING_MIN_BYTES,
  restarts: "power cut",
  schedules: 12,
  steps: 250,
});
scheduleTest("in a log without a bound, of which nothing is ever gone", {
  capacity: Infinity,
  restarts: "kill",
  schedules: 12,
  steps: 250,
});

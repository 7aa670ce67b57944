import { assertEquals } from "@std/assert";
import {
  Keepalive,
  KEEPALIVE_CHECK_MS,
  PING_AFTER_MS,
  PONG_TIMEOUT_MS,
} from "../../lib/client/session/keepalive.ts";
import { pureTest } from "../support/test.ts";

/** What `count` looks say, one after the other; the clock goes on by `every` from each to the next. */
function looks(
  pulse: Keepalive,
  count: number,
  clock: { now: number },
  every = KEEPALIVE_CHECK_MS,
): string[] {
  return Array.from({ length: count }, () => pulse.check(clock.now += every));
}

const fine = (ms: number) => Array<string>(ms / KEEPALIVE_CHECK_MS - 1).fill("fine");

pureTest("pulse: silence is fine, then asked about, then the end", () => {
  const clock = { now: 1_000_000 };
  const pulse = new Keepalive(clock.now);
  const all = [...fine(PING_AFTER_MS), "ask", ...fine(PONG_TIMEOUT_MS), "lost"];
  assertEquals(looks(pulse, all.length, clock), all);
  assertEquals(pulse.silentMs, PING_AFTER_MS + PONG_TIMEOUT_MS);
});

pureTest("pulse: whatever is heard ends the silence, before we ask and after", () => {
  const clock = { now: 0 };
  const pulse = new Keepalive(clock.now);
  looks(pulse, PING_AFTER_MS / KEEPALIVE_CHECK_MS - 1, clock);
  pulse.recordActivity();
  assertEquals(looks(pulse, PING_AFTER_MS / KEEPALIVE_CHECK_MS, clock).at(-1), "ask");
  looks(pulse, 1, clock);
  pulse.recordActivity();
  assertEquals(looks(pulse, PING_AFTER_MS / KEEPALIVE_CHECK_MS, clock), [...fine(PING_AFTER_MS), "ask"]);
});

pureTest(
  "pulse: after a sleep, or when the clock was set, we ask at once; a sleep itself is no silence",
  () => {
    for (const jump of [8 * 3_600_000, 12_000, -60_000]) {
      const clock = { now: 100_000_000 };
      const pulse = new Keepalive(clock.now);
      assertEquals(looks(pulse, 1, clock), ["fine"]);
      assertEquals(looks(pulse, 1, clock, jump), ["ask"]);
      const rest = [...fine(PONG_TIMEOUT_MS), "lost"];
      assertEquals(looks(pulse, rest.length, clock), rest);
    }
    const clock = { now: 0 };
    assertEquals(looks(new Keepalive(0), 2, clock, KEEPALIVE_CHECK_MS + 2_000), ["fine", "fine"]);
  },
);

pureTest("pulse: a request without an answer is a reason to ask, once", () => {
  const clock = { now: 0 };
  const pulse = new Keepalive(clock.now);
  assertEquals([pulse.requestPing(), pulse.requestPing()], [true, false]);
  const rest = [...fine(PONG_TIMEOUT_MS), "lost"];
  assertEquals(looks(pulse, rest.length, clock), rest);
  pulse.recordActivity();
  assertEquals(pulse.requestPing(), true);
});

pureTest("pulse: a dead connection is noticed within 35 s", () => {
  let now = 0;
  const pulse = new Keepalive(now);
  while (pulse.check(now += KEEPALIVE_CHECK_MS) !== "lost");
  assertEquals(now <= 35_000, true, `${now} ms`);
});

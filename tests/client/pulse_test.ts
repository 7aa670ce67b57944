import { assertEquals } from "@std/assert";
import { ANSWER_WITHIN_MS, ASK_AFTER_MS, LOOK_EVERY_MS, Pulse } from "../../lib/client/pulse.ts";

/** What `count` looks say, one after the other; the clock goes on by `every` from each to the next. */
function looks(pulse: Pulse, count: number, clock: { now: number }, every = LOOK_EVERY_MS): string[] {
  return Array.from({ length: count }, () => pulse.look(clock.now += every));
}

const fine = (ms: number) => Array<string>(ms / LOOK_EVERY_MS - 1).fill("fine");

Deno.test({
  name: "pulse: silence is fine, then asked about, then the end",
  permissions: "none",
  fn() {
    const clock = { now: 1_000_000 };
    const pulse = new Pulse(clock.now);
    const all = [...fine(ASK_AFTER_MS), "ask", ...fine(ANSWER_WITHIN_MS), "lost"];
    assertEquals(looks(pulse, all.length, clock), all);
    assertEquals(pulse.silentMs, ASK_AFTER_MS + ANSWER_WITHIN_MS);
  },
});

Deno.test({
  name: "pulse: whatever is heard ends the silence, before we ask and after",
  permissions: "none",
  fn() {
    const clock = { now: 0 };
    const pulse = new Pulse(clock.now);
    looks(pulse, ASK_AFTER_MS / LOOK_EVERY_MS - 1, clock);
    pulse.heard();
    assertEquals(looks(pulse, ASK_AFTER_MS / LOOK_EVERY_MS, clock).at(-1), "ask");
    looks(pulse, 1, clock);
    pulse.heard();
    assertEquals(looks(pulse, ASK_AFTER_MS / LOOK_EVERY_MS, clock), [...fine(ASK_AFTER_MS), "ask"]);
  },
});

Deno.test({
  name: "pulse: after a sleep, or when the clock was set, we ask at once; a sleep itself is no silence",
  permissions: "none",
  fn() {
    for (const jump of [8 * 3_600_000, 12_000, -60_000]) {
      const clock = { now: 100_000_000 };
      const pulse = new Pulse(clock.now);
      assertEquals(looks(pulse, 1, clock), ["fine"]);
      assertEquals(looks(pulse, 1, clock, jump), ["ask"]);
      const rest = [...fine(ANSWER_WITHIN_MS), "lost"];
      assertEquals(looks(pulse, rest.length, clock), rest);
    }
    const clock = { now: 0 };
    assertEquals(looks(new Pulse(0), 2, clock, LOOK_EVERY_MS + 2_000), ["fine", "fine"]);
  },
});

Deno.test({
  name: "pulse: a request without an answer is a reason to ask, once",
  permissions: "none",
  fn() {
    const clock = { now: 0 };
    const pulse = new Pulse(clock.now);
    assertEquals([pulse.doubt(), pulse.doubt()], [true, false]);
    const rest = [...fine(ANSWER_WITHIN_MS), "lost"];
    assertEquals(looks(pulse, rest.length, clock), rest);
    pulse.heard();
    assertEquals(pulse.doubt(), true);
  },
});

Deno.test({
  name: "pulse: a dead connection is noticed within 35 s",
  permissions: "none",
  fn() {
    let now = 0;
    const pulse = new Pulse(now);
    while (pulse.look(now += LOOK_EVERY_MS) !== "lost");
    assertEquals(now <= 35_000, true, `${now} ms`);
  },
});

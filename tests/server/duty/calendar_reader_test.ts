/** Calendars are read in a worker, in their order, and for so long. */
import { assertEquals, assertMatch } from "@std/assert";
import { readDutyOutlook } from "../../../lib/hub/services/duty/duty_outlook.ts";
import { CalendarReader } from "../../../lib/server/duty/calendar_reader.ts";
import { inTime } from "../../support/guard.ts";
import { START } from "../../support/hub.ts";
import { calendarOf } from "../../support/hub_oncall.ts";

const URGENT = { at: START, isUrgent: true };
const LATER = { at: START, isUrgent: false };
const BUSY = "The server cannot read calendars at present; try again in a minute";

function stuckReader(readMs: number, startMs = 60_000): CalendarReader {
  const url = new URL("./stuck_duty_worker.ts", import.meta.url);
  return new CalendarReader({ readMs, startMs, spawn: () => new Worker(url, { type: "module" }) });
}

Deno.test("calendars: the worker says what the code says in this thread", async () => {
  const reader = new CalendarReader();
  for (const text of [calendarOf("alice"), "nonsense"]) {
    assertEquals(await reader.read({ text, ...LATER }), readDutyOutlook(text, START));
  }
  reader.stop();
});

Deno.test("calendars: a file without an end is refused in time, and those behind it are read", async () => {
  const reader = stuckReader(3000);
  const both = Promise.all(["endless", "a"].map((text) => reader.read({ text, ...LATER })));
  const [endless, behind] = await inTime("both files", both);
  assertEquals(endless!.kind, "invalid");
  assertMatch((endless as { why: string }).why, /^it takes more than 3 s to read: use fewer events/);
  assertEquals(behind, { kind: "invalid", why: "a" });
  reader.stop();
});

Deno.test("calendars: a worker that dies, that does not begin, or that cannot be started is told", async () => {
  const reader = stuckReader(60_000);
  const read = (text: string) => reader.read({ text, ...LATER });
  assertEquals(await Promise.all([read("fatal"), read("b")]), [
    { kind: "unread", why: BUSY },
    { kind: "invalid", why: "b" },
  ]);
  reader.stop();
  assertEquals(await stuckReader(60_000, 10).read({ text: "mute", ...LATER }), { kind: "unread", why: BUSY });
  const none = new CalendarReader({ canSpawn: () => false });
  assertEquals(await none.read({ text: "c", ...LATER }), { kind: "unread", why: BUSY });
});

Deno.test("calendars: those that pages wait for come first", async () => {
  const reader = stuckReader(60_000);
  const order: string[] = [];
  const read = async (text: string, when: typeof URGENT) => {
    await reader.read({ text, ...when });
    order.push(text);
  };
  await Promise.all([
    read("first", LATER),
    read("second", LATER),
    read("page 1", URGENT),
    read("page 2", URGENT),
  ]);
  assertEquals(order, ["first", "page 1", "page 2", "second"]);
  reader.stop();
});

import { assertEquals } from "@std/assert";
import { localTime } from "../../lib/client/conversation/model/local_time.ts";
import { pureTest } from "../support/test.ts";

pureTest("local time: as on the clock of the reader", () => {
  const time = new Date(2026, 10, 20, 9, 5, 59).getTime(); // local, wherever this runs
  assertEquals(localTime.clock(time), "09:05");
  assertEquals(localTime.date(time), "20 Nov");
  assertEquals(localTime.day(time), "Friday, 20 November 2026");
  assertEquals(localTime.day(time) === localTime.day(new Date(2026, 10, 21).getTime()), false);
});

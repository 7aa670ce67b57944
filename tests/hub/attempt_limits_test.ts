import { assertEquals } from "@std/assert";
import { AddressSet } from "../../lib/base/ip.ts";
import { AttemptLimit, AttemptLimits } from "../../lib/hub/services/limits/attempt_limits.ts";
import { pureTest } from "../support/test.ts";

const RATE = { count: 3, ms: 60_000 };
const NO_ONE = new AddressSet([]);

pureTest("who has failed too often waits; all others do not", () => {
  const limit = new AttemptLimit(RATE, NO_ONE);
  for (let time = 0; time < 3; time++) assertEquals(limit.take("192.0.2.1", 0), 0);
  assertEquals([limit.waitMs("192.0.2.1", 0), limit.take("192.0.2.1", 0)], [20_000, 20_000]);
  assertEquals(limit.take("192.0.2.2", 0), 0);
  assertEquals(limit.take("192.0.2.1", 20_000), 0);
});

pureTest("an attempt that succeeds is given back, however many run at the same moment", () => {
  const limit = new AttemptLimit(RATE, NO_ONE);
  for (let time = 0; time < 3; time++) limit.take("192.0.2.1", 0);
  limit.refund("192.0.2.1", 0);
  assertEquals([limit.take("192.0.2.1", 0), limit.take("192.0.2.1", 0)], [0, 20_000]);
  for (let time = 0; time < 10; time++) limit.refund("192.0.2.1", 0);
  assertEquals(Array.from({ length: 4 }, () => limit.take("192.0.2.1", 0)), [0, 0, 0, 20_000]);
});

pureTest("logins and registrations are counted apart", () => {
  const once = { count: 1, ms: 10_000 };
  const attempts = new AttemptLimits({ loginFailures: once, registrations: once, nickChanges: once }, NO_ONE);
  assertEquals(attempts.logins.take("192.0.2.1", 0), 0);
  assertEquals(attempts.registrations.take("192.0.2.1", 0), 0);
  assertEquals(attempts.registrations.take("192.0.2.1", 0), 10_000);
});

pureTest("an IPv6 network is one place", () => {
  const limit = new AttemptLimit({ count: 1, ms: 10_000 }, NO_ONE);
  limit.take("2001:db8::1", 0);
  assertEquals([limit.waitMs("2001:db8::3", 0), limit.waitMs("2001:db8:0:1::3", 0)], [10_000, 0]);
  assertEquals(limit.take("2001:db8::2", 0), 10_000);
  assertEquals(limit.take("2001:db8:0:1::2", 0), 0);
  limit.refund("2001:db8::4", 0);
  assertEquals([limit.take("2001:db8::5", 0), limit.take("2001:db8::6", 0)], [0, 10_000]);
});

pureTest("who is exempt may try as often as they like", () => {
  const limit = new AttemptLimit(RATE, new AddressSet(["127.0.0.0/8"]));
  for (let time = 0; time < 10; time++) assertEquals(limit.take("127.0.0.1", 0), 0);
  limit.refund("127.0.0.1", 0);
  assertEquals(limit.waitMs("127.0.0.1", 0), 0);
});

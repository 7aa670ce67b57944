import { assertEquals } from "@std/assert";
import { AddressSet } from "../../lib/base/ip.ts";
import { AttemptLimits } from "../../lib/hub/attempts.ts";

const RATES = { loginFailures: { count: 3, ms: 60_000 }, registrations: { count: 1, ms: 10_000 } };

function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

test("who has failed too often waits; all others, and who did not fail, do not", () => {
  const attempts = new AttemptLimits(RATES, new AddressSet([]));
  for (let time = 0; time < 3; time++) {
    assertEquals(attempts.mayTry("192.0.2.1", 0), 0);
    attempts.failed("192.0.2.1", 0);
  }
  assertEquals(attempts.mayTry("192.0.2.1", 0), 20_000);
  assertEquals(attempts.mayTry("192.0.2.2", 0), 0);
  assertEquals(attempts.mayRegister("192.0.2.1", 0), 0);
  assertEquals(attempts.mayTry("192.0.2.1", 20_000), 0);
});

test("an IPv6 network is one place", () => {
  const attempts = new AttemptLimits(RATES, new AddressSet([]));
  attempts.registered("2001:db8::1", 0);
  assertEquals(attempts.mayRegister("2001:db8::2", 0), 10_000);
  assertEquals(attempts.mayRegister("2001:db8:0:1::2", 0), 0);
});

test("who is exempt may try as often as they like", () => {
  const attempts = new AttemptLimits(RATES, new AddressSet(["127.0.0.0/8"]));
  for (let time = 0; time < 10; time++) {
    attempts.failed("127.0.0.1", 0);
    attempts.registered("127.0.0.1", 0);
  }
  assertEquals([attempts.mayTry("127.0.0.1", 0), attempts.mayRegister("127.0.0.1", 0)], [0, 0]);
});

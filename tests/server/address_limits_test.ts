import { assertEquals, assertThrows } from "@std/assert";
import { assert, AssertionFailure } from "../../lib/base/assert.ts";
import { AddressSet } from "../../lib/base/ip.ts";
import { AddressLimits } from "../../lib/server/listen/address_limits.ts";
import type { Admission } from "../../lib/server/listen/address_limits.ts";
import type { TokenBucket } from "../../lib/base/token_bucket.ts";
import { pureTest } from "../support/test.ts";

const EXEMPT = new AddressSet(["127.0.0.0/8"]);

const LINES = { count: 10, ms: 1000 };

function limits(perAddress: number, count: number): AddressLimits {
  return new AddressLimits({ perAddress, connectRate: { count, ms: 10_000 }, lineRate: LINES }, EXEMPT);
}

function siteOf(admission: Admission): string | undefined {
  return admission.kind === "counted" ? admission.site : undefined;
}

pureTest("an address has so many connections at one time, and gets others when they end", () => {
  const addresses = limits(2, 100);
  const admit = (host: string) => addresses.admit(host, 0);
  assertEquals(siteOf(admit("192.0.2.1")), "192.0.2.1");
  admit("192.0.2.1");
  assertEquals(admit("192.0.2.1"), {
    kind: "refused",
    site: "192.0.2.1",
    why: "too many connections from 192.0.2.1: 2 are open; close one before you try again",
  });
  assertEquals(admit("192.0.2.2").kind, "counted");
  addresses.release("192.0.2.1");
  assertEquals(admit("192.0.2.1").kind, "counted");
});

pureTest("an IPv6 network of 64 bits is one address", () => {
  const addresses = limits(1, 100);
  assertEquals(siteOf(addresses.admit("2001:db8::1", 0)), "2001:db8:0:0::/64");
  assertEquals(addresses.admit("2001:db8::2", 0).kind, "refused");
  assertEquals(addresses.admit("2001:db8:0:1::1", 0).kind, "counted");
});

pureTest("new connections come at a bounded speed; who is refused is told when to try again", () => {
  const addresses = limits(100, 2);
  const kinds = [0, 0, 0, 4999, 5000].map((now) => addresses.admit("192.0.2.1", now).kind);
  assertEquals(kinds, ["counted", "counted", "refused", "refused", "counted"]);
  assertEquals(addresses.admit("192.0.2.1", 5001), {
    kind: "refused",
    site: "192.0.2.1",
    why: "too many new connections from 192.0.2.1; try again in 5 seconds",
  });
});

pureTest("a connection that was admitted by an earlier hub is counted, and never refused", () => {
  const addresses = limits(2, 1);
  for (let nth = 0; nth < 3; nth++) assertEquals(siteOf(addresses.admitAgain("192.0.2.1", 0)), "192.0.2.1");
  assertEquals(addresses.admitAgain("127.0.0.1", 0).kind, "exempt");
  assertEquals(addresses.admit("192.0.2.1", 0).kind, "refused");
  for (let nth = 0; nth < 3; nth++) addresses.release("192.0.2.1");
  assertEquals([addresses.addresses, addresses.admit("192.0.2.1", 0).kind], [0, "counted"]);
});

pureTest("who is exempt is not counted", () => {
  const addresses = limits(1, 1);
  assertEquals([1, 2, 3].map(() => addresses.admit("127.0.0.1", 0).kind), ["exempt", "exempt", "exempt"]);
  assertEquals(addresses.addresses, 0);
});

pureTest("whose connections have all ended is forgotten", () => {
  const addresses = limits(10, 10_000);
  const sites: string[] = [];
  for (let host = 0; host < 200; host++) {
    const admission = addresses.admit(`192.0.2.${host}`, 0);
    if (admission.kind === "counted") sites.push(admission.site);
  }
  assertEquals(addresses.addresses, 200);
  for (const site of sites) addresses.release(site);
  assertEquals(addresses.addresses, 0);
});

pureTest(
  "the connections of an address share its lines, four times what each has, and to come anew refills nothing",
  () => {
    const addresses = limits(3, 1000);
    const lines = (host: string, now: number): TokenBucket => {
      const admission = addresses.admit(host, now);
      assert(admission.kind === "counted", "let in");
      return admission.lines;
    };
    const first = lines("192.0.2.1", 0);
    assertEquals(first.rate, { count: 40, ms: 1000 });
    assertEquals(lines("192.0.2.1", 0), first);
    assertEquals(lines("192.0.2.2", 0).available(0), 40);
    first.spend(40, 0);
    for (let time = 0; time < 2; time++) addresses.release("192.0.2.1");
    for (let host = 0; host < 100; host++) lines(`198.51.100.${host}`, 100); // whoever comes makes room for others
    assertEquals(lines("192.0.2.1", 100).available(100), 4);
    addresses.release("192.0.2.1");
    for (let host = 0; host < 100; host++) lines(`203.0.113.${host}`, 5000);
    assertEquals(lines("192.0.2.1", 5000).available(5000), 40);
  },
);

pureTest("a connection that ends was counted", () => {
  const addresses = limits(2, 100);
  const site = siteOf(addresses.admit("192.0.2.1", 0))!;
  addresses.release(site);
  assertThrows(() => addresses.release(site), AssertionFailure, "a connection that ends was counted");
});

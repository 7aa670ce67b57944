import { assertEquals } from "@std/assert";
import { AddressSet, blockContains, formatIp, parseCidr, parseIp, subnetOf } from "../../lib/base/ip.ts";
import { pureTest } from "../support/test.ts";

const hex = (text: string) => parseIp(text)?.map((byte) => byte.toString(16).padStart(2, "0")).join("");

pureTest("addresses as bytes", () => {
  assertEquals(parseIp("192.0.2.255"), [192, 0, 2, 255]);
  assertEquals(hex("2001:db8::1"), "20010db8000000000000000000000001");
  assertEquals(hex("::"), "0".repeat(32));
  assertEquals(hex("0::1"), "0".repeat(31) + "1");
  assertEquals(hex("1:2:3:4:5:6:7:8"), "00010002000300040005000600070008");
  assertEquals(hex("1:2:3:4:5:6:7::"), "00010002000300040005000600070000");
  assertEquals(hex("64:ff9b::192.0.2.33"), "0064ff9b0000000000000000c0000221");
  assertEquals(parseIp("::ffff:192.0.2.1"), [192, 0, 2, 1], "IPv4 that came by an IPv6 socket");
});

pureTest("bytes as addresses, in their shortest form", () => {
  for (const text of ["192.0.2.255", "2001:db8::1", "::", "::1", "1:2:3:4:5:6:7:8", "2001:db8:0:1::"]) {
    assertEquals(formatIp(parseIp(text)!), text);
  }
  assertEquals(formatIp(parseIp("2001:0DB8:0:0:0:0:0:0001")!), "2001:db8::1");
  const mapped = [...new Array(10).fill(0), 0xff, 0xff, 192, 0, 2, 1];
  assertEquals(formatIp(mapped), "192.0.2.1", "IPv4 in the bytes of a PROXY header of IPv6");
});

pureTest("what is no address", () => {
  const bad = [
    "",
    "localhost",
    "1.2.3",
    "1.2.3.256",
    "1.2.3.4.5",
    "1.2.3.x",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "12345::",
    "g::",
    "1.2.3.4::",
    "[::1]",
    "fe80::1%eth0",
  ];
  assertEquals(bad.filter((text) => parseIp(text) !== undefined), []);
});

pureTest("blocks", () => {
  const within = (block: string, address: string) => blockContains(parseCidr(block)!, parseIp(address)!);
  const cases: [string, string, boolean][] = [
    ["192.0.2.0/24", "192.0.2.255", true],
    ["192.0.2.0/24", "192.0.3.0", false],
    ["192.0.2.77/24", "192.0.2.1", true],
    ["10.0.0.0/9", "10.127.1.1", true],
    ["10.0.0.0/9", "10.128.0.0", false],
    ["192.0.2.1", "192.0.2.1", true],
    ["192.0.2.1", "192.0.2.2", false],
    ["0.0.0.0/0", "203.0.113.9", true],
    ["0.0.0.0/0", "::1", false],
    ["::/0", "2001:db8::1", true],
    ["::/0", "192.0.2.1", false],
    ["2001:db8::/33", "2001:db8:7fff::1", true],
    ["2001:db8::/33", "2001:db8:8000::1", false],
    ["::ffff:192.0.2.0/120", "192.0.2.9", true],
    ["192.0.2.0/24", "::ffff:192.0.2.9", true],
  ];
  for (const [block, address, expected] of cases) {
    assertEquals(within(block, address), expected, `${address} in ${block}`);
  }
  const bad = ["192.0.2.0/33", "::/129", "192.0.2.0/", "/8", "1.2.3.4/x", "::ffff:1.2.3.4/24", "host/8", ""];
  assertEquals(bad.filter((text) => parseCidr(text) !== undefined), []);
});

pureTest("a site is an IPv4 address, or an IPv6 network of 64 bits", () => {
  assertEquals(subnetOf("192.0.2.1"), "192.0.2.1");
  assertEquals(subnetOf("::ffff:192.0.2.1"), "192.0.2.1");
  assertEquals(subnetOf("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  assertEquals(subnetOf("2001:db8:1:2::99"), subnetOf("2001:db8:1:2:ffff::"));
  assertEquals(subnetOf("localhost"), "localhost");
});

pureTest("a set of addresses", () => {
  const set = new AddressSet(["127.0.0.0/8", "::1", "localhost"]);
  const hosts = ["127.0.0.1", "127.9.9.9", "::1", "0::1", "localhost", "128.0.0.1", "::2", "localhost."];
  assertEquals(hosts.filter((host) => set.has(host)), ["127.0.0.1", "127.9.9.9", "::1", "0::1", "localhost"]);
  assertEquals(new AddressSet([]).has("127.0.0.1"), false);
});

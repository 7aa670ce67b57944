/** Which addresses are public: IANA's registries, block by block. */
import { assertEquals } from "@std/assert";
import { formatIp, parseCidr } from "../../../lib/base/ip.ts";
import { whyNotPublic } from "../../../lib/server/notify/public_address.ts";
import { pureTest } from "../../support/test.ts";

/** https://www.iana.org/assignments/iana-ipv4-special-registry, and multicast. */
const IPV4_REGISTRY = [
  "0.0.0.0/8",
  "0.0.0.0/32",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.0.0/29",
  "192.0.0.8/32",
  "192.0.0.9/32",
  "192.0.0.10/32",
  "192.0.0.170/32",
  "192.0.0.171/32",
  "192.0.2.0/24",
  "192.31.196.0/24",
  "192.52.193.0/24",
  "192.88.99.0/24",
  "192.88.99.2/32",
  "192.168.0.0/16",
  "192.175.48.0/24",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "255.255.255.255/32",
];

/** https://www.iana.org/assignments/iana-ipv6-special-registry; multicast; what is not given out for unicast. */
const IPV6_REGISTRY = [
  "::1/128",
  "::/128",
  "64:ff9b::/96",
  "64:ff9b:1::/48",
  "100::/64",
  "100:0:0:1::/64",
  "2001::/23",
  "2001::/32",
  "2001:1::1/128",
  "2001:1::2/128",
  "2001:1::3/128",
  "2001:2::/48",
  "2001:3::/32",
  "2001:4:112::/48",
  "2001:10::/28",
  "2001:20::/28",
  "2001:30::/28",
  "2001:db8::/32",
  "2002::/16",
  "2620:4f:8000::/48",
  "3fff::/20",
  "5f00::/16",
  "fc00::/7",
  "fe80::/10",
  "fec0::/10",
  "ff00::/8",
  "::/3", // with IPv4-compatible addresses
  "4000::/3",
  "6000::/3",
  "8000::/1",
];

/** First and last address of a block. */
function endsOf(text: string): [string, string] {
  const { address, bits } = parseCidr(text)!;
  const first = address.map((byte, at) => byte & maskOf(bits - at * 8));
  const last = first.map((byte, at) => byte | ~maskOf(bits - at * 8) & 0xff);
  return [formatIp(first), formatIp(last)];
}

/** Bits of a byte, of which the first `bits` belong to the prefix. */
function maskOf(bits: number): number {
  return 0xff << (8 - Math.min(8, Math.max(0, bits))) & 0xff;
}

pureTest("no address of IANA's special registries is public", () => {
  const ends = [...IPV4_REGISTRY, ...IPV6_REGISTRY].flatMap(endsOf);
  assertEquals(ends.filter((address) => whyNotPublic(address) === undefined), []);
});

pureTest("no IPv6 form of an IPv4 address is public, whatever the IPv4 address is", () => {
  for (const ipv4 of ["10.0.0.1", "127.0.0.1", "169.254.169.254", "8.8.8.8"]) {
    const [a = 0, b = 0, c = 0, d = 0] = ipv4.split(".").map(Number);
    const groups = `${(a << 8 | b).toString(16)}:${(c << 8 | d).toString(16)}`;
    const forms = [
      `::ffff:${ipv4}`, // mapped
      `::ffff:${groups}`,
      `0:0:0:0:0:FFFF:${ipv4}`,
      `::${ipv4}`, // compatible
      `::ffff:0:${ipv4}`, // translated (RFC 2765)
      `64:ff9b::${ipv4}`, // NAT64
      `64:ff9b:1::${groups}`, // NAT64 of a network of its own
      `2002:${groups}::1`, // 6to4
      `2001:0:1:2:3:4:${groups}`, // Teredo
    ];
    assertEquals(forms.filter((address) => whyNotPublic(address) === undefined), []);
  }
});

pureTest("what is no address, or has a zone, is not public", () => {
  const texts = [
    "",
    "localhost",
    "fe80::1%eth0",
    "2606:4700::1%1",
    "1.2.3",
    "8.8.8.8.8",
    "0x8.8.8.8",
    "[::1]",
    "8.8.8.8 ",
  ];
  assertEquals(texts.filter((text) => whyNotPublic(text) === undefined), []);
});

pureTest("the addresses beside the special blocks are public", () => {
  const beside = [
    ["1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0"],
    [
      "169.253.255.255",
      "169.255.0.0",
      "172.15.255.255",
      "172.32.0.0",
      "191.255.255.255",
      "192.0.1.0",
      "192.0.3.0",
    ],
    ["192.88.98.255", "192.88.100.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0"],
    ["198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255", "8.8.8.8"],
    [
      "2000::",
      "2001:200::",
      "2001:db7:ffff::",
      "2001:db9::",
      "2001:ffff::",
      "2003::",
      "2606:4700:4700::1111",
    ],
    ["2620:4f:7fff::", "2620:4f:8001::", "3ffe:ffff::", "3fff:1000::", "3fff:ffff::"],
  ].flat();
  assertEquals(beside.filter((address) => whyNotPublic(address) !== undefined), []);
});

pureTest("the operators are told what an address is", () => {
  assertEquals(
    ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fd00::1", "64:ff9b::1", "::ffff:1.2.3.4"].map(
      whyNotPublic,
    ),
    [
      "loopback",
      "a private network",
      "link-local",
      "loopback",
      "a private network",
      "translated to IPv4 (NAT64)",
      "an IPv4 address in the form of IPv6",
    ],
  );
});

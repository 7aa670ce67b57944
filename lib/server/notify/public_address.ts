/**
 * Which IP addresses are public. The others are those of IANA's registries of special-purpose addresses
 * (https://www.iana.org/assignments/iana-ipv4-special-registry and …/iana-ipv6-special-registry), with the few in them
 * that are globally reachable: of these, none is a host that notifications are for. Of IPv6, only 2000::/3 is given out
 * for unicast (https://www.iana.org/assignments/ipv6-unicast-address-assignments); translated and mapped addresses,
 * which lead to an IPv4 address that need not be public, lie outside of it, or are listed.
 */
import { blockContains, parseCidr, parseIp } from "../../base/ip.ts";
import type { Cidr } from "../../base/ip.ts";

/** Kinds of addresses that are not public, each with its blocks. */
const SPECIAL_BLOCKS: Readonly<Record<string, readonly string[]>> = {
  unspecified: ["0.0.0.0/8"],
  loopback: ["127.0.0.0/8"],
  "a private network": ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"],
  "link-local": ["169.254.0.0/16"],
  "shared by the clients of a carrier": ["100.64.0.0/10"],
  multicast: ["224.0.0.0/4"],
  "for documentation": ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20"],
  "for benchmarks": ["198.18.0.0/15"],
  "for protocols": ["192.0.0.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.175.48.0/24"],
  reserved: ["240.0.0.0/4"],
  "a relay of 6to4": ["192.88.99.0/24", "2002::/16"],
  "for protocols (Teredo, ORCHID and others)": ["2001::/23"],
  "of the project AS112": ["2620:4f:8000::/48"],
};
/** Kinds of IPv6 addresses outside of {@link UNICAST}; the first that fits is told. */
const OTHER_IPV6: Readonly<Record<string, readonly string[]>> = {
  loopback: ["::1/128"],
  unspecified: ["::/128"],
  "translated to IPv4 (NAT64)": ["64:ff9b::/96", "64:ff9b:1::/48"],
  "a private network": ["fc00::/7"],
  "link-local": ["fe80::/10"],
  multicast: ["ff00::/8"],
  "not given out for unicast": ["::/0"],
};
const UNICAST = blockOf("2000::/3");

const SPECIAL = listBlocks(SPECIAL_BLOCKS);
const OTHER = listBlocks(OTHER_IPV6);

/** Why the address `text` is not public, such as `loopback`; undefined: it is. */
export function whyNotPublic(text: string): string | undefined {
  const address = parseIp(text);
  if (address === undefined) return "not an address";
  const isIpv6 = text.includes(":");
  if (isIpv6 && address.length === 4) return "an IPv4 address in the form of IPv6";
  const blocks = isIpv6 && !blockContains(UNICAST, address) ? OTHER : SPECIAL;
  return blocks.find(([, block]) => blockContains(block, address))?.[0];
}

function listBlocks(table: Readonly<Record<string, readonly string[]>>): [kind: string, block: Cidr][] {
  return Object.entries(table).flatMap(([kind, blocks]) =>
    blocks.map((text): [string, Cidr] => [kind, blockOf(text)])
  );
}

function blockOf(text: string): Cidr {
  return parseCidr(text)!;
}

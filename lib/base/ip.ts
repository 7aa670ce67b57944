/** IP addresses as text and as bytes, blocks of addresses, and the subnet that limits per address are counted by. */

/** Prefix length of an IPv6 site (RFC 6177 §2): a subscriber controls every address of its /64. */
const IPV6_SUBNET_BITS = 64;

/** A block of addresses: those that share the first `bits` bits of `address`. */
export interface Cidr {
  /** 4 or 16 bytes. */
  readonly address: readonly number[];
  readonly bits: number;
}

/** Bytes of an address without brackets or zone: 4 or 16. IPv4-mapped IPv6 (`::ffff:1.2.3.4`) becomes IPv4. */
export function parseIp(text: string): number[] | undefined {
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

/**
 * Text of an address of 4 or 16 bytes, as sockets report it: IPv6 in its shortest form (RFC 5952), IPv4-mapped IPv6
 * as IPv4.
 */
export function formatIp(bytes: readonly number[]): string {
  const address = unmapIpv4(bytes);
  if (address.length === 4) return address.join(".");
  // URLs write IPv6 hosts in this form: https://url.spec.whatwg.org/#concept-ipv6-serializer
  return new URL(`http://[${groupsOf(address).join(":")}]`).hostname.slice(1, -1);
}

/** The first `bits` bits of an IPv6 address in groups of 16 bits. */
function groupsOf(address: readonly number[], bits = 128): string[] {
  const groups = [];
  for (let at = 0; at < bits / 8; at += 2) {
    groups.push((address[at]! << 8 | address[at + 1]!).toString(16));
  }
  return groups;
}

/** Parses `192.0.2.0/24`, `2001:db8::/32` or a single address. Bits after the prefix are ignored. */
export function parseCidr(text: string): Cidr | undefined {
  const [, base = "", length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = parseIp(base);
  if (address === undefined) return undefined;
  const size = address.length * 8;
  // A prefix of IPv4-mapped IPv6 includes its 96 leading bits.
  const bits = length === undefined ? size : Number(length) - (base.includes(":") && size === 32 ? 96 : 0);
  return bits >= 0 && bits <= size ? { address, bits } : undefined;
}

/** Whether `address`, in the form of {@link parseIp}, lies in `block`. */
export function blockContains({ address: start, bits }: Cidr, address: readonly number[]): boolean {
  if (start.length !== address.length) return false;
  for (let at = 0; at * 8 < bits; at++) {
    const mask = 0xff << Math.max(0, 8 - (bits - at * 8)) & 0xff;
    if ((start[at]! & mask) !== (address[at]! & mask)) return false;
  }
  return true;
}

/**
 * Subnet that limits per address are counted by: an IPv4 address, or the /64 of an IPv6 address. Text that is not an
 * address is returned unchanged.
 */
export function subnetOf(host: string): string {
  const address = parseIp(host);
  if (address === undefined) return host;
  if (address.length === 4) return address.join(".");
  return `${groupsOf(address, IPV6_SUBNET_BITS).join(":")}::/${IPV6_SUBNET_BITS}`;
}

/** Set of address blocks, and of names that are not addresses, such as `localhost`. */
export class AddressSet {
  readonly #blocks: Cidr[] = [];
  readonly #names = new Set<string>();
  #members: readonly string[] = [];

  constructor(members: readonly string[]) {
    this.replace(members);
  }

  get members(): readonly string[] {
    return this.#members;
  }

  /** Replaces all members, for everything that holds this set. */
  replace(members: readonly string[]): void {
    this.#members = members;
    this.#blocks.length = 0;
    this.#names.clear();
    for (const member of members) {
      const block = parseCidr(member);
      if (block === undefined) this.#names.add(member);
      else this.#blocks.push(block);
    }
  }

  has(host: string): boolean {
    if (this.#names.has(host)) return true;
    if (this.#blocks.length === 0) return false;
    const address = parseIp(host);
    return address !== undefined && this.#blocks.some((block) => blockContains(block, address));
  }
}

function parseIpv4(text: string): number[] | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part))) return undefined;
  const bytes = parts.map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

function parseIpv6(text: string): number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half, at) => parseIpv6Groups(half, at === halves.length - 1));
  if (head === undefined || halves.length === 2 && tail === undefined) return undefined;
  const gap = 16 - head.length - (tail?.length ?? 0);
  if (tail === undefined ? gap !== 0 : gap < 2) return undefined;
  const bytes = [...head, ...new Array<number>(gap).fill(0), ...tail ?? []];
  return unmapIpv4(bytes);
}

/** The IPv4 address in an IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2); any other address unchanged. */
function unmapIpv4<Bytes extends readonly number[]>(bytes: Bytes): Bytes | number[] {
  const isMapped = bytes.length === 16 &&
    bytes.slice(0, 12).every((byte, at) => byte === (at < 10 ? 0 : 0xff));
  return isMapped ? bytes.slice(12) : bytes;
}

/** Bytes of colon-separated groups; the last group of the address may be written as IPv4. */
function parseIpv6Groups(groups: string, atEnd: boolean): number[] | undefined {
  if (groups === "") return [];
  const bytes: number[] = [];
  const parts = groups.split(":");
  for (const [at, part] of parts.entries()) {
    if (atEnd && at === parts.length - 1 && part.includes(".")) {
      const last = parseIpv4(part);
      if (last === undefined) return undefined;
      bytes.push(...last);
    } else if (/^[0-9A-Fa-f]{1,4}$/.test(part)) {
      const value = parseInt(part, 16);
      bytes.push(value >> 8, value & 0xff);
    } else return undefined;
  }
  return bytes;
}

/** This machine. "localhost" stands for clients of Unix sockets. */
export const LOOPBACK: readonly string[] = ["127.0.0.0/8", "::1", "localhost"];

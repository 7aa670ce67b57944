/**
 * Cloaks: what other users see instead of the address of a user. A cloak is a keyed hash, so that without the key
 * an address cannot be found by trying all of them. It has a part for each network that the address lies in, so
 * that a mask can cover the network:
 *
 *     IPv4   <32 bits>.<24 bits>.<16 bits>.v4.cloak     *!*@*.<24 bits>.<16 bits>.v4.cloak is a /24
 *     IPv6   <64 bits>.<48 bits>.v6.cloak               *!*@*.<48 bits>.v6.cloak is a /48
 *
 * Each part is the start of the HMAC-SHA-256 of the network as text (`v4/24 192.0.2`), in base 32. It stays the
 * same as long as the key does. IPv6 is assigned in networks of 64 bits (RFC 6177), which count as one address.
 *
 * The machine's own addresses and `localhost` (a Unix socket) are shown as they are: they identify no person.
 */
import { nodeModules } from "../../base/platform/node_modules.ts";
import { assert } from "../../base/assert.ts";
import { AddressSet, LOOPBACK, parseIp } from "../../base/ip.ts";

/** Bytes of the key: the length of the hash (RFC 2104 section 3). */
export const CLOAK_KEY_BYTES = 32;
/** Cached cloaks of addresses and parts of networks; when full, the cache starts again. An HMAC takes 15 µs. */
const MAX_CACHED = 4096;
/** Characters of a part: 40 bits, so that even among 2^20 networks two rarely share a part. */
const PART_LENGTH = 8;
const BASE32 = "abcdefghijklmnopqrstuvwxyz234567"; // RFC 4648 section 6, in small letters
const CLOAK_SUFFIX = "cloak";
const FAMILIES = {
  v4: [32, 24, 16],
  v6: [64, 48],
} as const;

const loopback = new AddressSet(LOOPBACK);

export class HostCloak {
  readonly #key: Uint8Array;
  /** By address, or by network as it is hashed. */
  readonly #cache = new Map<string, string>();

  /** `key`: {@link CLOAK_KEY_BYTES} random bytes that only the server knows. */
  constructor(key: Uint8Array) {
    assert(key.length === CLOAK_KEY_BYTES, "the key of cloaked hosts has 32 bytes");
    this.#key = key;
  }

  /** Cloak of `host`, an address as the server knows it, or `localhost`; at most 63 bytes (HOSTLEN). */
  hostOf(host: string): string {
    return this.#cache.get(host) ?? this.#cached(host, loopback.has(host) ? host : this.#make(host));
  }

  /** `source` (`nick!user@host`) with its address cloaked: records from before cloaks hold addresses. */
  sourceOf(source: string): string {
    const host = source.slice(source.lastIndexOf("@") + 1);
    if (host.length === source.length) return source;
    if (!this.#cache.has(host) && parseIp(host) === undefined) return source;
    return source.slice(0, source.length - host.length) + this.hostOf(host);
  }

  #make(host: string): string {
    const [address] = host.split("%"); // without the zone (RFC 4007), which only has a meaning on this machine
    const bytes = parseIp(address!);
    if (bytes === undefined) return `${this.#part(`name ${host}`)}.${CLOAK_SUFFIX}`;
    const family = bytes.length === 4 ? "v4" : "v6";
    const parts = FAMILIES[family].map((bits) =>
      this.#part(`${family}/${bits} ${bytes.slice(0, bits / 8).join(".")}`)
    );
    return `${parts.join(".")}.${family}.${CLOAK_SUFFIX}`;
  }

  #part(network: string): string {
    const known = this.#cache.get(network);
    if (known !== undefined) return known;
    const digest = nodeModules.crypto.createHmac("sha256", this.#key).update(network).digest();
    return this.#cached(
      network,
      Array.from(digest.subarray(0, PART_LENGTH), (byte) => BASE32[byte & 31]).join(""),
    );
  }

  #cached(key: string, value: string): string {
    if (this.#cache.size >= MAX_CACHED) this.#cache.clear();
    this.#cache.set(key, value);
    return value;
  }
}

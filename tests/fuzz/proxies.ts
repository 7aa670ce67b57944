/** What proxies say of their clients: whatever comes in its place, nothing throws, and what is taken is an address. */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { concatBytes, encodeUtf8 } from "../../lib/base/bytes.ts";
import { formatIp, parseIp } from "../../lib/base/ip.ts";
import { resolveForwardedClient } from "../../lib/net/proxy/forwarded_header.ts";
import { MAX_PROXY_HEADER_BYTES, parseProxyHeader } from "../../lib/net/proxy/proxy_header.ts";
import type { ProxyHeader } from "../../lib/net/proxy/proxy_header.ts";
import type { Random } from "../irc/property.ts";
import { binaryHeader, sslTlv } from "../support/proxy_header.ts";
import { damaged, randomBytes, type Target } from "./target.ts";

export const PROXY_HEADERS: Target = {
  name: "proxy-headers",
  run(random, note) {
    const good = random.chance(2) ? someLine(random) : someBinary(random);
    const header = random.chance(6)
      ? randomBytes(random, 300)
      : random.chance(3)
      ? good
      : damaged(good, random).bytes;
    const bytes = concatBytes([header, encodeUtf8("NICK alice\r\n")]);
    note(bytes.toHex());
    const { outcome, length } = heard(bytes, () => Infinity);
    const pieces = heard(bytes, () => 1 + random.below(20));
    // Of several faults another one may be found first.
    if (outcome?.kind === "bad") assertEquals(pieces.outcome?.kind, "bad", "read in other pieces");
    else assertEquals(pieces, { outcome, length }, "read in other pieces");
    if (header === good) {
      assertEquals(
        [outcome?.kind, length],
        ["ok", good.length],
        "a good header is taken, and nothing behind it",
      );
    }
    if (outcome?.kind === "ok" && typeof outcome.connection.from !== "string") {
      assertCanonical(outcome.connection.from.host);
      assertCanonical(outcome.connection.from.to.host);
    }
  },
};

/** Reads as a connection is read, so many bytes at a time at most; undefined: the header has not ended. */
function heard(
  bytes: Uint8Array,
  most: () => number,
): { outcome: ProxyHeader | undefined; length: number } {
  for (let length = 0;;) {
    const outcome = parseProxyHeader(bytes.subarray(0, length));
    if (outcome.kind !== "unfinished") return { outcome, length: outcome.kind === "ok" ? length : 0 };
    assert(outcome.needed > 0 && length + outcome.needed <= MAX_PROXY_HEADER_BYTES, "within its bound");
    const read = Math.min(outcome.needed, most(), bytes.length - length);
    if (read === 0) return { outcome: undefined, length: 0 };
    length += read;
  }
}

function someAddress(random: Random, isV4: boolean): string {
  return formatIp(
    Array.from({ length: isV4 ? 4 : 16 }, () => random.pick([0, 0, 1, 255, random.below(256)])),
  );
}

function someLine(random: Random): Uint8Array<ArrayBuffer> {
  const isV4 = random.chance(2);
  const parts = [
    someAddress(random, isV4),
    someAddress(random, isV4),
    random.below(65536),
    random.below(65536),
  ];
  if (!isV4 && parts.some((part) => String(part).includes("."))) return encodeUtf8("PROXY UNKNOWN\r\n"); // mapped IPv4
  return encodeUtf8(`PROXY ${isV4 ? "TCP4" : "TCP6"} ${parts.join(" ")}\r\n`);
}

function someBinary(random: Random): Uint8Array<ArrayBuffer> {
  const isV4 = random.chance(2);
  const addresses = Array.from({ length: isV4 ? 12 : 36 }, () => random.below(256));
  const tlvs = random.chance(2) ? [] : [...sslTlv(random.below(8)), 4, 0, 3, 1, 2, 3];
  return binaryHeader(random.pick([0x20, 0x21]), isV4 ? 0x11 : 0x21, [...addresses, ...tlvs]);
}

function assertCanonical(host: string): void {
  const address = parseIp(host);
  assert(address !== undefined && formatIp(address) === host, `${host} is no address as it is written`);
}

const NODES = [
  "192.0.2.1",
  '"[2001:db8::1]:80"',
  "unknown",
  "_x",
  '"',
  "\\",
  ";",
  ",",
  "=",
  "for",
  "proto",
  "https",
  " ",
  "",
];

export const FORWARDED: Target = {
  name: "forwarded",
  run(random, note) {
    const value = Array.from({ length: random.below(12) }, () => random.pick(NODES)).join(
      random.pick(["", "=", ";for="]),
    );
    const headers = new Map([[random.pick(["forwarded", "x-forwarded-for"]), value]]);
    if (random.chance(3)) headers.set("x-forwarded-for", random.pick(NODES));
    note(JSON.stringify([...headers]));
    const outcome = resolveForwardedClient(headers, (host) => host.startsWith("10."));
    if (outcome.kind === "ok") assertCanonical(outcome.host);
    // What a client writes in front of what its proxy adds changes nothing.
    const added = new Map([["x-forwarded-for", `${value}, 198.51.100.7`]]);
    assertEquals(resolveForwardedClient(added, () => false), {
      kind: "ok",
      host: "198.51.100.7",
      secure: undefined,
    });
  },
};

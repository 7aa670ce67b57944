import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { concatBytes, encodeUtf8 } from "../../lib/base/bytes.ts";
import {
  isProxyHeaderStart,
  MAX_PROXY_HEADER_BYTES,
  parseProxyHeader,
} from "../../lib/net/proxy/proxy_header.ts";
import type { ProxyHeader } from "../../lib/net/proxy/proxy_header.ts";
import { binaryHeader, sslTlv } from "../support/proxy_header.ts";
import { pureTest } from "../support/test.ts";

function read(header: string | Uint8Array): ProxyHeader {
  return parseProxyHeader(typeof header === "string" ? encodeUtf8(header) : header);
}

/** The client's host and where it connected to, or in which way that is not told. */
function from(header: string | Uint8Array): unknown {
  const outcome = read(header);
  return outcome.kind === "ok" ? outcome.connection.from : outcome;
}

function whyBad(header: string | Uint8Array): string {
  const outcome = read(header);
  return outcome.kind === "bad" ? outcome.why : JSON.stringify(outcome);
}

const V4 = [192, 0, 2, 1, 198, 51, 100, 7, 0xdc, 0x04, 0x1a, 0x0b];
const V6 = [
  ...[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
  ...[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2],
  ...[0xdc, 0x04, 0x1a, 0x29],
];

pureTest("PROXY header: version 1: IPv4, IPv6, and IPv4 within IPv6", () => {
  assertEquals(from("PROXY TCP4 192.0.2.1 198.51.100.7 56324 6667\r\n"), {
    host: "192.0.2.1",
    to: { host: "198.51.100.7", port: 6667 },
  });
  assertEquals(from("PROXY TCP6 2001:DB8:0::1 2001:db8::02 0 65535\r\n"), {
    host: "2001:db8::1",
    to: { host: "2001:db8::2", port: 65535 },
  });
  assertEquals(from("PROXY TCP6 ::ffff:192.0.2.1 ::ffff:198.51.100.7 1 6667\r\n"), {
    host: "192.0.2.1",
    to: { host: "198.51.100.7", port: 6667 },
  });
});

pureTest("PROXY header: version 1: of UNKNOWN the rest of the line is not looked at", () => {
  assertEquals(from("PROXY UNKNOWN\r\n"), "unknown");
  assertEquals(from("PROXY UNKNOWN what ever 1 2 3 4\r\n"), "unknown");
  assertEquals(
    from(`PROXY UNKNOWN ${"ffff:".repeat(7)}ffff ${"ffff:".repeat(7)}ffff 65535 65535\r\n`),
    "unknown",
  );
});

for (
  const line of [
    "PROXY TCP4 192.0.2.1 198.51.100.7 56324\r\n",
    "PROXY TCP4 192.0.2.1 198.51.100.7 56324 6667 1\r\n",
    "PROXY  TCP4 192.0.2.1 198.51.100.7 56324 6667\r\n",
    "PROXY TCP4 192.0.2.01 198.51.100.7 56324 6667\r\n",
    "PROXY TCP4 192.0.2.256 198.51.100.7 56324 6667\r\n",
    "PROXY TCP4 2001:db8::1 2001:db8::2 56324 6667\r\n",
    "PROXY TCP6 192.0.2.1 198.51.100.7 56324 6667\r\n",
    "PROXY TCP4 192.0.2.1 198.51.100.7 65536 6667\r\n",
    "PROXY TCP4 192.0.2.1 198.51.100.7 06667 6667\r\n",
    "PROXY TCP4 192.0.2.1 198.51.100.7 -1 6667\r\n",
    "PROXY TCP5 192.0.2.1 198.51.100.7 56324 6667\r\n",
    "PROXY tcp4 192.0.2.1 198.51.100.7 56324 6667\r\n",
    "PROXY TCP4 192.0.2.1 198.51.100.7 56324 6667\n",
    `PROXY UNKNOWN ${"x".repeat(93)}\r\n`,
  ]
) {
  pureTest(`PROXY header: version 1: ${JSON.stringify(line.slice(0, 60))} is malformed`, () => {
    assertMatch(whyBad(line), /^a (?:malformed PROXY line|PROXY line of more than 107 bytes)$/);
  });
}

pureTest("PROXY header: version 2: IPv4 and IPv6, with what comes behind the addresses", () => {
  assertEquals(from(binaryHeader(0x21, 0x11, V4)), {
    host: "192.0.2.1",
    to: { host: "198.51.100.7", port: 6667 },
  });
  assertEquals(from(binaryHeader(0x21, 0x21, [...V6, 4, 0, 2, 9, 9])), {
    host: "2001:db8::1",
    to: { host: "2001:db8::2", port: 6697 },
  });
});

pureTest("PROXY header: version 2: a proxy's own connection, whatever else is in its header", () => {
  assertEquals(from(binaryHeader(0x20, 0x00, [])), "proxy");
  assertEquals(from(binaryHeader(0x20, 0x11, V4)), "proxy");
  assertEquals(from(binaryHeader(0x20, 0xff, [1, 2, 3])), "proxy");
});

pureTest(
  "PROXY header: version 2: without a family, of a Unix socket and of datagrams no address is told",
  () => {
    assertEquals(from(binaryHeader(0x21, 0x00, [])), "unknown");
    assertEquals(from(binaryHeader(0x21, 0x31, new Array(216).fill(65))), "unknown");
    assertEquals(from(binaryHeader(0x21, 0x12, V4)), "unknown");
    assertEquals(from(binaryHeader(0x21, 0x10, V4)), "unknown");
  },
);

pureTest("PROXY header: version 2: whether the client speaks TLS", () => {
  const secure = (tlvs: number[]) => {
    const outcome = read(binaryHeader(0x21, 0x11, [...V4, ...tlvs]));
    return outcome.kind === "ok" ? outcome.connection.secure : outcome;
  };
  assertEquals(secure([]), undefined);
  assertEquals(secure([0x02, 0, 1, 65]), undefined);
  assertEquals(secure(sslTlv(0x01)), true);
  assertEquals(secure([0x02, 0, 1, 65, ...sslTlv(0x07)]), true);
  assertEquals(secure(sslTlv(0x00)), false);
});

pureTest("PROXY header: version 2: the longest that is taken", () => {
  const header = binaryHeader(0x21, 0x00, new Array(MAX_PROXY_HEADER_BYTES - 16).fill(4));
  assertEquals([header.length, parseProxyHeader(header).kind], [MAX_PROXY_HEADER_BYTES, "ok"]);
  assertMatch(
    whyBad(new Uint8Array([...header.subarray(0, 14), 0x0f, 0xf1])),
    /of 4097 bytes, more than 4096/,
  );
});

pureTest("PROXY header: version 2: what is malformed, unknown or too long", () => {
  assertMatch(whyBad(binaryHeader(0x31, 0x11, V4)), /unknown version or command/);
  assertMatch(whyBad(binaryHeader(0x22, 0x11, V4)), /unknown version or command/);
  assertMatch(whyBad(binaryHeader(0x21, 0x41, V4)), /unknown address family/);
  assertMatch(whyBad(binaryHeader(0x21, 0x13, V4)), /unknown address family or transport/);
  assertMatch(whyBad(binaryHeader(0x21, 0x11, V4.slice(1))), /truncated addresses/);
  assertMatch(whyBad(binaryHeader(0x21, 0x11, [...V4, 4, 0])), /malformed TLV/);
  assertMatch(whyBad(binaryHeader(0x21, 0x11, [...V4, 4, 0, 9, 1])), /malformed TLV/);
  assertMatch(whyBad(binaryHeader(0x21, 0x11, [...V4, 0x20, 0, 1, 1])), /malformed TLV/);
  assertMatch(whyBad(binaryHeader(0x21, 0x00, new Array(MAX_PROXY_HEADER_BYTES).fill(4))), /more than 4096/);
});

pureTest("PROXY header: what is none is known by its first byte that is not a header's", () => {
  for (const start of ["N", "PROXX", "PROXY\r\n", "\r\n\r\nX", "\x16\x03\x01"]) {
    assertEquals(whyBad(start), "no PROXY header");
    assertEquals(isProxyHeaderStart(encodeUtf8(start)), false);
  }
  for (const start of ["P", "PROXY ", "\r", "\r\n\r\n\0"]) {
    assert(isProxyHeaderStart(encodeUtf8(start)), start);
  }
  assertEquals(isProxyHeaderStart(new Uint8Array(0)), false);
});

pureTest("PROXY header: whoever reads what is needed, and no more, ends where the header does", () => {
  const headers = [
    encodeUtf8("PROXY UNKNOWN\r\n"),
    encodeUtf8("PROXY UNKNOWN ::1 ::1 1 2\r\n"),
    encodeUtf8("PROXY TCP4 1.1.1.1 1.1.1.1 1 1\r\n"),
    encodeUtf8("PROXY TCP4 192.0.2.1 198.51.100.7 56324 6667\r\n"),
    encodeUtf8("PROXY TCP6 :: ::1 0 0\r\n"),
    binaryHeader(0x20, 0x00, []),
    binaryHeader(0x21, 0x11, [...V4, ...sslTlv(0x01)]),
    binaryHeader(0x21, 0x21, V6),
  ];
  for (const header of headers) {
    const bytes = concatBytes([header, encodeUtf8("NICK alice\r\nUSER a 0 * :a\r\n")]);
    let length = 0;
    for (;;) {
      const outcome = parseProxyHeader(bytes.subarray(0, length));
      if (outcome.kind === "unfinished") length += outcome.needed;
      else {
        assertEquals(outcome.kind, "ok");
        break;
      }
    }
    assertEquals(length, header.length);
  }
});

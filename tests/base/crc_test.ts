import { assertEquals } from "@std/assert";
import { crc32 as zlibCrc32 } from "node:zlib";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { crc32 } from "../../lib/base/crc.ts";
import { pureTest } from "../support/test.ts";

pureTest("crc32 gives the check value of CRC-32/ISO-HDLC", () => {
  assertEquals(crc32(encodeUtf8("123456789")), 0xcbf43926);
  assertEquals(crc32(new Uint8Array(0)), 0);
});

pureTest(
  "crc32 goes on from an earlier checksum",
  () => assertEquals(crc32(encodeUtf8("6789"), crc32(encodeUtf8("12345"))), 0xcbf43926),
);

pureTest("crc32 is unsigned, and another for each bit flipped", () => {
  const bytes = encodeUtf8("a record of the log");
  const seen = new Set([crc32(bytes)]);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = bytes.slice();
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    seen.add(crc32(flipped));
  }
  assertEquals(seen.size, bytes.length * 8 + 1);
  for (const crc of seen) assertEquals(crc >= 0 && crc <= 0xffff_ffff && Number.isInteger(crc), true);
});

pureTest("crc32 reads shared memory, at any offset", () => {
  const shared = new Uint8Array(new SharedArrayBuffer(32));
  shared.set(encodeUtf8("123456789"), 7);
  assertEquals(crc32(shared.subarray(7, 16)), 0xcbf43926);
});

pureTest("crc32 is zlib's, for every length up to some slices and every offset", () => {
  const bytes = Uint8Array.from({ length: 64 }, (_, i) => i * 167 + 13);
  for (let start = 0; start < 9; start++) {
    for (let end = start; end <= bytes.length; end++) {
      const part = bytes.subarray(start, end);
      assertEquals(crc32(part, start), zlibCrc32(part, start));
    }
  }
});

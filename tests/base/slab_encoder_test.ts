import { assert, assertEquals, assertNotStrictEquals, assertStrictEquals } from "@std/assert";
import { SLAB_BYTES, SlabEncoder } from "../../lib/base/slab_encoder.ts";
import { pureTest } from "../support/test.ts";

const decoder = new TextDecoder();

pureTest("slab: short texts share a buffer and don't touch each other", () => {
  const slab = new SlabEncoder();
  const texts = ["PING :a\r\n", "", "ä€𝄞", "x".repeat(500), "last"];
  const encoded = texts.map((text) => slab.encode(text));
  assertEquals(encoded.map((bytes) => decoder.decode(bytes)), texts);
  for (const bytes of encoded) assertStrictEquals(bytes.buffer, encoded[0]!.buffer);
});

pureTest("slab: a full buffer is left to those who have it, and long texts get their own", () => {
  const slab = new SlabEncoder();
  const texts = Array.from({ length: 100 }, (_, at) => `${at}:`.padEnd(SLAB_BYTES / 13, "€"));
  const encoded = texts.map((text) => slab.encode(text));
  assertEquals(encoded.map((bytes) => decoder.decode(bytes)), texts);
  assert(new Set(encoded.map(({ buffer }) => buffer)).size > 2);
  const long = slab.encode("y".repeat(SLAB_BYTES));
  assertEquals(long.length, SLAB_BYTES);
  assertNotStrictEquals(long.buffer, slab.encode("z").buffer);
});

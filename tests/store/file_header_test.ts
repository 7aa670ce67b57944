import { assertEquals, assertNotEquals } from "@std/assert";
import {
  decodeHeaderPage,
  encodeHeaderSlot,
  type FileHeader,
  HEADER_PAGE_BYTES,
  HEADER_SLOT_BYTES,
  logIdText,
  randomLogId,
  slotOffset,
} from "../../lib/store/ring_file/file_header.ts";
import { pureTest } from "../support/test.ts";

const HEADER: FileHeader = {
  clean: true,
  syncsFirst: false,
  generation: 6,
  capacity: 1 << 20,
  logId: 0xfedc_ba98_7654_3210n,
  created: 1_700_000_000_000,
  synced: 2 ** 33 + 5,
  boot: 2 ** 33,
  missing: 3,
  oldest: 2 ** 33 - 9,
  database: { id: "00112233445566778899aabbccddeeff", saves: 2 ** 32 + 7 },
};

function page(...headers: FileHeader[]): Uint8Array {
  const bytes = new Uint8Array(HEADER_PAGE_BYTES);
  for (const header of headers) bytes.set(encodeHeaderSlot(header), slotOffset(header));
  return bytes;
}

pureTest("format: what is written is read", () => {
  assertEquals(decodeHeaderPage(page(HEADER)), { kind: "ok", header: HEADER });
});

pureTest("format: the layout is the one that is drawn", () => {
  const slot = encodeHeaderSlot(HEADER);
  assertEquals(new TextDecoder().decode(slot.subarray(0, 8)), "CHATRING");
  const rest = "02000000" + "01000000" + "0600000000000000" + "0000100000000000" + "1032547698badcfe" +
    "0068e5cf8b010000" + "0500000002000000" + "0000000002000000" + "0300000000000000" +
    "f7ffffff01000000" + "00112233445566778899aabbccddeeff" + "0700000001000000";
  assertEquals(slot.subarray(8, 104).toHex(), rest);
  assertEquals(slot.length, HEADER_SLOT_BYTES);
});

pureTest("format: of two slots the later one counts; when it is torn, the other", () => {
  const later: FileHeader = { ...HEADER, generation: 7, clean: false, synced: 2 ** 33 + 9 };
  const both = page(HEADER, later);
  assertEquals(decodeHeaderPage(both), { kind: "ok", header: later });
  for (let bit = 0; bit < 108 * 8; bit++) {
    const torn = both.slice();
    torn[slotOffset(later) + (bit >>> 3)]! ^= 1 << (bit & 7);
    assertEquals(decodeHeaderPage(torn), { kind: "ok", header: HEADER }, `bit ${bit}`);
  }
});

pureTest("format: with no whole slot it is damaged, of another version, or not ours", () => {
  const damaged = page(HEADER);
  damaged[20]! ^= 1;
  assertEquals(decodeHeaderPage(damaged), { kind: "damaged" });
  const later = page(HEADER, { ...HEADER, generation: 7 });
  later[8] = later[HEADER_SLOT_BYTES + 8] = 3;
  assertEquals(decodeHeaderPage(later), { kind: "wrong_version", version: 3 });
  later[8] = 4;
  assertEquals(decodeHeaderPage(later), { kind: "damaged" });
  assertEquals(decodeHeaderPage(new Uint8Array(HEADER_PAGE_BYTES)), { kind: "foreign" });
  assertEquals(decodeHeaderPage(new Uint8Array(HEADER_PAGE_BYTES).fill(0x41)), { kind: "foreign" });
});

pureTest("format: a log's id is short text, and random", () => {
  assertEquals(logIdText(2n ** 64n - 1n), "3w5e11264sgsf");
  assertNotEquals(randomLogId(), randomLogId());
});

import { assertEquals } from "@std/assert";
import { RECORD_HEADER_BYTES, RECORD_MIN_BYTES, RecordArea, recordBytes } from "../../lib/log/record.ts";
import { pureTest } from "../support/test.ts";
import { payloadOf } from "./samples.ts";

function area(capacity = 4096): RecordArea {
  return new RecordArea(new ArrayBuffer(capacity), 0, capacity);
}

pureTest("record: sizes are multiples of 8, and never below the smallest", () => {
  for (let length = 0; length < 100; length++) {
    const bytes = recordBytes(length);
    assertEquals(bytes % 8, 0);
    assertEquals(bytes >= RECORD_HEADER_BYTES + length && bytes >= RECORD_MIN_BYTES, true);
    assertEquals(bytes < RECORD_HEADER_BYTES + length + 8 || bytes === RECORD_MIN_BYTES, true);
  }
});

pureTest("record: the layout is the one that is drawn", () => {
  const records = area();
  records.write(8, 0x1_0203_0405_0607, 0x18b_cfe5_6800, new Uint8Array([0x61, 0x62, 0x63]));
  const hex = records.bytes.subarray(12, 40).toHex();
  assertEquals(hex, "030000cb" + "0706050403020100" + "0068e5cf8b010000" + "6162630000000000");
});

pureTest("record: what is written is read, for every length", () => {
  const records = area();
  for (let length = 0; length <= records.maxPayloadBytes; length++) {
    const seq = Number.MAX_SAFE_INTEGER - length;
    records.write(256, seq, length * 2 ** 33, payloadOf(seq, length));
    assertEquals(records.validRecordBytesAt(256), recordBytes(length));
    assertEquals(records.seqAt(256), seq);
    assertEquals(records.timeAt(256), length * 2 ** 33);
    assertEquals(records.claimedLength(256), length);
    assertEquals(records.copy(256, seq)?.payload, payloadOf(seq, length));
  }
});

pureTest("record: a copy goes to the buffer that is given, when it fits", () => {
  const records = area();
  records.write(0, 1, 2, payloadOf(1, 40));
  const large = new Uint8Array(64);
  const payload = records.copy(0, 1, large)?.payload;
  assertEquals(payload?.buffer, large.buffer);
  assertEquals(payload, payloadOf(1, 40));
  assertEquals(records.copy(0, 1, new Uint8Array(39))?.payload, payloadOf(1, 40));
});

pureTest("record: no flipped bit passes, but in the padding, where it does no harm", () => {
  const records = area();
  const length = 29;
  records.write(64, 77, 88, payloadOf(77, length));
  const end = 64 + RECORD_HEADER_BYTES + length;
  for (let bit = 64 * 8; bit < (64 + recordBytes(length)) * 8; bit++) {
    records.bytes[bit >>> 3]! ^= 1 << (bit & 7);
    assertEquals(records.validRecordBytesAt(64) === 0, bit >>> 3 < end, `bit ${bit}`);
    assertEquals(records.copy(64, 77) === undefined, bit >>> 3 < end, `bit ${bit}`);
    records.bytes[bit >>> 3]! ^= 1 << (bit & 7);
  }
  assertEquals(records.validRecordBytesAt(64), recordBytes(length));
});

pureTest("record: a record is valid in its place only", () => {
  const records = area();
  records.write(0, 5, 6, payloadOf(5, 50));
  records.bytes.copyWithin(512, 0, recordBytes(50));
  assertEquals(records.validRecordBytesAt(512), 0);
  assertEquals(records.copy(512, 5), undefined);
});

pureTest("record: another number than the one asked for is no copy", () => {
  const records = area();
  records.write(0, 5, 6, payloadOf(5, 50));
  assertEquals(records.copy(0, 6), undefined);
  assertEquals(records.copy(0, 5 + 2 ** 32), undefined);
});

pureTest("record: erased, there is none; erasing at the end is nothing", () => {
  const records = area();
  records.write(0, 5, 6, payloadOf(5, 50));
  records.erase(0);
  assertEquals(records.validRecordBytesAt(0), 0);
  records.erase(records.capacity);
});

pureTest("record: a header that claims more than can be is none", () => {
  const records = area();
  records.write(4096 - 64, 5, 6, payloadOf(5, 40));
  assertEquals(records.claimedLength(4096 - 64), 40);
  const view = new DataView(records.bytes.buffer);
  view.setUint32(4096 - 60, 0xcb000000 | 41, true); // past the end of the ring
  assertEquals(records.claimedLength(4096 - 64), -1);
  view.setUint32(4, 0xcb000000 | (records.maxPayloadBytes + 1), true);
  assertEquals(records.claimedLength(0), -1);
});

pureTest("record: a record of a time that no date can bear is none", () => {
  const records = area();
  records.write(8, 1, 8.64e15, payloadOf(1, 10));
  assertEquals(records.validRecordBytesAt(8), recordBytes(10));
  records.write(8, 1, 8.64e15 + 1, payloadOf(1, 10));
  assertEquals(records.validRecordBytesAt(8), 0);
});

import { assertEquals } from "@std/assert";
import {
  readSegmentHeader,
  RUNNING,
  SEGMENT_HEADER_BYTES,
  SEGMENT_HEADER_USED_BYTES,
  STATE_OFFSET,
  writeSegmentHeader,
} from "../../lib/shm/segment_header.ts";
import { pureTest } from "../support/test.ts";

const INFO = { pid: 4711, ringBytes: 2 ** 32 + 8, logId: "361n2mmw48urk", lobby: "#" + "é".repeat(100) };

function written(info = INFO): Uint8Array<ArrayBuffer> {
  const page = new SharedArrayBuffer(SEGMENT_HEADER_BYTES);
  writeSegmentHeader(page, info);
  new DataView(page).setUint32(STATE_OFFSET, RUNNING, true);
  return new Uint8Array(page).slice(0, SEGMENT_HEADER_USED_BYTES);
}

pureTest("segment header: what is written is read", () => {
  assertEquals(readSegmentHeader(written()), { kind: "ok", info: INFO });
  assertEquals(readSegmentHeader(written({ ...INFO, lobby: "" })), {
    kind: "ok",
    info: { ...INFO, lobby: "" },
  });
});

pureTest("segment header: no text runs into the next field", () => {
  const outcome = readSegmentHeader(written({ ...INFO, logId: "x".repeat(40), lobby: "y".repeat(300) }));
  assertEquals(outcome, { kind: "ok", info: { ...INFO, logId: "x".repeat(32), lobby: "y".repeat(256) } });
});

pureTest(
  "segment header: zeros are no header yet, other bytes are another file's, other versions are told",
  () => {
    assertEquals(readSegmentHeader(new Uint8Array(0)), { kind: "unmade" });
    assertEquals(readSegmentHeader(new Uint8Array(SEGMENT_HEADER_USED_BYTES)), { kind: "unmade" });
    const bytes = written();
    assertEquals(readSegmentHeader(bytes.map((byte, at) => at < 4 ? 0 : byte)), { kind: "unmade" });
    assertEquals(readSegmentHeader(bytes.map((byte, at) => at === STATE_OFFSET ? 0 : byte)), {
      kind: "unmade",
    });
    assertEquals(readSegmentHeader(bytes.map((byte, at) => at === 0 ? 0 : byte)), { kind: "foreign" });
    assertEquals(readSegmentHeader(bytes.map((byte, at) => at === 4 ? 9 : byte)), {
      kind: "wrong_version",
      version: 9,
    });
  },
);

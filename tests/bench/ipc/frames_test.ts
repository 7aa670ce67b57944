import { assertEquals } from "@std/assert";
import { FrameBuffer, FrameSplitter } from "../../../lib/bench/ipc/frames.ts";
import { pureTest } from "../../support/test.ts";

pureTest("frames: records come out whole, however the stream is cut", () => {
  const records = [16, 300, 0, 65536, 1, 20].map((length, nth) => new Uint8Array(length).fill(nth + 1));
  const frames = new FrameBuffer();
  for (const record of records) frames.add(record);
  const stream = frames.bytes.slice();
  for (const cut of [1, 3, 4, 5, 7, 1000, 65537, stream.length]) {
    const splitter = new FrameSplitter();
    const out: Uint8Array[] = [];
    for (let at = 0; at < stream.length; at += cut) {
      const chunk = stream.subarray(at, at + cut);
      splitter.free.set(chunk);
      splitter.take(chunk.length, 7, (bytes, nowMs) => {
        assertEquals(nowMs, 7);
        out.push(bytes.slice());
      });
    }
    assertEquals(out, records, `cuts of ${cut}`);
    assertEquals(splitter.partialBytes, 0);
  }
});

pureTest("frames: the start of a frame whose end has not come is counted", () => {
  const frames = new FrameBuffer();
  frames.add(new Uint8Array(100));
  const splitter = new FrameSplitter();
  splitter.free.set(frames.bytes.subarray(0, 50));
  splitter.take(50, 0, () => assertEquals("a record", "none"));
  assertEquals(splitter.partialBytes, 50);
  frames.clear();
  assertEquals(frames.bytes.length, 0);
});

/** Ring files: one that was damaged in any way opens or is refused; no record in it is anything but what was written. */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { encodeHeaderSlot, HEADER_PAGE_BYTES, slotOffset } from "../../lib/store/ring_file/file_header.ts";
import { openLog, readLogFile } from "../../lib/store/ring_file/open_log.ts";
import { verifyLogFile } from "../../lib/store/ring_file/verification.ts";
import { appendSamples, isSample } from "../log/samples.ts";
import { headerOf } from "../store/memory_disk.ts";
import { damaged, type Target } from "./target.ts";
import type { Random } from "../irc/property.ts";

export const RING_FILES: Target = {
  name: "ring files",
  async run(random, note) {
    const { bytes, how } = damaged(someFile(random), random);
    note(how);
    const dir = await Deno.makeTempDir({ prefix: "chatterbox-fuzz-" });
    try {
      const path = `${dir}/log.ring`;
      await Deno.writeFile(path, bytes);
      const verified = await verifyLogFile(path, () => Promise.resolve());
      const read = readLogFile(path);
      assertEquals(read.kind === "ok", verified.kind === "ok", "read and verified alike");
      const opened = openLog({ dir, capacityBytes: RING_MIN_BYTES, now: 0 });
      if (opened.kind !== "ok") return void assert(opened.why !== "", "it says why");
      assertEquals(assertSamples(opened.ring), opened.report.recovered, "records that are there");
      opened.ring.append(0, new Uint8Array(8));
      const again = openLog({ dir, capacityBytes: RING_MIN_BYTES, now: 0 });
      assert(
        again.kind === "ok" && !again.report.headerLost && again.report.newlyDamaged === 0,
        "it is mended",
      );
      assertSamples(again.ring);
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  },
};

/** A file of samples, before or after the ring went round. */
function someFile(random: Random): Uint8Array {
  const ring = Ring.create(RING_MIN_BYTES);
  appendSamples(ring, random.pick([1, 20, 300, 900]));
  const { nextSeq: synced, oldestSeq: oldest } = ring;
  const header = { ...headerOf(RING_MIN_BYTES), synced, oldest, boot: 1, clean: random.chance(2) };
  const bytes = new Uint8Array(HEADER_PAGE_BYTES + RING_MIN_BYTES);
  for (const each of [{ ...header, generation: 2 }, { ...header, generation: 3 }]) {
    bytes.set(encodeHeaderSlot(each), slotOffset(each));
  }
  bytes.set(ring.area.bytes, HEADER_PAGE_BYTES);
  return bytes;
}

/** Answers how many records there are. */
function assertSamples(ring: Ring): number {
  let count = 0;
  for (let seq = ring.oldestSeq; seq < ring.nextSeq;) {
    const record = ring.read(seq);
    if (record.kind === "empty") break;
    if (record.kind === "ok") {
      assert(isSample(seq, record.time, record.payload), `record ${seq} is another`);
      count++;
    }
    seq = record.kind === "ok" ? seq + 1 : record.next;
  }
  return count;
}

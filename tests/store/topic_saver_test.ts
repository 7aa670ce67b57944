import { assertEquals, assertRejects } from "@std/assert";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { readState } from "../../lib/store/read_state.ts";
import type { TopicRow } from "../../lib/store/topic_row.ts";
import { TopicSaver } from "../../lib/store/topic_saver.ts";
import { withFolder } from "./folder.ts";

function row(room: string, topic: string, seq: number): TopicRow {
  return { room, name: room, topic, source: "alice!~a@host", time: 1000 + seq, seq };
}

Deno.test("topics: none is saved before its record is on disk", () =>
  withFolder(async (folder) => {
    const path = `${folder}/state.sqlite`;
    const ring = Ring.create(RING_MIN_BYTES);
    for (let i = 0; i < 3; i++) ring.append(i, Uint8Array.of(1));
    const saver = new TopicSaver(ring, path, "log1");
    saver.add([row("#tea", "black", 1), row("#milk", "white", 2)]);
    await saver.save();
    assertEquals([...Deno.readDirSync(folder)], []);
    ring.markDurable(2, ring.position);
    await saver.save();
    assertEquals(readState(path, "log1"), { kind: "ok", topics: [row("#tea", "black", 1)] });
    saver.add([row("#tea", "green", 3)]);
    ring.markDurable(4, ring.position);
    await saver.save();
    saver.close();
    assertEquals(readState(path, "log1"), {
      kind: "ok",
      topics: [row("#milk", "white", 2), row("#tea", "green", 3)],
    });
  }));

Deno.test("topics: what could not be saved is saved when the disk serves again", () =>
  withFolder(async (folder) => {
    const path = `${folder}/state.sqlite`;
    Deno.mkdirSync(path); // no database can be there
    const ring = Ring.create(RING_MIN_BYTES);
    ring.append(0, Uint8Array.of(1));
    ring.markDurable(2, ring.position);
    const saver = new TopicSaver(ring, path, "log1");
    saver.add([row("#tea", "black", 1)]);
    await assertRejects(() => saver.save(), Error, "state.sqlite: ");
    Deno.removeSync(path);
    await saver.save();
    saver.close();
    assertEquals(readState(path, "log1"), { kind: "ok", topics: [row("#tea", "black", 1)] });
  }));

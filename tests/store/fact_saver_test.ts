import { assertEquals, assertRejects } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import type { SavedFact } from "../../lib/log/fact.ts";
import { FactSaver } from "../../lib/store/facts/fact_saver.ts";
import { StateDatabase } from "../../lib/store/facts/state_database.ts";
import { readFactStore } from "../../lib/store/facts/fact_reader.ts";
import { withTempDir } from "../support/temp_dir.ts";

function row(key: string, value: string | undefined, seq: number): SavedFact {
  return { kind: "topic", key, value, seq };
}

function factsOf(path: string): readonly SavedFact[] {
  const outcome = readFactStore(path);
  assert(outcome.kind === "ok" && outcome.logId === "log1", "it is read");
  return outcome.facts;
}

Deno.test("facts: none is saved before its record is on disk, and what is saved is told", () =>
  withTempDir(async (folder) => {
    const path = `${folder}/state.sqlite`;
    const ring = Ring.create(RING_MIN_BYTES);
    for (let i = 0; i < 3; i++) ring.append(i, Uint8Array.of(1));
    const saver = new FactSaver(ring, new StateDatabase(path), "log1");
    saver.add([row("#tea", "1", 1), row("#milk", "2", 2)], 1);
    await saver.save(undefined);
    assertEquals([...Deno.readDirSync(folder)], []);
    assertEquals(saver.savedNumber, 0);
    ring.markDurable(2, ring.position);
    await saver.save(undefined);
    assertEquals(factsOf(path), [row("#tea", "1", 1)]);
    assertEquals(saver.savedNumber, 0);
    saver.add([row("#tea", "3", 3)], 2);
    ring.markDurable(3, ring.position);
    await saver.save(undefined);
    assertEquals(saver.savedNumber, 1);
    ring.markDurable(4, ring.position);
    await saver.save(undefined);
    assertEquals(saver.savedNumber, 2);
    saver.close();
    assertEquals(factsOf(path), [row("#milk", "2", 2), row("#tea", "3", 3)]);
  }));

Deno.test("facts: one that stands for no record is saved at once; what it was before is forgotten", () =>
  withTempDir(async (folder) => {
    const path = `${folder}/state.sqlite`;
    const saver = new FactSaver(Ring.create(RING_MIN_BYTES), new StateDatabase(path), "log1");
    saver.add([row("a", "1", 0), row("b", "1", 0)], 1);
    saver.add([row("a", "2", 0), row("b", undefined, 0)], 2);
    await saver.save(undefined);
    saver.close();
    assertEquals(saver.savedNumber, 2);
    assertEquals(factsOf(path), [row("a", "2", 0)]);
  }));

Deno.test("facts: one that is replaced while it is being saved is saved again, as what it is now", () =>
  withTempDir(async (folder) => {
    const path = `${folder}/state.sqlite`;
    const saver = new FactSaver(Ring.create(RING_MIN_BYTES), new StateDatabase(path), "log1");
    saver.add([row("a", "old", 0), row("b", "same", 0)], 1);
    const saving = saver.save(undefined);
    saver.add([row("a", "new", 0)], 2);
    const mark = await saving;
    assertEquals([saver.savedNumber, factsOf(path)], [1, [row("a", "old", 0), row("b", "same", 0)]]);
    await saver.save(mark);
    saver.close();
    assertEquals([saver.savedNumber, factsOf(path)], [2, [row("a", "new", 0), row("b", "same", 0)]]);
  }));

/** Lines of `ls` on the files in `folder` that this process has open (proc(5)); by a shell, because the runtime itself may not look. */
async function openFilesIn(folder: string): Promise<string[]> {
  const script = 'ls -l "/proc/$0/fd"';
  const { stdout } = await new Deno.Command("sh", { args: ["-c", script, String(Deno.pid)] }).output();
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line.includes(folder));
}

Deno.test({
  name: "facts: a database that is another one's is let go of, however often it is looked at",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withTempDir(async (folder) => {
      const path = `${folder}/state.sqlite`;
      const ring = Ring.create(RING_MIN_BYTES);
      const first = new FactSaver(ring, new StateDatabase(path), "log1");
      first.add([row("a", "1", 0)], 1);
      await first.save(undefined);
      first.close();
      const saver = new FactSaver(ring, new StateDatabase(path), "log1");
      saver.add([row("b", "2", 0)], 1);
      for (let nth = 0; nth < 3; nth++) {
        await assertRejects(() => saver.save({ id: "other", saves: 1 }), Error, "another database");
        assertEquals(await openFilesIn(folder), []);
      }
      saver.close();
    }),
});

Deno.test("facts: what could not be saved is saved when the disk serves again", () =>
  withTempDir(async (folder) => {
    const path = `${folder}/state.sqlite`;
    Deno.mkdirSync(path); // no database can be there
    const ring = Ring.create(RING_MIN_BYTES);
    ring.append(0, Uint8Array.of(1));
    ring.markDurable(2, ring.position);
    const saver = new FactSaver(ring, new StateDatabase(path), "log1");
    saver.add([row("#tea", "1", 1)], 1);
    await assertRejects(() => saver.save(undefined), Error, "state.sqlite: ");
    assertEquals(saver.savedNumber, 0);
    Deno.removeSync(path);
    await saver.save(undefined);
    saver.close();
    assertEquals(factsOf(path), [row("#tea", "1", 1)]);
  }));

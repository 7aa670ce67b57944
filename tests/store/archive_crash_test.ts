import { assert, assertEquals } from "@std/assert";
import type { ArchiveChange } from "../../lib/log/archive.ts";
import { ArchivePruning } from "../../lib/store/archive/archive_pruning.ts";
import { ArchiveReader } from "../../lib/store/archive/archive_reader.ts";
import { ArchiveWriter } from "../../lib/store/archive/archive_writer.ts";
import { forAll, Random } from "../irc/property.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { compareQueries } from "./archive_comparison.ts";
import { ArchiveGenerator, ArchiveModel, readSearchable } from "./archive_model.ts";

const CRASHES = 30;
const BATCH = 40;

interface Batch {
  readonly changes: readonly ArchiveChange[];
  readonly cursor: number;
}

function open(path: string): ArchiveWriter {
  return new ArchiveWriter(path, {
    logId: "log",
    readSearchable,
    partBounds: { messages: 60, spanMs: Infinity },
  });
}

/** Copies the files as a crash at this moment leaves them, with `walBytes` of the WAL file. */
function copyFiles(path: string, to: string, walBytes: number): void {
  Deno.copyFileSync(path, to);
  Deno.writeFileSync(`${to}-wal`, Deno.readFileSync(`${path}-wal`).subarray(0, walBytes));
}

function sizeOf(path: string): number {
  return Deno.statSync(path).size;
}

/** Changes during the application of which, at the one with the index `at`, `interrupt` is called. */
function interrupted(changes: readonly ArchiveChange[], at: number, interrupt: () => void): ArchiveChange[] {
  return changes.map((change, nth) => {
    if (nth !== at) return change;
    return new Proxy(change, {
      get(target, name) {
        if (name === "kind") interrupt();
        return Reflect.get(target, name);
      },
    });
  });
}

/** Opens what a crash has left: it is one of the states that were written, whole. Returns its cursor. */
function verify(path: string, batches: readonly Batch[], random: ArchiveGenerator): number {
  const writer = open(path);
  const { cursor } = writer;
  const model = new ArchiveModel();
  model.archivedUntil = cursor;
  for (const each of batches) {
    if (each.cursor <= cursor) each.changes.forEach((change) => model.apply(change));
  }
  const reader = new ArchiveReader(path);
  assertEquals(writer.members(), model.memberNames());
  const records = Number(writer.db.prepare("SELECT count(*) AS count FROM record").get()!["count"]);
  assertEquals(records, model.records.size);
  for (let nth = 0; nth < 2; nth++) compareQueries(random, model, reader);
  reader.close();
  // It goes on where its cursor is: nothing is missing, nothing is there twice.
  for (const each of batches) writer.append(each.changes, each.cursor);
  assertEquals(writer.cursor, batches.at(-1)?.cursor ?? 0);
  writer.close();
  return cursor;
}

/** Crashes within each of many transactions, and after it. */
function crashOften(folder: string, random: ArchiveGenerator): void {
  const path = `${folder}/archive.sqlite`;
  const writer = open(path);
  writer.db.exec("PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = 20; PRAGMA cache_spill = 1");
  const batches: Batch[] = [];
  let [torn, whole] = [0, 0];
  for (let crash = 0; crash < CRASHES; crash++) {
    const changes = Array.from({ length: BATCH }, () => random.change());
    const before = writer.cursor;
    const walBefore = sizeOf(`${path}-wal`);
    const copy = `${folder}/${crash}`;
    const at = random.int(BATCH);
    batches.push({ changes, cursor: random.seq });
    writer.append(
      interrupted(changes, at, () => copyFiles(path, `${copy}-inside`, sizeOf(`${path}-wal`))),
      random.seq,
    );
    assertEquals(verify(`${copy}-inside`, batches, random), before);
    const walAfter = sizeOf(`${path}-wal`);
    if (walAfter <= walBefore) continue; // a checkpoint: a text was redacted
    copyFiles(path, `${copy}-torn`, walBefore + random.int(walAfter - walBefore + 1));
    const cursor = verify(`${copy}-torn`, batches, random);
    assert(cursor === before || cursor === writer.cursor);
    if (cursor === before) torn++;
    copyFiles(path, `${copy}-whole`, walAfter);
    assertEquals(verify(`${copy}-whole`, batches, random), writer.cursor);
    whole++;
  }
  writer.close();
  assert(torn > 0 && whole > 0);
}

Deno.test("archive: after a crash, also within a transaction, the cursor and the records agree", () =>
  withTempDir((folder) => {
    forAll(1, (numbers) => crashOften(folder, new ArchiveGenerator(numbers)));
  }));

Deno.test("archive: a crash while it is pruned leaves no record without its entries, and no entry without its record", () =>
  withTempDir((folder) => {
    const random = new ArchiveGenerator(new Random(7));
    const path = `${folder}/archive.sqlite`;
    const writer = open(path);
    writer.append(Array.from({ length: 2000 }, () => random.change()), random.seq);
    writer.db.exec("PRAGMA wal_autocheckpoint = 0");
    const pruning = new ArchivePruning(writer);
    for (let steps = 0;; steps++) {
      const walBefore = sizeOf(`${path}-wal`);
      if (!pruning.step({ maxAgeMs: 0, channelAges: new Map() }, 1e9)) break;
      const copy = `${folder}/${steps}`;
      const written = sizeOf(`${path}-wal`) - walBefore;
      copyFiles(path, copy, walBefore + random.int(Math.max(0, written) + 1));
      const opened = open(copy);
      const lost = opened.db.prepare(`SELECT
        (SELECT count(*) FROM entry WHERE seq NOT IN (SELECT seq FROM record)) AS entries,
        (SELECT count(*) FROM record WHERE seq NOT IN (SELECT seq FROM entry)) AS records,
        (SELECT count(*) FROM record WHERE seq < (SELECT max(until) FROM loss)) AS unlost`).get();
      assertEquals({ ...lost }, { entries: 0, records: 0, unlost: 0 });
      opened.close();
    }
    writer.close();
  }));

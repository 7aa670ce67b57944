/** Export of an archive and import into another one. */
import { assertEquals, assertRejects } from "@std/assert";
import type { ArchiveChange, ConversationKey } from "../../lib/log/archive.ts";
import { ArchiveExport, type ExportedRecord } from "../../lib/store/archive/archive_export.ts";
import {
  ArchiveImport,
  type ExportEnd,
  type ExportHead,
  type ImportOptions,
} from "../../lib/store/archive/archive_import.ts";
import { checkArchive } from "../../lib/store/archive/archive_check.ts";
import { ArchivePruning } from "../../lib/store/archive/archive_pruning.ts";
import { ArchiveReader } from "../../lib/store/archive/archive_reader.ts";
import { openArchiveForReading } from "../../lib/store/archive/archive_schema.ts";
import { FormerNameTable } from "../../lib/store/archive/former_name_table.ts";
import { ArchiveWriter } from "../../lib/store/archive/archive_writer.ts";
import { forAll } from "../irc/property.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { compareQueries } from "./archive_comparison.ts";
import { ArchiveGenerator, ArchiveModel, payloadOf, readSearchable } from "./archive_model.ts";

interface Exported {
  readonly head: ExportHead;
  readonly records: readonly ExportedRecord[];
  readonly end: ExportEnd;
}

function open(path: string): ArchiveWriter {
  return new ArchiveWriter(path, {
    logId: "log",
    readSearchable,
    partBounds: { messages: 50, spanMs: Infinity },
  });
}

function exportAll(path: string): Exported {
  const db = openArchiveForReading(path);
  const source = new ArchiveExport(db);
  const records = [...source.records()].flat();
  const { cursor, changesFrom } = source;
  const end = {
    redacted: source.redacted(),
    formerNames: source.formerNames(),
    losses: source.losses(),
    members: source.members(),
  };
  db.close();
  return { head: { cursor, changesFrom, isComplete: true }, records, end };
}

/** Imports in two halves, as a long file is. */
function importOf(writer: ArchiveWriter, { head, records, end }: Exported, options: ImportOptions = {}) {
  const target = new ArchiveImport(writer, head, options);
  const half = Math.floor(records.length / 2);
  const parts = [records.slice(0, half), records.slice(half)];
  for (const part of parts) target.match(part);
  const added = parts.reduce((sum, part) => sum + target.add(part), 0);
  target.finish(end);
  return { target, added, leftOut: target.leftOut };
}

/** Imports; returns the number of added records. */
function importAll(writer: ArchiveWriter, exported: Exported): number {
  return importOf(writer, exported).added;
}

function faultsOf(path: string): unknown {
  const db = openArchiveForReading(path);
  const steps = checkArchive(db, readSearchable);
  let step = steps.next();
  while (!step.done) step = steps.next();
  db.close();
  return step.value.faults;
}

function tea(seq: number, name = "#tea", time = 1000 + seq): ArchiveChange {
  const conversation: ConversationKey = { kind: "channel", name };
  const payload = payloadOf({ from: "bob", text: `text ${seq}` });
  return {
    kind: "add",
    record: { seq, time, payload },
    entries: [{ conversation, name, kind: "message" }],
    searchable: { from: "bob", text: `text ${seq}` },
  };
}

function seqsOf(path: string, name: string): { readonly seqs: readonly number[]; readonly losses: unknown } {
  const reader = new ArchiveReader(path);
  const { records, losses } = reader.answer({
    kind: "page",
    conversation: { kind: "channel", name },
    shows: ["message"],
    anchors: [{ by: "seq", seq: 0 }],
    before: 0,
    after: 1000,
    maxBytes: 9e9,
  });
  reader.close();
  return { seqs: records.map(({ seq }) => seq), losses };
}

Deno.test("archive export: imported into a new archive, every query is answered as before; a second time, nothing is added", () =>
  withTempDir((folder) => {
    let round = 0;
    forAll(3, (random) => {
      const [from, to] = [`${folder}/${round}-from`, `${folder}/${round++}-to`];
      const generator = new ArchiveGenerator(random);
      const model = new ArchiveModel();
      const changes = Array.from({ length: 400 }, () => generator.change());
      changes.forEach((change) => model.apply(change));
      const source = open(from);
      source.append(changes, generator.seq);
      source.skip(generator.seq + 10, "overwritten");
      source.close();
      const exported = exportAll(from);
      const writer = open(to);
      assertEquals(importAll(writer, exported), exported.records.length);
      assertEquals(importAll(writer, exported), 0);
      assertEquals(writer.members(), model.memberNames());
      model.archivedUntil = writer.cursor;
      model.isPruned = true; // there is a loss
      model.lostAtEnd = [{ from: generator.seq, until: generator.seq + 10, why: "overwritten" }];
      const reader = new ArchiveReader(to);
      for (let nth = 0; nth < 60; nth++) compareQueries(generator, model, reader);
      reader.close();
      writer.close();
      assertEquals(faultsOf(to), []);
      const withoutIds = ({ conversations, ...rest }: ExportedRecord) => ({
        ...rest,
        keys: conversations.map(({ key, shown }) => ({ key, shown })),
      });
      assertEquals(exportAll(to).records.map(withoutIds), exported.records.map(withoutIds));
    });
  }));

Deno.test("archive import: what was pruned since comes back, and is no loss any more", () =>
  withTempDir((folder) => {
    const path = `${folder}/archive.sqlite`;
    const writer = open(path);
    writer.append(Array.from({ length: 300 }, (_, nth) => tea(nth + 1)), 301);
    const exported = exportAll(path);
    const pruning = new ArchivePruning(writer);
    while (pruning.step({ maxAgeMs: 100, channelAges: new Map() }, 1251));
    writer.append([tea(301)], 302);
    assertEquals(seqsOf(path, "#tea").losses, [{ from: 1, until: 151, why: "pruned" }]);
    assertEquals(importAll(writer, exported), 150);
    assertEquals(seqsOf(path, "#tea"), {
      seqs: Array.from({ length: 301 }, (_, nth) => nth + 1),
      losses: [],
    });
    assertEquals([writer.cursor, faultsOf(path)], [302, []]);
    writer.close();
  }));

Deno.test("archive import: times that go back before, between or after what is there are found as clock breaks", () =>
  withTempDir((folder) => {
    for (const olderTime of [500, 5000]) {
      const [from, to] = [`${folder}/from${olderTime}`, `${folder}/to${olderTime}`];
      const source = open(from);
      const older = Array.from({ length: 20 }, (_, nth) => tea(nth + 1, "#tea", olderTime - nth % 7));
      source.append([...older, tea(21), tea(22)], 23);
      source.close();
      const target = open(to);
      target.skip(10, "overwritten");
      target.append([older[12]!, older[15]!, tea(21), tea(22)], 23);
      assertEquals(importAll(target, exportAll(from)), 18);
      target.append([tea(23, "#tea", 900)], 24);
      target.close();
      assertEquals(faultsOf(to), []);
    }
  }));

Deno.test("archive import: a message that was redacted on one side is on neither", () =>
  withTempDir((folder) => {
    const [from, to] = [`${folder}/from`, `${folder}/to`];
    for (const [path, seq] of [[from, 2], [to, 3]] as const) {
      const writer = open(path);
      writer.append([tea(1), tea(2), tea(3), tea(4)], 5);
      writer.append([{ kind: "remove", seq }], 6);
      writer.close();
    }
    const writer = open(to);
    assertEquals(importAll(writer, exportAll(from)), 0);
    writer.close();
    assertEquals(seqsOf(to, "#tea").seqs, [1, 4]);
  }));

Deno.test("archive import: a room that was renamed since gets its records, and another one of its old name does not", () =>
  withTempDir((folder) => {
    const path = `${folder}/archive.sqlite`;
    const writer = open(path);
    writer.append(Array.from({ length: 20 }, (_, nth) => tea(nth + 1)), 21);
    const exported = exportAll(path);
    writer.append([{ kind: "rename", from: "#tea", to: "#chai", name: "#chai" }, tea(21)], 22);
    const pruning = new ArchivePruning(writer);
    while (pruning.step({ channelAges: new Map([["#chai", 100]]) }, 1111));
    assertEquals(seqsOf(path, "#chai").seqs, [11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
    assertEquals(importAll(writer, exported), 10);
    assertEquals(seqsOf(path, "#chai").seqs.length, 20);
    assertEquals(seqsOf(path, "#tea").seqs, [21]);
    writer.append([{ kind: "retire", name: "#chai" }], 23);
    assertEquals(importAll(writer, exported), 0);
    assertEquals([seqsOf(path, "#chai").seqs, seqsOf(path, "#tea").seqs], [[], [21]]);
    writer.close();
  }));

Deno.test("archive import: an archive that ends before the export is left alone: names are as of the end", () =>
  withTempDir((folder) => {
    const [from, to] = [`${folder}/from`, `${folder}/to`];
    const older = open(to);
    older.append([tea(1)], 2);
    const newer = open(from);
    newer.append([tea(1), { kind: "rename", from: "#tea", to: "#chai", name: "#chai" }], 3);
    newer.close();
    assertEquals(new ArchiveImport(older, exportAll(from).head).refusal, { kind: "older", cursor: 2 });
    older.close();
  }));

Deno.test("archive import: into a new archive, the losses and the members come along", () =>
  withTempDir((folder) => {
    const [from, to] = [`${folder}/from`, `${folder}/to`];
    const source = open(from);
    source.append([tea(1), tea(2), { kind: "membership", nick: "bob", channels: ["#tea"] }], 3);
    source.append([{ kind: "retire", name: "#tea" }, tea(3, "#milk")], 4);
    source.skip(8, "overwritten");
    source.append([tea(8, "#milk"), { kind: "membership", nick: "bob", channels: ["#milk"] }], 9);
    source.close();
    const target = open(to);
    assertEquals(importAll(target, exportAll(from)), 2);
    assertEquals([target.members(), target.cursor], [new Map([["bob", ["#milk"]]]), 9]);
    assertEquals(seqsOf(to, "#milk"), {
      seqs: [3, 8],
      losses: [{ from: 4, until: 8, why: "overwritten" }],
    });
    target.close();
  }));

Deno.test("archive import: into an archive with nothing in it, a part is not imported: its cursor would be before the records", () =>
  withTempDir((folder) => {
    const writer = open(`${folder}/archive.sqlite`);
    const refusalOf = (isComplete: boolean) =>
      new ArchiveImport(writer, { cursor: 5, changesFrom: 0, isComplete }).refusal;
    assertEquals([refusalOf(true), refusalOf(false)], [undefined, { kind: "part" }]);
    writer.append([tea(7)], 8);
    assertEquals(refusalOf(false), undefined);
    writer.close();
  }));

Deno.test("archive: changes that are made together are there all, or not at all", () =>
  withTempDir(async (folder) => {
    const path = `${folder}/archive.sqlite`;
    const writer = open(path);
    writer.append([tea(1)], 2);
    await assertRejects(() =>
      writer.changeTogether(() => {
        writer.append([tea(2)], 3);
        return Promise.reject(new Error("stopped"));
      })
    );
    assertEquals([writer.cursor, seqsOf(path, "#tea").seqs], [2, [1]]);
    await writer.changeTogether(async () => {
      writer.append([tea(2)], 3);
      await Promise.resolve();
      writer.append([tea(3), { kind: "remove", seq: 1 }], 4);
    });
    assertEquals([writer.cursor, seqsOf(path, "#tea").seqs], [4, [2, 3]]);
    writer.close();
    assertEquals(faultsOf(path), []);
  }));

Deno.test("archive export: while it is read, records are added and removed; what is read is whole", () =>
  withTempDir((folder) => {
    const path = `${folder}/archive.sqlite`;
    const writer = open(path);
    writer.append(Array.from({ length: 2500 }, (_, nth) => tea(nth + 1)), 2501);
    const db = openArchiveForReading(path);
    const seqs: number[] = [];
    for (const records of new ArchiveExport(db).records()) {
      seqs.push(...records.map(({ seq }) => seq));
      if (seqs.length !== 1000) continue;
      writer.append([tea(2501), { kind: "remove", seq: 5 }, { kind: "remove", seq: 1005 }], 2502);
    }
    assertEquals(seqs, Array.from({ length: 2500 }, (_, nth) => nth + 1).filter((seq) => seq !== 1005));
    db.close();
    writer.close();
  }));

/** Has the pruning remove all that is to be removed. */
function prune(writer: ArchiveWriter, bounds: { maxAgeMs?: number } = {}, now = 0): void {
  const pruning = new ArchivePruning(writer);
  while (pruning.step({ ...bounds, channelAges: new Map() }, now));
}

Deno.test("archive import: a room that was retired or renamed since does not come back, nor in a later room of its name", () =>
  withTempDir((folder) => {
    const RENAME = { kind: "rename", from: "#tea", to: "#chai", name: "#chai" } as const;
    for (const change of [{ kind: "retire", name: "#tea" } as const, RENAME]) {
      const path = `${folder}/${change.kind}`;
      const writer = open(path);
      writer.append([tea(1), tea(2), tea(3, "#milk")], 4);
      const exported = exportAll(path);
      // What is in the archive goes first, so nothing but the name tells which room it was.
      prune(writer, { maxAgeMs: 100 }, 5000);
      writer.apply([change]);
      prune(writer);
      const target = importOf(writer, exported);
      assertEquals([target.added, target.leftOut], [1, 2], change.kind);
      assertEquals([seqsOf(path, "#tea").seqs, seqsOf(path, "#chai").seqs], [[], []]);
      writer.append([tea(4)], 5);
      assertEquals(importAll(writer, exported), 0);
      assertEquals([seqsOf(path, "#tea").seqs, seqsOf(path, "#milk").seqs], [[4], [3]]);
      writer.close();
      assertEquals(faultsOf(path), []);
    }
  }));

Deno.test("archive import: an owner that has ended since does not come back", () =>
  withTempDir((folder) => {
    const path = `${folder}/archive`;
    const writer = open(path);
    const direct: ConversationKey = { kind: "direct", owner: "A", name: "bob" };
    const record = { seq: 1, time: 1, payload: payloadOf({ from: "bob", text: "hello" }) };
    const entries = [{ conversation: direct, name: "bob", kind: "message" as const }];
    writer.append([{ kind: "add", record, entries }], 2);
    const exported = exportAll(path);
    writer.apply([{ kind: "forget", owner: "A" }]);
    prune(writer);
    assertEquals(importAll(writer, exported), 0);
    writer.close();
  }));

Deno.test("archive import: an archive that does not know what happened since refuses, unless that is accepted", () =>
  withTempDir((folder) => {
    const source = open(`${folder}/source`);
    source.append([tea(1), tea(2), tea(3, "#milk"), tea(6, "#milk")], 7);
    source.close();
    const exported = exportAll(`${folder}/source`);
    const path = `${folder}/begun`;
    const writer = open(path);
    writer.skip(5, "overwritten", [{ kind: "begin", at: 7, isWhole: false }]);
    writer.append([tea(6, "#milk"), tea(7)], 8);
    const refused = new ArchiveImport(writer, exported.head);
    assertEquals(refused.refusal, { kind: "unknown", changesFrom: 8 });
    const { target, ...accepted } = importOf(writer, exported, { acceptsOlder: true });
    assertEquals(target.refusal, undefined);
    assertEquals([accepted.added, target.unsureRooms], [3, 1], "#milk has a record that both have");
    const later = exportAll(path);
    assertEquals(new ArchiveImport(writer, later.head).refusal, undefined, "it knows all since its cursor");
    writer.skip(9, "damaged");
    assertEquals(new ArchiveImport(writer, later.head).refusal, { kind: "unknown", changesFrom: 9 });
    writer.close();
  }));

Deno.test("archive import: a new archive knows as much as the one that was exported", () =>
  withTempDir((folder) => {
    const writer = open(`${folder}/from`);
    writer.append([tea(1)], 2);
    const older = exportAll(`${folder}/from`);
    writer.append([tea(2), { kind: "retire", name: "#tea" }, tea(3)], 4);
    const newer = exportAll(`${folder}/from`);
    writer.close();
    const to = open(`${folder}/to`);
    assertEquals(importAll(to, newer), 1);
    assertEquals(new ArchiveImport(to, older.head).refusal, undefined);
    assertEquals(importAll(to, older), 0);
    assertEquals(seqsOf(`${folder}/to`, "#tea").seqs, [3]);
    to.close();
  }));

Deno.test("archive: former names are bounded; without the oldest, exports that are as old are refused", () =>
  withTempDir((folder) => {
    const writer = open(`${folder}/archive`);
    const names = new FormerNameTable(writer.db, 2);
    for (const [name, until] of [["#a", 3], ["#b", 5], ["#a", 6], ["#c", 9]] as const) {
      names.add({ name, until });
    }
    assertEquals(names.changesFrom, 5);
    assertEquals(["#a", "#b", "#c"].map((name) => names.isFormer(name, 5)), [true, false, true]);
    assertEquals([names.isFormer("#c", 8), names.isFormer("#c", 9)], [true, false]);
    writer.close();
  }));

import { assert, assertEquals, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { type ArchiveReport, checkArchive, type FaultKind } from "../../lib/store/archive/archive_check.ts";
import { repairArchive, type RepairOutcome } from "../../lib/store/archive/archive_repair.ts";
import type { ArchiveChange } from "../../lib/log/archive.ts";
import { ArchiveReader } from "../../lib/store/archive/archive_reader.ts";
import { isDamage, openArchiveForReading, readArchiveRow } from "../../lib/store/archive/archive_schema.ts";
import { readFormerNames } from "../../lib/store/archive/former_name_table.ts";
import { salvageRows } from "../../lib/store/archive/row_salvage.ts";
import { ArchiveWriter } from "../../lib/store/archive/archive_writer.ts";
import { forAll, Random } from "../irc/property.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { compareQueries } from "./archive_comparison.ts";
import { ArchiveGenerator, ArchiveModel, readSearchable } from "./archive_model.ts";
import { damagePages, PAGE_BYTES, type PageDamage } from "./page_damage.ts";

/** What ends conversations. */
const ENDING_KINDS: readonly ArchiveChange["kind"][] = ["rename", "retire", "forget", "forget_temporary"];

/** An archive of random changes, and the model of it. `endsRarely`: few of its conversations are retired. */
function fill(path: string, random: Random, changes = 500, endsRarely = false) {
  const generator = new ArchiveGenerator(random);
  const model = new ArchiveModel();
  const made = Array.from({ length: changes }, () => generator.change())
    .filter(({ kind }) => !endsRarely || !ENDING_KINDS.includes(kind) || random.chance(10));
  made.forEach((change) => model.apply(change));
  const partBounds = { messages: 100, spanMs: Infinity };
  const writer = new ArchiveWriter(path, { logId: "log", readSearchable, partBounds });
  writer.append(made, generator.seq);
  model.archivedUntil = writer.cursor;
  writer.close();
  return { generator, model };
}

function check(path: string): ArchiveReport {
  const db = openArchiveForReading(path);
  try {
    return endOf(checkArchive(db, readSearchable));
  } finally {
    db.close();
  }
}

function repair(path: string): RepairOutcome {
  return endOf(repairArchive(path, readSearchable));
}

function endOf<T>(steps: Generator<void, T>): T {
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

function tamper(path: string, sql: string): void {
  const raw = new DatabaseSync(path);
  raw.exec(sql);
  raw.close();
}

Deno.test("archive check: a sound archive has no fault, and is counted", () =>
  withTempDir((folder) =>
    forAll(3, (random) => {
      const path = Deno.makeTempFileSync({ dir: folder });
      const { model } = fill(path, random);
      const { faults, records, cursor, logId, conversations } = check(path);
      assertEquals(faults, []);
      assertEquals([records, cursor, logId], [model.records.size, model.archivedUntil, "log"]);
      assert(conversations <= model.conversations.filter(({ isRetired }) => !isRetired).length);
    })
  ));

Deno.test("archive check: tables that don't say the same are faults", () =>
  withTempDir((folder) => {
    const cases: readonly (readonly [kind: FaultKind, sql: string])[] = [
      ["entry", "DELETE FROM entry WHERE seq = (SELECT max(seq) FROM record)"],
      ["entry", "DELETE FROM conversation WHERE id = 2"],
      ["record", "INSERT INTO entry VALUES (1, 0, 3000000000)"],
      ["cursor", "UPDATE archive SET cursor = 2"],
      ["clock", "DELETE FROM clock_break"],
      ["payload", "UPDATE record SET payload = x'ff' WHERE indexed = 1"],
      ["index", "DELETE FROM index_part WHERE first = 0"],
    ];
    for (const [kind, sql] of cases) {
      const path = Deno.makeTempFileSync({ dir: folder });
      fill(path, new Random(5));
      tamper(path, sql);
      const faults = check(path).faults.map((fault) => fault.kind);
      assert(faults.includes(kind), `${sql}: ${faults}`);
    }
  }));

Deno.test("archive check: a page that was overwritten is a fault of the file", () =>
  withTempDir((folder) => {
    const path = `${folder}/archive.sqlite`;
    fill(path, new Random(5));
    const file = Deno.openSync(path, { write: true });
    file.seekSync(4 * PAGE_BYTES, Deno.SeekMode.Start);
    file.writeSync(new Uint8Array(PAGE_BYTES).fill(0x99));
    file.close();
    assert(check(path).faults.some(({ kind }) => kind === "file"));
  }));

Deno.test("archive repair: entries, clock breaks and words are made anew from the records", () =>
  withTempDir((folder) => {
    const path = `${folder}/archive.sqlite`;
    const { generator, model } = fill(path, new Random(11));
    tamper(
      path,
      "DELETE FROM entry WHERE seq % 3 = 0; DELETE FROM clock_break; DELETE FROM index_part WHERE first = 0",
    );
    assert(check(path).faults.length >= 3);
    const { records, homeless, losses, damagedPath } = repair(path);
    assertEquals([homeless, losses, damagedPath], [0, [], `${folder}/archive-damaged.sqlite`]);
    const readable = [...model.records.values()].filter(({ conversations }) =>
      conversations.some(({ isRetired }) => !isRetired)
    );
    assertEquals(records, readable.length);
    assertEquals(check(path).faults, []);
    const reader = new ArchiveReader(path);
    for (let nth = 0; nth < 60; nth++) compareQueries(generator, model, reader);
    reader.close();
    const writer = new ArchiveWriter(path, { logId: "log", readSearchable });
    assertEquals(writer.members(), model.memberNames());
    writer.close();
    assert(Deno.statSync(damagedPath).size > 0);
  }));

Deno.test("archive repair: of an archive that cannot be opened for damage in its schema, all records are kept", () =>
  withTempDir((folder) => {
    const path = `${folder}/archive.sqlite`;
    const { model } = fill(path, new Random(11));
    const options = { readOnly: false, defensive: false }; // not in the types yet
    const raw = new DatabaseSync(path, options);
    raw.exec("PRAGMA writable_schema = ON");
    raw.exec(
      "UPDATE sqlite_schema SET sql = replace(sql, 'CREATE', 'CREITE') WHERE name LIKE 'words_1%' OR name = 'member'",
    );
    raw.close();
    assert(isDamage(assertThrows(() => openArchiveForReading(path))));
    const readable = [...model.records.values()].filter(({ conversations }) =>
      conversations.some(({ isRetired }) => !isRetired)
    );
    assertEquals(repair(path).records, readable.length);
    assertEquals(check(path).faults, []);
  }));

/** Seeds of an archive and of its damage, and the kinds of it. */
type DamageCase = readonly [fillSeed: number, damageSeed: number, ...kinds: PageDamage[]];

/**
 * Fills an archive, damages pages of it, and repairs it: each record is there as it was, or told as lost. Returns how
 * many are lost.
 */
function survive(folder: string, [fillSeed, damageSeed, ...kinds]: DamageCase): number {
  const path = `${Deno.makeTempDirSync({ dir: folder })}/archive.sqlite`;
  const { model } = fill(path, new Random(fillSeed), 1500, true);
  damagePages(path, new Random(damageSeed), kinds);
  const { losses, homeless, records, mayMissLosses } = repair(path);
  const { faults, cursor } = check(path);
  assertEquals(faults, []);
  if (cursor === 0) return 0; // the head of the file, or the cursor
  // Only pages that look like others hide that they are lost.
  const areAllTold = homeless === 0 && !(mayMissLosses && kinds.some((kind) => MISLEADING.includes(kind)));
  const reader = new ArchiveReader(path);
  let [found, lost] = [0, 0];
  for (const { seq, time, payload, conversations } of model.records.values()) {
    if (conversations.every(({ isRetired }) => isRetired)) continue;
    const { record } = reader.answer({ kind: "record", seq });
    if (record !== undefined) {
      assertEquals(record, { seq, time, payload });
      found++;
      continue;
    }
    const isTold = losses.some(({ from, until = Infinity }) => from <= seq && seq < until);
    assert(isTold || !areAllTold, `${seq} is told`);
    lost++;
  }
  assertEquals(found, records);
  reader.close();
  return lost;
}

const MISLEADING: readonly PageDamage[] = ["cells", "copy", "swap"];

/** What has failed once, or lost records that were readable. */
const DAMAGE_CASES: Readonly<Record<string, DamageCase>> = {
  "a page of records in the place of another one hides what belongs there": [1, 1, "copy", "swap"],
  "the table with the cursor is that of another page": [0, 6, "copy", "swap"],
  "a page of cells that are not in order": [2, 11, "cells", "copy"],
};

for (const [what, damage] of Object.entries(DAMAGE_CASES)) {
  Deno.test(`archive repair: ${what}`, () => withTempDir((folder) => void survive(folder, damage)));
}

Deno.test("archive repair: what pages of garbage leave is kept, and the rest is told as lost", () =>
  withTempDir((folder) => {
    const seeds = (random: Random) => [random.below(2 ** 32), random.below(2 ** 32)] as const;
    forAll(8, (random) => void survive(folder, [...seeds(random), "garbage"]));
    assert(survive(folder, [1, 5, "garbage"]) > 0);
  }));

Deno.test("archive repair: so it is where pages are zeros, or others', or look like pages", () =>
  withTempDir((folder) => {
    forAll(6, (random) => {
      const seeds = [random.below(2 ** 32), random.below(2 ** 32)] as const;
      survive(folder, [...seeds, "zeros", "cells", "copy", "swap", "garbage"]);
    });
  }));

Deno.test("archive repair: names that were given up stay; without them, or without deletions, nothing older is known", () =>
  withTempDir((folder) => {
    const repaired = (sql: string) => {
      const path = Deno.makeTempFileSync({ dir: folder });
      const writer = new ArchiveWriter(path, { logId: "log", readSearchable });
      writer.append([{ kind: "retire", name: "#tea" }], 5);
      writer.append([], 9);
      writer.close();
      tamper(path, sql);
      repair(path);
      const db = openArchiveForReading(path);
      const outcome = [readFormerNames(db), readArchiveRow(db).changesFrom];
      db.close();
      return outcome;
    };
    assertEquals(repaired("DELETE FROM conversation"), [[{ name: "#tea", until: 6 }], 0]);
    assertEquals(repaired("DROP TABLE former_name"), [[], 10]);
    assertEquals(repaired("DROP TABLE redacted"), [[{ name: "#tea", until: 6 }], 10]);
  }));

Deno.test("archive repair: rows out of order, of a page that ends in the middle, are lost; it ends", () =>
  withTempDir((folder) => {
    const rowsOf = (keys: readonly number[]) => keys.map((seq) => ({ seq }));
    const stored = [1, 2, 3, 0, 0, 7, 8];
    // What SQLite returns from a page whose second half is zeros: rows that the condition does not fit.
    const all = (from: number, limit: number) => {
      const first = stored.findIndex((seq) => seq >= from);
      return rowsOf(from > 3 && from < 7 ? [0, 0, 7, 8].slice(0, limit) : stored.slice(first, first + limit));
    };
    const db = {
      prepare: () => ({ all: (from: number, limit: number) => from > 8 ? [] : all(from, limit) }),
    };
    const gaps: unknown[] = [];
    const options = { table: "record", key: "seq", onGap: (...gap: unknown[]) => gaps.push(gap) };
    const found = [...salvageRows(db as unknown as DatabaseSync, options)].flat().map(({ seq }) => seq);
    assertEquals([found, gaps], [[1, 2, 3, 7, 8], [[4, 7]]]);
    const path = `${folder}/archive.sqlite`;
    fill(path, new Random(3), 1500);
    const { size } = Deno.statSync(path);
    for (let pages = 40; pages > 4; pages -= 3) {
      const cut = `${folder}/cut${pages}.sqlite`;
      Deno.copyFileSync(path, cut);
      Deno.truncateSync(cut, Math.min(size, pages * PAGE_BYTES + PAGE_BYTES / 2));
      repair(cut);
      assertEquals(check(cut).faults, []);
    }
  }));

Deno.test("archive repair: what the table ends with and its cursor are unreadable: all after it is lost", () =>
  withTempDir((folder) => {
    const path = `${folder}/archive.sqlite`;
    const writer = new ArchiveWriter(path, { logId: "log", readSearchable });
    writer.append([], 9);
    writer.close();
    tamper(path, "DROP TABLE record");
    const known = repair(path);
    assertEquals(known.losses, [{ from: 0, until: 9, why: "damaged" }]);
    tamper(path, "DROP TABLE record; DROP TABLE archive");
    assertEquals(repair(path).losses, [{ from: 0, until: undefined }]);
  }));

Deno.test("archive repair: of a file of which nothing can be read a new archive is made", () =>
  withTempDir((folder) => {
    const path = `${folder}/archive.sqlite`;
    Deno.writeTextFileSync(path, "not a database ".repeat(1000));
    assertEquals(repair(path).records, 0);
    const { faults, cursor, logId } = check(path);
    assertEquals([faults, cursor, logId], [[], 0, ""]);
  }));

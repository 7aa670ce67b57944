import { assertEquals, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { assert } from "../../lib/base/assert.ts";
import type { FactRow } from "../../lib/store/fact_row.ts";
import { readState } from "../../lib/store/read_state.ts";
import { StateDb, WrongVersion } from "../../lib/store/state_db.ts";
import { withFolder } from "./folder.ts";

function row(key: string, value: string | undefined, seq: number, kind = "topic"): FactRow {
  return { kind, key, value, seq };
}

function saved(path: string, ...rows: FactRow[]): void {
  const db = new StateDb(path);
  db.save(rows, "log1");
  db.close();
}

Deno.test("state: a fact is what it was set to last; one that was taken away is gone; of another log no number holds", () =>
  withFolder((folder) => {
    const path = `${folder}/state.sqlite`;
    saved(
      path,
      row("#tea", '"black"', 5),
      row("#milk", "6", 6),
      row("#ice", "7", 7),
      row("#tea", "8", 0, "ban"),
    );
    saved(path, row("#tea", '"grün 🍵"', 9), row("#milk", undefined, 10));
    const ban = row("#tea", "8", 0, "ban");
    assertEquals(readState(path, "log1"), {
      kind: "ok",
      facts: [ban, row("#ice", "7", 7), row("#tea", '"grün 🍵"', 9)],
    });
    const db = new StateDb(path);
    db.save([row("#new", "1", 3)], "log2");
    const expected = [ban, row("#ice", "7", 0), row("#new", "1", 3), row("#tea", '"grün 🍵"', 0)];
    assertEquals(db.facts("log2"), expected);
    db.close();
  }));

Deno.test("state: all of a save or nothing", () =>
  withFolder((folder) => {
    const path = `${folder}/state.sqlite`;
    saved(path, row("#tea", "5", 5));
    const db = new StateDb(path);
    const bad = { ...row("#bad", "x", 7), kind: null } as unknown as FactRow;
    assertThrows(() => db.save([row("#tea", "6", 6), bad], "log2"));
    assertEquals(db.facts("log1"), [row("#tea", "5", 5)]);
    db.save([row("#tea", "8", 8)], "log1");
    assertEquals(db.facts("log1"), [row("#tea", "8", 8)]);
    db.close();
  }));

Deno.test("state: what the first version of it held is taken over", () =>
  withFolder((folder) => {
    const path = `${folder}/state.sqlite`;
    const old = new DatabaseSync(path);
    old.exec(`
      CREATE TABLE log (id TEXT NOT NULL) STRICT;
      INSERT INTO log VALUES ('log1');
      CREATE TABLE topics (
        room TEXT PRIMARY KEY, name TEXT NOT NULL, topic TEXT NOT NULL,
        source TEXT NOT NULL, time INTEGER NOT NULL, seq INTEGER NOT NULL
      ) STRICT;
      INSERT INTO topics VALUES ('#tea', '#Tea', 'black "tea"', 'alice!~a@host', 1005, 5);
      PRAGMA application_id = ${0x43425354};
      PRAGMA user_version = 1;
    `);
    old.close();
    const outcome = readState(path, "log1");
    assert(outcome.kind === "ok", "reads");
    const [{ value, ...rest } = row("", "", 0), ...others] = outcome.facts;
    assertEquals(rest, { kind: "topic", key: "#tea", seq: 5 });
    assertEquals(JSON.parse(value!), {
      name: "#Tea",
      topic: 'black "tea"',
      source: "alice!~a@host",
      time: 1005,
    });
    assertEquals(others, []);
    assertEquals(readState(path, "log1"), outcome);
  }));

Deno.test(
  "state: it is for its owner alone",
  { ignore: Deno.build.os === "windows" },
  () =>
    withFolder((folder) => {
      const path = `${folder}/state.sqlite`;
      const db = new StateDb(path);
      db.save([row("#tea", "5", 5)], "log1");
      for (const { name } of Deno.readDirSync(folder)) {
        assertEquals(Deno.statSync(`${folder}/${name}`).mode! & 0o777, 0o600, name);
      }
      db.close();
      Deno.chmodSync(path, 0o644);
      new StateDb(path).close();
      assertEquals(Deno.statSync(path).mode! & 0o777, 0o600);
    }),
);

Deno.test("state: another program's database and one of a newer version are left as they are", () =>
  withFolder((folder) => {
    const foreign = `${folder}/foreign.sqlite`;
    const other = new DatabaseSync(foreign);
    other.exec("CREATE TABLE mine (x)");
    other.close();
    assertThrows(() => new StateDb(foreign), WrongVersion, "another program's");
    const bytes = Deno.readFileSync(foreign);
    assertEquals(readState(foreign, "log1").kind, "unusable");
    assertEquals(Deno.readFileSync(foreign), bytes);
    const newer = `${folder}/newer.sqlite`;
    saved(newer, row("#tea", "5", 5));
    const raw = new DatabaseSync(newer);
    raw.exec("PRAGMA user_version = 9");
    raw.close();
    assertEquals(readState(newer, "log1"), {
      kind: "unusable",
      why: "it has version 9, this program knows 2",
      damaged: false,
    });
  }));

Deno.test("state: a damaged database is left as it is, and said to be", () =>
  withFolder((folder) => {
    const path = `${folder}/state.sqlite`;
    saved(path, row("#tea", "5", 5));
    const bytes = Deno.readFileSync(path);
    bytes.fill(0xa5, 0, 200);
    Deno.writeFileSync(path, bytes);
    const outcome = readState(path, "log1");
    assert(outcome.kind === "unusable" && outcome.damaged, "it is damaged");
    assertEquals(Deno.readFileSync(path), bytes);
  }));

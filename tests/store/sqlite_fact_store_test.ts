import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { assert } from "../../lib/base/assert.ts";
import type { SavedFact } from "../../lib/log/fact.ts";
import { readFactStore } from "../../lib/store/facts/fact_reader.ts";
import { SqliteFactStore, WrongDatabaseVersion } from "../../lib/store/facts/sqlite_fact_store.ts";
import { withTempDir } from "../support/temp_dir.ts";

function row(key: string, value: string | undefined, seq: number, kind = "topic"): SavedFact {
  return { kind, key, value, seq };
}

function saved(path: string, ...rows: SavedFact[]): void {
  const db = new SqliteFactStore(path);
  db.save(rows, "log1");
  db.close();
}

function factsIn(path: string): readonly SavedFact[] {
  const outcome = readFactStore(path);
  assert(outcome.kind === "ok", "it is read");
  return outcome.facts;
}

/** Changes the database at `path` by hand, behind the back of its checksums. */
function tamper(path: string, sql: string): void {
  const raw = new DatabaseSync(path);
  raw.exec(sql);
  raw.close();
}

Deno.test("state: a fact is what it was set to last; one that was taken away is gone; of another log no number holds", () =>
  withTempDir((folder) => {
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
    assertEquals(factsIn(path), [ban, row("#ice", "7", 7), row("#tea", '"grün 🍵"', 9)]);
    const db = new SqliteFactStore(path);
    db.save([row("#new", "1", 3)], "log2");
    const expected = [ban, row("#ice", "7", 0), row("#new", "1", 3), row("#tea", '"grün 🍵"', 0)];
    assertEquals(db.readFacts(), expected);
    db.close();
  }));

Deno.test("state: all of a save or nothing", () =>
  withTempDir((folder) => {
    const path = `${folder}/state.sqlite`;
    saved(path, row("#tea", "5", 5));
    const db = new SqliteFactStore(path);
    const bad = { ...row("#bad", "x", 7), kind: null } as unknown as SavedFact;
    assertThrows(() => db.save([row("#tea", "6", 6), bad], "log2"));
    assertEquals(db.readFacts(), [row("#tea", "5", 5)]);
    db.save([row("#tea", "8", 8)], "log1");
    assertEquals(db.readFacts(), [row("#tea", "8", 8)]);
    db.close();
  }));

Deno.test("state: what the first version of it held is taken over", () =>
  withTempDir((folder) => {
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
    const outcome = readFactStore(path);
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
    assertEquals(readFactStore(path), outcome);
  }));

Deno.test(
  "state: it is for its owner alone",
  { ignore: Deno.build.os === "windows" },
  () =>
    withTempDir((folder) => {
      const path = `${folder}/state.sqlite`;
      const db = new SqliteFactStore(path);
      db.save([row("#tea", "5", 5)], "log1");
      for (const { name } of Deno.readDirSync(folder)) {
        assertEquals(Deno.statSync(`${folder}/${name}`).mode! & 0o777, 0o600, name);
      }
      db.close();
      Deno.chmodSync(path, 0o644);
      new SqliteFactStore(path).close();
      assertEquals(Deno.statSync(path).mode! & 0o777, 0o600);
    }),
);

Deno.test("state: another program's database and one of a newer version are left as they are", () =>
  withTempDir((folder) => {
    const foreign = `${folder}/foreign.sqlite`;
    const other = new DatabaseSync(foreign);
    other.exec("CREATE TABLE mine (x)");
    other.close();
    assertThrows(() => new SqliteFactStore(foreign), WrongDatabaseVersion, "another program's");
    const bytes = Deno.readFileSync(foreign);
    assertEquals(readFactStore(foreign).kind, "unusable");
    assertEquals(Deno.readFileSync(foreign), bytes);
    const newer = `${folder}/newer.sqlite`;
    saved(newer, row("#tea", "5", 5));
    const raw = new DatabaseSync(newer);
    raw.exec("PRAGMA user_version = 9");
    raw.close();
    assertEquals(readFactStore(newer), {
      kind: "unusable",
      why: "it has version 9; this program supports 3",
      damaged: false,
    });
  }));

Deno.test("state: a damaged database is left as it is, and said to be", () =>
  withTempDir((folder) => {
    const path = `${folder}/state.sqlite`;
    saved(path, row("#tea", "5", 5));
    const bytes = Deno.readFileSync(path);
    bytes.fill(0xa5, 0, 200);
    Deno.writeFileSync(path, bytes);
    const outcome = readFactStore(path);
    assert(outcome.kind === "unusable" && outcome.damaged, "it is damaged");
    assertEquals(Deno.readFileSync(path), bytes);
  }));

Deno.test("state: each database has an id of its own, and counts what it has saved", () =>
  withTempDir((folder) => {
    const [one, other] = [new SqliteFactStore(`${folder}/one`), new SqliteFactStore(`${folder}/other`)];
    const { id } = one.mark;
    assertEquals(one.mark, { id, saves: 0 });
    assertEquals(/^[0-9a-f]{32}$/.test(id) && other.mark.id !== id, true);
    assertEquals(one.save([row("a", "1", 1)], "log1"), { id, saves: 1 });
    assertEquals(one.save([row("a", "2", 2), row("b", undefined, 2)], "log1"), { id, saves: 2 });
    one.close();
    other.close();
    const again = readFactStore(`${folder}/one`);
    assertEquals(again.kind === "ok" && again.database, { id, saves: 2 });
  }));

Deno.test("state: a fact that is not as it was written is told, and its key; the others are as they were", () =>
  withTempDir((folder) => {
    const path = `${folder}/state.sqlite`;
    const faults = [
      `UPDATE facts SET value = '"white"' WHERE key = 'a'`,
      "UPDATE facts SET seq = 4 WHERE key = 'a'",
      "UPDATE facts SET crc = crc + 1 WHERE key = 'a'",
      "UPDATE facts SET value = (SELECT value FROM facts WHERE key = 'b') WHERE key = 'a'",
    ];
    for (const sql of faults) {
      saved(path, row("a", '"black"', 5), row("b", '"green"', 6));
      tamper(path, sql);
      const [a, b] = factsIn(path);
      assertEquals([a?.key, a?.seq, a?.fault], ["a", 0, "its checksum does not match"], sql);
      assertEquals(b, row("b", '"green"', 6), sql);
      // Another log begins: what was damaged does not become whole by that.
      const db = new SqliteFactStore(path);
      db.save([], "log2");
      assertEquals(db.readFacts().map(({ key, seq, fault }) => [key, seq, fault !== undefined]), [
        ["a", 0, true],
        ["b", 0, false],
      ]);
      db.close();
      Deno.removeSync(path);
    }
  }));

Deno.test("state: where a fact is missing, or its key is not as it was written, the database is damaged", () =>
  withTempDir((folder) => {
    const path = `${folder}/state.sqlite`;
    const faults = [
      "DELETE FROM facts WHERE key = 'a'",
      "UPDATE facts SET key = 'c' WHERE key = 'a'",
      "UPDATE facts SET kind = 'topiv' WHERE key = 'a'",
      "DELETE FROM database",
      "INSERT INTO facts VALUES ('topic', 'c', '1', 1, 1, 1); UPDATE database SET facts = 3",
    ];
    for (const sql of faults) {
      saved(path, row("a", '"black"', 5), row("b", '"green"', 6));
      tamper(path, sql);
      const outcome = readFactStore(path);
      assertEquals([outcome.kind, outcome.kind === "unusable" && outcome.damaged], ["unusable", true], sql);
      Deno.removeSync(path);
    }
  }));

Deno.test("state: no file, an empty one and a database without tables are empty, and stay as they are", () =>
  withTempDir((folder) => {
    const path = `${folder}/state.sqlite`;
    assertEquals(readFactStore(path), { kind: "empty" });
    assertEquals([...Deno.readDirSync(folder)], []);
    Deno.writeFileSync(path, new Uint8Array());
    assertEquals([readFactStore(path), Deno.statSync(path).size], [{ kind: "empty" }, 0]);
    tamper(path, "CREATE TABLE x (y); DROP TABLE x");
    const bytes = Deno.readFileSync(path);
    assertEquals(readFactStore(path), { kind: "empty" });
    assertEquals(Deno.readFileSync(path), bytes);
    Deno.removeSync(path);
    Deno.mkdirSync(path);
    assertEquals(readFactStore(path).kind, "unusable");
  }));

Deno.test("state: facts of the second version are taken over, all or none", () =>
  withTempDir((folder) => {
    const path = `${folder}/state.sqlite`;
    tamper(
      path,
      `
      CREATE TABLE log (id TEXT NOT NULL) STRICT;
      INSERT INTO log VALUES ('log1');
      CREATE TABLE facts (
        kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (kind, key)
      ) STRICT, WITHOUT ROWID;
      INSERT INTO facts VALUES ('topic', '#tea', '"grün 🍵"', 5), ('account', 'alice', '7', 0);
      PRAGMA application_id = ${0x43425354};
      PRAGMA user_version = 2;
    `,
    );
    assertEquals(factsIn(path), [row("alice", "7", 0, "account"), row("#tea", '"grün 🍵"', 5)]);
    const outcome = readFactStore(path);
    assertEquals(outcome.kind === "ok" && [outcome.logId, outcome.database.saves], ["log1", 0]);
  }));

/** Saves a fact of a megabyte in a process that may write no file larger than 64 KiB. Says what it threw. */
const SAVE_TOO_MUCH = `
  import { SqliteFactStore } from "${new URL("../../lib/store/facts/sqlite_fact_store.ts", import.meta.url)}";
  const db = new SqliteFactStore(Deno.args[0]);
  db.save([{ kind: "topic", key: "#tea", value: "1", seq: 1 }], "log1");
  try {
    db.save([{ kind: "topic", key: "#tea", value: "x".repeat(1_000_000), seq: 2 }], "log1");
  } catch (error) {
    console.log(error.message);
  }
  console.log(JSON.stringify(db.readFacts()));`;

Deno.test({
  name: "state: a full disk is told as that, although SQLite has rolled back by itself",
  permissions: { read: true, write: true, run: ["bash"] },
  ignore: Deno.build.os === "windows",
  fn: () =>
    withTempDir(async (folder) => {
      const script = 'trap "" XFSZ; ulimit -f 64; exec "$0" eval "$1" "$2"';
      const { stdout, stderr } = await new Deno.Command("bash", {
        args: ["-c", script, Deno.execPath(), SAVE_TOO_MUCH, `${folder}/state.sqlite`],
      }).output();
      const [cause, facts] = new TextDecoder().decode(stdout).split("\n");
      assertMatch(cause!, /^disk I\/O error$/, new TextDecoder().decode(stderr));
      assertEquals(JSON.parse(facts!), [row("#tea", "1", 1)]);
    }),
});

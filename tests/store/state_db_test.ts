import { assertEquals, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { assert } from "../../lib/base/assert.ts";
import { readState } from "../../lib/store/read_state.ts";
import { StateDb, WrongVersion } from "../../lib/store/state_db.ts";
import { MAX_TOPICS, type TopicRow } from "../../lib/store/topic_row.ts";
import { withFolder } from "./folder.ts";

function row(name: string, topic: string, seq: number): TopicRow {
  return { room: name.toLowerCase(), name, topic, source: "alice!~a@host", time: 1000 + seq, seq };
}

function saved(path: string, ...rows: TopicRow[]): void {
  const db = new StateDb(path);
  db.save(rows, "log1");
  db.close();
}

Deno.test("state: a topic is what it was set to last; one that was taken away is gone; of another log no number holds", () =>
  withFolder((folder) => {
    const path = `${folder}/state.sqlite`;
    saved(path, row("#Tea", "black", 5), row("#milk", "white", 6), row("#ice", "cold", 7));
    saved(path, row("#Tea", "grün 🍵", 9), row("#milk", "", 10));
    assertEquals(readState(path, "log1"), {
      kind: "ok",
      topics: [row("#ice", "cold", 7), row("#Tea", "grün 🍵", 9)],
    });
    const db = new StateDb(path);
    db.save([row("#new", "here", 3)], "log2");
    const expected = [
      { ...row("#ice", "cold", 0), time: 1007 },
      { ...row("#Tea", "grün 🍵", 0), time: 1009 },
      row("#new", "here", 3),
    ];
    assertEquals(db.topics("log2"), expected);
    db.close();
  }));

Deno.test("state: all of a save or nothing", () =>
  withFolder((folder) => {
    const path = `${folder}/state.sqlite`;
    saved(path, row("#tea", "black", 5));
    const db = new StateDb(path);
    const bad = { ...row("#bad", "x", 7), name: null } as unknown as TopicRow;
    assertThrows(() => db.save([row("#tea", "green", 6), bad], "log2"));
    assertEquals(db.topics("log1"), [row("#tea", "black", 5)]);
    db.save([row("#tea", "white", 8)], "log1");
    assertEquals(db.topics("log1"), [row("#tea", "white", 8)]);
    db.close();
  }));

Deno.test("state: beyond its bound the topics set longest ago are dropped", () =>
  withFolder((folder) => {
    const path = `${folder}/state.sqlite`;
    const all = Array.from({ length: MAX_TOPICS + 5 }, (_, n) => row(`#${n}`, "t", n + 1));
    saved(path, ...all);
    const outcome = readState(path, "log1");
    assert(outcome.kind === "ok", "reads");
    assertEquals(outcome.topics.length, MAX_TOPICS);
    assertEquals(Math.min(...outcome.topics.map(({ seq }) => seq)), 6);
  }));

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
    saved(newer, row("#tea", "black", 5));
    const raw = new DatabaseSync(newer);
    raw.exec("PRAGMA user_version = 9");
    raw.close();
    assertEquals(readState(newer, "log1"), {
      kind: "unusable",
      why: "it has version 9, this program knows 1",
    });
  }));

Deno.test("state: a damaged database is moved aside, and the next one begins empty", () =>
  withFolder((folder) => {
    const path = `${folder}/state.sqlite`;
    saved(path, row("#tea", "black", 5));
    const bytes = Deno.readFileSync(path);
    bytes.fill(0xa5, 0, 200);
    Deno.writeFileSync(path, bytes);
    const outcome = readState(path, "log1");
    assert(outcome.kind === "broken", "it is damaged");
    assertEquals(Deno.readFileSync(outcome.copy), bytes);
    saved(path, row("#tea", "green", 6));
    assertEquals(readState(path, "log1"), { kind: "ok", topics: [row("#tea", "green", 6)] });
  }));

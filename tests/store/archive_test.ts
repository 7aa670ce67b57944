import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import type { ArchiveChange, ArchiveLoss, ConversationKey } from "../../lib/log/archive.ts";
import { ArchiveReader } from "../../lib/store/archive/archive_reader.ts";
import { ForeignArchive, isDamage, WrongArchiveVersion } from "../../lib/store/archive/archive_schema.ts";
import { ArchiveWriter } from "../../lib/store/archive/archive_writer.ts";
import { toWordSequence } from "../../lib/base/search_terms.ts";
import { inTime } from "../support/guard.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { payloadOf, readSearchable } from "./archive_model.ts";

const TEA: ConversationKey = { kind: "channel", name: "#tea" };

function write(path: string, logId = "log"): ArchiveWriter {
  return new ArchiveWriter(path, { logId, readSearchable });
}

function message(seq: number, text: string, conversation = TEA, from = "bob"): ArchiveChange {
  const searchable = { from, text };
  return {
    kind: "add",
    record: { seq, time: 1000 + seq, payload: payloadOf(searchable) },
    entries: [{ conversation, name: conversation.name, kind: "message" }],
    searchable,
  };
}

function bytesContain(path: string, text: string): boolean {
  const decoder = new TextDecoder("latin1");
  return [path, `${path}-wal`].some((file) => decoder.decode(Deno.readFileSync(file)).includes(text));
}

function lossesFrom(reader: ArchiveReader, seq: number, conversation = TEA): readonly ArchiveLoss[] {
  const anchors = [{ by: "seq", seq }] as const;
  return reader.answer({
    kind: "page",
    conversation,
    shows: ["message"],
    anchors,
    before: 0,
    after: 9,
    maxBytes: 9e9,
  }).losses;
}

Deno.test(
  "archive: only the owner of the server may read its files",
  { ignore: Deno.build.os === "windows" },
  () =>
    withTempDir((folder) => {
      const path = `${folder}/archive.sqlite`;
      const writer = write(path);
      writer.append([message(1, "hello")], 2);
      for (const file of [path, `${path}-wal`, `${path}-shm`]) {
        assertEquals(Deno.statSync(file).mode! & 0o777, 0o600);
      }
      writer.close();
    }),
);

Deno.test("archive: that of another log, of another version or another program is refused", () =>
  withTempDir((folder) => {
    const path = `${folder}/archive.sqlite`;
    write(path, "log1").close();
    assertThrows(() => write(path, "log2"), ForeignArchive, "it belongs to another log (log1)");
    const raw = new DatabaseSync(path);
    raw.exec("PRAGMA user_version = 99");
    assertThrows(() => write(path, "log1"), WrongArchiveVersion, "it has version 99");
    raw.exec("PRAGMA application_id = 7");
    raw.close();
    assertThrows(() => new ArchiveReader(path), WrongArchiveVersion, "another program's");
    Deno.writeTextFileSync(`${folder}/text`, "this is no database".repeat(500));
    const error = assertThrows(() => write(`${folder}/text`, "log1"));
    assert(isDamage(error));
  }));

Deno.test("archive: the text of a redacted message is nowhere in the files, neither as text nor as a word", () =>
  withTempDir((folder) => {
    const path = `${folder}/archive.sqlite`;
    const writer = write(path);
    const texts = Array.from({ length: 300 }, (_, nth) => message(nth + 1, `tea zebra${nth}secret`));
    writer.append(texts, 301);
    assert(bytesContain(path, "zebra150secret"));
    writer.append([{ kind: "remove", seq: 151 }], 302);
    for (const part of ["zebra150", "150secret", "ebra150s"]) assertFalse(bytesContain(path, part), part);
    assert(bytesContain(path, "zebra151"));
    const reader = new ArchiveReader(path);
    const search = (word: string) => {
      const [terms, rest] = [[{ words: [word], isPrefix: false }], {
        excluded: [],
        from: [],
        hasLink: false,
      }];
      const found = reader.search({ kind: "search", conversations: [TEA], terms, ...rest, limit: 9 });
      while (!found.step());
      return found.answer.hits.length;
    };
    assertEquals([search("zebra150secret"), search("zebra151secret")], [0, 1]);
    reader.close();
    writer.close();
  }));

Deno.test("archive: while another connection reads an older state, a redacted text goes with the next scrub", () =>
  withTempDir((folder) => {
    const path = `${folder}/archive.sqlite`;
    const writer = write(path);
    writer.append([message(1, "zebra")], 2);
    const other = new DatabaseSync(path);
    other.exec("BEGIN; SELECT * FROM record");
    writer.append([{ kind: "remove", seq: 1 }], 3);
    assertFalse(writer.scrub());
    other.exec("COMMIT");
    assert(writer.scrub());
    assertFalse(bytesContain(path, "zebra"));
    other.close();
    writer.close();
  }));

Deno.test("archive: what a crash left of a redacted text goes when the archive is opened", () =>
  withTempDir((folder) => {
    const path = `${folder}/archive.sqlite`;
    const crashed = `${folder}/crashed.sqlite`;
    const writer = write(path);
    writer.append([message(1, "zebra")], 2);
    const other = new DatabaseSync(path);
    other.exec("BEGIN; SELECT * FROM record");
    writer.append([{ kind: "remove", seq: 1 }], 3);
    for (const file of ["", "-wal"]) Deno.copyFileSync(path + file, crashed + file);
    assert(bytesContain(crashed, "zebra"));
    const opened = write(crashed);
    assertFalse(bytesContain(crashed, "zebra"));
    opened.close();
    other.close();
    writer.close();
  }));

Deno.test("archive: a batch is applied with the cursor or not at all", () =>
  withTempDir((folder) => {
    const path = `${folder}/archive.sqlite`;
    const writer = write(path);
    writer.append([message(1, "one")], 2);
    const bad = message(3, "three") as ArchiveChange & { kind: "add" };
    const unstorable = { ...bad, record: { ...bad.record, time: 0.5 } };
    assertThrows(() => writer.append([message(2, "two"), unstorable], 4));
    assertEquals(writer.cursor, 2);
    const reader = new ArchiveReader(path);
    assertEquals(reader.answer({ kind: "record", seq: 2 }).record, undefined);
    writer.append([message(2, "two"), message(3, "three")], 4);
    assertEquals(reader.archivedUntil, 4);
    assertEquals(reader.answer({ kind: "record", seq: 3 }).record?.time, 1003);
    reader.close();
    writer.close();
  }));

Deno.test("archive: a loss is told to readers that come from before it; ranges that touch are one", () =>
  withTempDir((folder) => {
    const path = `${folder}/archive.sqlite`;
    const writer = write(path);
    writer.append([message(1, "one")], 2);
    writer.skip(10, "overwritten");
    writer.skip(20, "overwritten");
    writer.append([message(20, "twenty")], 21);
    writer.skip(30, "damaged");
    const reader = new ArchiveReader(path);
    const overwritten = { from: 2, until: 20, why: "overwritten" } as const;
    const damaged = { from: 21, until: 30, why: "damaged" } as const;
    assertEquals(lossesFrom(reader, 1), [overwritten, damaged]);
    assertEquals(lossesFrom(reader, 14), [{ ...overwritten, from: 15 }, damaged]);
    assertEquals(lossesFrom(reader, 20), [damaged]);
    assertEquals(lossesFrom(reader, 30), []);
    reader.close();
    writer.close();
  }));

Deno.test("archive: within a transaction a membership is that of the channel that has the name by then", () =>
  withTempDir((folder) => {
    const path = `${folder}/archive.sqlite`;
    const writer = write(path);
    const membership = (nick: string, ...channels: string[]): ArchiveChange => {
      return { kind: "membership", nick, channels };
    };
    writer.append([
      message(1, "hello", { kind: "channel", name: "#a" }),
      membership("bob", "#a", "#b", "#c"),
      membership("al", "#a"),
      { kind: "rename", from: "#a", to: "#d", name: "#d" },
      membership("al", "#a"),
      membership("eve", "#c"),
      { kind: "retire", name: "#c" },
      membership("carol", "#c"),
      membership("carol"),
      membership("dan", "#c", "#d"),
    ], 2);
    const members = { al: ["#a"], bob: ["#b", "#d"], dan: ["#c", "#d"] };
    assertEquals(Object.fromEntries(writer.members()), members);
    writer.append([membership("bob", "#d", "#e"), membership("dan")], 3);
    assertEquals(Object.fromEntries(writer.members()), { al: ["#a"], bob: ["#d", "#e"] });
    writer.append([membership("bob", "#b"), { kind: "boot" }, membership("al", "#b")], 4);
    assertEquals(Object.fromEntries(writer.members()), { al: ["#b"] });
    writer.close();
  }));

Deno.test("archive: emoji are indexed, and leave the index with their message", () =>
  withTempDir((folder) => {
    const path = `${folder}/archive.sqlite`;
    const writer = write(path);
    writer.append([message(1, "done 🎉🎉"), message(2, "👍🏽"), message(3, "👩🏽‍💻 works")], 4);
    const reader = new ArchiveReader(path);
    const find = (text: string) => {
      const query = { terms: [toWordSequence(text)!], excluded: [], from: [], hasLink: false, limit: 9 };
      const search = reader.search({ kind: "search", conversations: [TEA], ...query });
      while (!search.step());
      return search.answer.hits.map(({ seq }) => seq);
    };
    assertEquals([find("🎉"), find("👍"), find("👩‍💻"), find("💻👩")], [[1], [2], [3], []]);
    writer.append([{ kind: "remove", seq: 1 }], 5);
    assertEquals(find("🎉"), []);
    reader.close();
    writer.close();
  }));

Deno.test("archive: a search goes through each part of the index once", () =>
  withTempDir((folder) => {
    const path = `${folder}/archive.sqlite`;
    const partBounds = { messages: 2000, spanMs: Infinity };
    const writer = new ArchiveWriter(path, { logId: "log", readSearchable, partBounds });
    writer.append(Array.from({ length: 10_000 }, (_, nth) => message(nth + 1, `word and ${nth}`)), 10_001);
    const reader = new ArchiveReader(path);
    const stepsFor = (...words: string[]) => {
      const terms = words.map((word) => ({ words: [word], isPrefix: false }));
      const query = { terms, excluded: [], from: [], hasLink: false, limit: 50 };
      const search = reader.search({ kind: "search", conversations: [TEA], ...query });
      let steps = 1;
      while (!search.step()) steps++;
      return { steps, hits: search.answer.hits.length };
    };
    const [begin, end, parts] = [1, 1, 5];
    assertEquals(stepsFor("word"), { steps: begin + 1, hits: 50 });
    assertEquals(stepsFor("word", "0"), { steps: begin + parts + end, hits: 1 });
    assertEquals(stepsFor("none"), { steps: begin + parts + end, hits: 0 });
    reader.close();
    writer.close();
  }));

Deno.test("archive: a redacted text goes at once although a reader is in the middle of a step", () =>
  withTempDir(async (folder) => {
    const path = `${folder}/archive.sqlite`;
    const writer = write(path);
    writer.append([message(1, "zebra")], 2);
    const program = `import { DatabaseSync } from "node:sqlite";
      const db = new DatabaseSync(${JSON.stringify(path)}, { readOnly: true });
      db.exec("BEGIN; SELECT * FROM record");
      self.postMessage("reading");
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
      db.exec("COMMIT");
      self.postMessage("done");`;
    const worker = new Worker(`data:text/javascript,${encodeURIComponent(program)}`, { type: "module" });
    const [reading, done] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    worker.onmessage = ({ data }) => (data === "reading" ? reading : done).resolve();
    await inTime("the reader", reading.promise);
    writer.append([{ kind: "remove", seq: 1 }], 3);
    assertFalse(bytesContain(path, "zebra"));
    await inTime("its end", done.promise);
    worker.terminate();
    writer.close();
  }));

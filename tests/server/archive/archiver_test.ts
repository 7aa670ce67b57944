import { DatabaseSync } from "node:sqlite";
import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { assert } from "../../../lib/base/assert.ts";
import { nextLoopIteration } from "../../../lib/base/event_loop.ts";
import { Ring, RING_MIN_BYTES } from "../../../lib/log/ring.ts";
import { formatMsgid } from "../../../lib/hub/output/render.ts";
import { ArchiveFollower } from "../../../lib/server/archive/archive_follower.ts";
import { readLosses } from "../../../lib/store/archive/loss_table.ts";
import { openArchiveForReading, readArchiveRow } from "../../../lib/store/archive/archive_schema.ts";
import { comesTrue } from "../../support/guard.ts";
import { tempDirTest } from "../../support/test.ts";
import { ArchivedLog, messageTo, TEA } from "./archived_log.ts";

const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, at) => `m${from + at}`);

function lossesOf({ path }: ArchivedLog) {
  const db = openArchiveForReading(path);
  const losses = readLosses(db);
  db.close();
  return losses;
}

tempDirTest("only what is on disk is archived, and it goes on where it was after a stop", async (dir) => {
  const log = new ArchivedLog(dir);
  log.start();
  log.say("a", "b");
  log.sync();
  log.say("c");
  await comesTrue("the first are there", () => log.cursor === 3);
  await log.stop();
  assertEquals(log.texts(), ["a", "b"]);
  log.start();
  log.sync();
  await log.caughtUp();
  log.say("d");
  log.sync();
  await log.stop(); // the last batch
  assertEquals(log.texts(), ["a", "b", "c", "d"]);
  assertEquals(lossesOf(log), []);
});

tempDirTest("a pass begins at once when a query waits, however short ago the last one began", async (dir) => {
  const log = new ArchivedLog(dir);
  log.passIntervalMs = Infinity;
  log.say("a");
  log.sync();
  log.start();
  await log.caughtUp();
  for (const text of ["b", "c"]) {
    log.say(text);
    log.sync();
    log.archiver!.handleRequest({ kind: "archive" });
    await log.caughtUp();
  }
  await log.stop();
});

tempDirTest("more than one transaction holds is archived in several, in order", async (dir) => {
  const log = new ArchivedLog(dir, 8 << 20);
  log.say(...numbers(5000));
  log.sync();
  log.start();
  await log.caughtUp();
  await log.stop();
  assertEquals(log.texts(), numbers(5000));
});

tempDirTest(
  "what the ring has overwritten before is told as a loss, and no user is a member after it",
  async (dir) => {
    const log = new ArchivedLog(dir, RING_MIN_BYTES);
    log.append({ kind: "join", source: "al!a@h", channel: "#tea", realname: "" });
    log.sync();
    log.start();
    await log.caughtUp();
    await log.stop();
    const last = log.say(...numbers(2000));
    log.sync();
    const { oldestSeq } = log.ring;
    assert(oldestSeq > 2, "it has lapped");
    log.start();
    await log.caughtUp();
    await log.stop();
    assertEquals(lossesOf(log), [{ from: 2, until: oldestSeq, why: "overwritten" }]);
    assertEquals(log.reports.filter(({ kind }) => kind === "lost"), [
      { kind: "lost", loss: { from: 2, until: oldestSeq, why: "overwritten" }, count: oldestSeq - 2 },
    ]);
    assertEquals(log.texts().at(-1), "m1999");
    assertEquals(log.texts().length, last + 1 - oldestSeq);
    log.append({ kind: "quit", source: "al!a@h", reason: "bye" });
    log.sync();
    log.start();
    await log.caughtUp();
    await log.stop();
    assertEquals(log.records(["event"]).map(({ seq }) => seq), [1], "the join alone");
  },
);

tempDirTest(
  "a new archive beside an old log begins with the oldest record, which is no news",
  async (dir) => {
    const log = new ArchivedLog(dir, RING_MIN_BYTES);
    log.say(...numbers(2000));
    log.sync();
    log.start();
    await log.caughtUp();
    await log.stop();
    assertEquals(lossesOf(log), [{ from: 0, until: log.ring.oldestSeq, why: "overwritten" }]);
    assertEquals(log.kinds().includes("lost"), false);
  },
);

tempDirTest("an order is carried out between the records before it and those after it", async (dir) => {
  const log = new ArchivedLog(dir);
  log.start();
  log.say("of the first room");
  const order = { kind: "retire", name: "#tea", seq: log.ring.nextSeq } as const;
  log.archiver!.handleRequest({ kind: "order", order });
  log.say("of the next room of that name");
  log.sync();
  await log.caughtUp();
  assertEquals(log.kinds().filter((kind) => kind === "ordered"), ["ordered"]);
  log.append(messageTo("#milk", "hello"));
  const late = { kind: "retire", name: "#milk", seq: log.ring.nextSeq } as const;
  log.archiver!.handleRequest({ kind: "order", order: late });
  log.sync();
  await comesTrue("it is carried out", () => log.kinds().filter((kind) => kind === "ordered").length === 2);
  await log.stop();
  assertEquals(log.texts(), ["of the next room of that name"]);
  assertEquals(log.texts({ kind: "channel", name: "#milk" }), []);
});

tempDirTest(
  "of many users that have left nothing is left when the records before that are archived",
  async (dir) => {
    const log = new ArchivedLog(dir);
    const target = { kind: "direct", name: "bob", owner: "B" } as const;
    const orders = numbers(1500).map((owner) => {
      const seq = log.append({ ...messageTo("", "hello"), target, from: `~${owner}` });
      return { kind: "forget", owner: `~${owner}`, seq: seq + 1 } as const;
    });
    log.sync();
    log.start("testlog", orders);
    const ordered = () => log.kinds().filter((kind) => kind === "ordered").length;
    await comesTrue("they are forgotten", () => ordered() === orders.length);
    await log.stop();
    for (const { owner } of orders.slice(-10)) {
      assertEquals(
        log.texts({ kind: "direct", owner, name: "bob" }),
        [],
      );
    }
    assertEquals(
      log.texts({ kind: "direct", owner: "B", name: "al" }).length,
      orders.length,
      "the other side",
    );
  },
);

tempDirTest(
  "the archive of another log is kept beside, and so is one that is newer than the log",
  async (dir) => {
    const old = new ArchivedLog(dir);
    old.say("old", "older");
    old.sync();
    old.start("oldlog");
    await old.caughtUp();
    await old.stop();
    const log = new ArchivedLog(dir);
    const setAside = async (id: string) => {
      log.start(id);
      await comesTrue("it is open", () => log.kinds().at(-1) === "progress");
      await log.stop();
      const opened = log.reports.findLast((report) => report.kind === "opened");
      return opened?.setAside?.path.slice(dir.length);
    };
    log.say("new");
    log.sync();
    assertEquals(await setAside("newlog"), "/archive-oldlog.sqlite");
    assertEquals(log.texts(), ["new"]);
    assertEquals(await setAside("newlog"), undefined);
    const restored = new ArchivedLog(dir);
    restored.start("newlog");
    await comesTrue("it is open", () => restored.kinds().at(-1) === "progress");
    restored.say("newer");
    restored.sync();
    await restored.caughtUp();
    await restored.stop();
    const names = () => Array.from(Deno.readDirSync(dir), ({ name }) => name).sort();
    assertEquals(names(), ["archive-newlog-newer.sqlite", "archive-oldlog.sqlite", "archive.sqlite"]);
    assertEquals(restored.texts(), ["newer"]);
    const busy = new ArchivedLog(dir);
    busy.logEnd = busy.ring.nextSeq;
    busy.say("said", "before", "the", "archiver", "started");
    busy.sync();
    busy.start("newlog");
    await busy.caughtUp();
    await busy.stop();
    assertEquals(names()[0], "archive-newlog-newer-2.sqlite");
    assertEquals(busy.texts().length, 5);
  },
);

tempDirTest("while the archive can't be written it is told, and made up for afterwards", async (dir) => {
  const log = new ArchivedLog(`${dir}/later`);
  log.say("a");
  log.sync();
  log.start();
  await comesTrue("it has failed twice", () => log.kinds().filter((kind) => kind === "failed").length >= 2);
  await Deno.mkdir(`${dir}/later`);
  await log.caughtUp();
  await log.stop();
  assertEquals(log.texts(), ["a"]);
});

tempDirTest("while the archive can't be written, an order waits for the next attempt", async (dir) => {
  const log = new ArchivedLog(`${dir}/missing`);
  log.retryMs = 1 << 30;
  log.say("a");
  log.sync();
  log.start();
  const failures = () => log.kinds().filter((kind) => kind === "failed").length;
  await comesTrue("it has failed", () => failures() === 1);
  for (let count = 0; count < 5; count++) {
    const order = { kind: "retire", name: "#tea", seq: log.ring.nextSeq } as const;
    log.archiver!.handleRequest({ kind: "order", order });
    await nextLoopIteration();
  }
  assertEquals(failures(), 1);
  await log.stop();
});

tempDirTest("an archive that cannot be begun is closed again", (dir) => {
  const path = `${dir}/archive.sqlite`;
  const bounds = { maxBytes: Infinity, maxAgeMs: Infinity };
  const ring = Object.create(Ring.create(RING_MIN_BYTES), {
    oldestSeq: {
      get: () => {
        throw new Error("a fault");
      },
    },
    capacityBytes: { value: RING_MIN_BYTES },
  });
  assertThrows(() => new ArchiveFollower(ring, { path, logId: "testlog", bounds }), Error, "a fault");
  assertEquals([...Deno.readDirSync(dir)].map(({ name }) => name), ["archive.sqlite"], "no WAL is left open");
});

tempDirTest(
  "a redacted text that another program reads goes when it has ended, though nothing comes",
  async (dir) => {
    const log = new ArchivedLog(dir);
    const seq = log.say("zebra");
    log.sync();
    log.start();
    await log.caughtUp();
    const other = new DatabaseSync(log.path);
    other.exec("BEGIN; SELECT * FROM record");
    const target = { kind: "channel", name: "#tea" } as const;
    const msgid = formatMsgid(seq, "testlog");
    log.append({ kind: "redact", source: "al!a@h", target, from: "A", msgid, reason: "" });
    log.sync();
    await log.caughtUp();
    const bytesOf = (file: string) => new TextDecoder("latin1").decode(Deno.readFileSync(file));
    const isThere = () => [log.path, `${log.path}-wal`].some((file) => bytesOf(file).includes("zebra"));
    assert(isThere(), "as long as it is read");
    other.close();
    await comesTrue("it is gone", () => !isThere());
    await log.stop();
  },
);

tempDirTest(
  "an archive that is removed while it is written: told, and a new one has what the ring has",
  async (dir) => {
    const log = new ArchivedLog(dir);
    log.say("a");
    log.sync();
    log.start();
    await log.caughtUp();
    await Deno.rename(log.path, `${dir}/moved.sqlite`);
    await comesTrue("it is over", () => log.kinds().includes("recovered"));
    const failed = log.reports.filter((report) => report.kind === "failed");
    assertEquals(failed.map(({ why, isDamaged }) => [why, isDamaged]), [
      ["it was removed or replaced; what is in its place now is used, or a new one begins", false],
    ]);
    log.say("b");
    log.sync();
    await log.caughtUp();
    await log.stop();
    assertEquals(log.texts(), ["a", "b"]);
    const moved = new DatabaseSync(`${dir}/moved.sqlite`, { readOnly: true });
    assertEquals(moved.prepare("SELECT count(*) AS count FROM record").get()?.["count"], 1, "it is whole");
    moved.close();
  },
);

tempDirTest(
  "an archive that another one replaces is not damaged by what was left beside the first",
  async (dir) => {
    const log = new ArchivedLog(dir);
    log.say("a", "b");
    log.sync();
    log.start();
    await log.caughtUp();
    await log.stop();
    await Deno.copyFile(log.path, `${dir}/copy.sqlite`);
    log.start();
    log.say("c");
    log.sync();
    await log.caughtUp();
    await Deno.rename(`${dir}/copy.sqlite`, log.path);
    await comesTrue("it is over", () => log.kinds().includes("recovered"));
    await log.caughtUp();
    await log.stop();
    assertEquals(log.texts(), ["a", "b", "c"]);
  },
);

tempDirTest("an archive that can be opened but not written is told as such until it can", async (dir) => {
  const log = new ArchivedLog(dir);
  log.say("a");
  log.sync();
  log.start();
  await log.caughtUp();
  await log.stop();
  const db = new DatabaseSync(log.path);
  db.exec("CREATE TRIGGER full BEFORE UPDATE ON archive BEGIN SELECT RAISE(ABORT, 'no space'); END");
  log.reports.splice(0);
  log.say("b");
  log.sync();
  log.start();
  const failures = () => log.kinds().filter((kind) => kind === "failed").length;
  await comesTrue("it has failed twice", () => failures() >= 2);
  assertEquals(log.kinds().includes("recovered"), false);
  db.exec("DROP TRIGGER full");
  db.close();
  await comesTrue("it is over", () => log.kinds().includes("recovered"));
  await log.stop();
  assertEquals(log.texts(), ["a", "b"]);
});

tempDirTest(
  "an archiver that follows one that has failed tells when it writes, also if nothing waits",
  async (dir) => {
    const log = new ArchivedLog(dir);
    log.hasFailed = true;
    log.start();
    await comesTrue("it is over", () => log.kinds().includes("recovered"));
    await log.stop();
    assertEquals(log.kinds().filter((kind) => kind === "recovered").length, 1);
  },
);

tempDirTest(
  "a large ring, which holds all that is not on disk yet, saves an fsync for each transaction",
  (dir) => {
    const bounds = { maxBytes: Infinity, maxAgeMs: Infinity };
    const modeOf = (bytes: number) => {
      const path = `${dir}/${bytes}.sqlite`;
      const follower = new ArchiveFollower(Ring.create(bytes), { path, logId: "testlog", bounds });
      follower.carryOut([{ kind: "retire", name: "#tea", seq: 1 }]);
      const mode = follower.writer.db.prepare("PRAGMA synchronous").get()?.["synchronous"];
      follower.close();
      return mode;
    };
    const [normal, full] = [1, 2]; // https://sqlite.org/pragma.html#pragma_synchronous
    assertEquals([modeOf(16 << 20), modeOf(8 << 20)], [normal, full]);
  },
);

tempDirTest("a file that is no archive stays as it is", async (dir) => {
  const log = new ArchivedLog(dir);
  await Deno.writeTextFile(log.path, "my notes ".repeat(1000));
  log.say("a");
  log.sync();
  log.start();
  await comesTrue("it is told", () => log.kinds().includes("failed"));
  await log.stop();
  const failed = log.reports.find((report) => report.kind === "failed");
  assertMatch(failed!.why, /not a database/);
  assertMatch(await Deno.readTextFile(log.path), /^my notes/);
});

tempDirTest("an archive that has all is woken by the next record", async (dir) => {
  const log = new ArchivedLog(dir);
  log.start();
  for (const text of numbers(5)) {
    log.say(text);
    log.sync();
    await log.caughtUp();
  }
  assertEquals(log.texts(TEA), numbers(5));
  await log.stop();
});

tempDirTest("what is too old goes, of a room with a time of its own sooner", async (dir) => {
  const log = new ArchivedLog(dir);
  log.bounds = { maxBytes: Infinity, maxAgeMs: 10_000 };
  log.say("zebra");
  log.append(messageTo("#milk", "b"));
  log.sync();
  log.start();
  const milk = { kind: "channel", name: "#milk" } as const;
  const order = { kind: "keep", name: "#milk", ms: 5000, seq: log.ring.nextSeq } as const;
  log.archiver!.handleRequest({ kind: "order", order });
  await log.caughtUp();
  assertEquals([log.texts(), log.texts(milk)], [["zebra"], ["b"]]);
  log.now += 6000;
  log.say("c");
  log.sync();
  await comesTrue("that of the room is gone", () => log.texts(milk).length === 0);
  assertEquals(log.texts(), ["zebra", "c"]);
  log.now += 6000;
  log.append(messageTo("#tea", "d"));
  log.sync();
  await log.caughtUp();
  await comesTrue("the oldest is gone", () => log.texts()[0] !== "zebra");
  assertEquals(log.texts(), ["c", "d"]);
  await log.stop();
  const file = new TextDecoder("latin1").decode(Deno.readFileSync(log.path));
  assert(!file.includes("zebra"), "nor is its word in the index");
});

tempDirTest(
  "an archive that is too large gives up its oldest messages, as a loss that is no news",
  async (dir) => {
    const log = new ArchivedLog(dir, 8 << 20);
    log.bounds = { maxBytes: 400 * 1024, maxAgeMs: Infinity };
    const said = numbers(3000).map((text) => text.padEnd(200, "."));
    log.say(...said);
    log.sync();
    log.start();
    await comesTrue("it is pruned", () => lossesOf(log).length === 1);
    await log.stop();
    const texts = log.texts();
    assert(texts.length > 100 && texts.length < 3000, `${texts.length} are left`);
    assertEquals(texts, said.slice(-texts.length));
    assertEquals(lossesOf(log)[0]!.why, "pruned");
    assertEquals(log.kinds().includes("lost"), false);
  },
);

tempDirTest(
  "a new archive knows what was deleted or renamed before only if the log is whole",
  async (dir) => {
    const log = new ArchivedLog(dir, RING_MIN_BYTES);
    const begun = async () => {
      log.reports.length = 0;
      log.sync();
      log.start();
      await log.caughtUp();
      await log.stop();
      const db = openArchiveForReading(log.path);
      const { changesFrom } = readArchiveRow(db);
      db.close();
      Deno.removeSync(log.path);
      return changesFrom;
    };
    log.say("one", "two");
    assertEquals(await begun(), 0);
    log.say(...Array.from({ length: 2000 }, () => "x".repeat(50)));
    assertEquals(await begun(), log.ring.nextSeq + 1);
  },
);

/** A log knows the state database that belongs to it, and does not open beside another one. */
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { LogLock } from "../../lib/log/log_lock.ts";
import { RING_MIN_BYTES } from "../../lib/log/ring.ts";
import type { DatabaseMark } from "../../lib/log/fact_store.ts";
import { findDatabaseFault } from "../../lib/store/facts/database_mark.ts";
import {
  decodeHeaderPage,
  FORMAT_VERSION,
  HEADER_PAGE_BYTES,
} from "../../lib/store/ring_file/file_header.ts";
import { type OpenLog, openLog } from "../../lib/store/ring_file/open_log.ts";
import { readFactStore } from "../../lib/store/facts/fact_reader.ts";
import { startSync, type SyncTask } from "../../lib/store/sync/sync_task.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { pureTest } from "../support/test.ts";

const ID = "0".repeat(31) + "1";
const OTHER = "0".repeat(31) + "2";

pureTest(
  "database mark: a log hears of less than the database has, never of more",
  () => {
    const known = { id: ID, saves: 5 };
    assertEquals(findDatabaseFault(undefined, undefined), undefined);
    assertEquals(findDatabaseFault(undefined, known), undefined);
    assertEquals(findDatabaseFault(known, undefined), "missing");
    assertEquals(findDatabaseFault(known, { id: OTHER, saves: 9 }), "another");
    assertEquals(findDatabaseFault(known, { id: ID, saves: 4 }), "older");
    assertEquals([5, 6].map((saves) => findDatabaseFault(known, { id: ID, saves })), [undefined, undefined]);
  },
);

function opened(dir: string, database: DatabaseMark | undefined, acceptDatabase = false): OpenLog {
  const log = openLog({ dir, capacityBytes: RING_MIN_BYTES, now: 0, database, acceptDatabase });
  assert(log.kind === "ok", "it opens");
  return log;
}

function headerIn(dir: string) {
  const outcome = decodeHeaderPage(Deno.readFileSync(`${dir}/log.ring`).subarray(0, HEADER_PAGE_BYTES));
  assert(outcome.kind === "ok", "there is a header");
  return outcome.header;
}

function markIn(dir: string): DatabaseMark | undefined {
  const state = readFactStore(`${dir}/state.sqlite`);
  return state.kind === "ok" ? state.database : undefined;
}

/** A server's sync task on `log`; it saves one fact when asked. */
function task(dir: string, { ring, logId, path }: OpenLog, troubles: string[] = []): SyncTask {
  return startSync({
    ring,
    path,
    intervalMs: "always",
    lock: new LogLock(ring, dir),
    lockName: dir,
    state: { path: `${dir}/state.sqlite`, logId },
    onError: ({ why }) => troubles.push(why),
  });
}

function fact(key: string) {
  return { kind: "topic", key, value: "1", seq: 0 };
}

Deno.test("database mark: as soon as a fact is said to be saved the log knows the database, also after kill -9", () =>
  withTempDir(async (dir) => {
    const log = opened(dir, undefined);
    const sync = task(dir, log);
    sync.saveFacts([fact("a")]);
    assertEquals(await sync.syncFacts(), undefined);
    const first = headerIn(dir).database;
    assertEquals(first, markIn(dir));
    assertEquals(first?.saves, 1);
    sync.saveFacts([fact("b")]);
    assertEquals(await sync.syncFacts(), undefined);
    assertEquals(headerIn(dir).database, { ...first, saves: 2 });
    sync.saveFacts([fact("c")]);
    await sync.stop();
    assertEquals(headerIn(dir).database, { ...first, saves: 3 });
    assertEquals(headerIn(dir).clean, true);
  }));

Deno.test("database mark: a log does not open beside another database than its own, and is left as it was", () =>
  withTempDir((dir) => {
    const known = { id: ID, saves: 5 };
    opened(dir, known);
    const bytes = Deno.readFileSync(`${dir}/log.ring`);
    const refused: (readonly [DatabaseMark | undefined, string])[] = [
      [undefined, "missing"],
      [{ id: OTHER, saves: 7 }, "another"],
      [{ id: ID, saves: 4 }, "older"],
    ];
    for (const [database, fault] of refused) {
      for (const capacityBytes of [RING_MIN_BYTES, 2 * RING_MIN_BYTES]) {
        const outcome = openLog({ dir, capacityBytes, now: 0, database });
        assertEquals(outcome.kind === "database" && outcome.fault, fault);
        assertEquals(Deno.readFileSync(`${dir}/log.ring`), bytes);
      }
    }
    assertEquals(opened(dir, { id: ID, saves: 6 }).acceptedFault, undefined);
    assertEquals(headerIn(dir).database, { id: ID, saves: 6 });
  }));

Deno.test("database mark: what is accepted is the log's database from then on", () =>
  withTempDir((dir) => {
    opened(dir, { id: ID, saves: 5 });
    assertEquals(opened(dir, { id: ID, saves: 4 }, true).acceptedFault, "older");
    assertEquals(opened(dir, { id: ID, saves: 4 }).acceptedFault, undefined);
    assertEquals(opened(dir, { id: OTHER, saves: 0 }, true).acceptedFault, "another");
    assertEquals(headerIn(dir).database, { id: OTHER, saves: 0 });
    assertEquals(opened(dir, undefined, true).acceptedFault, "missing");
    assertEquals(headerIn(dir).database, undefined);
    assertEquals(opened(dir, undefined).acceptedFault, undefined);
  }));

Deno.test("database mark: a change of the buffer's size keeps it", () =>
  withTempDir((dir) => {
    const known = { id: ID, saves: 5 };
    opened(dir, known);
    const log = openLog({ dir, capacityBytes: 2 * RING_MIN_BYTES, now: 0, database: known });
    assertEquals([log.kind, headerIn(dir).database], ["ok", known]);
  }));

Deno.test("database mark: a database that is removed or replaced while the server runs is trouble, until it is back", () =>
  withTempDir(async (dir) => {
    const path = `${dir}/state.sqlite`;
    const troubles: string[] = [];
    const sync = task(dir, opened(dir, undefined), troubles);
    const save = (key: string) => {
      sync.saveFacts([fact(key)]);
      return sync.syncFacts();
    };
    assertEquals(await save("a"), undefined);
    const aside = `${dir}/aside`;
    for (const end of ["", "-wal", "-shm"]) Deno.renameSync(path + end, aside + end);
    assertMatch(await save("b") ?? "", /^state\.sqlite: it is missing or empty; put it back/);
    assertEquals(await Deno.stat(path).catch((error: Error) => error.name), "NotFound");
    Deno.copyFileSync(aside, `${dir}/copy`);
    const { SqliteFactStore } = await import("../../lib/store/facts/sqlite_fact_store.ts");
    new SqliteFactStore(path).close();
    assertMatch(await save("c") ?? "", /^state\.sqlite: another database is in its place/);
    for (const end of ["", "-wal", "-shm"]) Deno.renameSync(aside + end, path + end);
    assertEquals(await save("d"), undefined);
    await sync.stop();
    const state = readFactStore(path);
    assertEquals(state.kind === "ok" && state.facts.map(({ key }) => key), ["a", "b", "c", "d"]);
    assertEquals(troubles.length, 2);
  }));

async function unpackSample(dir: string): Promise<void> {
  for (const name of ["log.ring", "state.sqlite"]) {
    const packed = await Deno.readFile(new URL(`./samples/0.1.0-${name}.gz`, import.meta.url));
    const plain = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    await Deno.writeFile(`${dir}/${name}`, plain);
  }
}

Deno.test("database mark: a data folder of version 0.1.0 opens, is upgraded, and is protected from then on", () =>
  withTempDir(async (dir) => {
    await unpackSample(dir);
    assertEquals(headerIn(dir).database, undefined);
    const state = readFactStore(`${dir}/state.sqlite`);
    assert(state.kind === "ok", "the database is read");
    assertEquals(state.facts.map(({ kind, key, fault }) => [kind, key, fault]), [
      ["account", "alice", undefined],
      ["room", "#tea", undefined],
      ["topic", "#tea", undefined],
    ]);
    const log = opened(dir, state.database);
    assertEquals([log.report.recovered > 0, log.report.damaged, log.report.headerLost], [true, 0, false]);
    assertEquals(log.logId, state.logId);
    assertEquals(headerIn(dir).database, state.database);
    const page = Deno.readFileSync(`${dir}/log.ring`);
    assertEquals([page[8], page[2048 + 8]].includes(FORMAT_VERSION), true);
    assertEquals(openLog({ dir, capacityBytes: RING_MIN_BYTES, now: 0 }).kind, "database");
  }));

Deno.test("database mark: a log that lost its state while saving says so, and the facts wait", () =>
  withTempDir(async (dir) => {
    const sync = task(dir, opened(dir, undefined));
    await sync.syncNow();
    Deno.mkdirSync(`${dir}/state.sqlite`);
    sync.saveFacts([fact("a")]);
    assertMatch(await sync.syncFacts() ?? "", /^state\.sqlite: it is not a regular file/);
    await assertRejects(() => Deno.readTextFile(`${dir}/state.sqlite`));
    Deno.removeSync(`${dir}/state.sqlite`);
    sync.saveFacts([fact("b")]);
    assertEquals(await sync.syncFacts(), undefined);
    await sync.stop();
    assertEquals(markIn(dir)?.saves, 1);
  }));

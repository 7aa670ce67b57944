/** Backups: consistent beside a server at work, complete or not there; a damaged one is found, and not restored. */
import { createHash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { HOUR_MS } from "../../lib/base/values/time_unit.ts";
import { recordBytes } from "../../lib/log/record.ts";
import { SEQ_JUMP } from "../../lib/log/seq_jump.ts";
import { makeBackup } from "../../lib/store/backup/backup.ts";
import { exists, findServerFile } from "../../lib/store/backup/backup_files.ts";
import type { Progress } from "../../lib/store/backup/file_copy.ts";
import { checkBackup } from "../../lib/store/backup/restore.ts";
import { openDataDir } from "../../lib/store/disk/data_dir.ts";
import { HEADER_PAGE_BYTES } from "../../lib/store/ring_file/file_header.ts";
import { readLogFile } from "../../lib/store/ring_file/open_log.ts";
import { readSamples } from "../log/samples.ts";
import { POSIX, tempDirTest } from "../support/test.ts";
import {
  backUp,
  faultOf,
  NOW,
  openTestLog,
  readArchive,
  readFacts,
  restore,
  searchArchive,
  snapshotOf,
  TestServer,
} from "./backup_folder.ts";

const FILES = [
  "archive.sqlite",
  "backup.json",
  "cloak.key",
  "log.ring",
  "state.sqlite",
  "tls/",
  "tls/certificate.pem",
  "tls/key.pem",
];

/** The server in `data`, ended, and its backup in `backup`. */
async function endedAndBackedUp(dir: string): Promise<{ data: string; backup: string }> {
  const [data, backup] = [`${dir}/data`, `${dir}/backup`];
  const server = new TestServer(data);
  await server.work();
  await server.end();
  await backUp(data, backup);
  return { data, backup };
}

const NO_WORK = { signal: new AbortController().signal, onProgress: () => {} };

function names(dir: string): string[] {
  return [...snapshotOf(dir).keys()].sort();
}

function edit(path: string, at: number): void {
  const bytes = Deno.readFileSync(path);
  bytes[at < 0 ? bytes.length + at : at]! ^= 1;
  Deno.writeFileSync(path, bytes);
}

function listRecords(path: string): number[] {
  const log = readLogFile(path);
  assert(log.kind === "ok", JSON.stringify(log));
  return readSamples(log.ring);
}

tempDirTest(
  "backup: all files, for their owner only, and the restored ones are the same",
  POSIX,
  async (dir) => {
    const { data, backup } = await endedAndBackedUp(dir);
    assertEquals(names(backup), FILES);
    assertEquals(Deno.statSync(backup).mode! & 0o777, 0o700);
    for (const [name, content] of snapshotOf(backup)) {
      assertMatch(
        content,
        name.endsWith("/") ? /^700$/ : /^600 /,
      );
    }
    await restore(backup, `${dir}/restored`);
    const [made, restored] = [snapshotOf(backup), snapshotOf(`${dir}/restored`)];
    assertEquals(
      names(`${dir}/restored`),
      [...FILES.filter((name) => name !== "backup.json"), "chatterbox.lock"].sort(),
    );
    for (const name of FILES) {
      if (!["backup.json", "log.ring"].includes(name)) assertEquals(restored.get(name), made.get(name), name);
    }
    assertEquals(listRecords(`${dir}/restored/log.ring`), listRecords(`${data}/log.ring`));
  },
);

tempDirTest(
  "backup: made beside a server at work: the archive is not newer than the log, the facts are not older",
  async (dir) => {
    const data = `${dir}/data`;
    const server = new TestServer(data);
    for (let round = 0; round < 5; round++) {
      await server.work(7 + round);
      const before = readSamples(server.log.ring);
      const work: Promise<void>[] = [];
      let left = 5;
      const backup = `${dir}/backup${round}`;
      await backUp(data, backup, { onProgress: () => void (left-- > 0 && work.push(server.work(3))) });
      await Promise.all(work);
      const restored = `${dir}/restored${round}`;
      await restore(backup, restored);
      const records = listRecords(`${restored}/log.ring`);
      const newest = records.at(-1)!;
      assert(newest >= before.at(-1)!, "all that was on disk before is there");
      assert(records[0]! <= readArchive(restored).at(-1)! + 1, "no gap between archive and log");
      assert(readArchive(restored).at(-1)! <= newest, "the archive is not newer");
      assert(readFacts(restored).seqs.at(-1)! >= before.at(-1)!, "facts of before are there");
      openTestLog(restored); // with the database that the log knows
    }
    server.close();
  },
);

tempDirTest("backup: what is archived and saved while the log is copied", async (dir) => {
  const server = new TestServer(`${dir}/data`);
  await server.work(5);
  let seen = 0;
  const onProgress = ({ name, step }: Progress) => {
    if (name !== "log.ring" || step !== "copying" || seen++ > 0) return;
    server.saveFact(1000);
    server.archive();
  };
  await backUp(`${dir}/data`, `${dir}/backup`, { onProgress });
  server.close();
  assertEquals(readFacts(`${dir}/backup`).seqs, [5, 1000]);
  assertEquals(readArchive(`${dir}/backup`), [1, 2, 3, 4, 5]);
});

tempDirTest("backup: a copy into which a sync fell is made again", async (dir) => {
  const server = new TestServer(`${dir}/data`);
  await server.work(20);
  const path = `${dir}/data/log.ring`;
  const at = HEADER_PAGE_BYTES + 18 * recordBytes(40);
  const whole = Deno.readFileSync(path);
  const torn = whole.slice();
  torn.fill(0, at);
  Deno.writeFileSync(path, torn);
  let copies = 0;
  const onProgress = ({ name, step }: Progress) => {
    if (name === "log.ring" && step === "copying" && ++copies === 2) Deno.writeFileSync(path, whole);
  };
  server.close();
  const { through } = await backUp(`${dir}/data`, `${dir}/backup`, { onProgress });
  assertEquals([through, listRecords(`${dir}/backup/log.ring`).length], [20, 20]);
});

tempDirTest(
  "backup: where the log goes round before it is copied, archive and log are taken again, five times at most",
  async (dir) => {
    const [data, backup] = [`${dir}/data`, `${dir}/backup`];
    const ring = `${data}/log.ring`;
    const server = new TestServer(data);
    await server.work(100);
    const before = Deno.readFileSync(ring);
    for (let nth = 0; nth < 20; nth++) await server.workWithoutArchive(100);
    const after = Deno.readFileSync(ring);
    Deno.writeFileSync(ring, before);
    let copies = 0;
    const attempt = (onRound: () => void) =>
      makeBackup({
        dataDir: data,
        dir: backup,
        program: "0.1.0",
        now: NOW,
        get signal() { // read before the first bytes of a copy
          if (exists(`${backup}/log.ring`) && Deno.statSync(`${backup}/log.ring`).size === 0) {
            Deno.writeFileSync(ring, after);
            copies++;
          }
          return new AbortController().signal;
        },
        onProgress: ({ name, step }) => {
          if (name === "log.ring" && step === "copying") onRound();
        },
      });
    assertMatch(
      await faultOf(attempt(() => Deno.writeFileSync(ring, before))),
      /^changing: .*log.ring: the log went round while it was copied; try again$/,
    );
    assertEquals([copies, exists(backup)], [5, false]);
    copies = 0;
    await attempt(() => server.archive());
    assertEquals(copies, 2);
    server.close();
  },
);

tempDirTest("backup: a log that has gone on without the archive is backed up with it", async (dir) => {
  const data = `${dir}/data`;
  const server = new TestServer(data);
  await server.work(5);
  await server.workWithoutArchive(5000);
  await server.workWithoutArchive(5000);
  server.close();
  await backUp(data, `${dir}/b`);
  assertEquals(readArchive(`${dir}/b`), [1, 2, 3, 4, 5]);
  assert(listRecords(`${dir}/b/log.ring`)[0]! > 6, "there is a gap");
});

tempDirTest(
  "backup: another program's archive, or another log's, is told with what to do; an empty file is none",
  async (dir) => {
    const { data } = await endedAndBackedUp(dir);
    const path = `${data}/archive.sqlite`;
    const other = new TestServer(`${dir}/other`);
    await other.work();
    await other.end();
    Deno.copyFileSync(`${dir}/other/archive.sqlite`, path);
    assertMatch(
      await faultOf(backUp(data, `${dir}/b`)),
      /^unsound: .*archive.sqlite belongs to another log \(\w+\): start the server, .* with --without-archive$/,
    );
    Deno.removeSync(path);
    const foreign = new DatabaseSync(path);
    foreign.exec("CREATE TABLE bookmark (url TEXT)");
    foreign.close();
    assertMatch(
      await faultOf(backUp(data, `${dir}/b`)),
      /it is another program's database; the server does not use it: move it away, or .* --without-archive$/,
    );
    await backUp(data, `${dir}/b`, { withoutArchive: true });
    assertEquals(names(`${dir}/b`), FILES.filter((name) => name !== "archive.sqlite"));
    assertEquals((await checkBackup(`${dir}/b`, NO_WORK)).isWithoutArchive, true);
    Deno.writeTextFileSync(path, "");
    await backUp(data, `${dir}/c`);
    assertEquals(names(`${dir}/c`), names(`${dir}/b`));
    assertEquals((await checkBackup(`${dir}/c`, NO_WORK)).isWithoutArchive, false);
  },
);

for (const damage of ["log.ring", "state.sqlite", "archive.sqlite"]) {
  tempDirTest(`backup: a server's damaged ${damage} is not backed up, and nothing remains`, async (dir) => {
    const server = new TestServer(`${dir}/data`);
    for (let round = 0; round < 40; round++) await server.work(9);
    await server.end();
    const path = `${dir}/data/${damage}`;
    if (damage === "log.ring") edit(path, HEADER_PAGE_BYTES + 60);
    else Deno.writeFileSync(path, Deno.readFileSync(path).fill(7, 4096));
    const before = snapshotOf(`${dir}/data`);
    const fault = await faultOf(backUp(`${dir}/data`, `${dir}/backup`));
    assertMatch(fault, new RegExp(`^unsound: .*/data/${damage} is damaged`));
    assertEquals([fault.includes("\n"), fault.includes("***")], [false, false]);
    const advice = /stop the server, then: chatterbox archive repair, or .* with --without-archive$/;
    assertEquals(advice.test(fault), damage === "archive.sqlite");
    assertEquals([...Deno.readDirSync(dir)].map(({ name }) => name), ["data"]);
    for (const [name, content] of before) assertEquals(snapshotOf(`${dir}/data`).get(name), content, name);
  });
}

tempDirTest("backup: without facts that the log refers to, or with older ones", async (dir) => {
  const server = new TestServer(`${dir}/data`);
  await server.work();
  await server.end();
  const path = `${dir}/data/state.sqlite`;
  const older = Deno.readFileSync(path);
  const again = new TestServer(`${dir}/data`);
  await again.work();
  await again.end();
  Deno.writeFileSync(path, older);
  assertMatch(
    await faultOf(backUp(`${dir}/data`, `${dir}/backup`)),
    /^unsound: .*state\.sqlite is an older copy/,
  );
  Deno.removeSync(path);
  assertMatch(await faultOf(backUp(`${dir}/data`, `${dir}/backup`)), /^unsound: .*state\.sqlite is missing/);
});

tempDirTest("backup: only into a folder that is empty or not there", async (dir) => {
  const { data } = await endedAndBackedUp(dir);
  Deno.mkdirSync(`${dir}/empty`, { mode: 0o755 });
  await backUp(data, `${dir}/empty`);
  assertEquals(names(`${dir}/empty`), FILES);
  const before = snapshotOf(`${dir}/empty`);
  assertMatch(await faultOf(backUp(data, `${dir}/empty`)), /^taken: .*empty is not empty/);
  assertMatch(await faultOf(backUp(data, data)), /^taken: .*data is not empty/);
  assertMatch(
    await faultOf(backUp(data, `${dir}/no/where`)),
    /^taken: .*where cannot be made: the folder .*\/no does not exist$/,
  );
  assertMatch(await faultOf(backUp(data, `${dir}/no//x/`)), / the folder .*\/no does not exist$/);
  Deno.writeTextFileSync(`${dir}/file`, "");
  assertMatch(await faultOf(backUp(data, `${dir}/file`)), /^taken: .*file is not a folder; name one that/);
  assertMatch(await faultOf(backUp(data, `${dir}/file/x`)), /^taken: /);
  Deno.mkdirSync(`${data}/folder`);
  for (const inner of [`${data}/b`, `${data}/folder/b`, `${data}/folder`]) {
    assertMatch(
      await faultOf(backUp(data, inner)),
      /^taken: .* is inside of .*data; name a folder elsewhere$/,
    );
  }
  assertMatch(
    await faultOf(backUp(`${dir}/none`, `${dir}/x`)),
    /^io: .*none is not the data folder of a server/,
  );
  assertEquals(snapshotOf(`${dir}/empty`), before);
});

tempDirTest("backup: interrupted at any step, it leaves nothing", async (dir) => {
  const { data } = await endedAndBackedUp(dir);
  let steps = 0;
  await backUp(data, `${dir}/all`, { onProgress: () => void steps++ });
  for (let at = 1; at <= steps; at++) {
    const control = new AbortController();
    let step = 0;
    const onProgress = () => void (++step === at && control.abort());
    const dirs = [`${dir}/new${at}`, `${dir}/empty${at}`];
    const existing = dirs[at % 2]!;
    if (at % 2 === 1) Deno.mkdirSync(existing);
    assertMatch(
      await faultOf(backUp(data, existing, { signal: control.signal, onProgress })),
      /^interrupted/,
    );
    assertEquals(at % 2 === 1 ? names(existing) : findServerFile(existing), at % 2 === 1 ? [] : undefined);
    assertEquals([...Deno.readDirSync(dir)].some(({ name }) => name === `new${at}`), false);
  }
  assert(steps > 10, "files are copied and verified");
});

tempDirTest("restore: a link in a backup is refused, also where it leads to the file", POSIX, async (dir) => {
  const { backup } = await endedAndBackedUp(dir);
  for (const [name, elsewhere] of [["cloak.key", "secret"], ["tls", "certificates"]]) {
    Deno.renameSync(`${backup}/${name}`, `${dir}/${elsewhere}`);
    Deno.symlinkSync(`${dir}/${elsewhere}`, `${backup}/${name}`);
    const fault = await faultOf(restore(backup, `${dir}/restored`));
    assertMatch(fault, new RegExp(`^unsound: ${backup}/${name} is a symbolic link`));
    Deno.removeSync(`${backup}/${name}`);
    Deno.renameSync(`${dir}/${elsewhere}`, `${backup}/${name}`);
  }
  await restore(backup, `${dir}/restored`);
});

tempDirTest(
  "restore: an archive of another log, or none, is refused though its checksum is right",
  async (dir) => {
    const { backup } = await endedAndBackedUp(`${dir}/one`);
    const other = await endedAndBackedUp(`${dir}/other`);
    const before = names(backup);
    const archives = [Deno.readFileSync(`${other.backup}/archive.sqlite`), new Uint8Array(9000).fill(7)];
    for (const bytes of archives) {
      Deno.writeFileSync(`${backup}/archive.sqlite`, bytes);
      const manifest = JSON.parse(Deno.readTextFileSync(`${backup}/backup.json`));
      const file = manifest.files.find(({ name }: { name: string }) => name === "archive.sqlite");
      file.bytes = bytes.length;
      file.sha256 = createHash("sha256").update(bytes).digest("hex");
      Deno.writeTextFileSync(`${backup}/backup.json`, JSON.stringify(manifest));
      const fault = await faultOf(restore(backup, `${dir}/restored`));
      assertMatch(fault, /^unsound: .*archive\.sqlite is (not the archive of the log|no sound archive)/);
    }
    assertEquals(names(backup), before, "nothing is left beside it");
  },
);

tempDirTest("restore: a damaged file is named, whichever it is, and nothing is restored", async (dir) => {
  const { backup } = await endedAndBackedUp(dir);
  for (const name of FILES.filter((name) => !name.endsWith("/") && name !== "backup.json")) {
    const path = `${backup}/${name}`;
    const whole = Deno.readFileSync(path);
    const damages = [
      () => edit(path, 0),
      () => edit(path, -1),
      () => Deno.truncateSync(path, whole.length - 1),
      () => Deno.writeFileSync(path, new Uint8Array(1), { append: true }),
      () => Deno.removeSync(path),
    ];
    for (const damage of damages) {
      damage();
      const fault = await faultOf(restore(backup, `${dir}/restored`));
      assertMatch(fault, new RegExp(`^unsound: ${path} is (damaged|missing)`));
      Deno.writeFileSync(path, whole);
    }
  }
  assertEquals([...Deno.readDirSync(dir)].map(({ name }) => name).sort(), ["backup", "data"]);
  await restore(backup, `${dir}/restored`);
});

tempDirTest("restore: a backup that is not finished, or none, or of a newer version", async (dir) => {
  const { backup } = await endedAndBackedUp(dir);
  const manifest = Deno.readTextFileSync(`${backup}/backup.json`);
  const target = `${dir}/restored`;
  Deno.writeTextFileSync(`${backup}/backup.unfinished`, "");
  assertMatch(await faultOf(restore(backup, target)), /^unsound: .*backup: the backup was not finished/);
  Deno.removeSync(`${backup}/backup.unfinished`);
  Deno.writeTextFileSync(`${backup}/backup.json`, manifest.replace('"format": 1', '"format": 2'));
  assertMatch(
    await faultOf(restore(backup, target)),
    /backup\.json: it has format version 2, made by ChatterBox 0/,
  );
  Deno.writeTextFileSync(`${backup}/backup.json`, `${manifest}${" ".repeat(64 * 1024)}`);
  assertMatch(await faultOf(restore(backup, target)), /^unsound: .*backup\.json: larger than 65536 bytes/);
  Deno.removeSync(`${backup}/backup.json`);
  assertMatch(
    await faultOf(restore(backup, target)),
    /^unsound: .*backup is not a backup: it has no backup\.json/,
  );
  assertMatch(await faultOf(restore(`${dir}/none`, target)), /^io: .*none: no such file/);
  assertEquals([...Deno.readDirSync(dir)].some(({ name }) => name === "restored"), false);
});

tempDirTest(
  "restore: a backup that is not there is told first; so is a server at work, a file, and a folder inside the backup",
  async (dir) => {
    const { data, backup } = await endedAndBackedUp(dir);
    assertMatch(await faultOf(restore(`${dir}/nosuch`, data)), /^io: .*nosuch: no such file$/);
    const held = await openDataDir(data);
    assertMatch(
      await faultOf(restore(backup, data)),
      /^taken: .*data is in use by a server \(process \d+\); name another folder with --data-dir$/,
    );
    if (held.kind === "ok") held.dir.close();
    Deno.writeTextFileSync(`${dir}/file`, "");
    assertMatch(await faultOf(restore(backup, `${dir}/file`)), /^taken: .*file: it is not a folder$/);
    assertMatch(
      await faultOf(restore(backup, `${backup}/a/b`)),
      /^taken: .*a\/b is inside of .*backup; name a folder/,
    );
    assertEquals(names(backup), FILES);
  },
);

tempDirTest("restore: nothing is overwritten", async (dir) => {
  const { backup } = await endedAndBackedUp(dir);
  const target = `${dir}/target`;
  for (const name of [...FILES, "state.sqlite-wal", "archive.sqlite-shm", "archive.sqlite-journal"]) {
    if (name === "backup.json" || name.endsWith("/")) continue;
    Deno.mkdirSync(`${target}/tls`, { recursive: true });
    Deno.writeTextFileSync(`${target}/${name}`, "mine");
    const before = snapshotOf(target);
    assertMatch(await faultOf(restore(backup, target)), new RegExp(`^taken: ${target}/${name} exists`));
    assertEquals(snapshotOf(target), before);
    Deno.removeSync(target, { recursive: true });
  }
  Deno.mkdirSync(target);
  Deno.writeTextFileSync(`${target}/motd.txt`, "mine");
  await restore(backup, target);
  assertEquals(Deno.readTextFileSync(`${target}/motd.txt`), "mine");
  assertEquals(names(target).includes("log.ring"), true);
});

tempDirTest(
  "restore: a folder that a server holds, or that an unfinished restore was made into",
  async (dir) => {
    const { backup } = await endedAndBackedUp(dir);
    const target = `${dir}/target`;
    const held = await openDataDir(target);
    assert(held.kind === "ok", held.kind);
    assertMatch(
      await faultOf(restore(backup, target)),
      /^taken: .*target is in use by a server \(process \d+\)/,
    );
    held.dir.close();
    Deno.mkdirSync(`${target}/restore.unfinished`);
    assertMatch(await faultOf(restore(backup, target)), /^taken: a restore into .*target was not finished/);
    assertEquals((await openDataDir(target)).kind, "restoring");
    Deno.removeSync(`${target}/restore.unfinished`);
    await restore(backup, target);
  },
);

tempDirTest("restore: interrupted at any step, it leaves nothing", async (dir) => {
  const { backup } = await endedAndBackedUp(dir);
  let steps = 0;
  await restore(backup, `${dir}/all`, { onProgress: () => void steps++ });
  Deno.mkdirSync(`${dir}/there`);
  for (let at = 1; at <= steps; at++) {
    const control = new AbortController();
    let step = 0;
    const work = { signal: control.signal, onProgress: () => void (++step === at && control.abort()) };
    assertMatch(await faultOf(restore(backup, `${dir}/new`, work)), /^interrupted/);
    step = 0;
    const again = new AbortController();
    const onProgress = () => void (++step === at && again.abort());
    assertMatch(
      await faultOf(restore(backup, `${dir}/there`, { signal: again.signal, onProgress })),
      /^interrupted/,
    );
    assertEquals([...Deno.readDirSync(dir)].map(({ name }) => name).sort(), [
      "all",
      "backup",
      "data",
      "there",
    ]);
    assertEquals(names(`${dir}/there`).filter((name) => name !== "chatterbox.lock"), []);
  }
});

tempDirTest("restore: no number is given twice, whatever the server did after the backup", async (dir) => {
  const { data, backup } = await endedAndBackedUp(dir);
  const given = new Set<number>();
  for (let crashes = 0; crashes < 10; crashes++) {
    const server = new TestServer(data);
    await server.work(5);
    readSamples(server.log.ring).slice(-5).forEach((seq) => given.add(seq));
    if (crashes % 3 === 0) await server.end();
    else server.close();
  }
  for (const hours of [0, 1, 24]) {
    const target = `${dir}/restored${hours}`;
    await restore(backup, target, { now: NOW + hours * HOUR_MS });
    const server = new TestServer(target);
    await server.work(5);
    const seqs = readSamples(server.log.ring);
    assertEquals(seqs.slice(0, 10), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    assertEquals(seqs.slice(10).filter((seq) => given.has(seq)), []);
    seqs.slice(10).forEach((seq) => given.add(seq));
    assertEquals(seqs[10], 11 + (17 + hours) * SEQ_JUMP);
    server.close();
  }
});

tempDirTest(
  "restore --verify: reads and changes nothing, also where nothing can be written",
  POSIX,
  async (dir) => {
    const { backup } = await endedAndBackedUp(dir);
    Deno.chmodSync(backup, 0o500);
    const before = snapshotOf(backup);
    const work = { signal: new AbortController().signal, onProgress: () => {} };
    assertEquals((await checkBackup(backup, work)).through, 10);
    assertEquals(snapshotOf(backup), before);
    Deno.chmodSync(backup, 0o700);
  },
);

tempDirTest(
  "restore: the archive goes on where it ended, with what the log has more, and is searched",
  async (dir) => {
    const server = new TestServer(`${dir}/data`);
    await server.work(10);
    const later: Promise<void>[] = [];
    const onProgress = () => void (later.length === 0 && later.push(server.work(5)));
    await backUp(`${dir}/data`, `${dir}/backup`, { onProgress });
    await Promise.all(later);
    server.close();
    const restored = `${dir}/restored`;
    await restore(`${dir}/backup`, restored);
    assertEquals(readArchive(restored), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const again = new TestServer(restored);
    await again.work(2);
    await again.end();
    const seqs = listRecords(`${restored}/log.ring`);
    assertEquals(readArchive(restored), seqs, "no hole, and none twice");
    assertEquals(searchArchive(restored, "message"), seqs.toReversed());
    assertEquals([searchArchive(restored, "7"), searchArchive(restored, "99")], [[7], []]);
  },
);

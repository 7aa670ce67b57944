import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { findDataDirUse, LOCK_FILE, openDataDir } from "../../lib/store/disk/data_dir.ts";
import { endOf } from "../support/guard.ts";
import { tempDirTest } from "../support/test.ts";
import { firstLine, holder, RUNS_DENO } from "./programs.ts";

tempDirTest(
  "data dir: it is made where it is missing, for its owner alone, and names its files",
  RUNS_DENO,
  async (folder) => {
    const path = `${folder}/a/b`;
    const outcome = await openDataDir(path);
    assert(outcome.kind === "ok", "opened");
    const { dir } = outcome;
    assertEquals([dir.path, dir.ringPath, dir.statePath], [path, `${path}/log.ring`, `${path}/state.sqlite`]);
    if (Deno.build.os !== "windows") assertEquals(Deno.statSync(path).mode! & 0o777, 0o700);
    dir.close();
  },
);

tempDirTest("data dir: a second one in the same process is refused", RUNS_DENO, async (path) => {
  const outcome = await openDataDir(path);
  assert(outcome.kind === "ok", "opened");
  assertEquals((await openDataDir(path)).kind, "in_use");
  outcome.dir.close();
  const again = await openDataDir(path);
  assert(again.kind === "ok", "free again");
  again.dir.close();
});

tempDirTest(
  "data dir: its user is told to a reader; a reader that asks keeps no server out",
  RUNS_DENO,
  async (path) => {
    assertEquals(findDataDirUse(path), { kind: "unknown" });
    const outcome = await openDataDir(path);
    assert(outcome.kind === "ok", "opened");
    const pid = Deno.build.os === "windows" ? undefined : Deno.pid;
    assertEquals(findDataDirUse(path), { kind: "in_use", pid, isShared: false });
    outcome.dir.close();
    const shared = await openDataDir(path, true);
    assert(shared.kind === "ok", "opened");
    const isShared = Deno.build.os !== "windows";
    assertEquals(findDataDirUse(path), { kind: "in_use", pid, isShared });
    shared.dir.close();
    assertEquals(findDataDirUse(path), { kind: "free" });
    using asking = Deno.openSync(`${path}/${LOCK_FILE}`);
    assert(asking.tryLockSync(false), "as a reader takes it");
    const { tryLock } = Deno.FsFile.prototype;
    Deno.FsFile.prototype.tryLock = async function (exclusive) {
      const isLocked = await tryLock.call(this, exclusive);
      if (!isLocked) asking.unlockSync(); // the reader is done after the first attempt
      return isLocked;
    };
    try {
      const again = await openDataDir(path);
      assert(again.kind === "ok", "opened");
      again.dir.close();
    } finally {
      Deno.FsFile.prototype.tryLock = tryLock;
    }
  },
);

tempDirTest(
  "data dir: another process is refused with the first one's id, until that is killed",
  RUNS_DENO,
  async (path) => {
    const child = holder(path);
    try {
      assertEquals(await firstLine(child), "ok");
      const pid = Deno.build.os === "windows" ? undefined : child.pid;
      assertEquals(await openDataDir(path), { kind: "in_use", path, pid });
    } finally {
      child.kill("SIGKILL");
      await endOf(child);
    }
    const outcome = await openDataDir(path);
    assert(outcome.kind === "ok", "free");
    if (Deno.build.os !== "windows") {
      assertEquals(Deno.readTextFileSync(`${path}/${LOCK_FILE}`), `${Deno.pid}\n`);
    }
    outcome.dir.close();
  },
);

tempDirTest("data dir: where it cannot be, it says why", RUNS_DENO, async (folder) => {
  Deno.writeTextFileSync(`${folder}/file`, "");
  const outcome = await openDataDir(`${folder}/file/below`);
  assert(outcome.kind === "unwritable", "a file is no folder");
  assertEquals(outcome.path, `${folder}/file/below`);
  assert(outcome.why !== "", "with a reason");
});

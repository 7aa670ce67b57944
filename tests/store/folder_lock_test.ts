import { assertEquals } from "@std/assert";
import { takeLockFile, withFolderLock } from "../../lib/store/disk/folder_lock.ts";
import { POSIX, tempDirTest } from "../support/test.ts";

const PROGRAM = new URL("./program_counter.ts", import.meta.url).pathname;

function start(folder: string, rounds: number): Deno.ChildProcess {
  const args = ["run", "-q", "--allow-read", "--allow-write", PROGRAM, folder, String(rounds)];
  return new Deno.Command(Deno.execPath(), { args, stdout: "piped", stderr: "inherit" }).spawn();
}

async function firstLine(child: Deno.ChildProcess): Promise<string> {
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return new TextDecoder().decode(value).trim();
}

tempDirTest(
  "folder lock: processes that change a file at once lose no change; a lock file goes with its process",
  { ...POSIX, permissions: "inherit" },
  async (dir) => {
    Deno.writeTextFileSync(`${dir}/number`, "0");
    const children = [start(dir, 200), start(dir, 200)];
    const told = await Promise.all(children.map(firstLine));
    assertEquals(Deno.readTextFileSync(`${dir}/number`), "400");
    assertEquals(told.sort(), ["held", "taken"]);
    assertEquals(takeLockFile(`${dir}/lock`), undefined);
    for (const child of children) child.kill("SIGKILL");
    await Promise.all(children.map((child) => child.status));
    using lock = takeLockFile(`${dir}/lock`);
    assertEquals(lock !== undefined, true);
  },
);

tempDirTest(
  "folder lock: one that stays held, or cannot be had, keeps nothing from being written",
  POSIX,
  (dir) => {
    using held = Deno.openSync(dir);
    held.lockSync(true);
    assertEquals(withFolderLock(dir, () => "done"), "done");
    assertEquals(withFolderLock(`${dir}/none`, () => "done"), "done");
  },
);

import { assertEquals, assertThrows } from "@std/assert";
import { createFile, replaceFile, writeNewFile } from "../../lib/store/disk/atomic_file.ts";
import { withTempDir } from "../support/temp_dir.ts";

const READ_WRITE = { read: true, write: true } as const;

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test({
  name: "atomic file: it is replaced whole, made once, for its owner alone, and no draft stays",
  permissions: READ_WRITE,
  fn: () =>
    withTempDir((folder) => {
      const path = `${folder}/a`;
      replaceFile(path, "one\n");
      replaceFile(path, "two\n");
      assertEquals(Deno.readTextFileSync(path), "two\n");
      assertEquals([createFile(`${folder}/b`, "first"), createFile(`${folder}/b`, "second")], [true, false]);
      assertEquals(Deno.readTextFileSync(`${folder}/b`), "first");
      writeNewFile(`${folder}/c`, "new");
      assertThrows(() => writeNewFile(`${folder}/c`, "newer"), Deno.errors.AlreadyExists);
      assertEquals(Deno.readTextFileSync(`${folder}/c`), "new");
      assertEquals(names(folder), ["a", "b", "c"]);
      if (Deno.build.os === "windows") return;
      for (const name of ["a", "b", "c"]) {
        assertEquals(Deno.statSync(`${folder}/${name}`).mode! & 0o777, 0o600);
      }
    }),
});

Deno.test({
  name: "atomic file: it is on disk, and so is its name, when the call returns",
  permissions: READ_WRITE,
  ignore: Deno.build.os === "windows",
  fn: () =>
    withTempDir((folder) => {
      const { syncSync } = Deno.FsFile.prototype;
      const synced: string[] = [];
      Deno.FsFile.prototype.syncSync = function () {
        synced.push(this.statSync().isDirectory ? "folder" : "file");
        syncSync.call(this);
      };
      try {
        replaceFile(`${folder}/a`, "text");
        createFile(`${folder}/b`, "text");
      } finally {
        Deno.FsFile.prototype.syncSync = syncSync;
      }
      assertEquals(synced, ["file", "folder", "file", "folder"]);
    }),
});

Deno.test({
  name: "atomic file: what cannot get its name leaves no draft, and the cause is told",
  permissions: READ_WRITE,
  fn: () =>
    withTempDir((folder) => {
      Deno.mkdirSync(`${folder}/taken/full`, { recursive: true });
      assertThrows(() => replaceFile(`${folder}/taken`, "text"), Error, "rename");
      assertEquals(names(folder), ["taken"]);
    }),
});

/** Writes each file in a process that may not write a byte, as on a disk that is full. Says what each call threw. */
const ON_FULL_DISK = `
  import { createFile, replaceFile, writeNewFile } from "${new URL(
  "../../lib/store/disk/atomic_file.ts",
  import.meta.url,
)}";
  for (const write of [createFile, replaceFile, writeNewFile]) {
    try {
      write(Deno.args[0] + "/" + write.name, "text");
      console.log("written");
    } catch (error) {
      console.log(error.message);
    }
  }`;

Deno.test({
  name: "atomic file: a disk that is full leaves nothing, and the cause is told",
  permissions: { ...READ_WRITE, run: ["bash"] },
  ignore: Deno.build.os === "windows",
  fn: () =>
    withTempDir(async (folder) => {
      // A file size limit of 0 with SIGXFSZ ignored makes each write fail (setrlimit(2), RLIMIT_FSIZE).
      const script = 'trap "" XFSZ; ulimit -f 0; exec "$0" eval "$1" "$2"';
      const { stdout, stderr } = await new Deno.Command("bash", {
        args: ["-c", script, Deno.execPath(), ON_FULL_DISK, folder],
      }).output();
      const told = new TextDecoder().decode(stdout).trim().split("\n");
      assertEquals(told, Array(3).fill("File too large (os error 27)"), new TextDecoder().decode(stderr));
      assertEquals(names(folder), []);
    }),
});

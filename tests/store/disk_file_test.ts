import { assertEquals, assertThrows } from "@std/assert";
import { AssertionFailure } from "../../lib/base/assert.ts";
import { diskErrorText, DiskFile } from "../../lib/store/disk/disk_file.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { pureTest, tempDirTest } from "../support/test.ts";

tempDirTest("disk file: bytes are written and read by offset", (dir) => {
  const file = DiskFile.create(`${dir}/a`);
  file.writeAt(10, new Uint8Array([1, 2, 3]));
  file.writeAt(0, new Uint8Array([9]));
  file.sync();
  assertEquals(file.size, 13);
  const into = new Uint8Array(5).fill(7);
  assertEquals(file.readAt(9, into), 4);
  assertEquals(into, new Uint8Array([0, 1, 2, 3, 7]));
  assertEquals(file.readAt(50, into), 0);
  file.close();
});

tempDirTest(
  "disk file: making one anew puts an empty one in the place of what there was; opening does not",
  (dir) => {
    Deno.writeTextFileSync(`${dir}/a`, "abc");
    const opened = DiskFile.open(`${dir}/a`, "write");
    assertEquals(opened.size, 3);
    const made = DiskFile.create(`${dir}/a`);
    assertEquals([made.size, opened.findReplacement()], [0, "another file is in its place"]);
    made.close();
    opened.close();
    assertThrows(() => DiskFile.open(`${dir}/none`, "write"), Deno.errors.NotFound);
  },
);

tempDirTest("disk file: one opened for writing is its owner's alone from then on", (dir) => {
  const path = `${dir}/log.ring`;
  Deno.writeFileSync(path, new Uint8Array(8), { mode: 0o644 });
  DiskFile.open(path, "read").close();
  const modeOf = () => Deno.statSync(path).mode! & 0o777;
  const before = modeOf();
  DiskFile.open(path, "write").close();
  assertEquals([before, modeOf()], Deno.build.os === "windows" ? [before, before] : [0o644, 0o600]);
});

tempDirTest("disk file: one opened for reading is not written", (dir) => {
  Deno.writeTextFileSync(`${dir}/a`, "abc");
  const file = DiskFile.open(`${dir}/a`, "read");
  assertThrows(() => file.writeAt(0, new Uint8Array(1)));
  file.close();
});

Deno.test({
  name: "disk file: it knows when it is no longer the one under its path",
  permissions: { read: true, write: true },
  ignore: Deno.build.os === "windows", // an open file cannot be removed there
  fn: () =>
    withTempDir((dir) => {
      const file = DiskFile.create(`${dir}/a`);
      assertEquals(file.findReplacement(), undefined);
      Deno.renameSync(`${dir}/a`, `${dir}/b`);
      assertEquals(file.findReplacement(), "it was removed");
      Deno.writeTextFileSync(`${dir}/a`, "another");
      assertEquals(file.findReplacement(), "another file is in its place");
      file.close();
    }),
});

Deno.test({
  name: "disk file: where it can't be told whether it is in its place, it is not called gone",
  permissions: { read: true, write: true },
  ignore: Deno.build.os === "windows",
  fn: () =>
    withTempDir((dir) => {
      Deno.mkdirSync(`${dir}/sub`);
      const file = DiskFile.create(`${dir}/sub/a`);
      Deno.renameSync(`${dir}/sub`, `${dir}/away`);
      Deno.symlinkSync("sub", `${dir}/sub`); // leads round and round: an error that says nothing of the file
      assertEquals(file.findReplacement(), undefined);
      Deno.removeSync(`${dir}/sub`);
      Deno.writeTextFileSync(`${dir}/sub`, "a file in the folder's place");
      assertEquals(file.findReplacement(), "it was removed");
      file.close();
    }),
});

pureTest("disk file: only what a disk can say is a reason", () => {
  assertEquals(diskErrorText(new Deno.errors.PermissionDenied("no")), "no");
  assertEquals(diskErrorText(new Error("No space left on device")), "No space left on device");
  for (const bug of [new TypeError("x"), new RangeError("x"), new AssertionFailure("x")]) {
    assertThrows(() => diskErrorText(bug), bug.constructor as ErrorConstructor);
  }
});

import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { utf8Length } from "../../lib/base/bytes.ts";
import { readReloadableFiles } from "../../lib/server/settings/reloadable_files.ts";
import { withFile } from "../support/file.ts";
import { pureTest } from "../support/test.ts";

pureTest(
  "no file: no password, no message of the day",
  async () =>
    assertEquals(await readReloadableFiles(), { kind: "ok", files: { password: undefined, motd: [] } }),
);

Deno.test("a password is the file without the newline at its end", async () => {
  for (const text of ["tea pot", "tea pot\n", "tea pot\r\n"]) {
    await withFile(text, async (path) => {
      assertEquals(await readReloadableFiles(path), { kind: "ok", files: { password: "tea pot", motd: [] } });
    });
  }
  for (const [text, why] of [["\n", "is empty"], ["tea\npot\n", "has more than one line"]] as const) {
    await withFile(text, async (path) => {
      assertEquals(await readReloadableFiles(path), { kind: "unreadable", path, why });
    });
  }
});

Deno.test("a message of the day is lines that can be sent", () =>
  withFile(`Tea\r\nis \x1b[1mserved\0\n\n${"long ".repeat(200)}\n`, async (path) => {
    const outcome = await readReloadableFiles(undefined, path);
    assert(outcome.kind === "ok", JSON.stringify(outcome));
    const { motd } = outcome.files;
    assertEquals(motd.slice(0, 3), ["Tea", "is [1mserved", " "]);
    assert(motd.length > 4 && motd.every((line) => utf8Length(line) < 400), "none is too long");
  }));

Deno.test("a file that can't be read is named, with the reason", async () => {
  assertEquals(await readReloadableFiles("/no/such/file"), {
    kind: "unreadable",
    path: "/no/such/file",
    why: "no such file",
  });
  await withFile("x".repeat(65 * 1024), async (path) => {
    assertEquals(await readReloadableFiles(undefined, path), {
      kind: "unreadable",
      path,
      why: "larger than 65536 bytes",
    });
  });
});

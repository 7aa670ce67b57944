import { assertEquals, assertMatch } from "@std/assert";
import { readSecret } from "../../lib/cli/files/secret_file.ts";
import { readProgramFile, readSmallFile } from "../../lib/cli/files/small_file.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { POSIX } from "../support/test.ts";
import { FakeIo } from "./fake_io.ts";

Deno.test("small files: read up to their bound, and not beyond", () =>
  withTempDir(async (folder) => {
    const path = `${folder}/file`;
    for (const text of ["", "ü", "x".repeat(9), "x".repeat(10)]) {
      await Deno.writeTextFile(path, text);
      assertEquals(await readSmallFile(path, 10), { kind: "ok", text });
      assertEquals(readProgramFile(path, 10), { kind: "ok", text });
    }
    const large = { kind: "bad", fault: "too_large", why: "larger than 10 bytes" } as const;
    await Deno.writeTextFile(path, "x".repeat(11));
    assertEquals([await readSmallFile(path, 10), readProgramFile(path, 10)], [large, large]);
    const none = { kind: "bad", fault: "missing", why: "no such file" } as const;
    assertEquals([await readSmallFile(`${path}2`, 10), readProgramFile(`${path}2`, 10)], [none, none]);
    for (const outcome of [await readSmallFile(folder, 10), readProgramFile(folder, 10)]) {
      assertEquals(outcome.kind === "bad" && outcome.fault, "unreadable");
    }
  }));

/** What editors and shells on Windows make of `text`: UTF-8 and UTF-16 of both orders, each behind its byte order mark. */
function marked(text: string): Uint8Array<ArrayBuffer>[] {
  const units = Array.from(`\ufeff${text}`, (character) => character.charCodeAt(0));
  return [
    new TextEncoder().encode(`\ufeff${text}`),
    Uint8Array.from(units.flatMap((unit) => [unit & 0xff, unit >> 8])),
    Uint8Array.from(units.flatMap((unit) => [unit >> 8, unit & 0xff])),
  ];
}

Deno.test("small files: a byte order mark tells the encoding and is no part of the text", () =>
  withTempDir(async (folder) => {
    const path = `${folder}/file`;
    const text = '{"name": "zoë"}\r\n';
    for (const bytes of marked(text)) {
      await Deno.writeFile(path, bytes, { mode: 0o600 });
      assertEquals(await readSmallFile(path, 100), { kind: "ok", text });
      assertEquals(readProgramFile(path, 100), { kind: "ok", text });
      const secret = { kind: "ok", secret: text.trimEnd() } as const;
      assertEquals(await readSecret(path, new FakeIo()), secret);
      assertEquals(await readSecret("-", new FakeIo({ stdin: bytes })), secret);
    }
  }));

Deno.test("small files: a device is as long as the bound allows; ours is a regular file", POSIX, async () => {
  assertEquals(await readSmallFile("/dev/zero", 4096), {
    kind: "bad",
    fault: "too_large",
    why: "larger than 4096 bytes",
  });
  assertEquals(await readSmallFile("/dev/null", 4096), { kind: "ok", text: "" });
  assertEquals(readProgramFile("/dev/zero", 4096), {
    kind: "bad",
    fault: "unreadable",
    why: "is not a regular file",
  });
});

Deno.test(
  "small files: a pipe that a person names is read, also for a secret; one in the place of ours is not opened",
  {
    ...POSIX,
  },
  () =>
    withTempDir(async (folder) => {
      const path = `${folder}/pipe`;
      await new Deno.Command("sh", { args: ["-c", 'mkfifo "$0"', path] }).output();
      assertEquals(readProgramFile(path, 10), {
        kind: "bad",
        fault: "unreadable",
        why: "is not a regular file",
      });
      const read = readSmallFile(path, 10, true);
      await Deno.writeTextFile(path, "word");
      assertEquals(await read, { kind: "ok", text: "word" });
    }),
);

Deno.test("small files: a secret is its owner's alone", POSIX, () =>
  withTempDir(async (folder) => {
    const path = `${folder}/file`;
    await Deno.writeTextFile(path, "word");
    const byRoot = (await Deno.stat(path)).uid === 0;
    for (const mode of [0o600, 0o400, 0o700, ...byRoot ? [0o640, 0o440] : []]) {
      await Deno.chmod(path, mode);
      assertEquals((await readSmallFile(path, 10, true)).kind, "ok", mode.toString(8));
    }
    for (const mode of [0o604, 0o602, 0o644, 0o620, 0o666, 0o444, ...byRoot ? [] : [0o640]]) {
      await Deno.chmod(path, mode);
      const outcome = await readSmallFile(path, 10, true);
      assertEquals(outcome.kind === "bad" && outcome.fault, "exposed", mode.toString(8));
      assertMatch(
        outcome.kind === "bad" ? outcome.why : "",
        /^other users can read or change it \(mode 0\d{3}\).*: chmod 600 \/.*\/file$/,
      );
      assertEquals((await readSmallFile(path, 10)).kind, "ok", "no secret");
    }
  }));

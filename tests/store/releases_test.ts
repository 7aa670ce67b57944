/** Files that released versions have written, kept in `releases/`: this version opens all of them. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import facts from "../../deno.json" with { type: "json" };
import { openOutbox } from "../../lib/client/sending/outbox_store.ts";
import { program, Server } from "../commands/program.ts";
import { constantOf } from "../limits/constants.ts";
import { POSIX } from "../support/test.ts";
import { withTempDir } from "../support/temp_dir.ts";
import {
  copyTree,
  OUTBOX_OWNER,
  releaseNames,
  releasePath,
  SAID,
  unpackBackup,
  UNSENT,
} from "./release_folder.ts";

/** Position of the format version in the header of the ring file (lib/store/ring_file/file_header.ts). */
const RING_VERSION_AT = 8;

for (const name of releaseNames()) {
  Deno.test({
    name:
      `release ${name}: its backup is restored, its archive is sound, and its cursor goes on where it was`,
    ...POSIX,
    fn: () =>
      withTempDir(async (home) => {
        await unpackBackup(name, `${home}/backup`);
        const data = ["--data-dir", `${home}/data`];
        for (const args of [["restore", ...data, `${home}/backup`], ["archive", "check", ...data]]) {
          const { code, err } = await program(args, home);
          assertEquals([code, err], [0, ""], args[0]);
        }
        const exported = await program(["archive", "export", ...data], home);
        for (const text of SAID) assertStringIncludes(exported.out, text);
        const server = await Server.start(home);
        try {
          const cursor = await Deno.readTextFile(releasePath(name, "cursor"));
          const { host } = new URL(server.url.replace("irc:", "http:"));
          await Deno.writeTextFile(
            `${home}/cursor`,
            cursor.replace(/"server":"[^"]*"/, `"server":"${host}"`),
          );
          const at = ["--cursor-file", `${home}/cursor`, "--server", server.url, "--json"];
          const { code, out } = await program(["logs", ...at], home);
          const texts = out.trim().split("\n").map((line) => JSON.parse(line).text);
          assertEquals([code, texts.filter((text) => SAID.includes(text))], [0, [SAID[1]]]);
        } finally {
          await server.stop();
        }
      }),
  });

  Deno.test(`release ${name}: the messages in its outbox are all there`, () =>
    withTempDir(async (home) => {
      await copyTree(releasePath(name, "outbox"), home);
      const opened = openOutbox(home, OUTBOX_OWNER.address, OUTBOX_OWNER.name);
      assertEquals(opened.kind === "ok" && [opened.store.list(), opened.store.setAside], [[...UNSENT], []]);
    }));
}

Deno.test("releases: this version has files, in the formats that it writes (made by make_release.ts)", () =>
  withTempDir(async (home) => {
    const backup = `${home}/backup`;
    await unpackBackup(facts.version, backup);
    const ring = new DataView((await Deno.readFile(`${backup}/log.ring`)).buffer);
    const versions = {
      ring: ring.getUint32(RING_VERSION_AT, true),
      state: userVersion(`${backup}/state.sqlite`),
      archive: userVersion(`${backup}/archive.sqlite`),
      manifest: JSON.parse(await Deno.readTextFile(`${backup}/backup.json`)).format,
    };
    assertEquals(versions, {
      ring: constantOf("lib/store/ring_file/file_header.ts", "FORMAT_VERSION"),
      state: constantOf("lib/store/facts/sqlite_fact_store.ts", "SCHEMA_VERSION"),
      archive: constantOf("lib/store/archive/archive_schema.ts", "SCHEMA_VERSION"),
      manifest: constantOf("lib/store/backup/manifest.ts", "MANIFEST_FORMAT"),
    });
  }));

function userVersion(path: string): number {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return Number(db.prepare("PRAGMA user_version").get()!["user_version"]);
  } finally {
    db.close();
  }
}

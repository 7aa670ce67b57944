import { assertEquals, assertMatch } from "@std/assert";
import { CLOAK_KEY_FILE, openCloakKey } from "../../lib/store/disk/cloak_key.ts";
import { withTempDir } from "../support/temp_dir.ts";

const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));

Deno.test("the key of cloaks is made once, for its owner alone, and is the same at the next start", () =>
  withTempDir((folder) => {
    const first = openCloakKey(folder, random);
    const again = openCloakKey(folder, random);
    assertEquals([first.kind, again], ["ok", first]);
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
    assertEquals(names, [CLOAK_KEY_FILE]);
    if (Deno.build.os === "windows") return;
    assertEquals(Deno.statSync(`${folder}/${CLOAK_KEY_FILE}`).mode! & 0o777, 0o600);
  }));

Deno.test("a key that is none, or that others can read, is refused and left as it is", () =>
  withTempDir(async (folder) => {
    const path = `${folder}/${CLOAK_KEY_FILE}`;
    const outcome = () => {
      const opened = openCloakKey(folder, random);
      return opened.kind === "failed" ? `${opened.fault}: ${opened.why}` : "ok";
    };
    for (const text of ["", "short", "!".repeat(44), new Uint8Array(31).toBase64()]) {
      await Deno.writeTextFile(path, text, { mode: 0o600 });
      assertEquals(
        outcome(),
        "file: not 32 bytes in base64; remove it, which changes all cloaked addresses",
      );
      assertEquals(await Deno.readTextFile(path), text);
    }
    if (Deno.build.os === "windows") return;
    await Deno.writeTextFile(path, new Uint8Array(32).toBase64());
    assertEquals(outcome(), "ok");
    await Deno.chmod(path, 0o644);
    assertMatch(outcome(), /^file: other users can read or change it \(mode 0644\).*: chmod 600 /);
  }));

Deno.test("a folder where no key can be made is told of", () => {
  const opened = openCloakKey("/nowhere/at/all", random);
  assertEquals(opened.kind === "failed" && opened.fault, "folder");
});

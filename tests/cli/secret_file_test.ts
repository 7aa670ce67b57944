import { assertEquals } from "@std/assert";
import { readSecret } from "../../lib/cli/files/secret_file.ts";
import { FakeIo } from "./fake_io.ts";

Deno.test({
  name: "readSecret: one line of UTF-8, from a file or standard input",
  permissions: { read: true, write: true },
  async fn() {
    const read = (stdin: string | Uint8Array<ArrayBuffer>) => readSecret("-", new FakeIo({ stdin }));
    assertEquals(await read(" correct horse \n"), { kind: "ok", secret: " correct horse " });
    assertEquals(await read("correct horse\r\n"), { kind: "ok", secret: "correct horse" });
    for (const text of ["", "\n", "a\nb", "a\n\n", "a\0", "x".repeat(5000), new Uint8Array([0xff])]) {
      assertEquals((await read(text)).kind, "bad");
    }
    const file = await Deno.makeTempFile();
    try {
      await Deno.writeTextFile(file, "secret");
      assertEquals(await readSecret(file, new FakeIo()), { kind: "ok", secret: "secret" });
    } finally {
      await Deno.remove(file);
    }
    assertEquals(await readSecret(file, new FakeIo()), {
      kind: "bad",
      fault: "missing",
      why: "no such file",
    });
  },
});

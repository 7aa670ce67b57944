import { assertEquals } from "@std/assert";
import { IgnoreFile } from "../../commands/join/ignore_file.ts";
import type { Address } from "../../lib/net/address.ts";
import { withTempDir } from "../support/temp_dir.ts";

const HOME: Address = { kind: "tcp", host: "127.0.0.1", port: 6667 };

Deno.test({
  name: "whom one ignores is kept per server and name, for oneself alone",
  permissions: { read: true, write: true },
  fn: () =>
    withTempDir((dir) => {
      const file = new IgnoreFile(`${dir}/ignored`, HOME, "alice");
      assertEquals(file.read(), { kind: "ok", names: [] });
      file.write(["bob", "Алиса"]);
      file.write(["bob", "Алиса", "carol"]);
      assertEquals(new IgnoreFile(`${dir}/ignored`, HOME, "ALICE").read(), {
        kind: "ok",
        names: ["bob", "Алиса", "carol"],
      });
      assertEquals(new IgnoreFile(`${dir}/ignored`, HOME, "bob").read(), { kind: "ok", names: [] });
      const folder = [...Deno.readDirSync(`${dir}/ignored/localhost_6667`)].map(({ name }) => name);
      assertEquals(folder, ["alice"]);
      if (Deno.build.os !== "windows") assertEquals(Deno.statSync(file.path).mode! & 0o777, 0o600);
      Deno.writeTextFileSync(file.path, "two words\n");
      assertEquals(file.read(), { kind: "bad", why: "one of its lines is not a name" });
      Deno.writeTextFileSync(file.path, "x".repeat(300_000));
      assertEquals(file.read(), { kind: "bad", why: "not a list of names" });
    }),
});

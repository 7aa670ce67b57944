import { assertEquals } from "@std/assert";
import { IgnoreFile, openIgnoreFile } from "../../commands/join/ignore_file.ts";
import type { ClientLogin } from "../../commands/support/client_login.ts";
import type { Address } from "../../lib/net/address.ts";
import { FakeIo } from "../cli/fake_io.ts";
import { withTempDir } from "../support/temp_dir.ts";

const HOME: Address = { kind: "tcp", host: "127.0.0.1", port: 6667 };

Deno.test({
  name: "whom one ignores is kept per server and name, for oneself alone",
  permissions: { read: true, write: true },
  fn: () =>
    withTempDir((dir) => {
      const file = new IgnoreFile(`${dir}/ignored`, HOME, "alice");
      assertEquals(file.read(), { kind: "ok", names: [] });
      file.change([], ["bob", "Алиса"]);
      file.change(["bob", "Алиса"], ["bob", "Алиса", "carol"]);
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

Deno.test({
  name: "names that two processes ignore are kept of both, and one that either takes back is gone",
  permissions: { read: true, write: true },
  fn: () =>
    withTempDir(async (dir) => {
      const io = new FakeIo({ env: { XDG_STATE_HOME: dir } });
      const open = () => openIgnoreFile({ address: HOME, name: "alice" } as ClientLogin, io);
      open().keep?.(["dave"]);
      const [one, other] = [open(), open()];
      one.keep?.(["dave", "bob"]);
      other.keep?.(["dave", "carol"]);
      assertEquals(open().names, ["dave", "carol", "bob"]);
      one.keep?.(["bob"]);
      other.keep?.(["dave", "carol", "eve"]);
      assertEquals(open().names, ["carol", "eve", "bob"]);
      await io.stderr.flush();
      assertEquals(io.err, "");
    }),
});

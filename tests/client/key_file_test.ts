import { assertEquals, assertNotEquals } from "@std/assert";
import {
  copyPreviousKey,
  fingerprint,
  listKeys,
  readKeyMarks,
  readOrCreateKey,
  removeKey,
  removeUnmarkedKey,
  storeKey,
  writeKeyMarks,
} from "../../lib/client/identity/key_file.ts";
import { encodeFileName } from "../../lib/client/identity/file_names.ts";
import { Keyring } from "../../lib/client/identity/keyring.ts";
import { NICKLEN } from "../../lib/irc/limits.ts";
import { nickFault } from "../../lib/irc/names/new_name_rules.ts";
import type { Address } from "../../lib/net/address.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { pureTest } from "../support/test.ts";

const HOME: Address = { kind: "tcp", host: "127.0.0.1", port: 6667 };

async function keyOf(dir: string, address: Address, name: string): Promise<string> {
  const outcome = await readOrCreateKey(dir, address, name, true);
  if (outcome.kind !== "ok") throw new Error(JSON.stringify(outcome));
  return outcome.key;
}

/** Runs `fn` with the path of a configuration folder that does not exist yet. */
function inConfigDir(fn: (dir: string) => Promise<void>): Promise<void> {
  return withTempDir((home) => fn(`${home}/chatterbox`));
}

const permissions = { read: true, write: true } as const;

Deno.test({
  name: "a key is made once and kept: one per server and name, in any letter case",
  permissions,
  fn: () =>
    inConfigDir(async (dir) => {
      const key = await keyOf(dir, HOME, "alice");
      assertEquals(/^[A-Za-z0-9_-]{43}$/.test(key), true);
      assertEquals(await keyOf(dir, HOME, "ALICE"), key);
      assertEquals(await keyOf(dir, { kind: "tcp", host: "localhost", port: 6667 }, "alice"), key);
      assertNotEquals(await keyOf(dir, HOME, "bob"), key);
      assertNotEquals(await keyOf(dir, { ...HOME, port: 6668 }, "alice"), key);
      assertEquals(await keyOf(dir, { kind: "tls", host: "localhost", port: 6697 }, "alice"), key);
      assertNotEquals(await keyOf(dir, { kind: "tls", host: "localhost", port: 6698 }, "alice"), key);
      assertNotEquals(await keyOf(dir, { kind: "unix", path: "/run/../etc/x.sock" }, "alice"), key);
    }),
});

Deno.test({
  name: "nobody else can read a key",
  permissions,
  ignore: Deno.build.os === "windows",
  fn: () =>
    inConfigDir(async (dir) => {
      await keyOf(dir, HOME, "a|b");
      assertEquals((await Deno.stat(`${dir}/keys/localhost_6667/a%7Cb`)).mode! & 0o777, 0o600);
      assertEquals((await Deno.stat(`${dir}/keys/localhost_6667`)).mode! & 0o777, 0o700);
    }),
});

Deno.test({
  name: "processes that make the same key at once end up with one",
  permissions,
  fn: () =>
    inConfigDir(async (dir) => {
      const keys = await Promise.all(Array.from({ length: 20 }, () => keyOf(dir, HOME, "alice")));
      assertEquals(new Set(keys).size, 1);
      assertEquals(
        (await Array.fromAsync(Deno.readDir(`${dir}/keys/localhost_6667`))).map(({ name }) => name),
        ["alice"],
      );
    }),
});

Deno.test({
  name:
    "a key without a use is removed, and never one that another process puts there or registers with meanwhile",
  permissions,
  fn: () =>
    inConfigDir(async (dir) => {
      const right = "r".repeat(43);
      for (let round = 0; round < 50; round++) {
        const useless = await keyOf(dir, HOME, "alice");
        await Promise.all([
          removeUnmarkedKey(dir, HOME, "alice", useless),
          storeKey(dir, HOME, "alice", right, true),
        ]);
        assertEquals(await keyOf(dir, HOME, "alice"), right, `round ${round}`);
        await removeUnmarkedKey(dir, HOME, "alice", useless);
        await Promise.all([
          removeUnmarkedKey(dir, HOME, "alice", right),
          new Keyring(dir, HOME, "alice", right, false).recordAccepted(right, true),
        ]);
        assertEquals(await keyOf(dir, HOME, "alice"), right, `round ${round}: it is an account's`);
        assertEquals(await removeKey(dir, HOME, "alice") === undefined, false);
      }
      assertEquals(await Array.fromAsync(Deno.readDir(`${dir}/keys/localhost_6667`)), []);
    }),
});

Deno.test({
  name:
    "of two keys that other processes put there while one is removed, the later stays and the other is kept beside it",
  permissions,
  fn: () =>
    inConfigDir(async (dir) => {
      const useless = await keyOf(dir, HOME, "alice");
      const [second, third] = ["s".repeat(43), "t".repeat(43)];
      const rename = Deno.rename;
      Deno.rename = async (from, to) => {
        await storeKey(dir, HOME, "alice", second, true);
        await rename(from, to);
        await storeKey(dir, HOME, "alice", third, false);
      };
      try {
        await removeUnmarkedKey(dir, HOME, "alice", useless);
      } finally {
        Deno.rename = rename;
      }
      assertEquals(await keyOf(dir, HOME, "alice"), third);
      const folder = `${dir}/keys/localhost_6667`;
      const [own, before, ...others] = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name)
        .sort();
      assertEquals([own, others], ["alice", []]);
      assertEquals(await Deno.readTextFile(`${folder}/${before}`), `${second}\n`);
    }),
});

Deno.test({
  name: "without a folder, or to read only, no key is made",
  permissions,
  fn: () =>
    inConfigDir(async (dir) => {
      assertEquals(await readOrCreateKey(undefined, HOME, "alice", true), { kind: "none" });
      assertEquals(await readOrCreateKey(dir, HOME, "alice", false), { kind: "none" });
      assertEquals(await Deno.stat(dir).catch(() => "absent"), "absent");
    }),
});

Deno.test({
  name: "a file that is no key is refused, not replaced",
  permissions,
  fn: () =>
    inConfigDir(async (dir) => {
      const path = `${dir}/keys/localhost_6667/alice`;
      await Deno.mkdir(`${dir}/keys/localhost_6667`, { recursive: true });
      await Deno.writeTextFile(path, "not a key\n", { mode: 0o600 });
      assertEquals(await readOrCreateKey(dir, HOME, "alice", true), {
        kind: "bad",
        path,
        why: "this is no claim key (43 characters of base64url)",
      });
      assertEquals(await Deno.readTextFile(path), "not a key\n");
    }),
});

pureTest("fileOfName: every nick makes a file name of its own that fits, whatever its script", () => {
  assertEquals(encodeFileName("ÉLISE"), encodeFileName("élise"));
  assertEquals(encodeFileName("a/b"), "a%2Fb");
  let longest = 0;
  for (let code = 0x41; code < 0x20000; code++) {
    const char = String.fromCodePoint(code);
    if (nickFault(char) !== undefined) continue;
    const bytes = new TextEncoder().encode(char).length;
    longest = Math.max(longest, encodeFileName(char).length * Math.floor(NICKLEN / bytes));
  }
  assertEquals(longest, 240);
});

Deno.test({
  name: "what is written beside a key goes with it; neither that nor a key of before is a key",
  permissions,
  fn: () =>
    inConfigDir(async (dir) => {
      await keyOf(dir, HOME, "alice");
      await keyOf(dir, { kind: "unix", path: "/run/chat.sock" }, "böb");
      assertEquals(readKeyMarks(dir, HOME, "alice"), undefined);
      writeKeyMarks(dir, HOME, "Alice", "ours\n");
      assertEquals(readKeyMarks(dir, HOME, "alice"), "ours\n");
      const before = await copyPreviousKey(dir, HOME, "alice");
      assertEquals(await Deno.readTextFile(before), await keyOf(dir, HOME, "alice") + "\n");
      assertEquals((await listKeys(dir)).map(({ server, name }) => `${server} ${name}`), [
        "localhost:6667 alice",
        "unix:/run/chat.sock böb",
      ]);
      await Deno.writeTextFile(`${dir}/keys/localhost_6667/.old-1`, "left by a crash");
      assertEquals((await listKeys(dir)).length, 2);
      await removeKey(dir, HOME, "alice");
      assertEquals(readKeyMarks(dir, HOME, "alice"), undefined);
      assertEquals(await listKeys(`${dir}/nowhere`), []);
    }),
});

pureTest("a fingerprint tells keys apart, and is not the hash by which servers file messages", async () => {
  const [one, two] = await Promise.all(["a", "b"].map((letter) => fingerprint(letter.repeat(43))));
  assertNotEquals(one, two);
  assertEquals(/^SHA256:[A-Za-z0-9+/]{43}$/.test(one!), true);
  const plain = await crypto.subtle.digest("SHA-256", new TextEncoder().encode("a".repeat(43)));
  assertNotEquals(one, `SHA256:${new Uint8Array(plain).toBase64({ omitPadding: true })}`);
});

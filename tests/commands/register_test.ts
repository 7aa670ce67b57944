import { assertEquals, assertMatch } from "@std/assert";
import { command as join } from "../../commands/join.ts";
import { command as key } from "../../commands/key.ts";
import { command as list } from "../../commands/list.ts";
import { command as register } from "../../commands/register.ts";
import { command as send } from "../../commands/send.ts";
import { command as unregister } from "../../commands/unregister.ts";
import { FakeServer } from "../client/fake_server.ts";
import type { Peer } from "../client/fake_server.ts";
import { inPlace, placeTest } from "./machines.ts";
import type { Place } from "./machines.ts";

placeTest("accounts: the first to speak under a name has it for good; nobody else does", async ({ on }) => {
  assertEquals(await on("a", send, "#lobby --from alice one"), { code: 0, out: "", err: "" });
  assertEquals(await on("a", send, "#lobby --from alice two"), { code: 0, out: "", err: "" });
  const thief = await on("b", send, "#lobby --from alice three");
  assertEquals(thief.code, 77);
  assertMatch(
    thief.err,
    /the name alice is registered on .*, and its key is not on this machine; .*chatterbox key import alice/,
  );
  assertEquals((await on("b", join, "alice", { stdin: "four\n" })).code, 77);
  // The useless key is gone, so the right one can come.
  const { out } = await on("a", key, "export alice");
  assertEquals((await on("b", key, "import alice", { stdin: out })).code, 0);
  assertEquals(await on("b", send, "#lobby --from alice five"), { code: 0, out: "", err: "" });
});

placeTest("accounts: processes that begin under one name at once are all its owner", async ({ on }) => {
  const sent = await Promise.all([1, 2, 3, 4].map((nth) => on("a", send, `#lobby --from alice ${nth}`)));
  assertEquals(sent.map(({ code }) => code), [0, 0, 0, 0], JSON.stringify(sent));
});

placeTest("accounts: register makes a key, and says again that the name is ours", async ({ on }) => {
  const first = await on("a", register, "alice");
  assertEquals([first.code, first.err], [0, ""]);
  assertMatch(first.out, /^alice is yours on .*; the key is in .*\/alice\n$/);
  assertMatch((await on("a", register, "alice")).out, /^alice is yours already on /);
  assertEquals((await on("b", register, "alice")).code, 77);
  assertEquals((await on("b", key, "show alice")).code, 67);
});

placeTest(
  "accounts: a passphrase: from a file, told to nobody, and good on every machine",
  async ({ on, file }) => {
    const path = await file("correct horse\n");
    const made = await on("a", register, `alice --passphrase-file ${path}`);
    assertEquals([made.code, made.err], [0, ""]);
    assertMatch(made.out, /\/set irc\.server\.chatterbox\.sasl_username alice\n/);
    assertEquals(made.out.includes("horse"), false);
    assertEquals((await on("b", send, `#lobby --from alice --passphrase-file ${path} hi`)).code, 0);
    assertEquals((await on("b", join, `alice --passphrase-file ${path}`, { stdin: "hi\n" })).code, 0);
    const wrong = await file("battery staple");
    const refused = await on("b", send, `#lobby --from alice --passphrase-file ${wrong} hi`);
    assertEquals(refused.code, 77);
    assertMatch(refused.err, /does not accept the passphrase of alice/);
    assertEquals(refused.err.includes("battery"), false);
    assertEquals((await on("b", send, "#lobby --from alice hi")).code, 77);
    const piped = await on("c", register, "carol --passphrase-file=-", { stdin: "another passphrase" });
    assertEquals(piped.code, 0);
  },
);

placeTest(
  "accounts: a passphrase that will not do is refused before anything is sent",
  async ({ on, file }) => {
    // None of them can be part of a temporary file's path, which is told and has hexadecimal digits.
    for (const text of ["xyz", "", "two\nlines of it", "x".repeat(301)]) {
      const { code, err } = await on("a", register, `alice --passphrase-file ${await file(text)}`);
      assertEquals(code, 78, text);
      assertEquals(["xyz", "two", "xxx"].some((part) => err.includes(part)), false, err);
    }
    assertEquals(
      (await on("a", register, "alice --passphrase", { stdin: "" })).code,
      64,
      "nobody can be asked",
    );
    assertEquals((await on("a", register, "alice --passphrase-file /no/such/file")).code, 78);
    assertEquals((await on("a", register, "alice bob")).code, 64);
  },
);

placeTest(
  "accounts: unregister frees the name at once; whoever had it is told, and does not take it again",
  async ({ on, file }) => {
    await on("a", register, "alice");
    const path = await file("correct horse\n");
    assertEquals((await on("b", unregister, "alice --yes")).code, 77, "no key");
    const wrong = await on("b", unregister, `alice --yes --passphrase-file ${path}`);
    assertEquals(wrong.code, 77);
    assertMatch(wrong.err, /wrong key or passphrase for alice/);
    assertEquals((await on("b", unregister, `nobody --yes --passphrase-file ${path}`)).code, 67);
    assertEquals((await on("a", unregister, "alice", { stdin: "yes\n" })).code, 64, "nobody can be asked");
    const absent = await on("b", unregister, `nobody --passphrase-file ${path}`, { stdin: "" });
    assertEquals(absent.code, 67, "no question about a name without an account");

    const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>>();
    const joined = Promise.withResolvers<void>();
    const staying = on("a", join, "alice", {
      input: readable,
      onStdout: (text) => text.includes("1 person in #lobby") && joined.resolve(),
    });
    await joined.promise;
    const done = await on("a", unregister, "alice --yes");
    assertEquals([done.code, done.err], [0, ""]);
    assertMatch(done.out, /^alice is free on /);
    const end = await staying;
    assertEquals(end.code, 77);
    assertMatch(
      end.err,
      /^chatterbox: no longer logged in as alice on .*: The account was deleted$/m,
    );
    await writable.close().catch(() => {}); // nobody reads it any more
    assertEquals((await on("b", register, "alice")).code, 0);
  },
);

placeTest(
  "accounts: a server for those with an account: who may not have one is told why",
  async ({ on, file }) => {
    const short = await on("c", register, `carol --passphrase-file ${await file("carol\n")}`);
    assertEquals(short.code, 77);
    assertMatch(short.err, /^chatterbox: \S+ refuses to register carol: A passphrase has at least \d+ bytes/);
    assertEquals((await on("a", send, "#lobby --from alice hi")).code, 0);
    const { code, err } = await on("b", list, "--rooms");
    assertEquals(code, 77);
    assertMatch(err, /admits accounts only/);
  },
  { accounts: "required" },
);

placeTest(
  "accounts: a server without accounts: as guests, who are told when they asked for more",
  async ({ on, file }) => {
    assertEquals(await on("a", send, "#lobby --from alice hi"), { code: 0, out: "", err: "" });
    const path = await file("correct horse\n");
    const guest = await on("a", send, `#lobby --from alice --passphrase-file ${path} hi`);
    assertEquals(guest.code, 0);
    assertMatch(
      guest.err,
      /alice is not registered on .*: it has no accounts; continuing without an account/,
    );
    assertEquals((await on("a", register, "alice")).code, 69);
    assertEquals((await on("a", unregister, "alice --yes")).code, 67);
  },
  { accounts: "off" },
);

placeTest(
  "accounts: register --change: a key, a passphrase and a key again, and the name is nobody else's in between",
  async ({ on, file }) => {
    await on("a", register, "alice");
    const first = (await on("a", key, "export alice")).out;
    assertEquals((await on("a", register, "alice --change")).code, 0);
    assertEquals(await on("a", send, "#lobby --from alice hi"), { code: 0, out: "", err: "" });
    const stolen = { env: { CHATTERBOX_KEY: first.trim() } };
    assertEquals((await on("b", send, "#lobby --from alice hi", stolen)).code, 77, "the key of before");
    const path = await file("correct horse\n");
    assertEquals((await on("a", register, `alice --change --passphrase-file ${path}`)).code, 0);
    assertEquals((await on("b", send, `#lobby --from alice --passphrase-file ${path} hi`)).code, 0);
    assertEquals((await on("a", register, `alice --change --old-passphrase-file ${path}`)).code, 0);
    assertEquals((await on("b", send, `#lobby --from alice --passphrase-file ${path} hi`)).code, 77);
    assertEquals(await on("a", send, "#lobby --from alice hi"), { code: 0, out: "", err: "" });
  },
);

/**
 * Changes the key of alice on machine a, and puts the old one back: the new one, to which `suffix` belongs, has not taken its place.
 * The old key.
 */
async function cutOffChange({ on, home }: Pick<Place, "home" | "on">, suffix: string): Promise<string> {
  await on("a", register, "alice");
  const { out } = await on("a", key, "export alice");
  assertEquals((await on("a", register, "alice --change")).code, 0);
  const [folder] = await Array.fromAsync(Deno.readDir(`${home}/a/chatterbox/keys`));
  const path = `${home}/a/chatterbox/keys/${folder?.name}/alice`;
  await Deno.rename(path, path + suffix);
  await Deno.writeTextFile(path, out, { mode: 0o600 });
  return out;
}

placeTest(
  "accounts: register --change: the answer was lost, and the next send finds the new key",
  async ({ on, home }) => {
    const out = await cutOffChange({ on, home }, "+next");
    assertEquals(await on("a", send, "#lobby --from alice hi"), { code: 0, out: "", err: "" });
    assertEquals((await on("a", key, "export alice")).out === out, false);
  },
);

placeTest(
  "accounts: unregister: by the new key too where a change of the key was cut off",
  async ({ on, home }) => {
    await cutOffChange({ on, home }, "+next-1");
    const { code, err } = await on("a", unregister, "alice --yes");
    assertEquals([code, err], [0, ""]);
    assertEquals((await on("b", register, "alice")).code, 0, "it is free");
    assertEquals((await on("a", unregister, "alice --yes")).code, 77);
  },
);

/** A server of somebody else's that takes REGISTER once one is in. */
async function foreign(peer: Peer): Promise<void> {
  const nick = await peer.welcome(["batch", "draft/account-registration"]);
  const [, name, password] = await peer.until(/^REGISTER (\S+) \* (\S+)$/);
  const [, token] = await peer.until(/^PING (\S+)$/);
  registered.push(`${nick} ${name} ${password?.length}`);
  await peer.send(
    `:fake 900 ${nick} ${nick}!u@h ${name} :In`,
    `:fake REGISTER SUCCESS ${name} :Yours`,
    `:fake PONG fake :${token}`,
  );
  await peer.gone();
}

const registered: string[] = [];

Deno.test({
  name: "accounts: register on a server that is not ours, once it has let us in",
  permissions: { net: true, read: true, write: true },
  async fn() {
    await using server = new FakeServer(foreign);
    await server.run(inPlace(server.url, async ({ on }) => {
      const { code, out, err } = await on("a", register, "alice");
      assertEquals([code, err], [0, ""]);
      assertMatch(out, /^alice is yours /);
      assertEquals(registered.splice(0), ["alice alice 43"]);
    }));
  },
});

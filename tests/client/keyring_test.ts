import { assertEquals, assertRejects } from "@std/assert";
import { listKeys, readOrCreateKey, removeKey, storeKey } from "../../lib/client/identity/key_file.ts";
import { Keyring, markImported, MAX_OTHER_ADDRESS_KEYS } from "../../lib/client/identity/keyring.ts";
import {
  listNextKeys,
  lockKey,
  makeNextKey,
  MAX_NEXT_KEYS,
  NEXT_KEY_DOUBT_MS,
  resolveNextKeys,
  storeNextKey,
} from "../../lib/client/identity/next_key.ts";
import type { Registration } from "../../lib/client/session/session_event.ts";
import { computeSaltedPassword } from "../../lib/irc/sasl/scram_message.ts";
import type { Address } from "../../lib/net/address.ts";
import { tempDirTest } from "../support/test.ts";

const HERE = at(7000);

function at(port: number): Address {
  return { kind: "tcp", host: "127.0.0.1", port };
}

/** What is kept at `address`, and is made where it is not there. */
async function keyringAt(dir: string, address = HERE) {
  const found = await readOrCreateKey(dir, address, "alice", true);
  if (found.kind !== "ok") throw new Error(JSON.stringify(found));
  const { key, path, created } = found;
  return { key, path, keyring: new Keyring(dir, address, "alice", key, created) };
}

tempDirTest("keyring: what a server takes is guarded from then on, for the next process too", async (dir) => {
  const { key, keyring } = await keyringAt(dir);
  assertEquals([keyring.isGuarded, keyring.isRegisteredOnPurpose], [false, false]);
  await keyring.recordAccepted(key, true);
  const again = await keyringAt(dir);
  assertEquals([again.keyring.isGuarded, again.keyring.isRegisteredOnPurpose], [true, false]);
  again.keyring.recordRegistered();
  assertEquals((await keyringAt(dir)).keyring.isRegisteredOnPurpose, true);
  again.keyring.recordReleased();
  assertEquals((await keyringAt(dir)).keyring.isGuarded, false);
});

tempDirTest(
  "keyring: elsewhere: keys of that name that servers of ours have taken, the newest first, and no more than a few",
  async (dir) => {
    const { keyring } = await keyringAt(dir);
    const kept: string[] = [];
    for (let nth = 0; nth < MAX_OTHER_ADDRESS_KEYS + 2; nth++) {
      const { key, path, keyring } = await keyringAt(dir, at(7001 + nth));
      await keyring.recordAccepted(key, true);
      await Deno.utime(path, 1000 + nth, 1000 + nth);
      kept.unshift(key);
    }
    const unproved = await keyringAt(dir, at(8000));
    const foreign = await keyringAt(dir, at(8001));
    foreign.keyring.recordRegistered();
    const found = await keyring.listOtherKeys();
    assertEquals(found, kept.slice(0, MAX_OTHER_ADDRESS_KEYS));
    assertEquals([unproved.key, foreign.key].filter((key) => found.includes(key)), []);
  },
);

tempDirTest(
  "keyring: a key from elsewhere that fits takes the place of one just made, and is the one to come back with",
  async (dir) => {
    const other = await keyringAt(dir, at(7001));
    await other.keyring.recordAccepted(other.key, true);
    const { key, path, keyring } = await keyringAt(dir);
    const registration: Registration = {
      nick: "alice",
      claimKey: key,
      credentials: {
        account: "alice",
        kind: "key",
        secret: key,
        isRequired: false,
        isUnregistered: true,
        isRegisteredOnPurpose: false,
        register: "ours",
      },
    };
    assertEquals(keyring.updateRegistration(registration), registration);
    await keyring.recordAccepted(other.key, true);
    const { claimKey, isGuarded, credentials } = keyring.updateRegistration(registration);
    assertEquals([claimKey, isGuarded, credentials?.secret, credentials?.isUnregistered], [
      other.key,
      true,
      other.key,
      false,
    ]);
    assertEquals(await Deno.readTextFile(path), `${other.key}\n`);
    if (Deno.build.os !== "windows") assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
    const files = await Array.fromAsync(Deno.readDir(path.slice(0, -"/alice".length)));
    assertEquals(files.map(({ name }) => name).toSorted(), ["alice", "alice+lock", "alice+registered"]);
    assertEquals((await keyringAt(dir)).keyring.isGuarded, true);
  },
);

tempDirTest("keyring: a key that was an account's is kept when another takes its place", async (dir) => {
  const { key, path, keyring } = await keyringAt(dir);
  await keyring.recordAccepted(key, true);
  await keyring.recordAccepted("o".repeat(43), true);
  const names = (await Array.fromAsync(Deno.readDir(path.slice(0, -"/alice".length)))).map(({ name }) =>
    name
  );
  const before = names.find((name) => name.startsWith("alice+before-"));
  assertEquals(await Deno.readTextFile(`${path.slice(0, -"alice".length)}${before}`), `${key}\n`);
  assertEquals((await listKeys(dir)).length, 1);
});

tempDirTest(
  "keyring: the key that a change of the key was cut off with is tried, and takes its place where it is the right one",
  async (dir) => {
    const { key, keyring } = await keyringAt(dir);
    await keyring.recordAccepted(key, true);
    const { key: next } = await makeNextKey(dir, HERE, "alice");
    const again = await keyringAt(dir);
    assertEquals(await again.keyring.listOtherKeys(), [next]);
    await again.keyring.recordAccepted(next, true);
    assertEquals((await keyringAt(dir)).key, next);
    assertEquals(await listNextKeys(dir, HERE, "alice"), []);
  },
);

tempDirTest(
  "keyring: keys that the name is being given: each is in a file of its own, and the newest few are tried, the newest first",
  async (dir) => {
    const { keyring, path } = await keyringAt(dir);
    const made: string[] = [];
    for (let nth = 0; nth <= MAX_NEXT_KEYS; nth++) {
      const next = await makeNextKey(dir, HERE, "alice");
      await Deno.utime(next.path, 1000 + nth, 1000 + nth);
      if (Deno.build.os !== "windows") assertEquals((await Deno.stat(next.path)).mode! & 0o777, 0o600);
      made.unshift(next.key);
    }
    assertEquals((await listNextKeys(dir, HERE, "alice")).map(({ key }) => key), made);
    assertEquals(await keyring.listKeysHere(), made.slice(0, MAX_NEXT_KEYS));
    await Deno.writeTextFile(`${path}+next`, `${"e".repeat(43)}\n`, { mode: 0o600 }); // as earlier versions kept it
    assertEquals((await keyring.listKeysHere())[0], "e".repeat(43));
  },
);

tempDirTest(
  "keyring: a key that the server may yet take is left where it is; an older one is kept with those of before",
  async (dir) => {
    const { key, path } = await keyringAt(dir);
    const [recent, old] = [
      await makeNextKey(dir, HERE, "alice"),
      await makeNextKey(dir, HERE, "alice"),
    ];
    const same = await storeNextKey(dir, HERE, "alice", key);
    const longAgo = (Date.now() - NEXT_KEY_DOUBT_MS) / 1000 - 60;
    await Deno.utime(old.path, longAgo, longAgo);
    const left = await resolveNextKeys(dir, HERE, "alice", key);
    assertEquals(left.map(({ key }) => key), [recent.key]);
    assertEquals((await listNextKeys(dir, HERE, "alice")).map(({ path }) => path), [recent.path]);
    const folder = path.slice(0, -"/alice".length);
    const before = (await Array.fromAsync(Deno.readDir(folder))).filter(({ name }) =>
      name.includes("+before-")
    );
    assertEquals(before.length, 1);
    assertEquals(await Deno.readTextFile(`${folder}/${before[0]!.name}`), `${old.key}\n`);
    assertEquals(await Deno.stat(same.path).catch(() => "gone"), "gone");
  },
);

tempDirTest(
  "keyring: a key that a login has proved takes the place of none that another process has put there, and is lost in neither case",
  async (dir) => {
    const { key, keyring } = await keyringAt(dir);
    await keyring.recordAccepted(key, true);
    const [given, proved, third] = ["g".repeat(43), "p".repeat(43), "t".repeat(43)];
    await storeKey(dir, HERE, "alice", given, true);
    await keyring.recordAccepted(proved, true);
    const again = await keyringAt(dir);
    assertEquals([again.key, await again.keyring.listKeysHere()], [given, [proved]]);
    {
      using _changing = await lockKey(dir, HERE, "alice");
      assertEquals(await lockKey(dir, HERE, "alice"), undefined);
      await again.keyring.recordAccepted(third, true);
    }
    const last = await keyringAt(dir);
    assertEquals([last.key, (await last.keyring.listKeysHere()).toSorted()], [given, [proved, third]]);
  },
);

tempDirTest(
  "keyring: a key that was made in place of one set aside, and that the server may yet take, is tried",
  async (dir) => {
    const { key, keyring } = await keyringAt(dir);
    await keyring.recordAccepted(key, true);
    const aside = await keyring.setAside();
    const made = await keyringAt(dir);
    made.keyring.recordDoubt();
    await made.keyring.discard();
    await aside.undo();
    const back = await keyringAt(dir);
    assertEquals([back.key, await back.keyring.listKeysHere()], [key, [made.key]]);
  },
);

tempDirTest("keyring: a key that another process has put in its place is tried", async (dir) => {
  const { key, keyring } = await keyringAt(dir);
  await keyring.recordAccepted(key, true);
  const given = "g".repeat(43);
  await storeKey(dir, HERE, "alice", given, true);
  assertEquals(await keyring.listOtherKeys(), [given]);
});

tempDirTest("keyring: a key set aside makes room, and comes back with what is known of it", async (dir) => {
  const { key, keyring } = await keyringAt(dir);
  await keyring.recordAccepted(key, true);
  const aside = await keyring.setAside();
  const fresh = await keyringAt(dir);
  assertEquals([fresh.key === key, fresh.keyring.isGuarded], [false, false]);
  await aside.undo();
  const back = await keyringAt(dir);
  assertEquals([back.key, back.keyring.isGuarded], [key, true]);
  assertEquals(await Deno.stat(aside.path).catch(() => "gone"), "gone");
});

tempDirTest(
  "keyring: a key that another process has put in its place is not set aside for it",
  async (dir) => {
    const { key, path, keyring } = await keyringAt(dir);
    await keyring.recordAccepted(key, true);
    const given = "g".repeat(43);
    await storeKey(dir, HERE, "alice", given, true);
    await assertRejects(() => keyring.setAside(), Error, "another process is changing it");
    assertEquals(await Deno.readTextFile(path), `${given}\n`);
    await storeKey(dir, HERE, "alice", key, true);
    {
      using _changing = await lockKey(dir, HERE, "alice");
      await assertRejects(() => keyring.setAside(), Error, "another process is changing it");
    }
    const aside = await keyring.setAside();
    {
      using _changing = await lockKey(dir, HERE, "alice");
      await aside.undo();
    }
    assertEquals((await listNextKeys(dir, HERE, "alice")).map(({ key }) => key), [key]);
  },
);

tempDirTest(
  "keyring: what SCRAM makes of a key is computed once: from when a server has taken the key it is kept beside it",
  async (dir) => {
    const [salt, other] = [new Uint8Array(16).fill(1), new Uint8Array(16).fill(2)];
    const { key, path, keyring } = await keyringAt(dir);
    const salted = await computeSaltedPassword(key, salt, 10);
    assertEquals(await keyring.deriveSaltedPassword(key, salt, 10), salted);
    assertEquals(await Deno.stat(`${path}+salted`).catch(() => "none"), "none");
    await keyring.recordAccepted(key, true);
    if (Deno.build.os !== "windows") assertEquals((await Deno.stat(`${path}+salted`)).mode! & 0o777, 0o600);
    // What the file says is taken, so it is not computed again.
    const text = await Deno.readTextFile(`${path}+salted`);
    const fake = new Uint8Array(32).fill(7);
    await Deno.writeTextFile(`${path}+salted`, text.replace(salted.toBase64(), fake.toBase64()));
    const again = await keyringAt(dir);
    assertEquals(await again.keyring.deriveSaltedPassword(key, salt, 10), fake);
    // Another salt, number or key is another thing; what can't be read is computed.
    for (const [k, s, n] of [[key, other, 10], [key, salt, 11], ["o".repeat(43), salt, 10]] as const) {
      assertEquals(
        await (await keyringAt(dir)).keyring.deriveSaltedPassword(k, s, n),
        await computeSaltedPassword(k, s, n),
      );
    }
    for (const damaged of ["", "x", text.slice(0, -10), text.replace(salted.toBase64(), "AAAA")]) {
      await Deno.writeTextFile(`${path}+salted`, damaged);
      assertEquals(await (await keyringAt(dir)).keyring.deriveSaltedPassword(key, salt, 10), salted);
    }
    await removeKey(dir, HERE, "alice");
    assertEquals(await Deno.stat(`${path}+salted`).catch(() => "gone"), "gone");
  },
);

tempDirTest(
  "keyring: that a name was registered on purpose with one key says nothing of another that takes its place",
  async (dir) => {
    const { key, keyring } = await keyringAt(dir);
    await keyring.recordAccepted(key, true);
    keyring.recordRegistered();
    await keyring.recordAccepted("o".repeat(43), true);
    assertEquals([keyring.isGuarded, keyring.isRegisteredOnPurpose], [true, false]);
    const again = await keyringAt(dir);
    assertEquals([again.keyring.isGuarded, again.keyring.isRegisteredOnPurpose], [true, false]);
  },
);

tempDirTest("keyring: a key that is imported where it is already keeps what is known of it", async (dir) => {
  const { key, keyring } = await keyringAt(dir);
  markImported(dir, HERE, "alice");
  assertEquals([keyring.isUnregistered, (await keyringAt(dir)).keyring.isUnregistered], [true, false]);
  await keyring.recordAccepted(key, true);
  markImported(dir, HERE, "alice");
  assertEquals((await keyringAt(dir)).keyring.isGuarded, true);
});

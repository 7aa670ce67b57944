import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { MAX_UNSENT, openOutbox, OutboxError } from "../../lib/client/sending/outbox_store.ts";
import type { OutboxStore } from "../../lib/client/sending/outbox_store.ts";
import type { UnsentMessage } from "../../lib/client/conversation/unsent_message.ts";
import type { Address } from "../../lib/net/address.ts";
import { tempDirTest } from "../support/test.ts";

const HOME: Address = { kind: "tcp", host: "127.0.0.1", port: 6667 };

function open(dir: string, address = HOME, name = "alice"): OutboxStore {
  const outcome = openOutbox(dir, address, name);
  if (outcome.kind !== "ok") throw new Error(JSON.stringify(outcome));
  return outcome.store;
}

function unsent(id: string, rest: Partial<UnsentMessage> = {}): UnsentMessage {
  return { id, target: "bob", text: `text of ${id}`, manner: "said", at: 1000, ...rest };
}

function outboxTest(name: string, fn: (dir: string) => void | Promise<void>, ignore = false): void {
  tempDirTest(name, { ignore }, (dir) => fn(`${dir}/outbox`));
}

outboxTest("added messages stay, in order, for the next process, until they are removed", (dir) => {
  const messages = [
    unsent("k", { at: 2000 }),
    unsent("k.1", { at: 2000, manner: "did" }),
    unsent("k.3", { at: 2001, text: "two\nlines", replyTo: "m1", replaces: "m2" }),
    unsent("earlier by a clock that went back", { id: "k.2", at: 5, target: "#räume", text: " 🌍\t" }),
  ];
  for (const message of messages) open(dir).add(message);
  assertEquals(open(dir).list(), messages);
  open(dir).remove("k.1");
  open(dir).remove("k.1");
  assertEquals(open(dir).list().map(({ id }) => id), ["k", "k.3", "k.2"]);
});

outboxTest("one outbox for each server and name, in any letter case", (dir) => {
  open(dir).add(unsent("k"));
  assertEquals(open(dir, { kind: "tcp", host: "localhost", port: 6667 }, "ALICE").list().length, 1);
  assertEquals(open(dir, { ...HOME, port: 6668 }).list(), []);
  assertEquals(open(dir, HOME, "bob").list(), []);
});

outboxTest("any id is a file name, whatever its letters mean elsewhere", (dir) => {
  const ids = ["../../x", "A", "a", "con", "~".repeat(64), "%2F", "."];
  for (const id of ids) open(dir).add(unsent(id));
  assertEquals(open(dir).list().map(({ id }) => id), ids);
});

outboxTest("the same message again changes nothing; another one under its id is refused", (dir) => {
  const store = open(dir);
  store.add(unsent("k"));
  store.add(unsent("k", { at: 3000 }));
  assertEquals(store.list(), [unsent("k")]);
  const error = assertThrows(() => store.add(unsent("k", { text: "other" })), OutboxError);
  assertEquals([error.why, error.message], ["id_in_use", "another message waits under the id k"]);
});

outboxTest("a full store refuses messages and keeps those it has", (dir) => {
  const store = open(dir);
  store.add(unsent("first"));
  for (let nth = 1; nth < MAX_UNSENT; nth++) {
    Deno.writeTextFileSync(`${store.path}/${String(5000 + nth).padStart(16, "0")}-6b.json`, "");
  }
  const error = assertThrows(() => store.add(unsent("one more")), RangeError);
  assertMatch(error.message, /cannot keep/); // a space in an id
  const full = assertThrows(() => store.add(unsent("one-more")), OutboxError);
  assertEquals(full.why, "full");
  store.add(unsent("first"));
});

outboxTest("damaged files are renamed, not lost", (dir) => {
  const store = open(dir);
  store.add(unsent("k1"));
  store.add(unsent("k2"));
  const [first, second] = [...Deno.readDirSync(store.path)].map(({ name }) => name).sort();
  const damaged = {
    "0000000000009000-6b33.json": "",
    "0000000000009001-6b34.json": '{"id":"k4","target":"bob","text":"half',
    "0000000000009002-6b35.json": JSON.stringify(unsent("another-id")),
    "0000000000009003-6b36.json": JSON.stringify(unsent("k6", { replyTo: "" })),
    "0000000000009004-6b37.json": JSON.stringify(unsent("k7")) + " ".repeat(64 * 1024),
  };
  for (const [name, text] of Object.entries(damaged)) Deno.writeTextFileSync(`${store.path}/${name}`, text);
  Deno.writeTextFileSync(`${store.path}/notes.txt`, "not ours");
  assertEquals(store.list().map(({ id }) => id), ["k1", "k2"]);
  assertEquals(store.setAside, Object.keys(damaged).map((name) => `${store.path}/${name}.bad`));
  assertEquals(
    [...Deno.readDirSync(store.path)].map(({ name }) => name).sort(),
    [first, second, ...Object.keys(damaged).map((name) => `${name}.bad`), "notes.txt"],
  );
  for (const [name, text] of Object.entries(damaged)) {
    assertEquals(Deno.readTextFileSync(`${store.path}/${name}.bad`), text);
  }
});

outboxTest("a draft of a killed process is no message, and is removed when it is old", (dir) => {
  const store = open(dir);
  store.add(unsent("k"));
  for (const name of [".new-a", ".new-b"]) {
    Deno.writeTextFileSync(`${store.path}/${name}`, JSON.stringify(unsent("d")));
  }
  Deno.utimeSync(`${store.path}/.new-a`, 0, 0);
  assertEquals(open(dir).list().map(({ id }) => id), ["k"]);
  assertEquals([...Deno.readDirSync(store.path)].map(({ name }) => name).filter((name) => name[0] === "."), [
    ".new-b",
  ]);
});

outboxTest("other users cannot read the messages", (dir) => {
  const store = open(dir);
  store.add(unsent("k"));
  const mode = (path: string) => Deno.statSync(path).mode! & 0o777;
  assertEquals([mode(dir), mode(store.path)], [0o700, 0o700]);
  for (const { name } of Deno.readDirSync(store.path)) assertEquals(mode(`${store.path}/${name}`), 0o600);
}, Deno.build.os === "windows");

outboxTest("listing creates nothing; what cannot be read or written is reported", (dir) => {
  assertEquals(open(dir).list(), []);
  open(dir).remove("k");
  assertThrows(() => Deno.statSync(dir), Deno.errors.NotFound);
  Deno.writeTextFileSync(dir, "a file in its place");
  const outcome = openOutbox(dir, HOME, "alice");
  assertEquals(outcome.kind, "bad");
  Deno.removeSync(dir);
  const store = open(dir);
  Deno.writeTextFileSync(dir, "a file in its place");
  assertEquals(assertThrows(() => store.add(unsent("k")), OutboxError).why, "failed");
});

/** Metadata of accounts and channels outlive the server; all of it is bounded. */
import { assertEquals } from "@std/assert";
import {
  MAX_METADATA_CHANNELS,
  MAX_METADATA_KEYS,
  MAX_METADATA_LINES,
  MAX_METADATA_SUBS,
  MAX_METADATA_VALUE_BYTES,
} from "../../lib/hub/services/metadata.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { login } from "../support/hub_accounts.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

const CAPS = ["batch", "draft/metadata-2", "draft/channel-rename"];

function answer(chat: TestHub, session: Session, line: string): string[] {
  chat.heard(session);
  chat.say(session, line);
  return chat.heard(session);
}

function listed(chat: TestHub, session: Session, target: string): (string | undefined)[] {
  return answer(chat, session, `METADATA ${target} LIST`).slice(1, -1).map((line) => line.split(" 761 ")[1]);
}

pureTest(
  "metadata: of an account and of a room are there after a start, under the room's new name, and end with the account",
  async () => {
    const ring = Ring.create(RING_MIN_BYTES);
    const chat = new TestHub({}, ring);
    const alice = chat.enter("alice", ...CAPS);
    chat.say(alice, "REGISTER * * correcthorse");
    await chat.errands();
    chat.say(
      alice,
      "JOIN #tea",
      "METADATA * SET url :mine",
      "METADATA #tea SET url :ours",
      "RENAME #tea #milk",
    );
    const taken = chat.takeFacts();
    const gone = taken.filter(({ kind, value }) => kind === "metadata" && value === undefined);
    assertEquals(gone.map(({ key }) => key), ["room #tea"]);
    const facts = taken.filter(({ value }) => value !== undefined);
    const after = new TestHub({}, ring, facts);
    const bob = after.enter("bob", ...CAPS);
    after.say(bob, "JOIN #milk");
    assertEquals(listed(after, bob, "#milk"), ["bob #milk url * :ours"]);
    assertEquals(listed(after, bob, "alice"), ["bob alice url * :mine"]);
    chat.say(alice, "UNREGISTER alice");
    await chat.errands();
    assertEquals(
      chat.takeFacts().filter(({ kind }) => kind === "metadata").map(({ value }) => value),
      [
        undefined,
      ],
    );
  },
);

pureTest("metadata: keys, values and subscriptions are bounded, and the longest fit their lines", () => {
  const chat = new TestHub({ serverName: "s".repeat(63) });
  const nick = "n".repeat(30);
  const alice = chat.enter(nick, ...CAPS);
  const channel = `#${"r".repeat(63)}`;
  chat.say(alice, `JOIN ${channel}`);
  const bob = chat.enter("bob", ...CAPS);
  const key = "k".repeat(48);
  chat.say(bob, `JOIN ${channel}`, `METADATA * SUB ${key}`);
  chat.heard(bob);
  const value = "v".repeat(MAX_METADATA_VALUE_BYTES);
  const [set] = answer(chat, alice, `METADATA ${channel} SET ${key} :${value}`);
  assertEquals([set!.endsWith(value), chat.heard(bob)[0]!.endsWith(value)], [true, true]);
  assertEquals(answer(chat, alice, `METADATA * SET url :${value}v`)[0]!.includes(" VALUE_INVALID "), true);
  for (let i = 0; i < MAX_METADATA_KEYS; i++) chat.say(alice, `METADATA * SET key${i} :x`);
  assertEquals(answer(chat, alice, "METADATA * SET more :x"), [
    `:${"s".repeat(63)} FAIL METADATA LIMIT_REACHED ${nick} :A target has at most ${MAX_METADATA_KEYS} keys`,
  ]);
  for (let i = 0; i < MAX_METADATA_SUBS; i++) chat.say(alice, `METADATA * SUB key${i}`);
  const refused = answer(chat, alice, "METADATA * SUB key1 more key2");
  assertEquals(refused.map((line) => line.split(" ").slice(1, 5).join(" ")), [
    `770 ${nick} key1`,
    "FAIL METADATA TOO_MANY_SUBS more",
  ]);
});

pureTest("metadata: what was changed by another hand does no harm", () => {
  const values = ["7", "null", "[]", '{"url":7,"$":"x","ok":"fine"}'];
  const facts = values.map((value, index) => ({ kind: "metadata", key: `room #r${index}`, value, seq: 0 }));
  const chat = new TestHub({}, Ring.create(RING_MIN_BYTES), facts);
  const alice = chat.enter("alice", ...CAPS);
  chat.say(alice, "JOIN #r0,#r1,#r2,#r3");
  assertEquals(values.map((_, index) => listed(chat, alice, `#r${index}`)), [[], [], [], [
    "alice #r3 ok * :fine",
  ]]);
});

pureTest("metadata: of a room that an account owns gives way to nothing", () => {
  const chat = new TestHub({
    limits: { channels: 2 * MAX_METADATA_CHANNELS, channelsPerUser: 2 * MAX_METADATA_CHANNELS },
  });
  const alice = login(chat, "alice", undefined, { caps: CAPS });
  chat.say(alice, "JOIN #tea", "METADATA #tea SET url :mine", "PART #tea");
  const mallory = chat.enter("mallory", ...CAPS);
  for (let at = 0; at < MAX_METADATA_CHANNELS + 10; at++) {
    chat.say(mallory, `JOIN #m${at}`, `METADATA #m${at} SET url :x`, `PART #m${at}`);
  }
  const kept = ["#tea", "#m0", `#m${MAX_METADATA_CHANNELS + 9}`].map((name) =>
    chat.hub.services.metadata.hasChannel(name)
  );
  assertEquals(kept, [true, false, true]);
  const given = chat.takeFacts().find(({ kind, key }) => kind === "metadata" && key === "room #m0");
  assertEquals(given, { kind: "metadata", key: "room #m0", value: undefined, seq: 0 });
});

pureTest("metadata: rooms with members are looked at once, and others after them the next time", () => {
  const chat = new TestHub({
    limits: { channels: 2 * MAX_METADATA_CHANNELS, channelsPerUser: 2 * MAX_METADATA_CHANNELS },
  });
  const alice = chat.enter("alice", ...CAPS);
  for (let at = 0; at < MAX_METADATA_CHANNELS; at++) {
    const channel = `#m${at}`;
    chat.say(alice, `JOIN ${channel}`, `METADATA ${channel} SET url :x`);
    if (at >= 150) chat.say(alice, `PART ${channel}`);
  }
  chat.heard(alice);
  const told = [1, 2].map((nth) =>
    answer(chat, alice, `JOIN #n${nth}`) && answer(chat, alice, `METADATA #n${nth} SET url :x`)[0]!
  );
  assertEquals(told.map((line) => line.split(" ")[1]), ["FAIL", "761"]);
});

pureTest(
  "metadata: what is taken out, replaced, or of an account that has ended counts no more",
  async () => {
    const chat = new TestHub();
    const alice = login(chat, "alice", undefined, { caps: CAPS });
    const { metadata } = chat.hub.services;
    chat.say(alice, "JOIN #tea", "METADATA #tea SET url :a");
    const one = metadata.bytes;
    chat.say(alice, "METADATA #tea SET url :b");
    assertEquals(metadata.bytes, one);
    chat.say(alice, "METADATA * SET url :c");
    assertEquals(metadata.bytes, 2 * one);
    chat.say(alice, "METADATA #tea SET url");
    assertEquals(metadata.bytes, one);
    chat.say(alice, "UNREGISTER alice");
    await chat.errands();
    assertEquals(metadata.bytes, 0);
  },
);

pureTest("metadata: of all rooms together is one bounded batch, and what does not fit is named", () => {
  const chat = new TestHub({ pieceUnits: 1e9 });
  const members = Math.ceil(MAX_METADATA_LINES / MAX_METADATA_KEYS);
  for (let at = 0; at < members; at++) {
    const member = chat.enter(`m${at}`, ...CAPS);
    chat.say(member, "JOIN #a,#b");
    for (let key = 0; key < MAX_METADATA_KEYS; key++) chat.say(member, `METADATA * SET key${key} :x`);
  }
  const alice = chat.enter("alice", "batch", "draft/metadata-3");
  chat.say(alice, "JOIN #a,#b");
  const keys = Array.from({ length: MAX_METADATA_KEYS }, (_, key) => `key${key}`);
  chat.say(alice, ...keys.slice(1).map((key) => `METADATA * SUB ${key}`));
  chat.say(alice, `METADATA * SUB ${keys[0]}`);
  const lines = answer(chat, alice, "METADATA *ALL SYNC");
  assertEquals(lines.filter((line) => line.includes(" 761 alice ")).length, MAX_METADATA_LINES);
  assertEquals(
    lines.at(-1),
    ":irc.test 774 alice #b 0 :Too much for now: use METADATA SYNC",
  );
  assertEquals(lines.at(-2)?.startsWith(":irc.test BATCH -"), true);
});

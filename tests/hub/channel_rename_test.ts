/** A channel that was renamed is, after a start too, the channel that it was; and who took its old name has another one. */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { FORMER_NAME_MS, RENAME_INTERVAL_MS } from "../../lib/hub/model/config.ts";
import type { SavedFact } from "../../lib/log/fact.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import { findByFormerName } from "../../lib/hub/policy/name_availability.ts";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { login, makeOperator } from "../support/hub_accounts.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

/** Times of one channel run ahead of the clock, where much happens at once. */
const LEAD_MS = 1000;

/** What a database that all facts went to holds. */
function saved(...hubs: TestHub[]): SavedFact[] {
  const facts = new Map<string, SavedFact>();
  for (const fact of hubs.flatMap((hub) => hub.takeFacts())) {
    facts.set(`${fact.kind} ${fact.key}`, fact);
  }
  return [...facts.values()].filter(({ value }) => value !== undefined);
}

function answer(chat: TestHub, session: Session, line: string): string[] {
  chat.heard(session);
  chat.say(session, line);
  return chat.heard(session);
}

function texts(chat: TestHub, session: Session, channel: string): (string | undefined)[] {
  return answer(chat, session, `CHATHISTORY LATEST ${channel} * 100`).map((line) =>
    / PRIVMSG (.*)/.exec(line)?.[1]
  ).filter((text) => text !== undefined);
}

function topic(chat: TestHub, session: Session, channel: string): string | undefined {
  chat.say(session, `JOIN ${channel}`);
  const lines = answer(chat, session, `TOPIC ${channel}`);
  chat.say(session, `PART ${channel}`);
  return lines.map((line) => / 332 \S+ \S+ :(.*)/.exec(line)?.[1]).find((text) => text !== undefined);
}

/** #old has a history, a topic and a mode, and is called #new since. */
function renamed(ring: Ring): { chat: TestHub; alice: Session } {
  const chat = new TestHub({}, ring);
  const alice = login(chat, "alice");
  chat.say(alice, "JOIN #old", "TOPIC #old :black", "MODE #old +m", "PRIVMSG #old :one", "RENAME #old #new");
  chat.say(alice, "PRIVMSG #new :two");
  return { chat, alice };
}

pureTest(
  "rename: history, topic and modes are there under the new name after a start, whatever of it was saved",
  () => {
    for (const keepsFacts of [true, false]) {
      const ring = Ring.create(RING_MIN_BYTES);
      const { chat } = renamed(ring);
      const facts = saved(chat);
      assertEquals(facts.map(({ kind, key }) => `${kind} ${key}`).sort(), [
        "account alice",
        "room #new",
        "topic #new",
      ]);
      const after = new TestHub({}, ring, keepsFacts ? facts : []);
      const bob = after.enter("bob");
      assertEquals(texts(after, bob, "#new"), ["#new :one", "#new :two"]);
      assertEquals(texts(after, bob, "#old"), []);
      assertEquals(topic(after, bob, "#new"), "black");
      after.say(bob, "JOIN #new");
      assert(answer(after, bob, "MODE #new").some((line) => / 324 \S+ #new \+mt/.test(line)), "modes");
    }
  },
);

pureTest("rename: topic and modes stay under the new name when the log holds nothing of it any more", () => {
  const ring = Ring.create(RING_MIN_BYTES);
  const { chat } = renamed(ring);
  const facts = saved(chat);
  for (let i = 0; i < 1000; i++) chat.hub.announce("#lobby", "x".repeat(200), chat.now);
  const after = new TestHub({}, ring, facts);
  const bob = after.enter("bob");
  assertEquals(topic(after, bob, "#new"), "black");
  assertEquals(topic(after, bob, "#old"), undefined);
});

pureTest("rename: who takes the old name later has another room, after a start too", () => {
  const ring = Ring.create(RING_MIN_BYTES);
  const { chat, alice } = renamed(ring);
  chat.now += FORMER_NAME_MS + LEAD_MS;
  chat.say(alice, "JOIN #old", "TOPIC #old :green", "PRIVMSG #old :three", "TOPIC #new :white");
  const facts = saved(chat);
  for (const kept of [facts, []]) {
    const after = new TestHub({}, ring, kept);
    after.now = chat.now;
    const bob = after.enter("bob");
    assertEquals(texts(after, bob, "#new"), ["#new :one", "#new :two"]);
    assertEquals(texts(after, bob, "#old"), ["#old :three"]);
    assertEquals([topic(after, bob, "#new"), topic(after, bob, "#old")], ["white", "green"]);
  }
});

pureTest("rename: the way to it is known for a day, after a start too, over several names and back", () => {
  const ring = Ring.create(RING_MIN_BYTES);
  const { chat, alice } = renamed(ring);
  chat.now += RENAME_INTERVAL_MS + LEAD_MS;
  chat.say(alice, "RENAME #new #newer");
  chat.now += RENAME_INTERVAL_MS + LEAD_MS;
  assertEquals(answer(chat, alice, "RENAME #newer #old").some((line) => / JOIN #old/.test(line)), true);
  const after = new TestHub({}, ring, saved(chat));
  const led = (name: string, now: number) => {
    after.hub.beginTask(now);
    return findByFormerName(after.hub.context, after.hub.services, name)?.name;
  };
  assertEquals(["#OLD", "#new", "#newer"].map((name) => led(name, chat.now)), [undefined, "#old", "#old"]);
  assertEquals(led("#new", chat.now + FORMER_NAME_MS + LEAD_MS), undefined);
});

pureTest("rename: what was said under a shorter name still fits its line, of one line and of several", () => {
  const chat = new TestHub();
  const alice = login(chat, "alice", undefined, {
    caps: ["batch", "draft/multiline", "draft/channel-rename"],
  });
  const text = "x".repeat(470);
  chat.say(alice, "JOIN #a", `PRIVMSG #a :${text}`, "BATCH +1 draft/multiline #a");
  chat.say(
    alice,
    `@batch=1 PRIVMSG #a :${text}`,
    "@batch=1 PRIVMSG #a :y",
    "BATCH -1",
    `RENAME #a #${"b".repeat(63)}`,
  );
  const reader = chat.enter("reader", "draft/chathistory", "server-time", "message-tags");
  chat.say(reader, `CHATHISTORY LATEST #${"b".repeat(63)} * 10`);
  const lines = chat.heard(reader).map((line) => line.slice(line.indexOf(" ") + 1));
  assertEquals(lines.map((line) => line.length), [510, 510, lines[2]!.length]);
  assertEquals(lines[2]!.endsWith(" :y"), true);
});

pureTest("rename: what somebody has read of it stays read", () => {
  const chat = new TestHub();
  const alice = login(chat, "alice", undefined, { caps: ["draft/read-marker", "draft/channel-rename"] });
  chat.say(alice, "JOIN #old", "PRIVMSG #old :one", "MARKREAD #old timestamp=2026-01-02T03:04:05.000Z");
  chat.say(alice, "RENAME #old #new");
  assertEquals(answer(chat, alice, "MARKREAD #new"), [
    ":irc.test MARKREAD #new timestamp=2026-01-02T03:04:05.000Z",
  ]);
  assertEquals(answer(chat, alice, "MARKREAD #old"), [":irc.test MARKREAD #old *"]);
});

pureTest(
  "rename: what somebody has read of it stays read where an earlier room had the name; a marker moved since stays",
  () => {
    const chat = new TestHub();
    const alice = login(chat, "alice", undefined, { caps: ["draft/read-marker", "draft/channel-rename"] });
    chat.say(alice, "MARKREAD #new timestamp=2020-01-01T00:00:00.000Z");
    chat.say(alice, "JOIN #old", "PRIVMSG #old :one", "MARKREAD #old timestamp=2026-01-02T03:04:05.000Z");
    const { nextSeq: seq } = chat.log;
    const { readMarkers } = chat.hub.services;
    chat.say(alice, "RENAME #old #new");
    const read = [":irc.test MARKREAD #new timestamp=2026-01-02T03:04:05.000Z"];
    assertEquals(answer(chat, alice, "MARKREAD #new"), read);
    chat.say(alice, "MARKREAD #old timestamp=2020-01-01T00:00:00.000Z"); // of a later channel of the old name
    readMarkers.rename("#old", "#new", {
      seq,
      time: chat.now,
      account: "",
      bot: false,
    });
    assertEquals(answer(chat, alice, "MARKREAD #new"), read);
  },
);

pureTest("rename: a room that many would have to come in to anew keeps its name", () => {
  const chat = new TestHub();
  const alice = login(chat, "alice", undefined, { caps: ["draft/channel-rename"] });
  chat.say(alice, "JOIN #old");
  for (let i = 0; i < 501; i++) chat.say(chat.enter(`guest${i}`), "JOIN #old");
  assertEquals(answer(chat, alice, "RENAME #old #new"), [
    ":irc.test FAIL RENAME CANNOT_RENAME #old #new :The room has too many members to be renamed",
  ]);
});

pureTest(
  "rename: a name that a room had is free when the room is gone, and taken by the first that enters it then",
  () => {
    const chat = new TestHub();
    const root = login(chat, "root", undefined, { caps: ["draft/channel-rename"] });
    makeOperator(chat, "root");
    const [alice, bob] = [chat.enter("alice"), chat.enter("bob")];
    chat.say(alice, "JOIN #news");
    assertEquals(answer(chat, root, "RENAME #news #evil"), [":root!~root@127.0.0.1 RENAME #news #evil :"]);
    assert(answer(chat, root, "JOIN #news")[0]!.includes(" CHANNEL_RENAMED #news #evil "), "led there");
    chat.say(alice, "PART #evil");
    chat.say(bob, "JOIN #news");
    assertEquals(chat.hub.context.state.channel("#news")!.members.has(bob.user!), true);
    chat.say(alice, "JOIN #evil");
    chat.say(bob, "PART #news");
    chat.say(root, "JOIN #news");
    assertEquals(
      chat.hub.context.state.channel("#news")!.members.has(root.user!),
      true,
      "the name is another room's",
    );
  },
);

pureTest("rename: an owner holds a few former names of a room, not one after the other", () => {
  const chat = new TestHub();
  const alice = login(chat, "alice", undefined, { caps: ["draft/channel-rename"] });
  chat.say(alice, "JOIN #r0");
  for (let at = 0; at < 6; at++) {
    chat.say(alice, `RENAME #r${at} #r${at + 1}`);
    chat.now += RENAME_INTERVAL_MS + LEAD_MS;
  }
  const led = Array.from(
    { length: 6 },
    (_, at) => findByFormerName(chat.hub.context, chat.hub.services, `#r${at}`)?.name,
  );
  assertEquals(led, [undefined, undefined, undefined, "#r6", "#r6", "#r6"]);
});

pureTest(
  "rename: the owners of a renamed room are its owners, also after a start, and nobody else is by being first",
  () => {
    const ring = Ring.create(RING_MIN_BYTES);
    const { chat, alice } = renamed(ring);
    chat.say(alice, "PART #new");
    for (const test of [chat, new TestHub({}, ring, saved(chat))]) {
      const bob = test.enter("bob");
      test.say(bob, "JOIN #new");
      assertEquals(test.hub.context.state.channel("#new")!.members.get(bob.user!)! & 1, 0);
      const led = answer(test, bob, "JOIN #old");
      assert(led.some((line) => line.includes(" 470 bob #old #new ")), led.join("\n"));
    }
  },
);

pureTest("rename: who is muted renames without a reason", () => {
  const { chat, alice } = renamed(Ring.create(RING_MIN_BYTES));
  const bob = chat.enter("bob", "draft/channel-rename");
  chat.say(bob, "JOIN #new");
  const root = login(chat, "root");
  makeOperator(chat, "root");
  const heard = (from: string, to: string) => {
    chat.advance(RENAME_INTERVAL_MS + LEAD_MS);
    chat.heard(bob);
    chat.say(alice, `RENAME ${from} ${to} :look here`);
    return chat.heard(bob).map((line) => line.slice(line.indexOf(" RENAME ")));
  };
  assertEquals(heard("#new", "#tea"), [" RENAME #new #tea :look here"]);
  chat.say(root, "MUTE alice");
  assertEquals(heard("#tea", "#milk"), [" RENAME #tea #milk :"]);
});

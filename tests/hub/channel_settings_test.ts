/** How a channel is set up outlives the empty channel and the server; what a MODE line does is what a plain model says. */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import {
  FORMER_NAME_MS,
  MAX_IDLE_SETTINGS,
  MAX_IDLE_TOPICS,
  MAX_PLAIN_CHANNELS_OF_ACCOUNT,
} from "../../lib/hub/model/config.ts";
import type { SavedFact } from "../../lib/log/fact.ts";
import { MAX_OPERATED_CHANNELS_PER_ACCOUNT } from "../../lib/hub/services/limits/operator_quota.ts";
import { ChannelMask, normalizeChannelMask } from "../../lib/hub/model/channel_mask.ts";
import { formatChanges, parseChanges } from "../../lib/hub/model/channel_modes.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { forAll } from "../irc/property.ts";
import type { Random } from "../irc/property.ts";
import { runConsoleLine } from "../../lib/server/console/command_table.ts";
import { account, login } from "../support/hub_accounts.ts";
import { START, TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

function modesOf(chat: TestHub, session: Session, channel: string): string | undefined {
  chat.heard(session);
  chat.say(session, `MODE ${channel}`);
  return chat.heard(session).map((line) => / 324 \S+ \S+ (.*)/.exec(line)?.[1]).find((modes) =>
    modes !== undefined
  );
}

/** So much that the ring holds nothing of before. */
function overwrite(chat: TestHub): void {
  for (let i = 0; i < 1000; i++) chat.hub.announce("#lobby", "x".repeat(200), chat.now);
  chat.deliver();
}

pureTest(
  "room settings: they are there after a start, though the log holds nothing of it, with who set them",
  () => {
    const ring = Ring.create(RING_MIN_BYTES);
    const before = new TestHub({}, ring);
    const alice = login(before, "alice");
    before.say(
      alice,
      "JOIN #Tea",
      "MODE #tea +imk green",
      "MODE #tea +lbI 7 Mallory ~account:bob",
      "PART #tea",
    );
    const saved = before.takeFacts();
    overwrite(before);
    const after = new TestHub({}, ring, saved);
    after.advance(10_000); // what is not in use is swept
    const stranger = after.enter("stranger");
    after.say(stranger, "JOIN #tea green");
    assert(after.heard(stranger)[0]!.includes(" 473 "), "it is +i");
    const again = login(after, "alice");
    after.say(again, "JOIN #tea");
    assert(after.heard(again).some((line) => line.endsWith(" 353 alice = #Tea :@alice")), "operator again");
    assertEquals(modesOf(after, again, "#tea"), "+imtkl green 7");
    after.say(again, "MODE #tea b", "MODE #tea I");
    assertEquals(after.heard(again).filter((line) => !line.includes(" :End of ")), [
      ":irc.test 367 alice #Tea Mallory!*@* alice!~alice@127.0.0.1 1767323045",
      ":irc.test 346 alice #Tea ~a:bob alice!~alice@127.0.0.1 1767323045",
    ]);
  },
);

/** When the server says that `channel` was made, in seconds since the epoch (329). */
function creationTime(chat: TestHub, session: Session, channel: string): number {
  chat.heard(session);
  chat.say(session, `MODE ${channel}`);
  const times = chat.heard(session).map((line) => / 329 \S+ \S+ (\d+)$/.exec(line)?.[1]);
  return Number(times.find((time) => time !== undefined));
}

pureTest(
  "room settings: a room was made when it was made, after a start as well, and under the name that it has since",
  () => {
    const ring = Ring.create(RING_MIN_BYTES);
    const config = { logCreatedAt: START - 5000 };
    const before = new TestHub(config, ring);
    const alice = login(before, "alice");
    before.now += 10_000;
    const made = before.now / 1000;
    before.say(alice, "JOIN #tea", "MODE #tea +m", "JOIN #milk", "MODE #milk -t");
    before.now += 10_000;
    before.say(alice, "RENAME #milk #cream :thicker");
    before.now += FORMER_NAME_MS + 1000;
    before.say(alice, "JOIN #milk");
    const times = ["#tea", "#cream", "#milk", "#lobby"].map((channel) =>
      creationTime(before, alice, channel)
    );
    assertEquals(times, [made, made, before.now / 1000, START / 1000 - 5]);
    const saved = before.takeFacts();
    for (const source of ["both", "log", "facts"]) {
      if (source === "facts") overwrite(before);
      const after = new TestHub(config, ring, source === "log" ? [] : saved);
      after.now += 60_000;
      const again = login(after, "alice");
      after.say(again, "JOIN #tea,#cream,#milk");
      const channels = ["#tea", "#cream", "#milk", "#lobby"];
      assertEquals(channels.map((channel) => creationTime(after, again, channel)), times);
    }
  },
);

pureTest("room settings: a crash between log and database loses nothing that the log tells", () => {
  const ring = Ring.create(1 << 18);
  const before = new TestHub({}, ring);
  const [alice, bob] = [login(before, "alice"), login(before, "bob")];
  before.say(alice, "JOIN #tea", "MODE #tea +m");
  before.say(bob, "JOIN #tea");
  const saved = before.takeFacts();
  before.say(alice, "MODE #tea -m+tnb mallory", "MODE #tea +o bob", "MODE #tea -o alice");
  const after = new TestHub({}, ring, saved);
  const newer = after.takeFacts().find(({ kind }) => kind === "room");
  assertEquals(JSON.parse(newer!.value!).flags, "nt");
  const again = login(after, "bob");
  after.say(again, "JOIN #tea");
  assertEquals(modesOf(after, again, "#tea"), "+nt");
  assert(after.hub.context.state.channel("#tea")!.members.get(again.user!)! & 1, "bob was made operator");
  const other = login(after, "alice");
  after.say(other, "JOIN #tea");
  assertEquals(after.hub.context.state.channel("#tea")!.members.get(other.user!), 0);
});

pureTest(
  "room settings: who gets an account later is not the one who had that name when the log was written",
  () => {
    const ring = Ring.create(1 << 18);
    const before = new TestHub({}, ring);
    const [alice, bob] = [login(before, "alice"), before.enter("bob")];
    before.say(alice, "JOIN #tea");
    before.say(bob, "JOIN #tea");
    before.say(alice, "MODE #tea +o bob");
    const unsaved = before.takeFacts().filter(({ kind }) => kind !== "room");
    before.now += 1000; // the times of a channel may run ahead of the clock
    account(before, "bob");
    const after = new TestHub({}, ring, [...unsaved, ...before.takeFacts()]);
    assert(after.hub.services.accounts.get("bob") !== undefined, "bob has one now");
    assertEquals(after.hub.services.history.channel("#tea").settings?.operators.size, 0);
  },
);

pureTest("room settings: what is newer in the database than in the log counts", () => {
  const ring = Ring.create(1 << 18);
  const before = new TestHub({}, ring);
  const alice = login(before, "alice");
  before.say(alice, "JOIN #tea", "MODE #tea +m");
  const saved = before.takeFacts().map((fact): SavedFact =>
    fact.kind === "room"
      ? { ...fact, value: fact.value!.replace('"flags":"mt"', '"flags":"s"'), seq: 1e6 }
      : fact
  );
  const after = new TestHub({}, ring, saved);
  assertEquals(after.hub.services.history.channel("#tea").settings!.flags, "s");
});

pureTest("room settings: a name that is given up takes nothing with it: who has it next is another", () => {
  const chat = new TestHub();
  const alice = login(chat, "alice");
  chat.say(alice, "JOIN #tea", "PART #tea");
  const first = chat.hub.services.accounts.get("alice")!;
  chat.say(alice, "QUIT");
  chat.hub.services.accounts.remove(first);
  const second = login(chat, "alice", account(chat, "alice", "somebody else"));
  const bob = chat.enter("bob");
  chat.say(bob, "JOIN #tea");
  assert(
    chat.heard(bob).some((line) => line.endsWith(":@bob")),
    "nobody is remembered any more, so who is first is operator",
  );
  chat.say(second, "JOIN #tea");
  assertEquals(chat.heard(second).filter((line) => line.includes("+o")), []);
});

pureTest(
  "room settings: who logs in in the middle of it gets what the account has, and keeps what the nick had",
  () => {
    const chat = new TestHub();
    const alice = login(chat, "alice");
    chat.say(alice, "JOIN #tea", "QUIT");
    const [bob, other] = [chat.enter("bob"), chat.enter("other")];
    chat.say(bob, "JOIN #green");
    chat.say(other, "JOIN #tea");
    chat.hub.context.commit({ kind: "login", session: bob, account: account(chat, "bob") });
    chat.say(bob, "PART #green");
    assert(
      chat.hub.services.history.channel("#green").settings!.operators.has("owner-bob"),
      "operator as one without account",
    );
  },
);

/** A user at `host` who sets a mode in each of these channels and leaves it. */
function setUp(chat: TestHub, host: string, names: Iterable<string>): void {
  const session = chat.open(host);
  const nick = `n${host.replaceAll(".", "x")}`;
  chat.say(session, `NICK ${nick}`, `USER u 0 * :u`);
  for (const name of names) {
    chat.now++;
    chat.say(session, `JOIN ${name}`, `MODE ${name} +m`, `PART ${name}`);
  }
}

function* names(prefix: string, count: number): Iterable<string> {
  for (let at = 0; at < count; at++) yield `#${prefix}${at}`;
}

function isKept(chat: TestHub, name: string): boolean {
  return chat.hub.services.history.channels.has(name);
}

pureTest(
  "room settings: what an account owns never gives way to what nobody owns, nor one address to another",
  () => {
    const ring = Ring.create(RING_MIN_BYTES);
    const chat = new TestHub({}, ring);
    const alice = login(chat, "alice");
    chat.say(alice, "JOIN #plain", "PART #plain", "JOIN #closed", "MODE #closed +i", "PART #closed");
    chat.say(alice, "JOIN #titled", "TOPIC #titled :mine", "PART #titled");
    setUp(chat, "192.0.2.1", ["#modest"]);
    for (const host of ["203.0.113.1", "203.0.113.2"]) setUp(chat, host, names(host, MAX_IDLE_SETTINGS));
    overwrite(chat);
    const facts = new Map(chat.takeFacts().map((fact) => [`${fact.kind} ${fact.key}`, fact]));
    const after = new TestHub({}, ring, [...facts.values()]);
    for (const each of [chat, after]) {
      each.advance(10_000);
      const mine = ["#plain", "#closed", "#titled", "#modest"].map((name) => isKept(each, name));
      assertEquals(mine, [true, true, true, true]);
      const counts = ["203.0.113.1", "203.0.113.2"].map((host) =>
        each.hub.services.history.channels.keys().filter((name) => name.startsWith(`#${host}`)).toArray()
          .length
      );
      assertEquals(counts[0]! + counts[1]!, MAX_IDLE_SETTINGS - 1);
      assert(Math.abs(counts[0]! - counts[1]!) <= 1, "alike");
      assert(isKept(each, `#203.0.113.1${MAX_IDLE_SETTINGS - 1}`), "the newest");
      const stranger = each.enter("stranger");
      each.say(stranger, "JOIN #closed,#plain");
      assertEquals(each.hub.context.state.channel("#closed"), undefined, "it is +i");
      assertEquals(each.hub.context.state.channel("#plain")!.members.get(stranger.user!), 0, "it is alice's");
    }
    assertEquals(after.hub.services.operatorQuota.count("owner-alice"), 3);
  },
);

pureTest(
  "room settings: a topic of an account's room never gives way, nor those of one address to those of another",
  () => {
    const chat = new TestHub({}, Ring.create(RING_MIN_BYTES));
    const alice = login(chat, "alice");
    chat.say(alice, "JOIN #titled", "TOPIC #titled :mine", "PART #titled");
    for (const host of ["192.0.2.1", "203.0.113.1"]) {
      const session = chat.open(host);
      chat.say(session, `NICK n${host.length}`, "USER u 0 * :u");
      for (const name of names(host, host === "192.0.2.1" ? 1 : MAX_IDLE_TOPICS)) {
        chat.now++;
        chat.say(session, `JOIN ${name}`, `TOPIC ${name} :x`, `PART ${name}`);
      }
    }
    overwrite(chat);
    chat.advance(10_000);
    assertEquals(["#titled", "#192.0.2.10"].map((name) => isKept(chat, name)), [true, true]);
    assertEquals(isKept(chat, "#203.0.113.10"), false);
  },
);

pureTest(
  "room settings: an account owns so many rooms, and is told when one more does not remember it",
  () => {
    const chat = new TestHub({}, Ring.create(1 << 22));
    const [alice, bob] = [login(chat, "alice"), login(chat, "bob")];
    for (const name of names("r", MAX_OPERATED_CHANNELS_PER_ACCOUNT)) {
      chat.say(alice, `JOIN ${name}`, `MODE ${name} +m`, `PART ${name}`);
    }
    assert(!chat.heard(alice).some((line) => line.includes(" WARN ")), "nothing to tell yet");
    chat.say(alice, "JOIN #more");
    assertEquals(
      chat.heard(alice)[0],
      `:irc.test WARN * OPERATOR_NOT_REMEMBERED #more ` +
        `:50 rooms remember you as operator, which is the maximum: you are an operator of #more only until you leave it`,
    );
    assertEquals(chat.hub.context.state.channel("#more")!.members.get(alice.user!)! & 1, 1);
    chat.say(alice, "PART #more");
    chat.say(bob, "JOIN #more", "PART #more");
    assertEquals(chat.hub.services.history.channel("#more").settings!.operators.has("owner-bob"), true);
    // One given up is one more that may be had.
    chat.say(alice, "JOIN #r0", "MODE #r0 -o alice", "JOIN #another");
    assertEquals(chat.hub.services.history.channel("#another").settings!.operators.has("owner-alice"), true);
  },
);

pureTest(
  "room settings: of rooms in which it has set nothing an account keeps the newest, and what is forgotten counts no more",
  () => {
    const chat = new TestHub({}, Ring.create(RING_MIN_BYTES));
    const [alice, bob] = [login(chat, "alice"), login(chat, "bob")];
    chat.say(bob, "JOIN #bobs", "PART #bobs");
    for (const name of names("r", MAX_PLAIN_CHANNELS_OF_ACCOUNT + 5)) {
      chat.now++;
      chat.say(alice, `JOIN ${name}`, `PART ${name}`);
    }
    overwrite(chat);
    chat.advance(10_000);
    assertEquals(["#bobs", "#r4", "#r5"].map((name) => isKept(chat, name)), [true, false, true]);
    assertEquals(chat.hub.services.operatorQuota.count("owner-alice"), MAX_PLAIN_CHANNELS_OF_ACCOUNT);
  },
);

pureTest(
  "room settings: a room whose settings cannot be read is closed, and that is told; an operator of the server opens it",
  () => {
    const row = (value: unknown, fault?: string): SavedFact => ({
      kind: "room",
      key: "#tea",
      value: JSON.stringify(value),
      seq: 0,
      ...fault === undefined ? {} : { fault },
    });
    const lists = { b: [], e: [], I: [] };
    const whole = { name: "#tea", flags: "zm-ob", key: "", limit: 0, lists, operators: [], changedAt: 0 };
    const flagsOf = (chat: TestHub) => chat.hub.services.history.channels.get("#tea")!.settings!.flags;
    assertEquals(flagsOf(new TestHub({}, undefined, [row(whole)])), "m");
    const unreadable = [
      row(null),
      row({}),
      row({ ...whole, key: 1 }),
      row({ ...whole, name: "#milk" }),
      row({ ...whole, changedAt: 1e300 }),
      row({ ...whole, lists: { ...lists, b: [["a!*@*", "x"]] } }),
      row({ ...whole, lists: { ...lists, e: "x" } }),
      row({ ...whole, operators: [1, "o"] }),
      row(whole, "its checksum does not match"),
    ];
    for (const fact of unreadable) {
      const chat = new TestHub({}, undefined, [fact]);
      const told = chat.serverEvents.filter(({ kind }) => kind === "fact_unreadable");
      assertEquals(told.length, 1, fact.value);
      assertEquals(flagsOf(chat), "is");
      const bob = chat.enter("bob");
      chat.say(bob, "JOIN #tea", "CHATHISTORY LATEST #tea * 10");
      assertEquals(chat.heard(bob).some((line) => line.includes(" 473 bob #tea ")), true);
      assertEquals(chat.hub.context.state.channel("#tea"), undefined);
      runConsoleLine(chat.hub, "mode #tea -is", chat.now);
      chat.say(bob, "JOIN #tea");
      assertEquals(chat.heard(bob).some((line) => line.endsWith(" JOIN #tea")), true);
    }
  },
);

pureTest(
  "room settings: a room whose settings cannot be read is not opened by what the log still holds of its modes",
  () => {
    const ring = Ring.create(RING_MIN_BYTES);
    const before = new TestHub({}, ring);
    const alice = before.enter("alice");
    before.say(alice, "JOIN #tea", "MODE #tea +i", "MODE #tea -i");
    const fact = { kind: "room", key: "#tea", value: "", seq: 0, fault: "its checksum does not match" };
    const after = new TestHub({}, ring, [fact]);
    assertEquals(after.hub.services.history.channels.get("#tea")?.settings?.flags, "is");
  },
);

pureTest("room settings: a MODE line is what its changes are, whatever is asked in which order", () => {
  forAll(200, (random) => {
    const chat = new TestHub();
    const [alice, bob] = [chat.enter("alice"), chat.enter("bob")];
    chat.say(alice, "JOIN #tea");
    chat.say(bob, "JOIN #tea");
    const model = new Model();
    for (let line = 0; line < 8; line++) {
      const wishes = Array.from({ length: 1 + random.below(4) }, () => wish(random));
      const { change, args } = formatChanges(wishes);
      chat.heard(bob);
      chat.say(alice, `MODE #tea ${change} ${args}`.trimEnd());
      wishes.forEach((each) => model.wish(each));
      for (const heard of chat.heard(bob)) {
        const [, told = "", words = ""] = /MODE #tea (\S+) ?(.*)$/.exec(heard)!;
        for (const each of parseChanges(told, words)) model.told(each);
      }
      model.check();
      assertEquals(modesOf(chat, alice, "#tea"), model.modes());
    }
  });
});

type Wish = { sign: "+" | "-"; letter: string; arg: string };

function wish(random: Random): Wish {
  const sign = random.pick(["+", "-"] as const);
  const letter = random.pick(["i", "m", "n", "s", "t", "k", "l", "b", "v"]);
  switch (letter) {
    case "k":
      return { sign, letter, arg: random.pick(["a", "b"]) };
    case "l":
      return { sign, letter, arg: sign === "+" ? random.pick(["1", "2"]) : "" };
    case "b":
      return { sign, letter, arg: random.pick(["x!*@*", "y!*@*"]) };
    case "v":
      return { sign, letter, arg: "bob" };
    default:
      return { sign, letter, arg: "" };
  }
}

/** What is set, by letter, and for lists by letter and mask: as it was asked for, and as a member hears of it. */
class Model {
  readonly wished = new Map<string, string>();
  readonly heard = new Map<string, string>();

  wish(change: Wish): void {
    this.#take(this.wished, change);
  }

  told(change: Wish): void {
    this.#take(this.heard, change);
  }

  check(): void {
    assertEquals([...this.heard].sort(), [...this.wished].sort());
  }

  modes(): string {
    const flags = [..."imnst"].filter((letter) => this.wished.has(letter)).join("");
    const [key, limit] = [this.wished.get("k"), this.wished.get("l")];
    const letters = flags + (key === undefined ? "" : "k") + (limit === undefined ? "" : "l");
    return ["+" + letters, key, limit].filter((part) => part !== undefined).join(" ");
  }

  #take(set: Map<string, string>, { sign, letter, arg }: Wish): void {
    const key = letter === "b" || letter === "v" ? letter + arg : letter;
    if (sign === "+") set.set(key, arg);
    else set.delete(key);
  }
}

pureTest("room settings: a mask is made whole, and meant for whom it names", () => {
  for (
    const [text, mask] of [
      ["bob", "bob!*@*"],
      ["bob!x", "bob!x@*"],
      ["x@host", "*!x@host"],
      ["~bob@host", "*!~bob@host"],
      ["@host", "*!*@host"],
      ["*", "*!*@*"],
      ["~a:Bob", "~a:Bob"],
      ["~account:Bob", "~a:Bob"],
      ["~x:Bob", undefined],
      ["a!b!c", undefined],
      ["a@b@c", undefined],
      ["", undefined],
      [":bob", undefined],
      ["x".repeat(200), undefined],
    ] as const
  ) assertEquals(normalizeChannelMask(text), mask, text);
  const bob = { foldedSource: "bob!~bob@192.0.2.1", account: { folded: "robert" } };
  for (const mask of ["bob!*@*", "*!~BOB@*", "*!*@192.0.2.*", "b?b!*@*", "~a:robert", "~a:rob*"]) {
    assert(new ChannelMask(mask).matches(bob), mask);
  }
  for (const mask of ["bo!*@*", "~a:bob", "*!*@192.0.3.*"]) assert(!new ChannelMask(mask).matches(bob), mask);
  assert(!new ChannelMask("~a:*").matches({ ...bob, account: undefined }), "nobody's account");
});

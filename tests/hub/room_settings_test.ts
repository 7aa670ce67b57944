/** How a room is set up outlives the empty room and the server; what a MODE line does is what a plain model says. */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { MAX_IDLE_SETTINGS } from "../../lib/hub/config.ts";
import type { SavedFact } from "../../lib/hub/facts.ts";
import { roomMask, roomMaskMatches } from "../../lib/hub/room_mask.ts";
import { changesOf, formatChanges } from "../../lib/hub/room_modes.ts";
import type { Session } from "../../lib/hub/state.ts";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { forAll, type Random } from "../irc/property.ts";
import { answer } from "../../lib/server/console.ts";
import { account, login } from "../support/hub_accounts.ts";
import { TestHub } from "../support/hub.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name: `room settings: ${name}`, permissions: "none", fn });
}

function modesOf(chat: TestHub, session: Session, room: string): string | undefined {
  chat.heard(session);
  chat.say(session, `MODE ${room}`);
  return chat.heard(session).map((line) => / 324 \S+ \S+ (.*)/.exec(line)?.[1]).find((modes) =>
    modes !== undefined
  );
}

/** So much that the ring holds nothing of before. */
function overwrite(chat: TestHub): void {
  for (let i = 0; i < 1000; i++) chat.hub.announce("#lobby", "x".repeat(200), chat.now);
  chat.deliver();
}

test("they are there after a start, though the log holds nothing of it, with who set them", () => {
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
  const saved = before.hub.facts.take();
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
});

test("a crash between log and database loses nothing that the log tells", () => {
  const ring = Ring.create(1 << 18);
  const before = new TestHub({}, ring);
  const [alice, bob] = [login(before, "alice"), login(before, "bob")];
  before.say(alice, "JOIN #tea", "MODE #tea +m");
  before.say(bob, "JOIN #tea");
  const saved = before.hub.facts.take();
  before.say(alice, "MODE #tea -m+tnb mallory", "MODE #tea +o bob", "MODE #tea -o alice");
  const after = new TestHub({}, ring, saved);
  const newer = after.hub.facts.take().find(({ kind }) => kind === "room");
  assertEquals(JSON.parse(newer!.value!).flags, "nt");
  const again = login(after, "bob");
  after.say(again, "JOIN #tea");
  assertEquals(modesOf(after, again, "#tea"), "+nt");
  assert(after.hub.state.room("#tea")!.members.get(again.user!)! & 1, "bob was made operator");
  const other = login(after, "alice");
  after.say(other, "JOIN #tea");
  assertEquals(after.hub.state.room("#tea")!.members.get(other.user!), 0);
});

test("who gets an account later is not the one who had that name when the log was written", () => {
  const ring = Ring.create(1 << 18);
  const before = new TestHub({}, ring);
  const [alice, bob] = [login(before, "alice"), before.enter("bob")];
  before.say(alice, "JOIN #tea");
  before.say(bob, "JOIN #tea");
  before.say(alice, "MODE #tea +o bob");
  const unsaved = before.hub.facts.take().filter(({ kind }) => kind !== "room");
  before.now += 1000; // the times of a room may run ahead of the clock
  account(before, "bob");
  const after = new TestHub({}, ring, [...unsaved, ...before.hub.facts.take()]);
  assert(after.hub.accounts.get("bob") !== undefined, "bob has one now");
  assertEquals(after.hub.archive.room("#tea").settings?.operators.size, 0);
});

test("what is newer in the database than in the log counts", () => {
  const ring = Ring.create(1 << 18);
  const before = new TestHub({}, ring);
  const alice = login(before, "alice");
  before.say(alice, "JOIN #tea", "MODE #tea +m");
  const saved = before.hub.facts.take().map((fact): SavedFact =>
    fact.kind === "room"
      ? { ...fact, value: fact.value!.replace('"flags":"mt"', '"flags":"s"'), seq: 1e6 }
      : fact
  );
  const after = new TestHub({}, ring, saved);
  assertEquals(after.hub.archive.room("#tea").settings!.flags, "s");
});

test("a name that is given up takes nothing with it: who has it next is another", () => {
  const chat = new TestHub();
  const alice = login(chat, "alice");
  chat.say(alice, "JOIN #tea", "PART #tea");
  const first = chat.hub.accounts.get("alice")!;
  chat.say(alice, "QUIT");
  chat.hub.accounts.remove(first);
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

test("who logs in in the middle of it gets what the account has, and keeps what the nick had", () => {
  const chat = new TestHub();
  const alice = login(chat, "alice");
  chat.say(alice, "JOIN #tea", "QUIT");
  const [bob, other] = [chat.enter("bob"), chat.enter("other")];
  chat.say(bob, "JOIN #green");
  chat.say(other, "JOIN #tea");
  chat.hub.commit({ kind: "login", session: bob, account: account(chat, "bob") });
  chat.say(bob, "PART #green");
  assert(
    chat.hub.archive.room("#green").settings!.operators.has("owner-bob"),
    "operator as one without account",
  );
});

test("rooms that nobody is in are kept up to a bound, first those that somebody has set up", () => {
  const chat = new TestHub({}, Ring.create(RING_MIN_BYTES));
  const alice = login(chat, "alice");
  chat.say(alice, "JOIN #set", "MODE #set +i", "PART #set");
  for (let i = 0; i < MAX_IDLE_SETTINGS; i++) {
    chat.now++;
    chat.say(alice, `JOIN #r${i}`, `PART #r${i}`);
  }
  overwrite(chat);
  chat.hub.facts.take();
  chat.advance(10_000);
  const gone = chat.hub.facts.take();
  assertEquals(gone, [{ kind: "room", key: "#r0", value: undefined, seq: 0 }]);
  assertEquals(chat.hub.archive.rooms.has("#set"), true);
});

test("a room whose settings cannot be read is closed, and that is told; an operator of the server opens it", () => {
  const row = (value: unknown, fault?: string): SavedFact => ({
    kind: "room",
    key: "#tea",
    value: JSON.stringify(value),
    seq: 0,
    ...fault === undefined ? {} : { fault },
  });
  const lists = { b: [], e: [], I: [] };
  const whole = { name: "#tea", flags: "zm-ob", key: "", limit: 0, lists, operators: [], changedAt: 0 };
  const flagsOf = (chat: TestHub) => chat.hub.archive.rooms.get("#tea")!.settings!.flags;
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
    row(whole, "its checksum does not hold"),
  ];
  for (const fact of unreadable) {
    const chat = new TestHub({}, undefined, [fact]);
    const told = chat.hub.notices.filter(({ kind }) => kind === "fact_unreadable");
    assertEquals(told.length, 1, fact.value);
    assertEquals(flagsOf(chat), "is");
    const bob = chat.enter("bob");
    chat.say(bob, "JOIN #tea", "CHATHISTORY LATEST #tea * 10");
    assertEquals(chat.heard(bob).some((line) => line.includes(" 473 bob #tea ")), true);
    assertEquals(chat.hub.state.room("#tea"), undefined);
    answer(chat.hub, "mode #tea -is", chat.now);
    chat.say(bob, "JOIN #tea");
    assertEquals(chat.heard(bob).some((line) => line.endsWith(" JOIN #tea")), true);
  }
});

test("a room whose settings cannot be read is not opened by what the log still holds of its modes", () => {
  const ring = Ring.create(RING_MIN_BYTES);
  const before = new TestHub({}, ring);
  const alice = before.enter("alice");
  before.say(alice, "JOIN #tea", "MODE #tea +i", "MODE #tea -i");
  const fact = { kind: "room", key: "#tea", value: "", seq: 0, fault: "its checksum does not hold" };
  const after = new TestHub({}, ring, [fact]);
  assertEquals(after.hub.archive.rooms.get("#tea")?.settings?.flags, "is");
});

test("a MODE line is what its changes are, whatever is asked in which order", () => {
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
        for (const each of changesOf(told, words)) model.told(each);
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

test("a mask is made whole, and meant for whom it names", () => {
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
  ) assertEquals(roomMask(text), mask, text);
  const bob = { source: "Bob!~bob@192.0.2.1", account: { name: "Robert" } };
  for (const mask of ["bob!*@*", "*!~BOB@*", "*!*@192.0.2.*", "b?b!*@*", "~a:robert", "~a:rob*"]) {
    assert(roomMaskMatches(mask, bob), mask);
  }
  for (const mask of ["bo!*@*", "~a:bob", "*!*@192.0.3.*"]) assert(!roomMaskMatches(mask, bob), mask);
  assert(!roomMaskMatches("~a:*", { ...bob, account: undefined }), "nobody's account");
});

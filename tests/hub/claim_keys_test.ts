/** What a claim key is good for once it was an account's: no right of the account without a login. */
import { assert, assertEquals } from "@std/assert";
import type { SavedFact } from "../../lib/log/fact.ts";
import { writable } from "../../lib/hub/apply/writable.ts";
import { ownerOf } from "../../lib/hub/model/state/entities.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { TestHub } from "../support/hub.ts";
import { account } from "../support/hub_accounts.ts";
import { pureTest } from "../support/test.ts";

const KEY = "k".repeat(43);
const NEW_KEY = "n".repeat(43);
const CAPS = "chatterbox.chat/claim sasl batch server-time draft/chathistory";

function claimed(chat: TestHub, nick: string, { key = KEY, caps = "" } = {}): Session {
  const session = chat.open("203.0.113.9");
  chat.say(session, `CAP REQ :${CAPS} ${caps}`, `CLAIM ${key}`, `NICK ${nick}`, "USER u 0 * :u", "CAP END");
  return session;
}

/** alice claims her name and registers it with the same key, as a client of ours does; bob writes to her before and after. */
async function registered(chat: TestHub): Promise<{ alice: Session; bob: Session }> {
  const bob = chat.enter("bob");
  const alice = claimed(chat, "alice");
  chat.say(bob, "PRIVMSG alice :before the account");
  chat.say(alice, `REGISTER * * ${KEY}`);
  await chat.errands();
  chat.say(bob, "PRIVMSG alice :under the account");
  chat.heard(alice);
  return { alice, bob };
}

/** Messages of the direct conversation with bob that `session` is told. */
function history(chat: TestHub, session: Session): string[] {
  chat.heard(session);
  chat.say(session, "CHATHISTORY LATEST bob * 10");
  return texts(chat.heard(session));
}

function texts(lines: readonly string[]): string[] {
  return lines.filter((line) => line.includes(" PRIVMSG ")).map((line) => line.replace(/^.* :/, ""));
}

pureTest(
  "key owner: the account keeps what was written to the key, and the key alone reads none of it",
  async () => {
    const chat = new TestHub();
    const { alice } = await registered(chat);
    assertEquals(history(chat, alice), ["before the account", "under the account"]);
    assertEquals(history(chat, claimed(chat, "mallory")), []);
  },
);

pureTest(
  "key owner: after PASSWD the old key is no session of the account's user under another nick",
  async () => {
    const chat = new TestHub();
    const { alice, bob } = await registered(chat);
    chat.say(alice, `PASSWD ${NEW_KEY}`);
    await chat.errands();
    chat.say(alice, "NICK alice_away");
    const thief = claimed(chat, "alice_away");
    assert(chat.heard(thief).some((line) => line.includes(" 433 ")), "the nick is in use");
    assertEquals(thief.user, undefined);
    const mallory = claimed(chat, "mallory");
    chat.say(bob, "PRIVMSG alice_away :after the change");
    assertEquals(texts(chat.heard(mallory)), []);
    assertEquals(history(chat, mallory), []);
  },
);

pureTest("key owner: an observer by the old key hears none of what is written to the account", async () => {
  const chat = new TestHub();
  const { bob } = await registered(chat);
  const observer = claimed(chat, "x", { caps: "chatterbox.chat/observer" });
  chat.say(observer, "FOLLOW *");
  chat.heard(observer);
  chat.say(bob, "PRIVMSG alice :live");
  assertEquals(texts(chat.heard(observer)), []);
  assertEquals(history(chat, observer), []);
});

pureTest(
  "key owner: sessions that had claimed the key before it was an account's are closed, but for the user of that name",
  async () => {
    const chat = new TestHub();
    const first = claimed(chat, "alice");
    const [other, observer] = [
      claimed(chat, "mallory"),
      claimed(chat, "x", { caps: "chatterbox.chat/observer" }),
    ];
    const newcomer = chat.open();
    chat.say(newcomer, `CAP REQ :${CAPS}`, `CLAIM ${KEY}`);
    const lost = claimed(chat, "carol");
    chat.hub.close(lost, "Connection reset", chat.now, true);
    assert(chat.hub.context.state.user("carol")?.pendingQuit !== undefined, "could come back");
    const alice = claimed(chat, "alice");
    chat.say(alice, `REGISTER * * ${KEY}`);
    await chat.errands();
    assertEquals(first.user?.account?.name, "alice");
    for (const each of [other, observer]) assertEquals(each.closeReason?.includes("log in"), true);
    assertEquals(chat.hub.context.state.user("carol"), undefined);
    chat.say(newcomer, "NICK alice", "USER u 0 * :u", "CAP END");
    assertEquals([newcomer.closeReason, newcomer.user], [undefined, undefined]);
    assert(ownerOf(newcomer) !== "" && ownerOf(newcomer) !== alice.user!.owner);
  },
);

pureTest("key owner: a login counts for more than a claim, in either order", async () => {
  const chat = new TestHub();
  const { alice } = await registered(chat);
  chat.say(alice, "QUIT");
  const plain = new TextEncoder().encode(`\0alice\0${KEY}`).toBase64();
  const login = ["AUTHENTICATE PLAIN", `AUTHENTICATE ${plain}`];
  for (const order of [[...login, `CLAIM ${NEW_KEY}`], [`CLAIM ${KEY}`, ...login]]) {
    const session = chat.open();
    for (const line of [`CAP REQ :${CAPS}`, "NICK alice", "USER u 0 * :u", ...order, "CAP END"]) {
      chat.say(session, line);
      await chat.errands();
    }
    assertEquals(history(chat, session), ["before the account", "under the account"]);
    chat.say(session, "QUIT");
  }
});

pureTest(
  "key owner: two names that are registered at the same time with one key are of two owners",
  async () => {
    const chat = new TestHub();
    const [one, two] = [claimed(chat, "alice"), claimed(chat, "carol")];
    chat.say(one, `REGISTER * * ${KEY}`);
    chat.say(two, `REGISTER * * ${KEY}`);
    await chat.errands();
    const { accounts } = chat.hub.services;
    const owners = ["alice", "carol"].map((name) => accounts.get(name)?.owner);
    assertEquals(new Set(owners.filter((owner) => owner !== undefined)).size, accounts.size);
    assert(accounts.size > 0);
  },
);

pureTest(
  "key owner: what an account was written stays closed to its key when the account has ended, after a restart too",
  async () => {
    const ring = Ring.create(1 << 18);
    const facts = new Map<string, SavedFact>();
    const save = (chat: TestHub) => {
      for (const fact of chat.takeFacts()) facts.set(`${fact.kind} ${fact.key}`, fact);
    };
    const before = new TestHub({}, ring);
    const { alice } = await registered(before);
    before.say(alice, "UNREGISTER alice");
    await before.errands();
    assertEquals(history(before, alice).length, 2, "the session that ended it goes on as it was");
    assertEquals(history(before, claimed(before, "mallory")), []);
    save(before);
    const after = new TestHub({}, ring, [...facts.values()].filter(({ value }) => value !== undefined));
    const again = claimed(after, "alice");
    assertEquals(history(after, again), []);
    after.say(again, `REGISTER * * ${KEY}`);
    await after.errands();
    assertEquals(again.user?.account?.name, "alice");
    assertEquals(history(after, again), [], "nor to a later account");
  },
);

pureTest(
  "key owner: owner ids of ended accounts are known while something is filed under them, and no longer",
  async () => {
    const ring = Ring.create(RING_MIN_BYTES);
    const before = new TestHub({}, ring);
    const alice = claimed(before, "alice");
    before.say(alice, `REGISTER * * ${KEY}`);
    await before.errands();
    const { owner } = before.hub.services.accounts.get("alice")!;
    before.say(alice, "UNREGISTER alice");
    await before.errands();
    const saved = before.takeFacts().filter(({ value }) => value !== undefined);
    const isKnown = () => new TestHub({}, ring, saved).hub.services.formerOwners.isOwnerUsed(owner);
    assertEquals(isKnown(), true);
    for (let i = 0; i < 1000; i++) before.hub.announce("#lobby", "x".repeat(200), before.now);
    assertEquals(isKnown(), false);
  },
);

pureTest(
  "key owner: a key whose account has ended still claims a name, and what is written to it",
  async () => {
    const chat = new TestHub();
    const { alice, bob } = await registered(chat);
    chat.say(alice, "UNREGISTER alice", "QUIT");
    await chat.errands();
    const [one, two] = [claimed(chat, "dave"), claimed(chat, "dave")];
    assert(one.user !== undefined && one.user === two.user);
    chat.say(bob, "PRIVMSG dave :hello");
    assertEquals(history(chat, two), ["hello"]);
  },
);

pureTest(
  "key owner: an observer that logs in as another follows the conversations of that one, and no more those of before",
  () => {
    const chat = new TestHub();
    const bob = chat.enter("bob");
    const [first, second] = [account(chat, "first"), account(chat, "second")];
    const observer = chat.open();
    chat.hub.context.commit({ kind: "login", session: observer, account: first });
    chat.say(observer, "CAP REQ :chatterbox.chat/observer", "NICK x", "USER x 0 * :x", "CAP END", "FOLLOW *");
    chat.hub.context.commit({ kind: "login", session: observer, account: second });
    chat.heard(observer);
    chat.say(bob, "PRIVMSG first :one", "PRIVMSG second :two");
    assertEquals(texts(chat.heard(observer)), ["two"]);
  },
);

pureTest(
  "key owner: a reset of the password closes every session that holds the account's owner",
  async () => {
    const chat = new TestHub();
    const { alice } = await registered(chat);
    const session = claimed(chat, "mallory", { key: NEW_KEY });
    const user = writable(session.user!);
    const { usersByClaimKey } = writable(chat.hub.context.state);
    usersByClaimKey.delete(user.owner);
    user.owner = alice.user!.owner; // by whatever way
    usersByClaimKey.set(user.owner, [user]);
    await chat.administration.run("passwd alice", { audit: "x", user: undefined, isExposed: false });
    assertEquals([alice.closeReason, session.closeReason].map((each) => each !== undefined), [true, true]);
  },
);

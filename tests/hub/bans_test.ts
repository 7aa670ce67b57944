/** Bans and mutes of the server: kept, bounded, and meant for whom they name. */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import type { Account } from "../../lib/hub/model/state/entities.ts";
import { createAccount } from "../../lib/hub/services/accounts/accounts.ts";
import { liftBan, setBan } from "../../lib/hub/policy/ban_service.ts";
import { banMatcher } from "../../lib/hub/services/bans.ts";
import { toBanMask } from "../../lib/hub/policy/server_bans.ts";
import type { Ban } from "../../lib/hub/model/ban.ts";
import { MAX_BANS } from "../../lib/hub/model/config.ts";
import type { SavedFact } from "../../lib/log/fact.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

const NO_CREDENTIALS = {
  salt: new Uint8Array(1),
  iterations: 1,
  storedKey: new Uint8Array(1),
  serverKey: new Uint8Array(1),
};

function account(chat: TestHub, name: string): Account {
  const made = createAccount(name, `owner-${name}`, chat.now, NO_CREDENTIALS);
  chat.hub.services.accounts.add(made);
  return made;
}

/** Whether somebody called `nick` from `host` is let in. */
function letsIn(chat: TestHub, nick: string, host = "192.0.2.1", as?: Account): boolean {
  const session = chat.open(host);
  if (as !== undefined) chat.hub.context.commit({ kind: "login", session, account: as });
  chat.say(session, `NICK ${nick}`, `USER ${nick} 0 * :${nick}`);
  const lines = chat.heard(session);
  if (session.closeReason === undefined) chat.say(session, "QUIT");
  assertEquals(lines.some((line) => line.includes(" 465 ")), !lines.some((line) => line.includes(" 001 ")));
  return lines.some((line) => line.includes(" 001 "));
}

const ban = (chat: TestHub, ...words: string[]) =>
  setBan(chat.hub.context, chat.hub.services, { kind: "ban", words, user: undefined });

pureTest("bans: they are there after a start, until they end or are taken back", () => {
  const before = new TestHub();
  for (const words of [["bob", "1h", "spam"], ["192.0.2.0/24"], ["name:x*", "2h"]]) ban(before, ...words);
  setBan(before.hub.context, before.hub.services, { kind: "mute", words: ["carol"], user: undefined });
  const after = new TestHub({}, undefined, before.takeFacts());
  assertEquals(after.hub.services.bans.list(after.now), before.hub.services.bans.list(before.now));
  assertEquals([letsIn(after, "bob", "::2"), letsIn(after, "a"), letsIn(after, "xyz", "::2")], [
    false,
    false,
    false,
  ]);
  assertEquals(letsIn(after, "a", "192.0.3.1"), true);
  after.advance(3_600_000);
  assertEquals(after.takeFacts().map(({ kind, key, value }) => [kind, key, value]), [
    ["ban", "ban name:bob", undefined],
  ]);
  assertEquals([letsIn(after, "bob", "::2"), letsIn(after, "xyz", "::2")], [true, false]);
  assertEquals(liftBan(after.hub.context, after.hub.services, "ban", "192.0.2.0/24", undefined).kind, "done");
  assertEquals(letsIn(after, "a"), true);
  assertEquals(after.takeFacts().length, 1);
});

pureTest(
  "bans: who is here when one is set goes, whoever he is: users, who has not registered, who has just lost the line",
  () => {
    const chat = new TestHub();
    const guests = ["here", "lost", "new", "far"].map((nick) => ({
      nick,
      session: chat.open(nick === "far" ? "::2" : "192.0.2.1"),
    }));
    for (const { nick, session } of guests) {
      if (nick === "lost") chat.hub.context.commit({ kind: "login", session, account: account(chat, nick) });
      if (nick !== "new") chat.say(session, `NICK ${nick}`, `USER ${nick} 0 * :${nick}`);
    }
    chat.hub.close(guests[1]!.session, "gone", chat.now, true);
    assert(chat.hub.context.state.user("lost") !== undefined, "he may come back");
    ban(chat, "192.0.2.1");
    chat.deliver();
    assertEquals(guests.map(({ session }) => session.closeReason !== undefined), [true, true, true, false]);
    assertEquals([...chat.hub.context.state.users.keys()], ["far"]);
  },
);

pureTest("bans: an operator who is logged in is held out by none, nor muted", () => {
  const chat = new TestHub();
  const root = account(chat, "root");
  chat.hub.services.serverOperators.add(root);
  ban(chat, "name:r*");
  ban(chat, "192.0.2.1");
  assertEquals([letsIn(chat, "rob", "::2"), letsIn(chat, "root", "192.0.2.1", root)], [false, true]);
  setBan(chat.hub.context, chat.hub.services, { kind: "mute", words: ["name:*"], user: undefined });
  const session = chat.open();
  chat.hub.context.commit({ kind: "login", session, account: root });
  chat.say(session, "NICK root", "USER root 0 * :root", "PRIVMSG #lobby :order");
  assert(!chat.heard(session).some((line) => line.includes(" 404 ")), "root may speak");
});

pureTest("bans: an operator who has just lost the line is not held out either, and may come back", () => {
  const chat = new TestHub();
  const sessions = ["root", "bob"].map((nick) => {
    const session = chat.open("192.0.2.1");
    chat.hub.context.commit({ kind: "login", session, account: account(chat, nick) });
    chat.say(session, `NICK ${nick}`, `USER ${nick} 0 * :${nick}`);
    return session;
  });
  chat.hub.services.serverOperators.add(chat.hub.services.accounts.get("root")!);
  for (const session of sessions) chat.hub.close(session, "gone", chat.now, true);
  assertEquals([...chat.hub.context.state.users.keys()], ["root", "bob"]);
  ban(chat, "192.0.2.1");
  assertEquals([...chat.hub.context.state.users.keys()], ["root"]);
});

pureTest("bans: this machine is not held out by its address, and no more than a bound can be set", () => {
  const chat = new TestHub();
  assertEquals(ban(chat, "0.0.0.0/0").kind, "done");
  assertEquals(["127.0.0.1", "localhost", "192.0.2.1"].map((host) => letsIn(chat, "a", host)), [
    true,
    true,
    false,
  ]);
  for (const own of ["127.0.0.1", "127.0.0.0/8", "::1"]) assertEquals(ban(chat, own).kind, "failed", own);
  for (let i = 1; i < MAX_BANS; i++) assertEquals(ban(chat, `b${i}`).kind, "done");
  assertEquals(ban(chat, "onemore").kind, "failed");
  assertEquals(ban(chat, "B1", "1h").kind, "done");
});

pureTest("bans: a mask is what it names", () => {
  const chat = new TestHub();
  const bob = account(chat, "Bob");
  account(chat, "gone");
  const session = chat.open();
  chat.hub.context.commit({ kind: "login", session, account: bob });
  chat.say(session, "NICK bert", "USER b 0 * :b");
  for (
    const [text, mask] of [
      ["bert", "account:Bob"],
      ["BOB", "account:Bob"],
      ["gone", "account:gone"],
      ["carol", "name:carol"],
      ["c*l?", "name:c*l?"],
      ["name:bob", "name:bob"],
      ["192.0.2.1", "address:192.0.2.1"],
      ["2001:db8::/32", "address:2001:db8::/32"],
      ["a b", undefined],
      ["1abc", undefined],
      ["", undefined],
      ["address:x", undefined],
      ["account:*", undefined],
      ["name:" + "x".repeat(200), undefined],
    ] as const
  ) assertEquals(toBanMask(chat.hub.context, chat.hub.services, text), mask, text);
  const person = { folded: "bert", account: bob, host: "2001:db8::7" };
  for (const mask of ["name:b*", "account:BOB", "address:2001:db8::/32"]) {
    assert(banMatcher(mask)(person), mask);
  }
  for (const mask of ["name:bob", "account:bert", "address:2001:db9::/32"]) {
    assert(!banMatcher(mask)(person), mask);
  }
  assert(!banMatcher("name:*")({ ...person, folded: "" }), "who has no name yet");
});

pureTest(
  "bans: a ban that cannot be read holds on by its key, for good; one whose key says nothing is told, too",
  () => {
    const whole = { kind: "ban", mask: "name:bob", reason: "", by: "x", at: 1, until: 7 };
    const row = (value: unknown, key = "ban name:bob"): SavedFact => {
      return { kind: "ban", key, value: JSON.stringify(value), seq: 0 };
    };
    const listOf = (...facts: SavedFact[]) => {
      const { hub, serverEvents } = new TestHub({}, undefined, facts);
      return {
        bans: hub.services.bans.list(0),
        told: serverEvents.filter(({ kind }) => kind === "fact_unreadable").length,
      };
    };
    assertEquals(listOf(row(whole)), { bans: [whole as Ban], told: 0 });
    const unreadable = [
      null,
      1,
      {},
      { ...whole, kind: "hug" },
      { ...whole, kind: "mute" },
      { ...whole, mask: "name:alice" },
      { ...whole, until: "x" },
      { ...whole, until: 1e300 },
    ];
    for (const bad of unreadable) {
      const { bans, told } = listOf(row(bad));
      assertEquals(bans.map(({ kind, mask, until }) => [kind, mask, until]), [["ban", "name:bob", 0]]);
      assertEquals(told, 1);
    }
    assertEquals(listOf(row(null, "x")), { bans: [], told: 1 });
    assertEquals(listOf(row(null, "ban bob")), { bans: [], told: 1 });
  },
);

pureTest("bans: a mask may have wildcards beside letters of any script", () => {
  const chat = new TestHub();
  for (const mask of ["name:олег*", "name:*олег", "name:*1", "name:al?ce*", "name:*"]) {
    assertEquals([mask, toBanMask(chat.hub.context, chat.hub.services, mask) !== undefined], [mask, true]);
  }
  assertEquals(ban(chat, "name:олег*").kind, "done");
  assertEquals([letsIn(chat, "олег2"), letsIn(chat, "ольга")], [false, true]);
});

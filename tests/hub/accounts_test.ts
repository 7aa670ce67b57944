import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { Accounts, MAX_ACCOUNTS } from "../../lib/hub/services/accounts/accounts.ts";
import { DEFAULT_LIMITS } from "../../lib/hub/model/config.ts";
import { FactBuffer } from "../../lib/hub/log/facts.ts";
import type { SavedFact } from "../../lib/log/fact.ts";
import { Hub } from "../../lib/hub/hub.ts";
import { accountOf } from "../../lib/hub/model/state/entities.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import { deriveCredentials } from "../../lib/irc/sasl/scram_server.ts";
import { computeScramProof, ScramClient } from "../../lib/irc/sasl/scram_client.ts";
import { Ring } from "../../lib/log/ring.ts";
import { START, TEST_CONFIG, TestHub } from "../support/hub.ts";
import { beginScramLogin } from "../support/hub_accounts.ts";
import { pureTest } from "../support/test.ts";

const KEY = "k".repeat(43);

async function register(test: TestHub, session: Session, key = KEY): Promise<string> {
  test.say(session, `REGISTER * * ${key}`);
  await test.errands();
  return test.heard(session).at(-1) ?? "";
}

/** A session that wants to be `nick`, and has said all but CAP END. */
function newcomer(test: TestHub, nick: string): Session {
  const session = test.open();
  test.say(session, "CAP REQ :sasl draft/account-registration", `NICK ${nick}`, `USER ${nick} 0 * :${nick}`);
  test.heard(session);
  return session;
}

async function logIn(test: TestHub, session: Session, name: string, key = KEY): Promise<string> {
  test.say(session, "AUTHENTICATE PLAIN", `AUTHENTICATE ${encodeUtf8(`\0${name}\0${key}`).toBase64()}`);
  await test.errands();
  return test.heard(session).at(-1) ?? "";
}

pureTest(
  "accounts: of a hundred who want one name at the same moment one gets it, and all others are told",
  async () => {
    const test = new TestHub();
    const all = Array.from({ length: 100 }, () => newcomer(test, "alice"));
    for (const [n, session] of all.entries()) {
      test.hub.line(session, `REGISTER * * ${"k".repeat(42)}${n % 10}`, test.now);
    }
    test.deliver();
    await test.errands();
    const answers = all.map((session) => test.heard(session).at(-1) ?? "");
    assertEquals(answers.filter((line) => line.includes("REGISTER SUCCESS alice")).length, 1);
    assertEquals(answers.filter((line) => line.includes("FAIL REGISTER ACCOUNT_EXISTS alice")).length, 99);
    for (const session of all) test.say(session, "CAP END");
    const inside = all.filter((session) => session.phase.kind !== "registering");
    assertEquals(inside.length, 1);
    assert(answers[all.indexOf(inside[0]!)]!.includes("SUCCESS"), "the winner is in");
  },
);

pureTest("accounts: they and their keys are there after a start; what was written to them too", async () => {
  const ring = Ring.create(1 << 16);
  const before = new TestHub({}, ring);
  const alice = before.enter("alice");
  await register(before, alice);
  before.say(before.enter("bob"), "PRIVMSG alice :remember me");
  const after = new TestHub({}, ring, before.takeFacts());
  const again = newcomer(after, "alice");
  assertMatch(await logIn(after, again, "alice", "x".repeat(43)), / 904 /);
  assertMatch(await logIn(after, again, "ALICE"), / 903 /);
  after.say(again, "CAP END", "CHATHISTORY LATEST bob * 10");
  assert(
    after.heard(again).some((line) => line.endsWith("PRIVMSG alice :remember me")),
    "the talk is hers",
  );
});

pureTest("accounts: one that could not be saved is none, and the name is free", async () => {
  const test = new TestHub();
  const alice = newcomer(test, "alice");
  test.trouble = "no space left on device";
  assertMatch(await register(test, alice), /FAIL REGISTER TEMPORARILY_UNAVAILABLE alice /);
  const facts = test.takeFacts().filter(({ kind }) => kind === "account");
  assertEquals(facts.map(({ key, value }) => [key, value]), [["alice", undefined]]);
  test.trouble = undefined;
  assertMatch(await register(test, alice), /REGISTER SUCCESS alice /);
});

pureTest(
  "accounts: while a password is hashed the session's later lines wait, and nobody else's",
  async () => {
    const test = new TestHub();
    const [alice, bob] = [test.enter("alice"), test.enter("bob")];
    test.say(alice, `REGISTER * * ${KEY}`, "PING one", "PRIVMSG bob :two");
    test.say(bob, "PING mine");
    assertEquals(test.heard(alice), []);
    assertMatch(test.heard(bob).join(), /PONG irc\.test :mine$/);
    await test.errands();
    const said = test.heard(alice);
    assertMatch(said[1]!, /REGISTER SUCCESS/);
    assertMatch(said[2]!, /PONG irc\.test :one/);
    assertMatch(test.heard(bob).join(), /PRIVMSG bob :two$/);
  },
);

pureTest(
  "accounts: a session that waits for its password to be hashed is not silent, however long that takes",
  async () => {
    const test = new TestHub();
    const alice = test.enter("alice");
    test.say(alice, `REGISTER * * ${KEY}`, "PONG irc.test");
    for (let time = 0; time < 4; time++) test.advance(DEFAULT_LIMITS.pingTimeoutMs);
    await test.errands();
    test.advance(1);
    assertEquals(alice.closeReason, undefined);
    assertMatch(test.heard(alice).join(), /REGISTER SUCCESS/);
  },
);

pureTest("accounts: a session that ends while a password is hashed leaves nothing behind", async () => {
  const test = new TestHub();
  const leaver = test.enter("leaver");
  test.say(leaver, `REGISTER * * ${KEY}`);
  test.hub.close(leaver, "gone", test.now);
  await test.errands();
  // The account was asked for, and its key is known to who asked.
  const again = newcomer(test, "leaver");
  assertMatch(await logIn(test, again, "leaver"), / 903 /);
  assertEquals(test.hub.services.accounts.get("leaver")?.users, []);
});

pureTest(
  "accounts: SCRAM-SHA-256 proves the key without saying it, and the server proves that it knows it",
  async () => {
    const test = new TestHub();
    await register(test, test.enter("alice"));
    const text = (line: string) => new TextDecoder().decode(Uint8Array.fromBase64(line.split(" ").at(-1)!));
    const run = async (name: string, key: string) => {
      const session = newcomer(test, name);
      const client = new ScramClient(name, "n".repeat(24));
      const say = (data: string) => {
        test.say(session, `AUTHENTICATE ${data === "" ? "+" : encodeUtf8(data).toBase64()}`);
        return test.heard(session).at(-1)!;
      };
      test.say(session, "AUTHENTICATE SCRAM-SHA-256");
      assertEquals(test.heard(session), ["AUTHENTICATE +"]);
      const outcome = client.readServerFirst(text(say(client.clientFirstMessage)));
      assert(outcome.kind === "ok", "a challenge");
      const last = say(client.makeClientFinal(await computeScramProof(key, outcome.challenge)));
      if (!last.startsWith("AUTHENTICATE ")) return last;
      assert(client.verifiesServerFinal(text(last)), "the server knows the key");
      return say("");
    };
    assertMatch(await run("alice", KEY), / 903 /);
    assertMatch(await run("alice", "w".repeat(43)), / 904 .* :SASL authentication failed$/);
    assertMatch(await run("nobody", KEY), / 904 .* :SASL authentication failed$/);
    assertMatch(await logIn(test, newcomer(test, "noone"), "noone"), / 904 .* :SASL authentication failed$/);
    const failed = test.serverEvents.flatMap((notice) =>
      notice.kind === "login_failed" ? [[notice.nick, notice.account]] : []
    );
    const none = [["nobody", "none"], ["noone", "none"]];
    assertEquals(failed, [["alice", undefined], ...none], "the log knows what the client is not told");
  },
);

pureTest(
  "accounts: SASL out of order, replayed and malformed is refused, and costs no session anything",
  async () => {
    const test = new TestHub();
    await register(test, test.enter("alice"));
    const encode = (data: string) => `AUTHENTICATE ${encodeUtf8(data).toBase64()}`;
    const wrong = [
      ["AUTHENTICATE SCRAM-SHA-256", encode("n,,n=alice"), / 904 /],
      ["AUTHENTICATE SCRAM-SHA-256", encode("c=biws,r=x,p=AAAA"), / 904 /],
      ["AUTHENTICATE SCRAM-SHA-256", encode("p=tls-unique,,n=alice,r=abc"), / 904 /],
      ["AUTHENTICATE SCRAM-SHA-256", encode("n,a=bob,n=alice,r=abc"), / 904 /],
      ["AUTHENTICATE SCRAM-SHA-256", "AUTHENTICATE ////", / 904 /],
      ["AUTHENTICATE PLAIN", encode("no separator"), / 904 /],
      ["AUTHENTICATE PLAIN", encode("\0alice\0"), / 904 /],
      ["AUTHENTICATE PLAIN", encode("\0\0\0\0\0"), / 904 /],
    ] as const;
    for (const [begin, then, answer] of wrong) {
      const session = newcomer(test, "eve");
      test.say(session, begin, then);
      await test.errands();
      assertMatch(test.heard(session).at(-1)!, answer, then);
      assertEquals(accountOf(session), undefined);
      test.say(session, "CAP END");
      assertEquals(session.phase.kind, "registered");
      test.say(session, "QUIT");
    }
  },
);

pureTest("accounts: a proof that was right once is not right again", async () => {
  const test = new TestHub();
  await register(test, test.enter("alice"));
  const first = newcomer(test, "alice");
  const final = await beginScramLogin(test, first, "alice", KEY);
  test.say(first, `AUTHENTICATE ${final}`);
  assertMatch(test.heard(first).at(-1)!, /^AUTHENTICATE [^+]/);
  const thief = newcomer(test, "alice");
  await beginScramLogin(test, thief, "alice", KEY);
  test.say(thief, `AUTHENTICATE ${final}`);
  assertMatch(test.heard(thief).at(-1)!, / 904 /);
  assertEquals(accountOf(thief), undefined);
});

pureTest(
  "accounts: who owns a name gets it at once, whatever its dead connection thinks; the user stays while one session does",
  async () => {
    const test = new TestHub();
    const bob = test.enter("bob");
    const dead = test.enter("alice");
    await register(test, dead);
    for (const session of [bob, dead]) test.say(session, "JOIN #tea");
    test.heard(bob);
    const live = newcomer(test, "alice");
    await logIn(test, live, "alice");
    test.say(live, "CAP END");
    assert(live.phase.kind !== "registering" && live.user === dead.user, "one user");
    test.hub.close(dead, "Ping timeout", test.now);
    test.deliver();
    assertEquals(test.heard(bob), []);
    test.say(live, "QUIT");
    assertEquals(test.heard(bob).length, 1);
    assertEquals(test.hub.context.state.user("alice"), undefined);
    assertEquals(test.hub.services.accounts.get("alice")?.users, []);
  },
);

pureTest(
  "accounts: a name that another user has taken while the password was hashed is not made an account",
  async () => {
    const test = new TestHub();
    const claim = `CLAIM ${"c".repeat(43)}`;
    const [one, two] = ["one", "two"].map(() => {
      const session = test.open();
      test.say(session, "CAP REQ :chatterbox.chat/claim", claim, "NICK alice", "USER a 0 * :a", "CAP END");
      return session;
    }) as [Session, Session];
    assert(one.user !== undefined && one.user === two.user, "two sessions of one user");
    test.say(one, `REGISTER * * ${KEY}`);
    test.say(two, "NICK other");
    const thief = test.enter("alice");
    await test.errands();
    assertMatch(test.heard(one).at(-1)!, /FAIL REGISTER NICKNAME_IN_USE alice /);
    assertEquals([test.hub.services.accounts.size, thief.user?.account, one.user?.account], [
      0,
      undefined,
      undefined,
    ]);
    test.say(thief, "QUIT");
    test.say(two, "NICK alice");
    assertMatch(await register(test, one), /REGISTER SUCCESS alice /);
  },
);

pureTest("accounts: those that are being made count towards the bound", () => {
  const accounts = new Accounts(new FactBuffer());
  for (let n = 1; n < MAX_ACCOUNTS; n++) accounts.reserve(`n${n}`, `~${n}`);
  assertEquals(accounts.isFull, false);
  accounts.reserve("last", "~last");
  assertEquals(accounts.isFull, true);
  accounts.release("last");
  assertEquals(accounts.isFull, false);
});

/** What a stranger who wants to log in as `name` by SCRAM is asked to compute. */
function challenge(test: TestHub, name: string): { salt: string; iterations: string } {
  const session = newcomer(test, "stranger");
  const first = new ScramClient(name, "n".repeat(24)).clientFirstMessage;
  test.say(session, "AUTHENTICATE SCRAM-SHA-256", `AUTHENTICATE ${encodeUtf8(first).toBase64()}`);
  const text = new TextDecoder().decode(Uint8Array.fromBase64(test.heard(session).at(-1)!.split(" ")[1]!));
  test.hub.close(session, "done", test.now);
  const [, salt = "", iterations = ""] = /,s=([^,]+),i=(\d+)$/.exec(text) ?? [];
  return { salt, iterations };
}

pureTest(
  "accounts: a challenge does not tell whether there is an account, nor whether it has a passphrase",
  async () => {
    const ring = Ring.create(1 << 16);
    const test = new TestHub({}, ring);
    await register(test, test.enter("key"));
    await register(test, test.enter("phrase"), "a-horse-that-staples");
    const names = ["key", "phrase", "nobody", "Nobody", "somebody"];
    const before = names.map((name) => challenge(test, name));
    assertEquals(new Set(before.map(({ iterations, salt }) => `${iterations} ${salt.length}`)).size, 1);
    const salts = before.map(({ salt }) => salt);
    assertEquals(salts[2], salts[3], "in whatever case it is written");
    assertEquals(new Set(salts).size, names.length - 1);
    const after = new TestHub({}, ring, test.takeFacts());
    assertEquals(names.map((name) => challenge(after, name)), before, "after a restart too");
  },
);

pureTest(
  "accounts: what decoys are made of is kept with the first account, and drawn anew where it can't be read",
  () => {
    const start = (facts: readonly SavedFact[]) => {
      const hub = new Hub(TEST_CONFIG, Ring.create(1 << 16));
      hub.start(START, facts);
      const takeFacts = () => hub.takeEffects().facts;
      return { salt: hub.services.decoyCredentials.forName("nobody").salt, hub, takeFacts };
    };
    const first = start([]);
    assertEquals(first.takeFacts(), [], "without accounts nothing is kept");
    first.hub.services.decoyCredentials.persist();
    first.hub.services.decoyCredentials.persist();
    const saved = first.takeFacts();
    assertEquals(saved.map(({ kind }) => kind), ["secret"]);
    const second = start(saved);
    assertEquals([second.salt, second.takeFacts()], [first.salt, []]);
    const key = new Uint8Array(32).toBase64();
    const credentials = { salt: key, iterations: 4096, storedKey: key, serverKey: key };
    const value = JSON.stringify({ name: "old", owner: "old", createdAt: START, ...credentials });
    const account = { kind: "account", key: "old", value, seq: 0 };
    for (const bad of ['{"bytes":"AAAA"}', "{}", "7"]) {
      const third = start([{ ...saved[0]!, value: bad }, account]);
      assertEquals(third.takeFacts().map(({ kind }) => kind), ["secret"], bad);
    }
  },
);

pureTest(
  "accounts: who wants a name that is being registered is answered once that has ended, and gets it if it failed",
  async () => {
    const test = new TestHub();
    const [first, second] = [newcomer(test, "alice"), newcomer(test, "alice")];
    for (const session of [first, second]) test.say(session, `REGISTER * * ${KEY}`);
    assertEquals(test.heard(second), []);
    test.hub.services.accounts.remove = (account) => {
      Accounts.prototype.remove.call(test.hub.services.accounts, account);
      test.trouble = undefined; // the disk is there again
    };
    test.trouble = "no space left on device";
    await test.errands();
    assertMatch(test.heard(first).at(-1)!, /FAIL REGISTER TEMPORARILY_UNAVAILABLE alice /);
    assertMatch(test.heard(second).at(-1)!, /REGISTER SUCCESS alice /);
    const third = newcomer(test, "alice");
    assertMatch(await register(test, third), /FAIL REGISTER ACCOUNT_EXISTS alice /);
  },
);

for (const again of [false, true]) {
  pureTest(
    `accounts: nobody is logged in to one that ends while the password is hashed${
      again ? ", nor to the next of that name" : ""
    }`,
    async () => {
      const test = new TestHub();
      const owner = newcomer(test, "alice");
      await register(test, owner);
      const late = newcomer(test, "late");
      test.say(late, "AUTHENTICATE PLAIN", `AUTHENTICATE ${encodeUtf8(`\0alice\0${KEY}`).toBase64()}`);
      const errands = test.takeJobs(); // the hashing is under way
      assertEquals(errands.map(({ kind }) => kind), ["derive"]);
      test.say(owner, "UNREGISTER alice");
      await test.errands();
      if (again) await register(test, newcomer(test, "alice"));
      const [hashing] = errands;
      assert(hashing?.kind === "derive", "a password is hashed");
      const { password, salt, iterations } = hashing;
      const credentials = await deriveCredentials(password, salt, iterations);
      test.hub.resume(late, () => hashing.done(credentials), test.now);
      test.deliver();
      assertMatch(test.heard(late).at(-1)!, / 904 late :SASL authentication failed$/);
      assertEquals(accountOf(late), undefined);
    },
  );
}

for (const when of ["before the proof", "behind the proof"] as const) {
  pureTest(`accounts: nobody is logged in by SCRAM to one that ends ${when}`, async () => {
    const test = new TestHub();
    const owner = newcomer(test, "alice");
    await register(test, owner);
    const late = newcomer(test, "late");
    const proof = await beginScramLogin(test, late, "alice", KEY);
    if (when === "behind the proof") test.say(late, `AUTHENTICATE ${proof}`);
    test.say(owner, "UNREGISTER alice");
    await test.errands();
    test.heard(late);
    test.say(late, when === "behind the proof" ? "AUTHENTICATE +" : `AUTHENTICATE ${proof}`);
    assertMatch(test.heard(late).at(-1)!, / 904 late :SASL authentication failed/);
    assertEquals(accountOf(late), undefined);
  });
}

/** Passwords that change, and PASS as a login: bounds, two at once, a disk that fails, logins that had begun before. */
import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { restoreAll } from "../../lib/hub/apply/fact_restore.ts";
import type { SavedFact } from "../../lib/log/fact.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import { deriveCredentials } from "../../lib/irc/sasl/scram_server.ts";
import { TestHub } from "../support/hub.ts";
import { beginScramLogin } from "../support/hub_accounts.ts";
import { pureTest } from "../support/test.ts";

const OLD = "passphrase of before";
const NEW = "passphrase of today";
const STRANGER = "203.0.113.7";

async function told(test: TestHub, session: Session, line: string): Promise<string> {
  test.say(session, line);
  await test.errands();
  return test.heard(session).at(-1) ?? "";
}

/** A session called alice that is logged in to the account alice. */
async function owner(test: TestHub): Promise<Session> {
  const alice = test.enter("alice");
  assertMatch(await told(test, alice, `REGISTER * * :${OLD}`), /REGISTER SUCCESS alice/);
  return alice;
}

/** Whether `password` is that of alice. */
async function holds(test: TestHub, password: string): Promise<boolean> {
  const session = test.enter(`s${test.hub.context.state.sessions.size}`);
  test.say(session, `PRIVMSG NickServ :IDENTIFY alice ${password}`);
  await test.errands();
  const isLoggedIn = test.heard(session).some((line) => line.endsWith(" :You are logged in as alice"));
  test.hub.close(session, "done", test.now);
  return isLoggedIn;
}

/** Hashes the password that `session` waits for, and nothing more of what the hub wants done. */
async function hashed(test: TestHub, session: Session): Promise<void> {
  const [job] = test.takeJobs();
  if (job?.kind !== "derive") throw new Error(`not ${job?.kind}`);
  const credentials = await deriveCredentials(job.password, job.salt, job.iterations);
  test.hub.resume(session, () => job.done(credentials), test.now);
  test.deliver();
}

function accountFact(test: TestHub): SavedFact | undefined {
  return test.takeFacts().filter(({ kind, key }) => kind === "account" && key === "alice").at(
    -1,
  );
}

pureTest(
  "passwd: success is told when the new password is on disk, and it is there after a start",
  async () => {
    const test = new TestHub();
    const alice = await owner(test);
    accountFact(test);
    test.say(alice, `PASSWD :${NEW}`);
    await hashed(test, alice);
    assertEquals(test.heard(alice), [], "it is not saved yet");
    const fact = accountFact(test)!;
    await test.errands();
    test.deliver();
    assertMatch(test.heard(alice).join(), /^:irc\.test NOTE PASSWD PASSWORD_CHANGED alice :[^:]*$/);
    assertEquals([await holds(test, OLD), await holds(test, NEW)], [false, true]);
    const after = new TestHub();
    restoreAll(after.hub.context, after.hub.services, [fact]);
    assertEquals([await holds(after, OLD), await holds(after, NEW)], [false, true]);
  },
);

pureTest("passwd: one that could not be saved does not hold, also not after a start", async () => {
  const test = new TestHub();
  const alice = await owner(test);
  accountFact(test);
  test.trouble = "no space left on device";
  assertMatch(await told(test, alice, `PASSWD :${NEW}`), / FAIL PASSWD TEMPORARILY_UNAVAILABLE alice :/);
  const fact = accountFact(test)!;
  assertEquals([await holds(test, OLD), await holds(test, NEW)], [true, false]);
  const after = new TestHub();
  restoreAll(after.hub.context, after.hub.services, [fact]);
  assertEquals([await holds(after, OLD), await holds(after, NEW)], [true, false]);
  test.trouble = undefined;
  assertMatch(await told(test, alice, `PASSWD :${NEW}`), /PASSWORD_CHANGED/);
});

pureTest("passwd: of two at the same moment one is refused, and the next one goes on", async () => {
  const test = new TestHub();
  const alice = await owner(test);
  const bob = test.enter("bob");
  await told(test, bob, `PRIVMSG NickServ :IDENTIFY alice ${OLD}`);
  test.say(alice, `PASSWD :${NEW}`);
  test.say(bob, "PASSWD passphrase99");
  assertMatch(test.heard(bob).join(), / FAIL PASSWD TEMPORARILY_UNAVAILABLE alice :/);
  await test.errands();
  assertMatch(test.heard(alice).join(), /PASSWORD_CHANGED/);
  assertMatch(await told(test, bob, "PASSWD passphrase99"), /PASSWORD_CHANGED/);
  assertEquals([await holds(test, NEW), await holds(test, "passphrase99")], [false, true]);
});

pureTest("passwd: an account that ends meanwhile stays ended, with a disk that fails too", async () => {
  const cases = [undefined, "no space left on device"].flatMap((trouble) =>
    ["before it is hashed", "before it is saved"].map((when) => ({ trouble, when }))
  );
  for (const { trouble, when } of cases) {
    const test = new TestHub();
    const alice = await owner(test);
    const bob = test.enter("bob");
    await told(test, bob, `PRIVMSG NickServ :IDENTIFY alice ${OLD}`);
    test.say(bob, `PASSWD :${NEW}`);
    if (when === "before it is saved") await hashed(test, bob);
    test.say(alice, "UNREGISTER alice");
    test.trouble = trouble;
    await test.errands();
    assertEquals(test.hub.services.accounts.get("alice"), undefined);
    assertEquals(accountFact(test)?.value, undefined);
  }
});

pureTest(
  "passwd: a login that began with the old password does not end in success after the change",
  async () => {
    const test = new TestHub();
    const alice = await owner(test);
    const [scram, plain] = [test.open(), test.open()];
    for (const session of [scram, plain]) test.say(session, "CAP REQ sasl");
    const answer = await beginScramLogin(test, scram, "alice", OLD);
    test.say(plain, "AUTHENTICATE PLAIN", `AUTHENTICATE ${encodeUtf8(`\0alice\0${OLD}`).toBase64()}`);
    const [stale] = test.takeJobs();
    if (stale?.kind !== "derive") throw new Error(`not ${stale?.kind}`);
    const credentials = await deriveCredentials(stale.password, stale.salt, stale.iterations);
    assertMatch(await told(test, alice, `PASSWD :${NEW}`), /PASSWORD_CHANGED/);
    test.say(scram, `AUTHENTICATE ${answer}`);
    assertMatch(test.heard(scram).at(-1)!, / 904 /);
    test.hub.resume(plain, () => stale.done(credentials), test.now);
    test.deliver();
    assertMatch(test.heard(plain).at(-1)!, / 904 /);
  },
);

pureTest("passwd: changes of one address count with the accounts that it makes", async () => {
  const test = new TestHub();
  await owner(test);
  const far = test.open(STRANGER);
  test.say(far, "NICK far", "USER far 0 * :Far");
  await told(test, far, `PRIVMSG NickServ :IDENTIFY alice ${OLD}`);
  const { count } = test.hub.context.limits.registrations;
  for (let nth = 0; nth < count; nth++) {
    assertMatch(await told(test, far, `PASSWD passphrase${nth}`), /PASSWORD_CHANGED/);
  }
  assertMatch(
    await told(test, far, "PASSWD passphrase99"),
    /FAIL PASSWD TEMPORARILY_UNAVAILABLE alice .*try again in/,
  );
  assertEquals(await holds(test, `passphrase${count - 1}`), true);
});

pureTest(
  "passwd: a change that may not be hashed, or could not be saved, is no hindrance to the next one",
  async () => {
    const [count, ms] = [2, 3_600_000];
    const test = new TestHub({ limits: { registrations: { count, ms } } });
    await owner(test);
    const [far, bob] = [test.open(STRANGER), test.open(STRANGER)];
    for (const [session, nick] of [[far, "far"], [bob, "bob"]] as const) {
      test.say(session, `NICK ${nick}`, `USER ${nick} 0 * :${nick}`);
    }
    await told(test, far, `PRIVMSG NickServ :IDENTIFY alice ${OLD}`);
    test.heard(bob);
    test.trouble = "no space left on device";
    for (let nth = 0; nth <= count; nth++) {
      assertMatch(await told(test, far, `PASSWD :${NEW}`), /could not be saved/, "none of these counts");
    }
    test.trouble = undefined;
    for (let nth = 1; nth < count; nth++) await told(test, far, `PASSWD :passphrase${nth}`);
    for (
      const [session, line] of [[bob, "REGISTER * * :passphrase of bob"], [far, `PASSWD :${NEW}`]] as const
    ) {
      test.say(session, line); // for one of them there is an attempt
    }
    await test.errands();
    assertMatch(test.heard(bob).join(), /REGISTER SUCCESS bob/);
    assertMatch(
      test.heard(far).join(),
      /TEMPORARILY_UNAVAILABLE alice :The passphrase is not changed: too many/,
    );
    test.advance(ms / count);
    assertMatch(await told(test, far, `PASSWD :${NEW}`), /PASSWORD_CHANGED/);
  },
);

pureTest(
  "pass: a wrong account:password counts as a failed login of its address, and nothing of it is told to the log",
  async () => {
    const test = new TestHub();
    await owner(test);
    const { count } = test.hub.context.limits.loginFailures;
    const enter = async (...pass: string[]) => {
      const session = test.open(STRANGER);
      test.say(session, ...pass.map((text) => `PASS :${text}`), "NICK bob", "USER bob 0 * :Bob");
      await test.errands();
      return test.heard(session).find((line) => / (464|001) /.test(line)) ?? "";
    };
    assertMatch(await enter(`alice:${OLD}`), / 001 /, "a right one is given back");
    for (const session of test.hub.context.state.sessions.values()) {
      test.hub.close(session, "done", test.now);
    }
    test.serverEvents.splice(0);
    for (let nth = 0; nth < count; nth++) {
      assertMatch(await enter(`alice:secret number ${nth}`), /464 bob :Password incorrect/);
    }
    assertMatch(
      await enter(`alice:${OLD}`),
      /464 bob :Password not checked: too many attempts; try again in/,
    );
    const notices = test.serverEvents.splice(0);
    assertEquals(notices.filter(({ kind }) => kind === "login_failed").length, count);
    assertEquals(JSON.stringify(notices).includes("secret"), false);
  },
);

pureTest("pass: each PASS that is compared with the server's password is counted", () => {
  const test = new TestHub({ password: "tea:time" });
  const { count } = test.hub.context.limits.loginFailures;
  const enter = (...pass: string[]) => {
    const session = test.open(STRANGER);
    test.say(session, ...pass.map((text) => `PASS ${text}`), "NICK bob", "USER bob 0 * :Bob");
    return test.heard(session).find((line) => line.includes(" 464 ")) ?? "";
  };
  for (let nth = 0; nth < count / 2; nth++) {
    assertMatch(enter(`tea:${nth}`, `time:${nth}`), /464 bob :Password incorrect/);
  }
  assertEquals(
    test.serverEvents.filter(({ kind }) => kind === "login_failed").length,
    count / 2,
  );
  assertMatch(enter("tea:time"), /464 bob :Too many wrong passwords/);
  assertMatch(
    enter(),
    /464 bob :Too many wrong passwords/,
    "also to a client that has to be asked for one",
  );
});

pureTest(
  "pass: the server's password that is right is given back with what is beside it, and none is no attempt",
  () => {
    const test = new TestHub({ password: "tea", accounts: "off" });
    const { count } = test.hub.context.limits.loginFailures;
    for (let nth = 0; nth < 2 * count; nth++) {
      for (const [pass, numeric] of [[["tea", "alice:secret"], " 001 "], [[], " 464 "]] as const) {
        const session = test.open(STRANGER);
        test.say(session, ...pass.map((text) => `PASS ${text}`), `NICK n${nth}`, "USER bob 0 * :Bob");
        assert(test.heard(session).some((line) => line.includes(numeric)), `${nth} ${numeric}`);
        test.hub.close(session, "done", test.now);
      }
    }
    assertEquals(test.serverEvents.filter(({ kind }) => kind === "login_failed"), []);
  },
);

pureTest("pass: the last one counts, also where an earlier one was right and the name was not free", () => {
  const test = new TestHub({ password: "tea" });
  const enter = (...last: string[]) => {
    const session = test.open(STRANGER);
    test.say(session, "CAP LS", "PASS tea", "NICK alice", "USER bob 0 * :Bob", "CAP END");
    assertMatch(test.heard(session).join(), / 433 /);
    test.say(session, ...last, `NICK b${test.hub.context.state.users.size}`);
    return test.heard(session).find((line) => / (001|464) /.test(line)) ?? "";
  };
  const alice = test.open();
  test.say(alice, "PASS tea", "NICK alice", "USER alice 0 * :Alice");
  assertMatch(enter(), / 001 /);
  assertMatch(enter("PASS coffee"), / 464 .*Password incorrect/);
  assertMatch(enter("PASS coffee", "PASS tea"), / 001 /);
});

import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { GRACE_PERIOD_MS } from "../../lib/hub/model/config.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

const KEY = "k".repeat(43);
const EVER = "timestamp=2000-01-01T00:00:00.000Z timestamp=2100-01-01T00:00:00.000Z 100";

/** An account called `nick`, whose owner is gone again. */
async function known(test: TestHub, nick: string): Promise<void> {
  const session = test.enter(nick);
  test.say(session, `REGISTER * * ${KEY}`);
  await test.errands();
  test.say(session, "QUIT");
}

/** Comes as `nick`, logged in to the account of that name. */
async function come(test: TestHub, nick: string, ...caps: string[]): Promise<Session> {
  const session = test.open();
  test.say(session, `CAP REQ :${["sasl", ...caps].join(" ")}`, `NICK ${nick}`, `USER ${nick} 0 * :${nick}`);
  test.say(session, "AUTHENTICATE PLAIN", `AUTHENTICATE ${encodeUtf8(`\0${nick}\0${KEY}`).toBase64()}`);
  await test.errands();
  test.say(session, "CAP END");
  test.heard(session);
  return session;
}

function ask(test: TestHub, session: Session, line: string): string[] {
  test.heard(session);
  test.say(session, line);
  return test.heard(session);
}

pureTest(
  "absent: what waits is there when its receiver comes, also after the server has started again",
  async () => {
    const ring = Ring.create(1 << 16);
    const before = new TestHub({}, ring);
    await known(before, "bob");
    before.say(before.enter("alice"), "PRIVMSG bob :one", "PRIVMSG BOB :two");
    before.advance(60_000);
    const after = new TestHub({}, ring, before.takeFacts());
    for (const test of [before, after]) {
      const bob = await come(test, "bob");
      assertMatch(ask(test, bob, `CHATHISTORY TARGETS ${EVER}`).join("\n"), / TARGETS alice \S+$/);
      const talk = ask(test, bob, "CHATHISTORY LATEST alice * 10");
      assertEquals(talk.map((line) => line.split(" :")[1]), ["one", "two"]);
      // Its sender has it, too; and who waits has not been said to be here by it.
      const alice = await come(test, "bob", "message-tags");
      assertEquals(ask(test, alice, "CHATHISTORY LATEST alice * 10").length, 2);
    }
  },
);

pureTest("absent: whose connection has broken comes back to what was said meanwhile", async () => {
  const test = new TestHub();
  await known(test, "bob");
  const [bob, alice] = [await come(test, "bob"), test.enter("alice")];
  test.hub.close(bob, "broken", test.now, true);
  assertMatch(ask(test, alice, "PRIVMSG bob :one").join(), /^:irc\.test 301 alice bob :bob is offline;/);
  test.advance(GRACE_PERIOD_MS / 2);
  const again = await come(test, "bob");
  assertMatch(ask(test, again, "CHATHISTORY LATEST alice * 10").join(), /PRIVMSG bob :one$/);
  assertEquals(ask(test, alice, "PRIVMSG bob :two"), []);
  assertMatch(test.heard(again).join(), /PRIVMSG bob :two$/);
});

pureTest(
  "absent: who is told by timestamp what was said since is told that something of it may be gone",
  async () => {
    const test = new TestHub({ retainedBytes: 0 }, Ring.create(RING_MIN_BYTES));
    await known(test, "bob");
    const alice = test.enter("alice");
    const left = new Date(test.now).toISOString();
    test.now += 1000;
    test.say(alice, "PRIVMSG bob :lost");
    const whole = await come(test, "bob", "chatterbox.chat/seq", "batch");
    const since = (session: Session, until = "2100-01-01T00:00:00.000Z") => ({
      targets: ask(test, session, `CHATHISTORY TARGETS timestamp=${left} timestamp=${until} 10`).join("\n"),
      talk: ask(test, session, `CHATHISTORY AFTER alice timestamp=${left} 10`).join("\n"),
    });
    assert(!since(whole).targets.includes("GAP") && !since(whole).talk.includes("GAP"), "nothing is lost");
    test.say(whole, "QUIT");
    const overwrite = () => {
      const { nextSeq } = test.log;
      while (test.log.oldestSeq < nextSeq) {
        test.now += 1;
        test.say(alice, `PRIVMSG #lobby :${"x".repeat(400)}`);
      }
      test.advance(1000);
    };
    overwrite(); // nothing is left of the talk, and it is forgotten
    const restarted = new TestHub(
      { retainedBytes: 0 },
      test.log,
      test.takeFacts(),
    );
    restarted.now = test.now;
    for (const each of [test, restarted]) {
      const bob = await come(each, "bob", "chatterbox.chat/seq", "batch");
      assertMatch(ask(each, bob, `CHATHISTORY TARGETS ${EVER}`).join("\n"), / CHATHISTORY TARGETS alice /);
      const told = ask(each, bob, `CHATHISTORY LATEST alice timestamp=${left} 10`);
      assertMatch(told[1]!, /NOTE CHATHISTORY GAP alice \* overwritten :/);
      // Once it is read that it is lost, it is not told again.
      const now = new Date(each.now).toISOString();
      assertEquals(ask(each, bob, `MARKREAD alice timestamp=${now}`).length, 1);
      assert(
        !ask(each, bob, `CHATHISTORY TARGETS ${EVER}`).join().includes(" TARGETS alice "),
        "it has been read",
      );
      assertEquals(ask(each, bob, `CHATHISTORY LATEST alice timestamp=${now} 10`).length, 2);
      each.say(bob, "QUIT");
    }
    // Part of a talk is lost.
    test.say(alice, "PRIVMSG bob :lost");
    overwrite();
    test.say(alice, "PRIVMSG bob :kept");
    const bob = await come(test, "bob", "chatterbox.chat/seq", "batch");
    const [, gap, kept] = ask(test, bob, `CHATHISTORY AFTER alice timestamp=${left} 10`);
    assertMatch(`${gap}\n${kept}`, /NOTE CHATHISTORY GAP alice \* overwritten :.*\n.*PRIVMSG bob :kept$/);
    // Who does not know where in the log one is has no use for it; and what one says oneself is not missed.
    assertEquals(
      ask(test, await come(test, "bob", "batch"), `CHATHISTORY AFTER alice timestamp=${left} 10`).length,
      3,
    );
    test.say(bob, "PRIVMSG alice :from me", `MARKREAD alice timestamp=${new Date(test.now).toISOString()}`);
    test.advance(1);
    test.say(bob, "PRIVMSG alice :from me");
    overwrite();
    assert(
      !ask(test, bob, `CHATHISTORY TARGETS ${EVER}`).join().includes(" TARGETS alice "),
      "nothing is missed",
    );
  },
);

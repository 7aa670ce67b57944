/** What a clock that is set does to a hub: operators are told once, timeouts and rates go on, bans end by the clock. */
import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { HOUR_MS } from "../../lib/base/values/time_unit.ts";
import { GRACE_PERIOD_MS } from "../../lib/hub/model/config.ts";
import type { ServerEvent } from "../../lib/hub/model/server_event.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import { Ring } from "../../lib/log/ring.ts";
import { START, TestHub } from "../support/hub.ts";
import { account, login, makeOperator } from "../support/hub_accounts.ts";
import { pureTest } from "../support/test.ts";

const TWO_YEARS_MS = 730 * 24 * HOUR_MS;
const CLAIM = "k".repeat(43);

/** The clock is set by `ms`, and the server has found that out. */
function set(test: TestHub, ms: number): void {
  test.now += ms;
  test.hub.clockSet(ms);
  test.hub.tick(test.now);
  test.deliver();
}

function pass(test: TestHub, ms: number): void {
  test.now += ms;
  test.hub.tick(test.now);
  test.deliver();
}

function clockNotices(test: TestHub): ServerEvent[] {
  return test.serverEvents.splice(0).filter(({ kind }) => kind.startsWith("clock"));
}

function operator(test: TestHub, name: string): Session {
  account(test, name);
  makeOperator(test, name);
  return login(test, name);
}

/** How often the operator `name`, who comes now, is told of the clock. */
function timesTold(test: TestHub, name: string): number {
  const made = account(test, name);
  makeOperator(test, name);
  const session = test.open();
  test.hub.context.commit({ kind: "login", session, account: made });
  test.say(session, `NICK ${name}`, `USER ${name} 0 * :${name}`, "CAP END");
  return test.heard(session).filter((line) => / NOTICE \S+ :The clock /.test(line)).length;
}

pureTest("a step of the clock is told to the log and to operators, once; to nobody else", () => {
  const test = new TestHub();
  const [boss, alice] = [operator(test, "boss"), test.enter("alice")];
  test.serverEvents.splice(0);
  set(test, 2 * HOUR_MS);
  assertEquals(test.heard(alice), []);
  assertEquals(test.heard(boss), [
    ":irc.test NOTICE boss :The clock went forward by 2h: it was set, or the machine was asleep. Bans and mutes end by the " +
    "clock; timeouts and rate limits are not affected",
  ]);
  assertEquals(clockNotices(test), [{ kind: "clock_set", ms: 2 * HOUR_MS }]);
  set(test, -HOUR_MS);
  assertMatch(
    test.heard(boss).join("\n"),
    /NOTICE boss :The clock was set back by 1h\. Messages get the clock's time/,
  );
  assertEquals(timesTold(test, "late"), 0);
});

pureTest("where no operator is here, the next one that comes is told of it, and only that one", () => {
  const test = new TestHub();
  set(test, HOUR_MS);
  assertEquals(["boss", "other"].map((name) => timesTold(test, name)), [1, 0]);
});

pureTest(
  "at a start a log that is newer than the clock is told; one that is a little newer, or older, is not",
  () => {
    const ring = Ring.create(1 << 20);
    const before = new TestHub({}, ring);
    before.now += TWO_YEARS_MS;
    before.say(before.enter("alice"), "PRIVMSG #lobby :from the future");
    const facts = before.takeFacts();
    const after = new TestHub({}, ring, facts);
    const [told] = clockNotices(after);
    assertEquals(told, { kind: "clock_behind", newest: START + TWO_YEARS_MS, now: START });
    const boss = after.open();
    after.hub.context.commit({ kind: "login", session: boss, account: account(after, "boss") });
    makeOperator(after, "boss");
    after.say(boss, "NICK boss", "USER boss 0 * :boss");
    assertMatch(
      after.heard(boss).join("\n"),
      /NOTICE boss :The newest message in the log is dated 2028-01-02T03:04:05Z, but the clock now reads 2026-01-02T03:04:05Z: /,
    );
    assertEquals(clockNotices(new TestHub({}, ring)), [], "the newest is right now");
  },
);

pureTest("at a start with a new log accounts that are newer than the clock are told", () => {
  const before = new TestHub();
  before.now += TWO_YEARS_MS;
  account(before, "alice");
  const after = new TestHub({}, undefined, before.takeFacts());
  assertEquals(clockNotices(after), [{ kind: "clock_behind", newest: START + TWO_YEARS_MS, now: START }]);
});

pureTest("timeouts go on as they were when the clock is set, forward or back", () => {
  for (const step of [TWO_YEARS_MS, -TWO_YEARS_MS]) {
    const test = new TestHub();
    const { pingTimeoutMs, registerTimeoutMs } = test.hub.context.limits;
    const [alice, newcomer] = [test.enter("alice"), test.open()];
    pass(test, registerTimeoutMs / 2);
    set(test, step);
    assertEquals([alice.closeReason, newcomer.closeReason, test.heard(alice)], [undefined, undefined, []]);
    pass(test, registerTimeoutMs / 2);
    assertEquals(newcomer.closeReason, "Registration timed out");
    pass(test, pingTimeoutMs - registerTimeoutMs);
    assertEquals(test.heard(alice), ["PING irc.test"]);
    set(test, -step);
    assertEquals(alice.closeReason, undefined);
    pass(test, pingTimeoutMs);
    assertMatch(alice.closeReason ?? "", /^Ping timeout/);
  }
});

pureTest("who may come back may so for as long as ever when the clock is set, forward or back", () => {
  for (const step of [TWO_YEARS_MS, -TWO_YEARS_MS]) {
    const test = new TestHub();
    const alice = test.open();
    test.say(
      alice,
      "CAP REQ chatterbox.chat/claim",
      `CLAIM ${CLAIM}`,
      "NICK alice",
      "USER a 0 * :a",
      "CAP END",
    );
    set(test, step);
    test.hub.close(alice, "gone", test.now, true);
    set(test, step);
    assert(test.hub.context.state.user("alice") !== undefined, "still kept");
    pass(test, GRACE_PERIOD_MS - 1);
    assert(test.hub.context.state.user("alice") !== undefined, "until then");
    pass(test, 1);
    assertEquals(test.hub.context.state.user("alice"), undefined);
  }
});

pureTest("a step of the clock refills no rate limit, and how long somebody is idle does not jump", () => {
  const test = new TestHub({ limits: { exempt: [] } });
  const alice = test.open("192.0.2.1");
  test.say(alice, "NICK alice", "USER a 0 * :a");
  let nth = 0;
  const renames = () => {
    test.heard(alice);
    test.say(alice, `NICK alice${nth++}`);
    return !test.heard(alice).some((line) => line.includes(" 438 "));
  };
  while (renames()) assert(nth < 1000, "there is a limit");
  set(test, TWO_YEARS_MS);
  assert(!renames(), "still at its limit");
  test.say(alice, `WHOIS ${alice.user!.nick}`);
  assertMatch(test.heard(alice).join("\n"), / 317 \S+ \S+ 0 /);
  test.say(alice, "STATS u");
  assertMatch(test.heard(alice).join("\n"), /Server Up 0 days 0:00:00/);
  set(test, -2 * TWO_YEARS_MS);
  pass(test, HOUR_MS);
  assert(renames(), "and by the time that has passed it is refilled");
});

pureTest("bans end by the clock, whichever way it is set", () => {
  const test = new TestHub();
  const boss = operator(test, "boss");
  test.say(boss, "BAN name:bad 1h :x");
  const listed = () => [...test.hub.services.bans.list(test.now)].length;
  assertEquals(listed(), 1, test.heard(boss).join("\n"));
  set(test, -HOUR_MS);
  pass(test, 90 * 60_000);
  assertEquals(listed(), 1, "the clock has not come to its end");
  set(test, HOUR_MS);
  assertEquals(listed(), 0);
});

pureTest(
  "a room that was renamed when the clock was ahead can be renamed when it is right, and its former name is free",
  () => {
    const ring = Ring.create(1 << 20);
    const before = new TestHub({}, ring);
    before.now += TWO_YEARS_MS;
    const alice = operator(before, "alice");
    before.say(alice, "JOIN #tea", "PRIVMSG #tea :x", "RENAME #tea #sugar");
    const after = new TestHub({}, ring, before.takeFacts());
    const again = login(after, "alice");
    after.say(again, "JOIN #sugar", "RENAME #sugar #milk");
    assertMatch(after.heard(again).join("\n"), /#sugar #milk|JOIN #milk/);
    assertEquals(after.hub.services.history.channels.get("#milk")?.name, "#milk");
    after.say(again, "JOIN #tea");
    assertMatch(after.heard(again).join("\n"), /JOIN #tea/);
  },
);

pureTest(
  "an invitation does not outlast a ban that is set after it, also when the clock was set back between",
  () => {
    for (const step of [-HOUR_MS, 0]) {
      const test = new TestHub();
      const [boss, bob] = [test.enter("boss"), test.enter("bob")];
      test.say(boss, "JOIN #tea", "MODE #tea +i", "INVITE bob #tea");
      for (let each = 0; each < 60; each++) test.say(boss, "PRIVMSG #tea :x"); // in one millisecond
      set(test, step);
      test.say(boss, "MODE #tea +b bob!*@*");
      test.heard(bob);
      test.say(bob, "JOIN #tea");
      assertMatch(test.heard(bob).join("\n"), / 474 bob #tea /);
    }
  },
);

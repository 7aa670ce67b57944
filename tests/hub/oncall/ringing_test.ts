/** Pages at the hub: the people that are rung, when and how; acknowledgements; what outlives the server. */
import { assertEquals, assertMatch } from "@std/assert";
import { HOUR_MS, MINUTE_MS } from "../../../lib/base/values/time_unit.ts";
import type { Session } from "../../../lib/hub/model/state/entities.ts";
import { MAX_PAGE_MS } from "../../../lib/irc/oncall.ts";
import { formatMsgid } from "../../../lib/hub/output/render.ts";
import type { SavedFact } from "../../../lib/log/fact.ts";
import { runConsoleLine } from "../../../lib/server/console/command_table.ts";
import { TestHub } from "../../support/hub.ts";
import { account, login, makeOperator } from "../../support/hub_accounts.ts";
import {
  asks,
  codes,
  makeList,
  ONCALL_CAPS,
  recorded,
  said,
  settleNotifications,
  told,
  wait,
} from "../../support/hub_oncall.ts";
import { pureTest } from "../../support/test.ts";

const WITH_CAPS = { caps: ONCALL_CAPS };
const END = "page 1 (ops: db down) is acknowledged by bob";

interface Opened {
  readonly chat: TestHub;
  readonly root: Session;
  readonly ci: Session;
  readonly alice: Session;
  readonly bob: Session;
}

/** A hub with the list ops and a pager. The client of alice has the capability, that of bob has not; carol is offline. */
async function prepare(steps = "alice 300 bob 120 carol 60"): Promise<Opened> {
  const chat = new TestHub();
  const alice = login(chat, "alice", undefined, WITH_CAPS);
  const bob = login(chat, "bob");
  account(chat, "carol");
  const root = await makeList(chat, "ops", steps);
  return { chat, root, alice, bob, ci: login(chat, "ci", undefined, WITH_CAPS) };
}

function restarted(chat: TestHub, facts: readonly SavedFact[] = chat.takeFacts()): TestHub {
  return new TestHub({}, chat.log, facts, chat.now);
}

pureTest(
  "page: LIST tells the people that it rings so far, the step and the next one, behind a line as before",
  async () => {
    const { chat, ci, alice } = await prepare("alice 300 bob,carol 120 root 60");
    await asks(chat, ci, "PAGE OPEN p1 ops :db down");
    const item = "ITEM 1 ops ringing 2026-01-02T03:04:05.000Z ci * * :db down";
    const listed = async (which = "") => told(await asks(chat, alice, `PAGE LIST ${which}`));
    const first = [item, "STEP 1 1 3 bob,carol 2026-01-02T03:09:05.000Z", "PEOPLE 1 session alice", "LIST *"];
    assertEquals([await listed(), await listed("RINGING")], [first, first]);
    wait(chat, 5 * MINUTE_MS);
    assertEquals(await listed(), [
      item,
      "STEP 1 2 3 root 2026-01-02T03:11:05.000Z",
      "PEOPLE 1 session alice,bob",
      "PEOPLE 1 offline carol",
      "LIST *",
    ]);
    wait(chat, 2 * MINUTE_MS);
    assertEquals(
      (await listed())[1],
      "STEP 1 3 3 alice 2026-01-02T03:12:05.000Z",
      "the first one follows",
    );
    await asks(chat, alice, "PAGE ACK 1");
    assertEquals((await listed("ALL")).map((line) => line.split(" ")[0]), ["ITEM", "LIST"]);
  },
);

pureTest("page: the names of many people are in several lines that fit", async () => {
  const chat = new TestHub();
  const names = Array.from("abcdefghijkl", (letter) => letter.repeat(29));
  for (const name of names) account(chat, name);
  const steps = [names.slice(0, 6), names.slice(6)].map((people) => `${people.join()} 30`);
  const root = await makeList(chat, "ops", steps.join(" "));
  await asks(chat, root, "PAGE OPEN p1 ops :db down");
  wait(chat, MINUTE_MS);
  const lines = told(await asks(chat, root, "PAGE LIST"), "PEOPLE");
  assertEquals(lines.map((line) => line.split(" ")[3]!.split(",").length), [11, 1]);
  assertEquals(lines.flatMap((line) => line.split(" ")[3]!.split(",")), names);
});

pureTest("page: each step has its time, and all people so far ring each minute until the end", async () => {
  const { chat, ci, alice, bob } = await prepare();
  assertEquals(told(await asks(chat, ci, "PAGE OPEN p1 ops :db down")), [
    "OPEN p1 1 ringing *",
    "RUNG p1 1 alice session :alice is rung",
  ]);
  assertEquals(told(chat.heard(alice)), ["RINGING 1 ops ci 1 :db down"]);
  wait(chat, 5 * MINUTE_MS - 1);
  assertEquals(told(chat.heard(alice)).map((words) => words.split(" ")[4]), ["2", "3", "4", "5"]);
  assertEquals(chat.heard(bob), [], "bob's step has not begun");
  wait(chat, 1);
  assertEquals(said(chat.heard(bob)), ["ops: db down (page 1 from ci; answer: ack 1)"]);
  assertEquals(told(chat.heard(ci)), ["RUNG p1 2 bob session :bob is rung"]);
  wait(chat, MINUTE_MS);
  assertEquals(said(chat.heard(bob)), ["ops: db down (page 1 from ci, ring 2; answer: ack 1)"]);
  wait(chat, MINUTE_MS);
  assertEquals(told(chat.heard(ci)), [
    "RUNG p1 3 carol offline :carol is offline; the message will be delivered when they return",
  ]);
  chat.heard(alice), chat.heard(bob);
  chat.say(bob, "PRIVMSG OnCall :ack");
  assertEquals(said(chat.heard(bob)), ["You have acknowledged page 1 (ops: db down)"]);
  assertEquals(told(chat.heard(alice)), [`STOPPED 1 acknowledged bob :${END}`]);
  assertEquals(told(chat.heard(ci)), [`END p1 1 acknowledged bob bob 2026-01-02T03:11:05.000Z :${END}`]);
  wait(chat, HOUR_MS);
  assertEquals([...chat.heard(alice), ...chat.heard(bob), ...chat.heard(ci)], [], "it rings no more");
  assertEquals(recorded(chat), [
    "alice ops: db down (page 1 from ci; answer: ack 1)",
    "bob ops: db down (page 1 from ci; answer: ack 1)",
    "carol ops: db down (page 1 from ci; answer: ack 1)",
    `alice ${END}`,
    `carol ${END}`,
    `ci ${END}`,
  ]);
});

pureTest("page: it begins to ring, and an acknowledgement is told, when that is on disk", async () => {
  const { chat, ci, alice, bob } = await prepare("alice,bob 60");
  chat.heard(alice);
  chat.holdsDurable = true;
  chat.say(ci, "PAGE OPEN p1 ops :db down");
  wait(chat, 5 * MINUTE_MS);
  assertEquals([...chat.heard(ci), ...chat.heard(alice), ...recorded(chat)], []);
  chat.holdsDurable = false;
  chat.deliver();
  assertEquals(told(chat.heard(alice)), ["RINGING 1 ops ci 1 :db down"]);
  chat.heard(ci), chat.heard(bob);
  chat.holdsDurable = true;
  chat.say(bob, "PRIVMSG OnCall :ack 1");
  chat.say(alice, "PAGE ACK 1", "PAGE LIST ALL");
  assertEquals(told(chat.heard(alice), "ITEM").map((words) => words.split(" ")[3]), ["ringing"]);
  wait(chat, 5 * MINUTE_MS);
  assertEquals([...chat.heard(ci), ...chat.heard(alice), ...chat.heard(bob)], [], "and it does not ring");
  chat.holdsDurable = false;
  chat.deliver();
  assertEquals(codes(chat.heard(alice)), ["ALREADY_ENDED"]);
  assertEquals(said(chat.heard(bob)), ["You have acknowledged page 1 (ops: db down)"]);
  assertEquals(told(chat.heard(ci), "END").length, 1);
});

pureTest("page: its id takes it up, also after a restart, and stands for nothing else", async () => {
  const { chat, ci, root } = await prepare();
  chat.say(ci, "PAGE OPEN p1 ops :db down");
  assertEquals(codes(await asks(chat, ci, "PAGE OPEN p1 ops :web down")), ["ID_IN_USE"]);
  await asks(chat, root, "ONCALL SET web alice 60");
  assertEquals(codes(await asks(chat, ci, "PAGE OPEN p1 web :db down")), ["ID_IN_USE"]);
  const next = restarted(chat);
  assertEquals(next.serverEvents.filter(({ kind }) => kind.startsWith("fact")), []);
  const again = login(next, "ci", undefined, WITH_CAPS);
  const taken = ["OPEN p1 1 ringing *", "RUNG p1 1 alice session :alice is rung"];
  assertEquals(told(await asks(next, again, "PAGE OPEN p1 OPS :db down")), taken);
  const alice = login(next, "alice", undefined, WITH_CAPS);
  next.say(alice, "PAGE ACK *");
  next.heard(again);
  const ended = told(await asks(next, again, "PAGE OPEN p1 ops :db down"));
  assertMatch(ended.join("\n"), /^OPEN p1 1 acknowledged \*\nRUNG .*\nEND p1 1 acknowledged alice alice /s);
  assertEquals(codes(await asks(next, login(next, "dave", undefined, WITH_CAPS), "PAGE WITHDRAW p1")), [
    "NO_SUCH_PAGE",
  ]);
});

pureTest("page: the first acknowledgement counts, also one that is repeated after a restart", async () => {
  const { chat, ci, alice, bob } = await prepare("alice,bob 60");
  chat.say(ci, "PAGE OPEN p1 ops :db down");
  assertMatch(
    told(await asks(chat, alice, "@label=a PAGE ACK 1"), "ACK").join(),
    /^ACK 1 2026-01-02T03:04:05.000Z :/,
  );
  assertEquals(said(await asks(chat, bob, "PRIVMSG OnCall :ack 1")), [
    "page 1 (ops: db down) was acknowledged by alice, 2026-01-02 03:04 UTC",
  ]);
  const next = restarted(chat);
  next.now += HOUR_MS;
  const [again, late] = ["alice", "bob"].map((name) => login(next, name, undefined, WITH_CAPS));
  assertMatch((await asks(next, again!, "PAGE ACK 1")).join(), /PAGE ACK 1 2026-01-02T03:04:05.000Z :/);
  const [refused] = await asks(next, late!, "@label=b PAGE ACK 1");
  assertEquals(
    refused,
    "@label=b :irc.test FAIL PAGE ALREADY_ENDED 1 :page 1 (ops: db down) was acknowledged by alice, 2026-01-02 03:04 UTC",
  );
  assertEquals(codes(await asks(next, late!, "PAGE ACK *", "PAGE ACK 2", "PAGE ACK x")), [
    "NO_SUCH_PAGE",
    "NO_SUCH_PAGE",
    "NO_SUCH_PAGE",
  ]);
});

pureTest("page: OnCall takes an acknowledgement by number, alone, or as a reply to its message", async () => {
  const { chat, ci, bob } = await prepare("bob 60");
  const carol = login(chat, "carol", undefined, WITH_CAPS);
  assertEquals(said(await asks(chat, bob, "PRIVMSG OnCall :help")), ["No page rings for you"]);
  chat.say(ci, "PAGE OPEN p1 ops :db down", "PAGE OPEN p2 ops :web down", "PAGE OPEN p3 ops :mail down");
  const { people } = chat.hub.services.pages.get(2)!;
  assertEquals(said(await asks(chat, bob, "PRIVMSG OnCall :ack")), [
    "Answer ack 1 to acknowledge page 1 (ops: db down)",
    "Answer ack 2 to acknowledge page 2 (ops: web down)",
    "Answer ack 3 to acknowledge page 3 (ops: mail down)",
  ]);
  const reply = login(chat, "bob", undefined, { caps: ["message-tags"] });
  const msgid = formatMsgid(people[0]!.seq, "testlog");
  assertEquals(said(await asks(chat, reply, `@+draft/reply=${msgid} PRIVMSG oncall :Ack, on it`)), [
    "You have acknowledged page 2 (ops: web down)",
  ]);
  assertEquals(said(await asks(chat, carol, "PRIVMSG OnCall :ack 1")), [
    "Only people of its list may acknowledge page 1",
  ]);
  assertEquals(said(await asks(chat, bob, "PRIVMSG OnCall :ACK #3 looking")), [
    "You have acknowledged page 3 (ops: mail down)",
  ]);
  assertEquals(said(await asks(chat, bob, "PRIVMSG OnCall :ack 9")), ["There is no page 9"]);
  assertEquals(said(await asks(chat, bob, "PRIVMSG OnCall :acknowledged")), [
    "Answer ack 1 to acknowledge page 1 (ops: db down)",
  ]);
});

pureTest("page: steps that reach no person are passed over, and people that come back are rung", async () => {
  const { chat, ci, root } = await prepare();
  account(chat, "dave"), account(chat, "erin");
  await asks(chat, root, "ONCALL SET ops carol 300 dave,erin 120 carol 60");
  runConsoleLine(chat.hub, "unregister erin", chat.now);
  chat.deliver();
  const lines = told(await asks(chat, ci, "PAGE OPEN p1 ops :db down"), "RUNG");
  assertEquals(lines.map((words) => words.split(" ").slice(2, 5).join(" ")), [
    "1 carol offline",
    "2 dave offline",
    "2 erin unreachable",
  ]);
  assertEquals(chat.hub.services.pages.get(1)!.begun, 3, "a whole round, and no more");
  const carol = login(chat, "carol", undefined, WITH_CAPS);
  wait(chat, MINUTE_MS);
  assertEquals(told(chat.heard(carol)), ["RINGING 1 ops ci 2 :db down"]);
  assertEquals(told(chat.heard(ci)), ["RUNG p1 1 carol session :carol is rung"]);
});

pureTest("page: one of a silenced list rings when the silence ends, and can be ended before", async () => {
  const { chat, ci, root, alice } = await prepare();
  const silenced = told(await asks(chat, root, "ONCALL SILENCE ops 600 :new disks"), "", "ONCALL");
  assertEquals(silenced, ["SILENCED ops 2026-01-02T03:14:05.000Z root :new disks"]);
  assertEquals(told(await asks(chat, ci, "PAGE OPEN p1 ops :db down", "PAGE OPEN p2 ops :x")), [
    "OPEN p1 1 silenced 2026-01-02T03:14:05.000Z",
    "OPEN p2 2 silenced 2026-01-02T03:14:05.000Z",
  ]);
  assertMatch(told(await asks(chat, alice, "PAGE ACK 2")).join(), /^ACK 2 /);
  await asks(chat, root, "ONCALL SILENCE ops 900 :more disks");
  const next = restarted(chat);
  const person = login(next, "alice", undefined, WITH_CAPS);
  wait(next, 15 * MINUTE_MS - 1);
  assertEquals(told(next.heard(person)), [], "the silence has become longer");
  wait(next, 1);
  assertEquals(told(next.heard(person)), ["RINGING 1 ops ci 1 :db down"]);
  const oper = login(next, "root", undefined, WITH_CAPS);
  makeOperator(next, "root");
  await asks(next, oper, "ONCALL SILENCE ops 600 :again");
  next.heard(person);
  wait(next, MINUTE_MS);
  assertEquals(told(next.heard(person)).length, 1, "one that rings goes on");
  const pager = login(next, "ci", undefined, WITH_CAPS);
  next.say(pager, "PAGE OPEN p3 ops :again");
  assertEquals(told(await asks(next, oper, "ONCALL SILENCE ops 0"), "", "ONCALL"), ["SILENCED ops * root :"]);
  next.heard(person);
  wait(next, 10_000);
  assertEquals(told(next.heard(person), "RINGING 3"), ["RINGING 3 ops ci 1 :again"], "it was ended");
});

pureTest("page: it expires when it has rung for a day, of which all are told", async () => {
  const { chat, ci, alice } = await prepare("alice 60");
  chat.say(ci, "PAGE OPEN p1 ops :db down");
  wait(chat, MAX_PAGE_MS - 1);
  assertEquals(told(chat.heard(ci), "END"), []);
  wait(chat, 1);
  assertMatch(told(chat.heard(ci), "END").join(), /^END p1 1 expired \* \* .* has rung for 24 hours/);
  assertMatch(told(chat.heard(alice), "STOPPED").join(), /^STOPPED 1 expired \* :/);
  assertEquals(recorded(chat).length, 3);
});

pureTest("page: a clock that is set back does not delay a ring by more than a minute", async () => {
  const { chat, ci, alice } = await prepare("alice 60");
  chat.say(ci, "PAGE OPEN p1 ops :db down");
  chat.heard(alice);
  chat.now -= HOUR_MS;
  chat.hub.clockSet(-HOUR_MS);
  wait(chat, MINUTE_MS + 10_000);
  assertEquals(told(chat.heard(alice)), ["RINGING 1 ops ci 2 :db down"]);
});

pureTest("page: a notify URL is used for those without a session or away, later for all", async () => {
  const { chat, ci, alice, bob } = await prepare("alice,bob,carol 3600");
  const urls = chat.hub.services.notifyUrls;
  for (const name of ["alice", "bob", "carol"]) urls.set(`owner-${name}`, `https://notify.example/${name}`);
  chat.say(bob, "AWAY :asleep");
  chat.say(ci, "PAGE OPEN p1 ops :db down");
  const taken = () =>
    chat.notifications.map(({ url, notification }) => `${url.slice(23)} ${notification.ring}`);
  assertEquals(taken(), ["bob 1", "carol 1"]);
  assertEquals(told(chat.heard(ci), "RUNG").map((words) => words.split(" ")[4]), [
    "session",
    "session",
    "notify",
  ]);
  settleNotifications(chat, "certificate\r\nhas expired");
  assertEquals(told(chat.heard(ci), "RUNG"), [
    "RUNG p1 1 bob session :bob could not be notified",
    "RUNG p1 1 carol failed :carol could not be notified",
  ]);
  const failure = "Your notify URL did not take page 1 (ops: db down): certificate has expired";
  assertEquals(said(chat.heard(bob)).at(-1), failure);
  assertEquals(recorded(chat).filter((line) => line.endsWith(failure)).map((line) => line.split(" ")[0]), [
    "bob",
    "carol",
  ], "it waits for those who are offline");
  wait(chat, MINUTE_MS);
  assertEquals(taken(), ["alice 2", "bob 2", "carol 2"]);
  chat.heard(bob);
  settleNotifications(chat, "refused");
  assertEquals(said(chat.heard(bob)), [], "it is told once");
  assertEquals(told(chat.heard(ci), "RUNG").length, 1, "of alice");
  wait(chat, MINUTE_MS);
  settleNotifications(chat, undefined);
  assertEquals(told(chat.heard(ci), "RUNG"), ["RUNG p1 1 carol notify :carol is notified"]);
  chat.say(alice, "PAGE ACK 1");
  assertEquals(chat.notifications.map(({ notification }) => `${notification.state} ${notification.by}`), [
    "acknowledged alice",
    "acknowledged alice",
    "acknowledged alice",
  ]);
});

pureTest("page: after a crash between a message and its page the message is not recorded again", async () => {
  const { chat, ci } = await prepare("alice 60 bob 60");
  const before = chat.takeFacts();
  chat.holdsDurable = true;
  chat.say(ci, "PAGE OPEN p1 ops :db down");
  const saved = chat.takeFacts();
  chat.holdsDurable = false;
  chat.deliver();
  wait(chat, MINUTE_MS);
  assertEquals(recorded(chat).length, 2);
  const next = restarted(chat, [...before, ...saved]);
  assertEquals(
    next.hub.services.pages.get(1)!.begun,
    1,
    "the saved page is older than the log, and begins again",
  );
  const alice = login(next, "alice", undefined, WITH_CAPS);
  wait(next, 2 * MINUTE_MS);
  assertEquals(told(next.heard(alice), "RINGING 1").length, 2);
  assertEquals(recorded(next), [
    "alice ops: db down (page 1 from ci; answer: ack 1)",
    "bob ops: db down (page 1 from ci; answer: ack 1)",
  ]);
});

pureTest("page: an end that was not told before a crash is told once after it", async () => {
  const { chat, ci, alice } = await prepare("alice,bob,carol 60");
  chat.say(ci, "PAGE OPEN p1 ops :db down");
  const before = chat.takeFacts();
  chat.holdsDurable = true;
  chat.say(alice, "PAGE ACK 1");
  const saved = chat.takeFacts();
  const next = restarted(chat, [...before, ...saved]);
  next.deliver();
  const ends = recorded(next).filter((line) => line.includes("is acknowledged by alice"));
  assertEquals(ends.map((line) => line.split(" ")[0]), ["bob", "carol", "ci"]);
  const last = restarted(next, [...before, ...saved]);
  last.deliver();
  assertEquals(recorded(last).filter((line) => line.includes("is acknowledged by alice")).length, 3);
});

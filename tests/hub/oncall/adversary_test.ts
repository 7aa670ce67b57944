/** Attacks on pages at the hub: texts that mean another page, clocks that jump, names that change hands, damaged values. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../lib/base/values/time_unit.ts";
import { formatMsgid } from "../../../lib/hub/output/render.ts";
import type { Session } from "../../../lib/hub/model/state/entities.ts";
import type { SavedFact } from "../../../lib/log/fact.ts";
import {
  CALENDAR_CHECK_RATE,
  MAX_CALENDAR_UPLOADS,
} from "../../../lib/hub/services/oncall/duty_calendars.ts";
import { TestHub } from "../../support/hub.ts";
import { login, makeOperator } from "../../support/hub_accounts.ts";
import {
  asks,
  calendarOf,
  codes,
  makeList,
  ONCALL_CAPS,
  puts,
  recorded,
  said,
  told,
  wait,
} from "../../support/hub_oncall.ts";
import { pureTest } from "../../support/test.ts";

const WITH_CAPS = { caps: ONCALL_CAPS };

interface Opened {
  readonly chat: TestHub;
  readonly root: Session;
  readonly ci: Session;
  readonly alice: Session;
}

/** A hub with a list ops that rings alice, and a pager. */
async function prepare(steps = "alice 300"): Promise<Opened> {
  const chat = new TestHub();
  const alice = login(chat, "alice", undefined, WITH_CAPS);
  const root = await makeList(chat, "ops", steps);
  return { chat, root, alice, ci: login(chat, "ci", undefined, WITH_CAPS) };
}

/** What was saved is there, at the time `now`. */
function restarted(chat: TestHub, now = chat.now, facts: readonly SavedFact[] = chat.takeFacts()): TestHub {
  return new TestHub({}, chat.log, facts, now);
}

pureTest("page: a text that does not say clearly which page is meant acknowledges none", async () => {
  const { chat, ci, alice } = await prepare();
  const page = async () => {
    const [opened = ""] = told(
      await asks(chat, ci, `PAGE OPEN p${chat.hub.services.pages.nextNumber} ops :x`),
    );
    return Number(opened.split(" ")[2]);
  };
  const first = await page();
  const unclear = [
    "ack?",
    "ack who is it",
    "ack 1e3",
    "ack 1,2",
    "ack 12345678901",
    "ack \u0661",
    "ack -1",
    "ack0",
    "acks",
  ];
  for (const text of unclear) {
    const help = `Answer ack ${first} to acknowledge page ${first} (ops: x)`;
    assertEquals(said(await asks(chat, alice, `PRIVMSG OnCall :${text}`)), [help], text);
  }
  const second = await page();
  const { seq } = chat.hub.services.pages.get(second)!.people[0]!;
  const reply = (msgid: string, text: string) =>
    asks(chat, alice, `@+draft/reply=${msgid} PRIVMSG OnCall :${text}`).then(said);
  const msgid = formatMsgid(seq, "testlog");
  assertEquals(await reply(msgid, "ack 1 hour please"), [`You have acknowledged page ${second} (ops: x)`]);
  for (const other of ["unknown", formatMsgid(seq + 1, "testlog"), formatMsgid(seq, "otherlog")]) {
    assertMatch((await reply(other, "ack")).join(), /^Answer ack 1 to/, "the reply is to another message");
  }
  assertEquals(await reply(msgid, "ack 1"), ["You have acknowledged page 1 (ops: x)"]);
});

pureTest("page: a clock that is set back delays neither the first ring nor the next step", async () => {
  const { chat, ci, alice } = await prepare("alice 60 root 60");
  chat.holdsDurable = true;
  chat.say(ci, "PAGE OPEN p1 ops :db down");
  const saved = chat.takeFacts();
  chat.now -= 3 * HOUR_MS;
  chat.hub.clockSet(-3 * HOUR_MS);
  chat.holdsDurable = false;
  chat.deliver();
  wait(chat, 10_000);
  assertEquals(told(chat.heard(alice)), ["RINGING 1 ops ci 1 :db down"]);
  const next = restarted(chat, chat.now, saved);
  assertEquals(next.hub.services.pages.get(1)!.begun, 1, "also after a crash");
  next.now -= 3 * HOUR_MS;
  next.hub.clockSet(-3 * HOUR_MS);
  wait(next, 2 * MINUTE_MS);
  assert(next.hub.services.pages.get(1)!.begun > 1, "a step begins within its minute");
});

pureTest(
  "page: a silence that becomes shorter, or was of a wrong clock, keeps no page from ringing",
  async () => {
    const { chat, ci, root } = await prepare();
    await asks(chat, root, `ONCALL SILENCE ops ${30 * DAY_MS / 1000} :new disks`);
    chat.say(ci, "PAGE OPEN p1 ops :db down");
    await asks(chat, root, "ONCALL SILENCE ops 600 :new disks");
    const facts = chat.takeFacts();
    const next = restarted(chat, chat.now, facts);
    const alice = login(next, "alice", undefined, WITH_CAPS);
    wait(next, 10 * MINUTE_MS);
    assertEquals(told(next.heard(alice)), ["RINGING 1 ops ci 1 :db down"]);
    const earlier = restarted(chat, chat.now - 31 * DAY_MS, facts);
    assertEquals(earlier.hub.services.pages.get(1)!.begun, 1, "the clock was 31 days ahead");
  },
);

pureTest("page: it does not expire while no person could be rung", async () => {
  const { chat, ci } = await prepare();
  chat.say(ci, "PAGE OPEN p1 ops :db down");
  const next = restarted(chat, chat.now + 3 * DAY_MS);
  const alice = login(next, "alice", undefined, WITH_CAPS);
  wait(next, MINUTE_MS);
  assertEquals(told(next.heard(alice)), ["RINGING 1 ops ci 3 :db down"], "the server was down for days");
  next.now += 3 * DAY_MS;
  wait(next, 10_000);
  assertEquals(told(next.heard(alice), "STOPPED"), [], "the machine was asleep for three days");
  wait(next, DAY_MS);
  assertEquals(told(next.heard(alice), "STOPPED").length, 1);
});

pureTest(
  "page: they keep their order over a restart, in which facts come in the order of their keys",
  async () => {
    const { chat, ci } = await prepare();
    for (let nth = 1; nth <= 12; nth++) chat.say(ci, `PAGE OPEN p${nth} ops :x`);
    const facts = chat.takeFacts().sort((one, other) => one.key < other.key ? -1 : 1);
    const next = restarted(chat, chat.now, facts);
    const alice = login(next, "alice", undefined, WITH_CAPS);
    const numbers = told(await asks(next, alice, "PAGE LIST RINGING"), "ITEM").map((item) =>
      Number(item.split(" ")[1])
    );
    assertEquals(numbers, Array.from({ length: 12 }, (_, nth) => nth + 1));
    const help = said(await asks(next, alice, "PRIVMSG OnCall :ack"));
    assertEquals(help.at(-1), "Answer ack 12 to acknowledge page 12 (ops: x)", "the newest ten");
  },
);

pureTest("page: the number of one that cannot be read is given to no other", async () => {
  const { chat, ci } = await prepare();
  chat.say(ci, "PAGE OPEN p1 ops :db down");
  const facts = chat.takeFacts().map((fact) => fact.kind === "page" ? { ...fact, value: "{}" } : fact);
  const next = restarted(chat, chat.now, facts);
  const again = login(next, "ci", undefined, WITH_CAPS);
  assertMatch(told(await asks(next, again, "PAGE OPEN p2 ops :web down")).join(), /^OPEN p2 2 ringing/);
  assertEquals(recorded(next).at(-1), "alice ops: web down (page 2 from ci; answer: ack 2)");
});

pureTest(
  "oncall: a room that is made, renamed or owned later gives no right to a list or calendar",
  async () => {
    const { chat, root, alice } = await prepare();
    const mallory = login(chat, "mallory", undefined, WITH_CAPS);
    const upload = [...puts("rota", calendarOf("alice")), "ONCALL CALENDAR SAVE rota"];
    await asks(chat, root, ...upload, "ONCALL SET web @rota 60");
    chat.say(mallory, "JOIN #ops", "JOIN #rota");
    const attacks = [
      "ONCALL SET ops mallory 60",
      "ONCALL SILENCE OPS 600 :x",
      "ONCALL DELETE ops",
      ...upload,
    ];
    assertEquals(
      codes(await asks(chat, mallory, ...attacks)),
      Array(attacks.length).fill("NOT_PERMITTED"),
      "no room was there",
    );
    await asks(chat, mallory, "JOIN #own", "ONCALL SET own mallory 60");
    chat.say(alice, "JOIN #db");
    chat.now += 1000;
    await asks(chat, alice, "ONCALL SET db alice 60");
    chat.say(alice, "CAP REQ draft/channel-rename", "RENAME #db #old :moved");
    chat.say(mallory, "JOIN #db");
    assertEquals(codes(await asks(chat, mallory, "ONCALL SET db mallory 60")), ["NOT_PERMITTED"], "renamed");
    const next = restarted(chat);
    const [again, owner] = ["mallory", "alice"].map((name) => login(next, name, undefined, WITH_CAPS));
    assertEquals(
      codes(await asks(next, again!, ...attacks, "ONCALL SET own mallory 90")),
      Array(attacks.length).fill("NOT_PERMITTED"),
    );
    assertEquals(codes(await asks(next, owner!, "ONCALL SET db alice 90")), ["NOT_PERMITTED"]);
    const oper = login(next, "root", undefined, WITH_CAPS);
    makeOperator(next, "root");
    await asks(next, oper, "ONCALL DELETE ops");
    assertEquals(codes(await asks(next, again!, "ONCALL SET ops mallory 60")), [], "it is free");
  },
);

pureTest("oncall: an account saves so many calendars in a time, and uploads so many at once", async () => {
  const chat = new TestHub();
  const enter = () => login(chat, "mallory", undefined, { ...WITH_CAPS, host: "203.0.113.7" });
  const mallory = enter();
  chat.say(mallory, "JOIN #rota");
  const save = [...puts("rota", "nonsense"), "ONCALL CALENDAR SAVE rota"];
  for (let nth = 0; nth < CALENDAR_CHECK_RATE.count; nth++) {
    assertEquals(codes(await asks(chat, mallory, ...save)), ["INVALID_CALENDAR"]);
  }
  assertEquals(codes(await asks(chat, mallory, ...save)), ["TOO_MANY"]);
  const accomplice = login(chat, "accomplice", undefined, { ...WITH_CAPS, host: "203.0.113.7" });
  chat.say(accomplice, "JOIN #other");
  const other = [...puts("other", "nonsense"), "ONCALL CALENDAR SAVE other"];
  assertEquals(codes(await asks(chat, accomplice, ...other)), ["TOO_MANY"], "from the same address");
  const sessions = Array.from({ length: MAX_CALENDAR_UPLOADS }, enter);
  for (const session of sessions) assertEquals(codes(await asks(chat, session, save[0]!)), []);
  assertEquals(codes(await asks(chat, accomplice, other[0]!)), [], "there is a place for another account");
});

pureTest("page: a flood of pages that are due together is rung in short turns", async () => {
  const chat = new TestHub();
  const names = Array.from({ length: 30 }, (_, nth) => login(chat, `p${nth}`).user!.nick);
  await makeList(chat, "ops", [0, 10, 20].map((from) => `${names.slice(from, from + 10)} 30`).join(" "));
  const ci = login(chat, "ci", undefined, WITH_CAPS);
  for (let nth = 1; nth <= 10; nth++) await asks(chat, ci, `PAGE OPEN p${nth} ops :x`);
  wait(chat, 2 * MINUTE_MS);
  const { pages } = chat.hub.services;
  for (const page of [...pages.open()]) pages.change({ ...page, stepAt: chat.now + HOUR_MS }, undefined);
  const turns: number[] = [];
  for (chat.now += MINUTE_MS; pages.nextDue <= chat.now;) {
    const before = ringsOf(chat);
    chat.hub.runDue(chat.now);
    turns.push(ringsOf(chat) - before);
  }
  assertEquals(turns, [210, 90], "200 people, and those of the last page");
});

function ringsOf({ hub }: TestHub): number {
  return hub.services.pages.open().reduce(
    (sum, { people }) => sum + people.reduce((all, each) => all + each.rings, 0),
    0,
  );
}

pureTest(
  "page: after a start it rings at once, and no step is passed over before clients can be back",
  async () => {
    const { chat, ci } = await prepare("alice 300 root 300");
    const before = chat.takeFacts();
    chat.holdsDurable = true;
    chat.say(ci, "PAGE OPEN p1 ops :db down");
    const next = restarted(chat, chat.now, [...before, ...chat.takeFacts()]);
    const alice = login(next, "alice", undefined, WITH_CAPS);
    wait(next, 4 * MINUTE_MS);
    assertEquals(recorded(next).length, 1, "of root nothing is wanted: alice is back");
    assertMatch(told(await asks(next, alice, "PAGE ACK *"), "ACK").join(), /^ACK 1 /);
  },
);

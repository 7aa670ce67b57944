/** Calendars are read in another thread, for some time ahead: what waits for that, and what happens where it fails. */
import { assertEquals } from "@std/assert";
import { DAY_MS, MINUTE_MS } from "../../../lib/base/values/time_unit.ts";
import { MAX_OUTLOOK_DUTIES, readDutyOutlook } from "../../../lib/hub/services/duty/duty_outlook.ts";
import { START, TestHub } from "../../support/hub.ts";
import { login } from "../../support/hub_accounts.ts";
import {
  asks,
  calendarOf,
  codes,
  makeList,
  ONCALL_CAPS,
  puts,
  said,
  saveCalendar,
  told,
  wait,
} from "../../support/hub_oncall.ts";
import { pureTest } from "../../support/test.ts";

const CAPS = { caps: ONCALL_CAPS };

/** A hub that has not read its calendar yet, which has alice on duty; of the list ops its second step is the calendar. */
async function restarted() {
  const before = new TestHub();
  login(before, "alice");
  login(before, "bob");
  saveCalendar(before.hub.services.dutyCalendars, "rota", calendarOf("alice"));
  await makeList(before, "ops", "bob 30 @rota 60");
  const chat = new TestHub({}, before.log, before.takeFacts(), before.now);
  const calendars = chat.calendars = [];
  const [alice, bob, ci] = ["alice", "bob", "ci"].map((name) => login(chat, name, undefined, CAPS));
  return {
    chat,
    calendars: calendars as NonNullable<TestHub["calendars"]>,
    alice: alice!,
    bob: bob!,
    ci: ci!,
  };
}

function readAll({ chat, calendars }: Awaited<ReturnType<typeof restarted>>): void {
  for (const { text, at, done } of calendars.splice(0)) done(readDutyOutlook(text, at));
  chat.deliver();
}

pureTest("calendar: a page waits for its calendars after a start, and rings once they are read", async () => {
  const hub = await restarted();
  const { chat, calendars, alice, bob, ci } = hub;
  assertEquals(calendars.map(({ isUrgent }) => isUrgent), [false], "at the start");
  await asks(chat, ci, "PAGE OPEN p1 ops :db down");
  assertEquals(told([...chat.heard(alice), ...chat.heard(bob)], "RINGING"), []);
  wait(chat, MINUTE_MS);
  assertEquals(calendars.map(({ isUrgent }) => isUrgent), [false, true], "ordered once more, before others");
  readAll(hub);
  wait(chat, 10_000);
  assertEquals(told(chat.heard(bob), "RINGING").length, 1);
  wait(chat, 30_000);
  assertEquals(told(chat.heard(alice), "RINGING").length, 1, "alice is on duty");
  assertEquals(calendars, []);
});

pureTest("calendar: who may acknowledge is decided once the calendars of the page are read", async () => {
  const hub = await restarted();
  const { chat, alice, ci } = hub;
  await asks(chat, ci, "PAGE OPEN p1 ops :db down", "PAGE OPEN p2 ops :web down");
  for (const session of [alice, ci]) chat.say(session, "PAGE ACK 1", "PRIVMSG OnCall :ack 2");
  const lists = asks(chat, ci, "ONCALL LISTS");
  assertEquals([...chat.heard(alice), ...chat.heard(ci)], [], "they wait");
  readAll(hub);
  await chat.errands();
  const others = await lists;
  const heard = chat.heard(alice);
  assertEquals(told(heard, "ACK 1 ").length, 1);
  assertEquals(said(heard).filter((text) => text.startsWith("You have")).length, 1);
  assertEquals(codes(others), ["NOT_PERMITTED"]);
  assertEquals(said(others).filter((text) => text.startsWith("Only people")).length, 1);
});

pureTest("calendar: one that cannot be read has no person on duty, and is tried again", async () => {
  const hub = await restarted();
  const { chat, calendars, alice, ci } = hub;
  for (const { done } of calendars.splice(0)) done({ kind: "unread", why: "no worker" });
  await asks(chat, ci, "PAGE OPEN p1 ops :db down");
  wait(chat, 40_000);
  assertEquals(told(chat.heard(ci), "RUNG p1 2 @rota unreachable").length, 1);
  wait(chat, MINUTE_MS);
  readAll(hub);
  wait(chat, 2 * MINUTE_MS);
  assertEquals(told(chat.heard(alice), "RINGING").length > 0, true);
  await asks(chat, alice, "JOIN #mine");
  for (
    const [reading, code] of [
      [{ kind: "unread", why: "no worker" }, "TEMPORARILY_UNAVAILABLE"],
      [{ kind: "invalid", why: "no calendar" }, "INVALID_CALENDAR"],
    ] as const
  ) {
    const saving = asks(chat, alice, ...puts("mine", "x"), "ONCALL CALENDAR SAVE mine");
    for (const { done } of calendars.splice(0)) done(reading);
    assertEquals(codes(await saving), [code]);
  }
});

pureTest("calendar: hand-overs that lie behind what was read are read in time", () => {
  const chat = new TestHub();
  const { dutyCalendars } = chat.hub.services;
  const daily = calendarOf("alice").replace(
    /DTEND.*/,
    "DTEND:20260102T000000Z\r\nRRULE:FREQ=DAILY;INTERVAL=2",
  );
  saveCalendar(dutyCalendars, "rota", daily);
  for (let day = 0; day < 3 * MAX_OUTLOOK_DUTIES; day++) {
    const now = START + day * DAY_MS; // a Friday, 2 January
    assertEquals(dutyCalendars.dutyAt("rota", now).names, day % 2 === 1 ? ["alice"] : [], `day ${day}`);
    chat.deliver();
  }
  assertEquals(dutyCalendars.isReady(["rota"], START), false, "the clock was set back");
  chat.deliver();
  assertEquals(dutyCalendars.isReady(["rota"], START), true);
});

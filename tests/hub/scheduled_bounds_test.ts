/** Bounds of messages that the hub says later. */
import { assertEquals, assertMatch } from "@std/assert";
import { AddressSet } from "../../lib/base/ip.ts";
import { DAY_MS } from "../../lib/base/values/time_unit.ts";
import { FactBuffer } from "../../lib/hub/log/facts.ts";
import {
  MAX_SCHEDULED,
  MAX_SCHEDULED_PER_ACCOUNT,
  MAX_SCHEDULED_PER_ADDRESS,
  MIN_REPEAT_MS,
  ScheduledMessages,
} from "../../lib/hub/services/scheduled_messages.ts";
import { findNextTime } from "../../lib/hub/services/cron_calendar.ts";
import { START } from "../support/hub.ts";
import { AT, EVERY, schedule, scheduler, schedulingHub, ZONE } from "../support/hub_scheduled.ts";
import { ask } from "../support/hub_tokens.ts";
import { pureTest } from "../support/test.ts";

function emptyService(): ScheduledMessages {
  let nth = 0;
  const random = () => new Uint8Array(new Uint32Array([nth++]).buffer);
  return new ScheduledMessages(new FactBuffer(), new AddressSet(["127.0.0.0/8"]), random);
}

function wish(owner: string, address: string, dueAt = START) {
  const parts = {
    source: "a!a@h",
    verb: "PRIVMSG",
    target: "#lobby",
    text: "x",
    tags: "",
    senderId: "",
  } as const;
  return { ...parts, owner, address, zone: "UTC", every: "", createdAt: START, dueAt };
}

pureTest("scheduled: an account has so many, and may have another when one is canceled", async () => {
  const chat = schedulingHub();
  const alice = scheduler(chat);
  const id = await schedule(chat, alice, `${AT}1h`);
  for (let nth = 1; nth < MAX_SCHEDULED_PER_ACCOUNT; nth++) await schedule(chat, alice, `${AT}1h`);
  assertMatch(await ask(chat, alice, `@${AT}1h PRIVMSG #lobby :x`), / FAIL PRIVMSG TOO_MANY /);
  await ask(chat, alice, `SCHEDULED CANCEL ${id}`);
  await schedule(chat, alice, `${AT}1h`);
});

pureTest("scheduled: an address has so many over all its accounts, and the server so many in all", () => {
  const service = emptyService();
  for (let nth = 0; nth < MAX_SCHEDULED_PER_ADDRESS; nth++) service.add(wish(`o${nth}`, "192.0.2.1"));
  assertEquals(service.fullness("other", "192.0.2.1"), "address");
  assertEquals(service.fullness("other", "192.0.2.2"), undefined);
  for (let nth = MAX_SCHEDULED_PER_ADDRESS; nth < MAX_SCHEDULED; nth++) {
    assertEquals(service.fullness("other", "127.0.0.1"), undefined);
    service.add(wish(`o${nth}`, "127.0.0.1"));
  }
  assertEquals(service.fullness("other", "192.0.2.2"), "server");
  service.dropOwner("o0");
  assertEquals([service.fullness("other", "192.0.2.1"), service.fullness("other", "192.0.2.2")], [
    undefined,
    undefined,
  ]);
});

pureTest("scheduled: a time is not past and at most a year ahead", async () => {
  const chat = schedulingHub();
  const alice = scheduler(chat);
  const at = (ms: number) => `${AT}${new Date(START + ms).toISOString()}`;
  await schedule(chat, alice, at(0));
  await schedule(chat, alice, at(366 * DAY_MS));
  for (
    const tags of [
      at(-1),
      at(366 * DAY_MS + 1),
      `${AT}soon`,
      `${AT}1h;${ZONE}Nowhere/Land`,
      `${AT}1h;${ZONE}+01:00`,
    ]
  ) {
    assertMatch(await ask(chat, alice, `@${tags} PRIVMSG #lobby :x`), / FAIL PRIVMSG INVALID_TIME /, tags);
  }
});

pureTest("scheduled: a cron expression has five fields and so many bytes", async () => {
  const chat = schedulingHub();
  const alice = scheduler(chat);
  const refused = [
    "* * * * * *",
    "0 9 * *",
    "60 * * * *",
    "soon",
    "0 0 30 2 *",
    "0 9 * * 1;x",
    `${"1,".repeat(40)}2 * * * *`,
  ];
  for (const expression of refused) {
    const tags = `${EVERY}${expression.replaceAll(" ", "\\s").replaceAll(";", "\\:")}`;
    assertMatch(
      await ask(chat, alice, `@${tags} PRIVMSG #lobby :x`),
      / FAIL PRIVMSG INVALID_TIME /,
      expression,
    );
  }
  assertMatch(
    await ask(chat, alice, `@${AT}1h;${EVERY}*\\s*\\s*\\s*\\s* PRIVMSG #lobby :x`),
    / FAIL PRIVMSG INVALID_TIME /,
  );
  const first = findNextTime("* * * * *", "UTC", START)!;
  assertEquals(findNextTime("* * * * *", "UTC", first)! - first, MIN_REPEAT_MS);
});

pureTest("scheduled: a message has room for the mark that it is late", async () => {
  const chat = schedulingHub();
  const alice = scheduler(chat);
  const fits = 512 - 2 - ":alice!~alice@127.0.0.1 PRIVMSG #lobby : (late: due 2026-01-02 03:04 UTC)".length;
  await schedule(chat, alice, `${AT}1h`, "#lobby", "x".repeat(fits));
  const line = `@${AT}1h PRIVMSG #lobby :${"x".repeat(fits + 1)}`;
  assertMatch(await ask(chat, alice, line), / FAIL PRIVMSG TOO_LONG /);
});

pureTest("scheduled: the earliest are said first, so many in a tick", () => {
  const service = emptyService();
  for (let nth = 0; nth < 250; nth++) service.add(wish("o", "127.0.0.1", START + 250 - nth));
  for (const [first, count] of [[1, 100], [101, 100], [201, 50]] as const) {
    const due = service.listDue(START + 1000);
    assertEquals([due[0]!.dueAt - START, due.length], [first, count]);
    for (const each of due) service.delete(each);
  }
  assertEquals(service.listDue(START + 1000), []);
});

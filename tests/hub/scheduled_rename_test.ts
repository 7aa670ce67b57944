/** Scheduled messages for a room that is renamed. */
import { assertEquals } from "@std/assert";
import { HOUR_MS } from "../../lib/base/values/time_unit.ts";
import { parseMessage } from "../../lib/irc/message.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import type { TestHub } from "../support/hub.ts";
import { login } from "../support/hub_accounts.ts";
import { AT, EVERY, pass, restart, schedule, scheduler, schedulingHub } from "../support/hub_scheduled.ts";
import { pureTest } from "../support/test.ts";

/** Messages that `session` is told now, as `<room> <text>`. */
function told(chat: TestHub, session: Session): string[] {
  return chat.heard(session).map((line) => parseMessage(line)!).filter(({ command }) => command === "PRIVMSG")
    .map(({ params }) => params.join(" "));
}

/** The targets of what the account of `session` has scheduled. */
function listed(chat: TestHub, session: Session): string[] {
  chat.heard(session);
  chat.say(session, "SCHEDULED LIST");
  return chat.heard(session).flatMap((line) => {
    const { params } = parseMessage(line)!;
    return params.length > 2 ? [params[3]!] : [];
  }).sort();
}

/** Alice has scheduled messages for #ops in an hour, in two hours, and each day, and is in the room. */
async function withSchedules(): Promise<{ chat: TestHub; alice: Session }> {
  const chat = schedulingHub();
  const alice = scheduler(chat);
  chat.say(alice, "JOIN #ops,#lobby");
  await schedule(chat, alice, `${AT}1h`, "#ops", "first");
  await schedule(chat, alice, `${AT}2h`, "#Ops", "second");
  await schedule(chat, alice, `${EVERY}0_12_*_*_*`.replaceAll("_", "\\s"), "#ops", "daily");
  await schedule(chat, alice, `${AT}1h`, "#lobby", "elsewhere");
  return { chat, alice };
}

pureTest("scheduled: a message for a room follows its RENAME, also over a start of the server", async () => {
  const { chat, alice } = await withSchedules();
  chat.say(alice, "RENAME #ops #work :x");
  assertEquals(listed(chat, alice), ["#lobby", "#work", "#work", "#work"]);
  chat.heard(alice);
  pass(chat, HOUR_MS);
  assertEquals(told(chat, alice).sort(), ["#lobby elsewhere", "#work first"]);
  const again = restart(chat);
  const back = login(again, "alice", undefined, { caps: ["echo-message"] });
  again.say(back, "JOIN #work");
  again.heard(back);
  pass(again, HOUR_MS);
  assertEquals(told(again, back), ["#work second"]);
});

pureTest(
  "scheduled: after a crash the log tells of the RENAME, and what was said before it is not said again",
  async () => {
    const { chat, alice } = await withSchedules();
    const saved = chat.takeFacts();
    pass(chat, HOUR_MS);
    chat.say(alice, "RENAME #ops #work :x");
    chat.heard(alice);
    const again = restart(chat, saved);
    const back = login(again, "alice", undefined, { caps: ["echo-message"] });
    again.say(back, "JOIN #work,#lobby");
    again.heard(back);
    pass(again, 1000);
    assertEquals(told(again, back), [], "all of it is in the log");
    pass(again, HOUR_MS);
    assertEquals(told(again, back), ["#work second"]);
    assertEquals(listed(again, back), ["#work"], "the repeated one is left");
  },
);

pureTest("scheduled: a message for a later room of the former name stays with that", async () => {
  const { chat, alice } = await withSchedules();
  chat.say(alice, "RENAME #ops #work :x");
  const saved = chat.takeFacts();
  pass(chat, 31 * 24 * HOUR_MS); // the former name is free
  chat.heard(alice);
  chat.say(alice, "JOIN #ops,#lobby");
  await schedule(chat, alice, `${AT}1h`, "#ops", "of the later room");
  const again = restart(chat, [...saved, ...chat.takeFacts()]);
  const back = login(again, "alice", undefined, { caps: ["echo-message"] });
  again.say(back, "JOIN #ops,#work");
  again.heard(back);
  pass(again, HOUR_MS);
  assertEquals(told(again, back).filter((text) => text.includes("later")), ["#ops of the later room"]);
});

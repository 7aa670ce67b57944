/** `/msg alice hi` from another view. */
import { assertEquals } from "@std/assert";
import { pureTest } from "../support/test.ts";
import { ALL_CAPS, inTwoRooms } from "./view_run.ts";
import type { ViewRun } from "./view_run.ts";

async function sayToBob(alice: ViewRun, text: string, nth: number): Promise<void> {
  alice.server.answers[`@chatterbox.chat/id=own-${nth}`] = [
    `@time=1970-01-01T00:00:00.1${nth}0Z;msgid=d${nth} :alice!a@h PRIVMSG bob :${text}`,
  ];
  await alice.type(`/msg bob ${text}`);
}

pureTest("a direct message from another view is told there, and shown in its own view, too", async () => {
  const alice = await inTwoRooms({ caps: ALL_CAPS });
  await sayToBob(alice, "hi", 1);
  await sayToBob(alice, "there", 2);
  assertEquals(alice.takeShown(), ["t110   [alice -> bob] hi", "t120   [alice -> bob] there"]);
  await alice.type("/msg bob");
  assertEquals(alice.takeShown().slice(1), ["t110   alice  hi", "t120   alice  there"]);
});

pureTest("it leaves no view behind, until the person answers", async () => {
  const alice = await inTwoRooms({ caps: ALL_CAPS });
  await sayToBob(alice, "hi", 1);
  assertEquals(alice.chat.views.list().map(({ name }) => name), ["#lobby", "#dev"]);
  alice.say("bob", "alice", "yes?").takeShown();
  assertEquals([alice.prompt, alice.chat.views.list().length], ["#lobby [@bob 1!]> ", 3]);
  await sayToBob(alice, "wait", 2);
  assertEquals(alice.chat.views.list().length, 3);
  alice.takeShown();
  await alice.press("unread");
  const rows = alice.takeShown().slice(1).map((row) => row.slice(7));
  assertEquals(rows.filter((row) => !row.includes("──")), ["alice  hi", "bob  yes?", "alice  wait"]);
});

pureTest("a view that is open stays so", async () => {
  const alice = await inTwoRooms({ caps: ALL_CAPS });
  await alice.type("/msg bob", "/go #lobby");
  await sayToBob(alice, "hi", 1);
  assertEquals(alice.chat.views.list().map(({ name }) => name), ["#lobby", "#dev", "bob"]);
});

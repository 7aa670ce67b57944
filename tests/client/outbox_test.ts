import { assertEquals } from "@std/assert";
import { MAX_IN_FLIGHT, MAX_QUEUED, Outbox } from "../../lib/client/conversation/outbox.ts";
import { pureTest } from "../support/test.ts";

/** Its text is its id. */
const message = (text: string, id = text) => ({ id, target: "#lobby", text, manner: "said" as const, at: 0 });
/** What history has of it. */
const arrival = (text: string) => ({ to: "#lobby", text, manner: "said" as const });
const texts = (messages: readonly { text: string }[]) => messages.map(({ text }) => text);

pureTest("outbox: a few at a time, in order", () => {
  const outbox = new Outbox();
  for (let n = 0; n < MAX_IN_FLIGHT + 2; n++) outbox.add(message(String(n)));
  const first = outbox.take();
  assertEquals(first.length, MAX_IN_FLIGHT);
  assertEquals(outbox.take(), []);
  assertEquals(outbox.unsentCount, 2);
  outbox.remove(first[0]!);
  assertEquals(texts(outbox.take()), [String(MAX_IN_FLIGHT)]);
  assertEquals(outbox.unsentCount, 1);
});

pureTest("outbox: messages in flight at a connection loss are sent again, unless history has them", () => {
  const outbox = new Outbox();
  for (const [id, text] of [["1", "arrived"], ["2", "lost"], ["3", "arrived"]]) {
    outbox.add(message(text!, id));
  }
  outbox.take();
  outbox.add(message("never sent"));
  outbox.noteConnectionLoss();
  assertEquals(outbox.unsentCount, 4);
  assertEquals(outbox.unsureTargets, ["#lobby"]);
  const arrived = outbox.findArrived({ ...arrival("arrived"), to: "#LOBBY" })!;
  assertEquals(arrived.id, "1");
  outbox.remove(arrived);
  assertEquals(outbox.findArrived(arrival("never sent")), undefined);
  assertEquals(
    outbox.findArrived({ ...arrival("lost"), manner: "did" }),
    undefined,
    "it was said, not done",
  );
  assertEquals(texts(outbox.take()), ["lost", "arrived", "never sent"]);
});

pureTest("outbox: a message that timed out waits again, before those never sent", () => {
  const outbox = new Outbox();
  for (let n = 0; n <= MAX_IN_FLIGHT; n++) outbox.add(message(String(n)));
  const [, second] = outbox.take();
  assertEquals(outbox.retry(second!), true);
  assertEquals(outbox.unsentCount, 2);
  assertEquals(texts(outbox.take()), ["1"]);
  assertEquals(outbox.retry(second!), false);
  assertEquals(texts(outbox.take()), ["1"]);
  assertEquals(outbox.unsentCount, 2);
  outbox.remove(second!);
  assertEquals(outbox.retry(second!), false);
  assertEquals(texts(outbox.take()), [String(MAX_IN_FLIGHT)]);
  assertEquals(outbox.unsentCount, 0);
});

pureTest("outbox: messages in doubt can be given up; the rest is sent", () => {
  const outbox = new Outbox([message("kept")]);
  assertEquals(outbox.unsentCount, 1);
  outbox.add(message("lost"));
  outbox.take();
  outbox.add(message("waits"));
  outbox.noteConnectionLoss();
  assertEquals(texts(outbox.giveUp("kept")), ["kept"]);
  assertEquals(texts(outbox.giveUp("all")), ["lost"]);
  assertEquals(texts(outbox.take()), ["waits"]);
});

pureTest("outbox: what has not been sent follows its reader to another nick", () => {
  const outbox = new Outbox();
  outbox.add({ ...message("sent"), target: "bob" });
  outbox.take();
  outbox.add({ ...message("waits"), target: "BOB" });
  outbox.rename("bob", "bobby");
  assertEquals(outbox.take().map(({ target, text }) => [target, text]), [["bobby", "waits"]]);
});

pureTest("outbox: bounded", () => {
  const kept = Array.from({ length: MAX_QUEUED + 1 }, (_, n) => message(`kept ${n}`));
  assertEquals(new Outbox(kept).size, MAX_QUEUED);
  const outbox = new Outbox();
  for (let n = 0; n < MAX_QUEUED; n++) assertEquals(outbox.add(message(String(n))), true);
  assertEquals(outbox.add(message("too much")), false);
  assertEquals(outbox.size, MAX_QUEUED);
});

pureTest(
  "outbox: a waiting message can be removed and is not retried; those in flight stay as many",
  () => {
    const outbox = new Outbox();
    for (let n = 0; n < MAX_IN_FLIGHT + 2; n++) outbox.add(message(String(n)));
    outbox.take();
    const last = message(String(MAX_IN_FLIGHT + 1));
    assertEquals(outbox.retry(last), false, "it is not on its way");
    assertEquals(outbox.unsentCount, 2);
    outbox.remove(last);
    assertEquals([outbox.unsentCount, outbox.take()], [1, []]);
  },
);

pureTest("outbox: what is in flight, or may have arrived, cannot be taken back", () => {
  const outbox = new Outbox([message("kept")]);
  for (let n = 1; n <= MAX_IN_FLIGHT; n++) outbox.add(message(String(n)));
  outbox.take();
  const last = String(MAX_IN_FLIGHT);
  assertEquals([outbox.findUnsent("1"), outbox.findUnsent(last)?.text], [undefined, last]);
  outbox.noteConnectionLoss();
  assertEquals([outbox.findUnsent("1"), outbox.findUnsent(last)?.text], [undefined, last]);
});

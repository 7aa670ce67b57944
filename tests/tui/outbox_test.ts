import { assertEquals } from "@std/assert";
import { MAX_ON_THE_WAY, MAX_WAITING, Outbox } from "../../lib/tui/outbox.ts";

const message = (text: string) => ({ target: "#lobby", text, manner: "said" as const });
const texts = (messages: readonly { text: string }[]) => messages.map(({ text }) => text);

Deno.test({
  name: "outbox: a few at a time, in order",
  permissions: "none",
  fn() {
    const outbox = new Outbox();
    for (let n = 0; n < MAX_ON_THE_WAY + 2; n++) outbox.add(message(String(n)));
    const first = outbox.take();
    assertEquals(first.length, MAX_ON_THE_WAY);
    assertEquals(outbox.take(), []);
    assertEquals(outbox.waiting, 2);
    outbox.done(first[0]!);
    assertEquals(texts(outbox.take()), [String(MAX_ON_THE_WAY)]);
  },
});

Deno.test({
  name: "outbox: what was on its way when the connection went is sent again, unless it turned up",
  permissions: "none",
  fn() {
    const outbox = new Outbox();
    for (const text of ["arrived", "lost", "arrived"]) outbox.add(message(text));
    outbox.take();
    outbox.add(message("never sent"));
    outbox.lost();
    assertEquals(outbox.unsureTargets, ["#lobby"]);
    outbox.arrived({ ...message("arrived"), target: "#LOBBY" });
    outbox.arrived(message("never sent"));
    assertEquals(texts(outbox.take()), ["lost", "arrived", "never sent"]);
  },
});

Deno.test({
  name: "outbox: where nothing tells, the unsure are given up and the rest is sent",
  permissions: "none",
  fn() {
    const outbox = new Outbox();
    outbox.add(message("unsure"));
    outbox.take();
    outbox.add(message("waits"));
    outbox.lost();
    assertEquals(texts(outbox.giveUp()), ["unsure"]);
    assertEquals(texts(outbox.take()), ["waits"]);
  },
});

Deno.test({
  name: "outbox: bounded",
  permissions: "none",
  fn() {
    const outbox = new Outbox();
    for (let n = 0; n < MAX_WAITING; n++) assertEquals(outbox.add(message("x")), true);
    assertEquals(outbox.add(message("too much")), false);
    assertEquals(outbox.size, MAX_WAITING);
  },
});
